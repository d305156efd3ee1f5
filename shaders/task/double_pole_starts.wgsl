// Double pole with many starts: the fraction of 625 starts from which both poles stand for a
// thousand steps, with hidden velocities.
//
// State: [x, v, long angle, long w, short angle, short w, steps]. The network observes [x, long
// angle, short angle]. The digits of the start's index in base 5 select one of five levels in each
// of four ranges. Reward 1 for the thousandth step if both poles still stand.
// shaders/task/pole.wgsl, which precedes this file, has the physics.

const LARGEST_ANGLE: f32 = 0.62831853; // rad, 36 degrees
// The limits of a start, to both sides: m, m/s, rad, rad/s.
const RANGE = array<f32, 4>(2.16, 1.35, 0.06283152, 0.15009752);
const LEVELS = array<f32, 5>(0.05, 0.25, 0.5, 0.75, 0.95);
const STEPS: f32 = 1000.0;

fn double_pole(state: State) -> Poles {
    return Poles(
        vec2<f32>(state[0], state[1]),
        vec2<f32>(state[2], state[3]),
        vec2<f32>(state[4], state[5]),
    );
}

fn task_start(draws: Draws) -> State {
    var levels = LEVELS;
    var range = RANGE;
    var state: State;
    var rest = u32(draws[0]);
    for (var n = 4u; n > 0u; n--) {
        state[n - 1u] = range[n - 1u] * (2.0 * levels[rest % 5u] - 1.0);
        rest = rest / 5u;
    }
    return state;
}

fn task_observe(state: State) -> Observation {
    return Observation(SCALES.x * state[0], SCALES.z * state[2], SCALES.z * state[4]);
}

fn task_step(state: State, action: Action) -> Step {
    let now = pole_push(double_pole(state), action[0], true);
    let next = State(
        now.cart.x, now.cart.y, now.long.x, now.long.y, now.short.x, now.short.y, state[6] + 1.0,
    );
    let arrives = next[6] >= STEPS && state[6] < STEPS && !task_terminated(next);
    return Step(next, select(0.0, 1.0, arrives));
}

fn task_terminated(state: State) -> bool {
    return pole_fallen(double_pole(state), LARGEST_ANGLE);
}
