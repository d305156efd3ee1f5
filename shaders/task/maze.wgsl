// Maze: a wheeled robot finds its way to a goal behind a dead end.
//
// State: [x, y, heading, turn per step, speed per step], in units of the map and in degrees.
// Observation: the distances of the nearest walls at -90, -45, 0, 45, 90 and 180 degrees from the
// heading, in hundreds of units, at most 1; then 1 for the quarter that contains the goal and 0 for
// the others: ahead, left, behind, right. Action: changes of turn and speed. Reward: the decrease
// of the distance to the goal.
// Source: Lehman and Stanley, Evolutionary Computation 19(2), 2011; the map is redrawn.

const RADIAN: f32 = 0.017453292; // radians in a degree
const GOAL = vec2<f32>(30.0, 180.0);
const ARRIVED: f32 = 5.0;
const RADIUS: f32 = 8.0;
const RANGE: f32 = 100.0;
const LARGEST_SPEED: f32 = 3.0;
const LARGEST_CHANGE: f32 = 0.5;
const SQRT_HALF: f32 = 0.70710677;
const WALLS: u32 = 11u;

// The two ends of each wall.
var<private> maze_walls: array<vec4<f32>, 11> = array<vec4<f32>, 11>(
    vec4<f32>(0.0, 0.0, 200.0, 0.0),
    vec4<f32>(200.0, 0.0, 200.0, 200.0),
    vec4<f32>(200.0, 200.0, 0.0, 200.0),
    vec4<f32>(0.0, 200.0, 0.0, 0.0),
    vec4<f32>(0.0, 152.0, 55.0, 152.0),
    vec4<f32>(55.0, 152.0, 55.0, 50.0),
    vec4<f32>(0.0, 125.0, 28.0, 85.0),
    vec4<f32>(78.0, 0.0, 108.0, 40.0),
    vec4<f32>(55.0, 100.0, 160.0, 45.0),
    vec4<f32>(200.0, 60.0, 88.0, 115.0),
    vec4<f32>(55.0, 152.0, 135.0, 175.0),
);

// The cross product: positive if the second vector is to the left of the first.
fn maze_cross(a: vec2<f32>, b: vec2<f32>) -> f32 {
    return a.x * b.y - a.y * b.x;
}

// The cosine and sine of an angle in degrees.
fn maze_direction(degrees: f32) -> vec2<f32> {
    let angle = degrees * RADIAN;
    return vec2<f32>(math_cos(angle), math_sin(angle));
}

// Wraps an angle into [-180, 180).
fn maze_wrapped(degrees: f32) -> f32 {
    return degrees - 360.0 * floor((degrees + 180.0) / 360.0);
}

// A turn or a speed after the change in a step.
fn maze_changed(now: f32, by: f32) -> f32 {
    let change = clamp(by, -LARGEST_CHANGE, LARGEST_CHANGE);
    return clamp(now + change, -LARGEST_SPEED, LARGEST_SPEED);
}

// True if the robot would touch a wall.
fn maze_touches(position: vec2<f32>) -> bool {
    for (var w = 0u; w < WALLS; w++) {
        let wall = maze_walls[w];
        let along = wall.zw - wall.xy;
        let to = position - wall.xy;
        let share = clamp(dot(to, along) / dot(along, along), 0.0, 1.0);
        let offset = to - share * along;
        if (dot(offset, offset) < RADIUS * RADIUS) {
            return true;
        }
    }
    return false;
}

// The distance of the nearest wall along a ray, as a fraction of the range.
fn maze_range(position: vec2<f32>, ray: vec2<f32>) -> f32 {
    var nearest = RANGE;
    for (var w = 0u; w < WALLS; w++) {
        let along = maze_walls[w].zw - maze_walls[w].xy;
        let to = maze_walls[w].xy - position;
        // The ray meets the line of the wall at distance / slant, and at share / slant of the
        // wall's length. All signs are flipped if slant is negative.
        var slant = maze_cross(ray, along);
        let sign = select(1.0, -1.0, slant < 0.0);
        slant = slant * sign;
        let distance = maze_cross(to, along) * sign;
        let share = maze_cross(to, ray) * sign;
        if (slant > 0.0 && distance >= 0.0 && share >= 0.0 && slant >= share) {
            nearest = min(nearest, distance / slant);
        }
    }
    return nearest / RANGE;
}

fn task_start(draws: Draws) -> State {
    return State(30.0, 20.0, 0.0, 0.0, 0.0);
}

fn task_observe(state: State) -> Observation {
    let position = vec2<f32>(state[0], state[1]);
    let ahead = maze_direction(state[2]);
    let left = vec2<f32>(-ahead.y, ahead.x);
    let away = GOAL - position;
    let along = dot(away, ahead);
    let across = maze_cross(ahead, away);
    return Observation(
        maze_range(position, -left),
        maze_range(position, SQRT_HALF * (ahead - left)),
        maze_range(position, ahead),
        maze_range(position, SQRT_HALF * (ahead + left)),
        maze_range(position, left),
        maze_range(position, -ahead),
        select(0.0, 1.0, along >= abs(across)),
        select(0.0, 1.0, across > abs(along)),
        select(0.0, 1.0, -along >= abs(across)),
        select(0.0, 1.0, -across > abs(along)),
    );
}

fn task_step(state: State, action: Action) -> Step {
    let position = vec2<f32>(state[0], state[1]);
    let turn = maze_changed(state[3], action[0]);
    let speed = maze_changed(state[4], action[1]);
    var path = speed * maze_direction(state[2]);
    if (maze_touches(position + path)) {
        path = vec2<f32>(0.0);
    }
    let next = position + path;
    // The difference of the distances is that of their squares over their sum, which avoids
    // cancellation.
    let away = GOAL - position;
    let after = away - path;
    let distances = max(length(away) + length(after), 1e-6);
    let reward = dot(path, away + after) / distances;
    return Step(State(next.x, next.y, maze_wrapped(state[2] + turn), turn, speed), reward);
}

fn task_terminated(state: State) -> bool {
    let away = GOAL - vec2<f32>(state[0], state[1]);
    return dot(away, away) <= ARRIVED * ARRIVED;
}
