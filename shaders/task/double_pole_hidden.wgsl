// Double pole with hidden velocities: keep two poles upright without observing any speed, and
// without jiggling the cart.
//
// State: [x, v, long angle, long w, short angle, short w], followed by a window of a hundred
// numbers, oldest first: |x| + |v| + |long angle| + |long w| after each of the last hundred steps.
// Entries before the first step are -1. The network observes [x, long angle, short angle]. The
// reward of a step is its contribution to 0.1 t / 1000 + 0.9 * 0.75 / sum of the window.
// shaders/task/pole.wgsl, which precedes this file, has the physics.

const LARGEST_ANGLE: f32 = 0.62831853; // rad, 36 degrees
const POLES: u32 = 6u;
const WINDOW: u32 = 100u;
const EMPTY: f32 = -1.0;
const STEP_REWARD: f32 = 0.0001;
const CALM_REWARD: f32 = 0.675;
const SMALLEST_SUM: f32 = 0.000001;

fn double_pole(state: ptr<function, State>) -> Poles {
    return Poles(
        vec2<f32>((*state)[0], (*state)[1]),
        vec2<f32>((*state)[2], (*state)[3]),
        vec2<f32>((*state)[4], (*state)[5]),
    );
}

fn task_start(draws: Draws) -> State {
    var state: State;
    for (var k = POLES; k < POLES + WINDOW; k++) {
        state[k] = EMPTY;
    }
    state[2] = START;
    return state;
}

fn task_observe(state: State) -> Observation {
    return Observation(SCALES.x * state[0], SCALES.z * state[2], SCALES.z * state[4]);
}

// The calmness term of a window by its sum: zero while the oldest entry is empty.
fn double_pole_calmness(oldest: f32, sum: f32) -> f32 {
    return select(0.0, CALM_REWARD / max(sum, SMALLEST_SUM), oldest >= 0.0);
}

fn task_step(before: State, action: Action) -> Step {
    var state = before;
    let now = pole_push(double_pole(&state), action[0], true);
    let jiggle = abs(now.cart.x) + abs(now.cart.y) + abs(now.long.x) + abs(now.long.y);
    let oldest = state[POLES];
    var shared_sum = 0.0;
    for (var k = POLES + 1u; k < POLES + WINDOW; k++) {
        let number = state[k];
        state[k - 1u] = number;
        shared_sum += max(number, 0.0);
    }
    state[0] = now.cart.x;
    state[1] = now.cart.y;
    state[2] = now.long.x;
    state[3] = now.long.y;
    state[4] = now.short.x;
    state[5] = now.short.y;
    state[POLES + WINDOW - 1u] = jiggle;
    if (pole_fallen(now, LARGEST_ANGLE)) {
        return Step(state, 0.0);
    }
    let gained = double_pole_calmness(state[POLES], shared_sum + jiggle)
        - double_pole_calmness(oldest, shared_sum + max(oldest, 0.0));
    return Step(state, STEP_REWARD + gained);
}

fn task_terminated(before: State) -> bool {
    var state = before;
    return pole_fallen(double_pole(&state), LARGEST_ANGLE);
}
