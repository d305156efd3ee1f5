// Water world: swim through fifty drifting items, eat food, and keep away from poison.
//
// Lengths are in pixels of a field of 600 x 600, speeds in pixels per step, and y points down.
// State: [x, y, vx, vy, score], then [x, y, vx, vy, kind] of each item. A kind is 1 for food, -1
// for poison, and 0 for an item that was eaten; that one drifts on, but nothing meets it.
// Observation: for each of thirty rays the distance of what it meets first, as a wall, as food and
// as poison, in ranges (1 where the ray meets none of that kind), and the velocity of the item that
// it meets; then the velocity of the swimmer. Action: four numbers; their softmax is the
// probability of a push up, down, left or right. Reward: 1 for each food eaten, -1 for each poison.
// Source: EvoJAX 0.2.17, task WaterWorld (Apache-2.0), after Karpathy's REINFORCEjs. Its rays are
// 2 * 3.14 / 30 radians apart, and the comments below say where it is not a plain disc that they
// meet; the same numbers come out here.
//
//! summary = "eat food and avoid poison among fifty drifting items (EvoJAX WaterWorld)"
//! source = "Tang et al. 2022, EvoJAX 0.2.17, WaterWorld (Apache-2.0); after Karpathy, REINFORCEjs"
//! state = 255
//! # Two for the swimmer's place, and five for each item.
//! draws = 252
//! # Chooses the direction of the push.
//! step-draws = 1
//! step-limit = 500
//! # The mean return that EvoJAX publishes for PGPE.
//! threshold = 11.64
//! returns = [-50.0, 50.0]
//! reward = "1 for each food that the swimmer touches, -1 for each poison. Each counts once."
//! ends = "After 500 steps."
//!
//! [[observations]]
//! name = "ray"
//! meaning = "distance of a wall, of food, of poison; velocity of that item to the right and down"
//! unit = "120 px, or px/step"
//! count = 150
//! [[observations]]
//! name = "vx"
//! meaning = "speed of the swimmer, to the right"
//! unit = "px/step"
//! low = -19.0
//! high = 19.0
//! [[observations]]
//! name = "vy"
//! meaning = "speed of the swimmer, downward"
//! unit = "px/step"
//! low = -19.0
//! high = 19.0
//!
//! # Numbers as the network gives them; their softmax is the probability of each push.
//! [[actions]]
//! name = "up"
//! meaning = "preference for a push up"
//! [[actions]]
//! name = "down"
//! meaning = "preference for a push down"
//! [[actions]]
//! name = "left"
//! meaning = "preference for a push to the left"
//! [[actions]]
//! name = "right"
//! meaning = "preference for a push to the right"
//!
//! [picture]
//! left = 0.0
//! right = 600.0
//! bottom = 0.0
//! top = 650.0
//! step-seconds = 0.04
//!
//! # The settings with which EvoJAX publishes the threshold.
//! [defaults]
//! strategy = "pgpe"
//! network = "100"
//! population = 256
//! generations = 1000
//! episodes = 32
//! [defaults.settings]
//! sigma = 0.069
//! learning-rate = 0.014
//! sigma-learning-rate = 0.088

const FIELD: f32 = 600.0; // px, the width and the height of the field
const EDGE: f32 = 1.0; // px, the smallest distance of a centre from a wall
const RADIUS: f32 = 10.0; // px, of the swimmer and of each item
const RANGE: f32 = 120.0; // px, the length of a ray
const PUSH: f32 = 1.0; // px/step, the change of speed of a push
const GLIDE: f32 = 0.95; // share of its speed that the swimmer keeps in a step
const LARGEST_ITEM_SPEED: f32 = 2.5; // px/step, along each axis
const FOOD_SHARE: f32 = 0.5; // probability that an item is food

// The first number of the first item, the numbers of an item, and the number of items and of rays.
const FIRST: u32 = 5u;
const SIZE: u32 = 5u;
const ITEMS: u32 = 50u;
const RAY_COUNT: u32 = 30u;
// A number above all squares of distances.
const FAR_AWAY = 1e30;

