// Maze: a wheeled robot finds its way to a goal that the straight way does not lead to.
//
// State: [x, y, heading, turn per step, speed per step], in units of the map and in degrees.
// Observation: the distance of the next wall at -90, -45, 0, 45, 90 and 180 degrees from the
// heading, in hundreds of units, 1 at most; whether the goal is in front, on the left, behind, on
// the right. Action: what is added to turn and speed. Reward: by how much nearer to the goal the
// step led.
// Source: Lehman and Stanley, Evolutionary Computation 19(2), 2011; the map is drawn anew.

const RADIAN: f32 = 0.017453292; // in a degree
const GOAL = vec2<f32>(30.0, 180.0);
const ARRIVED: f32 = 5.0;
const RADIUS: f32 = 8.0;
const RANGE: f32 = 100.0;
const LARGEST_SPEED: f32 = 3.0;
const LARGEST_CHANGE: f32 = 0.5;
const SQRT_HALF: f32 = 0.70710677;
const WALLS: u32 = 11u;

// From place to place.
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

// The area that two sides span, positive where the second is to the left of the first.
fn maze_span(a: vec2<f32>, b: vec2<f32>) -> f32 {
    return a.x * b.y - a.y * b.x;
}

fn maze_direction(degrees: f32) -> vec2<f32> {
    let angle = degrees * RADIAN;
    return vec2<f32>(math_cos(angle), math_sin(angle));
}

// The same angle in [-180, 180).
fn maze_wrapped(degrees: f32) -> f32 {
    return degrees - 360.0 * floor((degrees + 180.0) / 360.0);
}

fn maze_changed(now: f32, by: f32) -> f32 {
    let change = clamp(by, -LARGEST_CHANGE, LARGEST_CHANGE);
    return clamp(now + change, -LARGEST_SPEED, LARGEST_SPEED);
}

fn maze_touches(place: vec2<f32>) -> bool {
    for (var w = 0u; w < WALLS; w++) {
        let wall = maze_walls[w];
        let along = wall.zw - wall.xy;
        let to = place - wall.xy;
        let share = clamp(dot(to, along) / dot(along, along), 0.0, 1.0);
        let apart = to - share * along;
        if (dot(apart, apart) < RADIUS * RADIUS) {
            return true;
        }
    }
    return false;
}

// How far the next wall is along a ray, as a share of the range.
fn maze_range(place: vec2<f32>, ray: vec2<f32>) -> f32 {
    var nearest = RANGE;
    for (var w = 0u; w < WALLS; w++) {
        let along = maze_walls[w].zw - maze_walls[w].xy;
        let to = maze_walls[w].xy - place;
        // The ray meets the wall's line at distance / slant, and the wall at share / slant of its
        // length; signs are turned so that slant is positive.
        var slant = maze_span(ray, along);
        let turned = select(1.0, -1.0, slant < 0.0);
        slant = slant * turned;
        let distance = maze_span(to, along) * turned;
        let share = maze_span(to, ray) * turned;
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
    let place = vec2<f32>(state[0], state[1]);
    let ahead = maze_direction(state[2]);
    let left = vec2<f32>(-ahead.y, ahead.x);
    let away = GOAL - place;
    let along = dot(away, ahead);
    let across = maze_span(ahead, away);
    return Observation(
        maze_range(place, -left),
        maze_range(place, SQRT_HALF * (ahead - left)),
        maze_range(place, ahead),
        maze_range(place, SQRT_HALF * (ahead + left)),
        maze_range(place, left),
        maze_range(place, -ahead),
        select(0.0, 1.0, along >= abs(across)),
        select(0.0, 1.0, across > abs(along)),
        select(0.0, 1.0, -along >= abs(across)),
        select(0.0, 1.0, -across > abs(along)),
    );
}

fn task_step(state: State, action: Action) -> Step {
    let place = vec2<f32>(state[0], state[1]);
    let turn = maze_changed(state[3], action[0]);
    let speed = maze_changed(state[4], action[1]);
    var way = speed * maze_direction(state[2]);
    if (maze_touches(place + way)) {
        way = vec2<f32>(0.0);
    }
    let next = place + way;
    // The difference of two distances, as that of their squares over their sum: nothing cancels.
    let away = GOAL - place;
    let after = away - way;
    let distances = max(length(away) + length(after), 1e-6);
    let reward = dot(way, away + after) / distances;
    return Step(State(next.x, next.y, maze_wrapped(state[2] + turn), turn, speed), reward);
}

fn task_terminated(state: State) -> bool {
    let away = GOAL - vec2<f32>(state[0], state[1]);
    return dot(away, away) <= ARRIVED * ARRIVED;
}