// The cosine and the sine of each ray's angle. The third number says how much the position along
// the ray grows with each pixel of an offset across it, if that position is measured on the axis
// that the ray is closer to.
var<private> water_rays: array<vec3f, 30> = array<vec3f, 30>(
    vec3f(1.0, 0.0, 0.0),
    vec3f(0.9781697, 0.20780782, 0.21244559),
    vec3f(0.9136318, 0.40654263, 0.44497424),
    vec3f(0.80920416, 0.5875275, 0.726056),
    vec3f(0.6694462, 0.74286056, -0.9011734),
    vec3f(0.50045973, 0.8657598, -0.57805836),
    vec3f(0.30962276, 0.9508595, -0.3256241),
    vec3f(0.10526759, 0.99444395, -0.10585573),
    vec3f(-0.10368364, 0.9946103, 0.10424549),
    vec3f(-0.30810797, 0.9513514, 0.32386348),
    vec3f(-0.49908012, 0.86655587, 0.5759353),
    vec3f(-0.6682622, 0.7439258, 0.8982914),
    vec3f(-0.8082675, 0.5888155, -0.7284909),
    vec3f(-0.9129831, 0.40799728, -0.4468837),
    vec3f(-0.97783744, 0.20936544, -0.21411067),
    vec3f(-0.99999875, 0.0015927864, -0.0015927885),
    vec3f(-0.9784994, -0.20624964, 0.21078157),
    vec3f(-0.9142781, -0.40508705, 0.44306767),
    vec3f(-0.81013894, -0.5862379, 0.7236264),
    vec3f(-0.6706284, -0.7417934, -0.90406364),
    vec3f(-0.5018381, -0.86496156, -0.58018535),
    vec3f(-0.3111369, -0.9503651, -0.3273867),
    vec3f(-0.10685128, -0.99427503, -0.10746652),
    vec3f(0.102099545, -0.99477416, 0.1026359),
    vec3f(0.3065926, -0.9518408, 0.32210493),
    vec3f(0.49769926, -0.8673497, 0.5738162),
    vec3f(0.6670764, -0.7449893, 0.8954175),
    vec3f(0.8073286, -0.59010214, -0.7309318),
    vec3f(0.91233224, -0.40945074, -0.44879565),
    vec3f(0.9775028, -0.21092242, -0.2157768),
);

// The first state of an episode: the swimmer and all items anywhere, a diameter from the walls.
fn task_start(draws: Draws) -> State {
    // A variable, because the elements of an argument are slow to find by an index on some GPUs.
    var uniforms = draws;
    let margin = 2.0 * RADIUS;
    let room = FIELD - 2.0 * margin;
    var state: State;
    state[0] = margin + room * draws[0];
    state[1] = margin + room * draws[1];
    for (var i = 0u; i < ITEMS; i++) {
        let item = FIRST + SIZE * i;
        let draw = 2u + SIZE * i;
        state[item] = margin + room * uniforms[draw];
        state[item + 1u] = margin + room * uniforms[draw + 1u];
        state[item + 2u] = LARGEST_ITEM_SPEED * (2.0 * uniforms[draw + 2u] - 1.0);
        state[item + 3u] = LARGEST_ITEM_SPEED * (2.0 * uniforms[draw + 3u] - 1.0);
        state[item + 4u] = select(-1.0, 1.0, uniforms[draw + 4u] > 1.0 - FOOD_SHARE);
    }
    return state;
}

// The square of the distance at which a ray meets an item, or FAR_AWAY.
//
// A ray meets an item whose centre is within a radius of the ray's line. The original then moves
// the centre onto the line, but always in the same direction: centres on one side end up as far
// away as before, on the other side. It measures the distance of that point, and asks whether the
// point lies between the ends of the ray along the axis that the ray is closer to.
fn water_meeting(away: vec2f, ray: vec3f) -> f32 {
    let across = ray.y * away.x - ray.x * away.y;
    let along = ray.x * away.x + ray.y * away.y;
    let offset = across + abs(across);
    let place = along + offset * ray.z;
    // Without branches this is cheap as straight code.
    let meets = (abs(across) <= RADIUS) & (place > 0.0) & (place < RANGE);
    return select(FAR_AWAY, along * along + offset * offset, meets);
}

// The distance of the nearest wall along a ray.
fn water_wall(swimmer: vec2f, ray: vec3f) -> f32 {
    let sideways = (select(0.0, FIELD, ray.x > 0.0) - swimmer.x) / ray.x;
    // The first ray is parallel to two of the walls.
    if (ray.y == 0.0) {
        return sideways;
    }
    return min(sideways, (select(0.0, FIELD, ray.y > 0.0) - swimmer.y) / ray.y);
}

// What the network sees of a state.
fn task_observe(state: State) -> Observation {
    var numbers = state;
    let swimmer = vec2f(state[0], state[1]);
    // A bit for each item that a ray can reach. About six of fifty are left for the rays.
    var low = 0u;
    var high = 0u;
    for (var i = 0u; i < ITEMS; i++) {
        let at = FIRST + SIZE * i;
        let away = vec2f(numbers[at], numbers[at + 1u]) - swimmer;
        let is_near = dot(away, away) < RANGE * RANGE + RADIUS * RADIUS;
        let bit = select(0u, 1u << (i % 32u), is_near & (numbers[at + 4u] != 0.0));
        if (i < 32u) {
            low |= bit;
        } else {
            high |= bit;
        }
    }
    // What each ray has met so far. A ray that meets nothing reports the velocity of the first item
    // if that one was eaten and lies on the ray: the original does not hide it there.
    var squares: array<f32, 30>;
    var kinds: array<f32, 30>;
    var velocities: array<vec2f, 30>;
    let first = vec2f(state[5], state[6]) - swimmer;
    let ghost = select(vec2f(0.0), vec2f(state[7], state[8]), state[9] == 0.0);
    for (var ray = 0u; ray < RAY_COUNT; ray++) {
        squares[ray] = RANGE * RANGE;
        kinds[ray] = 0.0;
        let meets = water_meeting(first, water_rays[ray]) < FAR_AWAY;
        velocities[ray] = select(vec2f(0.0), ghost, meets);
    }
    for (var round = 0u; round < ITEMS; round++) {
        if ((low | high) == 0u) {
            break;
        }
        // The lowest bit that is left, which is then cleared.
        let item = select(32u + firstTrailingBit(high), firstTrailingBit(low), low != 0u);
        high = select(high & (high - 1u), high, low != 0u);
        low = low & (low - 1u);
        let at = FIRST + SIZE * item;
        let away = vec2f(numbers[at], numbers[at + 1u]) - swimmer;
        let velocity = vec2f(numbers[at + 2u], numbers[at + 3u]);
        let kind = numbers[at + 4u];
        for (var ray = 0u; ray < RAY_COUNT; ray++) {
            let square = water_meeting(away, water_rays[ray]);
            let is_nearest = square < squares[ray];
            squares[ray] = min(square, squares[ray]);
            kinds[ray] = select(kinds[ray], kind, is_nearest);
            velocities[ray] = select(velocities[ray], velocity, is_nearest);
        }
    }
    var seen: Observation;
    for (var ray = 0u; ray < RAY_COUNT; ray++) {
        let item = sqrt(squares[ray]);
        let wall = water_wall(swimmer, water_rays[ray]);
        let is_wall = wall < item;
        let kind = select(kinds[ray], 0.0, is_wall);
        let velocity = select(velocities[ray], vec2f(0.0), is_wall);
        seen[5u * ray] = select(1.0, wall / RANGE, is_wall);
        seen[5u * ray + 1u] = select(1.0, item / RANGE, kind > 0.0);
        seen[5u * ray + 2u] = select(1.0, item / RANGE, kind < 0.0);
        seen[5u * ray + 3u] = velocity.x;
        seen[5u * ray + 4u] = velocity.y;
    }
    seen[5u * RAY_COUNT] = state[2];
    seen[5u * RAY_COUNT + 1u] = state[3];
    return seen;
}

// The direction of a push: drawn with the softmax of the action as probabilities.
fn water_push(action: Action, draw: f32) -> vec2f {
    let largest = max(max(action[0], action[1]), max(action[2], action[3]));
    let up = math_exp(action[0] - largest);
    let down = up + math_exp(action[1] - largest);
    let left = down + math_exp(action[2] - largest);
    let total = left + math_exp(action[3] - largest);
    let chosen = draw * total;
    let sideways = select(vec2f(1.0, 0.0), vec2f(-1.0, 0.0), chosen < left);
    let downward = select(sideways, vec2f(0.0, 1.0), chosen < down);
    return select(downward, vec2f(0.0, -1.0), chosen < up);
}

// The next state, and the items that the swimmer eats in the step.
fn task_step(state: State, action: Action) -> Step {
    var next = state;
    var velocity = vec2f(state[2], state[3]);
    velocity = GLIDE * (velocity + PUSH * water_push(action, step_draws[0]));
    let free = vec2f(state[0], state[1]) + velocity;
    let swimmer = clamp(free, vec2f(EDGE), vec2f(FIELD - EDGE));
    if (any(free != swimmer)) {
        // A wall stops the swimmer in both directions.
        velocity = vec2f(0.0);
    }
    var reward = 0.0;
    for (var i = 0u; i < ITEMS; i++) {
        let at = FIRST + SIZE * i;
        let drift = vec2f(next[at + 2u], next[at + 3u]);
        let far = vec2f(next[at], next[at + 1u]) + drift;
        let place = clamp(far, vec2f(EDGE), vec2f(FIELD - EDGE));
        let bounced = select(drift, -drift, far != place);
        let away = place - swimmer;
        let is_eaten = dot(away, away) < 4.0 * RADIUS * RADIUS;
        let kind = next[at + 4u];
        reward += select(0.0, kind, is_eaten);
        next[at] = place.x;
        next[at + 1u] = place.y;
        next[at + 2u] = bounced.x;
        next[at + 3u] = bounced.y;
        next[at + 4u] = select(kind, 0.0, is_eaten);
    }
    next[0] = swimmer.x;
    next[1] = swimmer.y;
    next[2] = velocity.x;
    next[3] = velocity.y;
    next[4] = state[4] + reward;
    return Step(next, reward);
}

// True if the state ends the episode, which none does.
fn task_terminated(state: State) -> bool {
    return false;
}

// The point of the picture for a place in the field, whose y points down.
fn water_point(place: vec2f) -> vec2f {
    return vec2f(place.x, FIELD - place.y);
}

// The rays up to what they meet, in its colour; the items, the swimmer and the score.
fn task_picture(state: State) -> array<Shape, 90> {
    let swimmer = vec2f(state[0], state[1]);
    let centre = water_point(swimmer);
    var seen = task_observe(state);
    var shapes: array<Shape, 90>;
    shapes[0] = picture_rectangle(vec2f(0.0), vec2f(FIELD), COLOUR_PAPER);
    for (var ray = 0u; ray < RAY_COUNT; ray++) {
        let food = seen[5u * ray + 1u];
        let poison = seen[5u * ray + 2u];
        let length = RANGE * min(seen[5u * ray], min(food, poison));
        let end = water_point(swimmer + length * water_rays[ray].xy);
        if (food < 1.0) {
            shapes[1u + ray] = picture_line(centre, end, 2.5, COLOUR_GREEN);
        } else if (poison < 1.0) {
            shapes[1u + ray] = picture_line(centre, end, 2.5, COLOUR_VERMILION);
        } else {
            shapes[1u + ray] = picture_line(centre, end, 1.5, COLOUR_PALE);
        }
    }
    var numbers = state;
    for (var i = 0u; i < ITEMS; i++) {
        let at = FIRST + SIZE * i;
        let place = water_point(vec2f(numbers[at], numbers[at + 1u]));
        let kind = numbers[at + 4u];
        if (kind > 0.0) {
            shapes[31u + i] = picture_circle(place, RADIUS, COLOUR_GREEN);
        } else if (kind < 0.0) {
            shapes[31u + i] = picture_circle(place, RADIUS, COLOUR_VERMILION);
        } else {
            shapes[31u + i] = picture_nothing();
        }
    }
    shapes[81] = picture_circle(centre, 1.2 * RADIUS, COLOUR_INK);
    shapes[82] = picture_circle(centre, RADIUS, COLOUR_ORANGE);
    // An eye that looks where the swimmer goes.
    let velocity = vec2f(state[2], -state[3]);
    let gaze = velocity / max(length(velocity), 1.0);
    shapes[83] = picture_circle(centre + 0.4 * RADIUS * gaze, 0.45 * RADIUS, COLOUR_PAPER);
    shapes[84] = picture_circle(centre + 0.6 * RADIUS * gaze, 0.22 * RADIUS, COLOUR_BLACK);
    shapes[85] = picture_number(vec2f(FIELD / 2.0, FIELD + 25.0), state[4], COLOUR_INK);
    let corner = vec2f(FIELD, 0.0);
    shapes[86] = picture_line(vec2f(0.0), corner, 3.0, COLOUR_INK);
    shapes[87] = picture_line(corner, vec2f(FIELD), 3.0, COLOUR_INK);
    shapes[88] = picture_line(vec2f(FIELD), corner.yx, 3.0, COLOUR_INK);
    shapes[89] = picture_line(corner.yx, vec2f(0.0), 3.0, COLOUR_INK);
    return shapes;
}
