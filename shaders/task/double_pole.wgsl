// Double pole: keep a long and a short pole upright on one cart for half an hour, from one start.
//
// State: [x, v, long angle, long w, short angle, short w]; the network sees all six, or where
// velocities are hidden the three others. Reward 1 for every step after which both poles are within
// 36 degrees and the cart is on its track. The physics stands before this, in
// shaders/task/pole.wgsl.

const LARGEST_ANGLE: f32 = 0.62831853; // rad, 36 degrees

fn double_pole(state: State) -> Poles {
    return Poles(
        vec2<f32>(state[0], state[1]),
        vec2<f32>(state[2], state[3]),
        vec2<f32>(state[4], state[5]),
    );
}

fn task_start(draws: Draws) -> State {
    return State(0.0, 0.0, START, 0.0, 0.0, 0.0);
}

fn task_observe(state: State) -> Observation {
    const EVERY = 6u / INPUTS;
    const SEEN = array<f32, 6>(SIGHT.x, SIGHT.y, SIGHT.z, SIGHT.w, SIGHT.z, SIGHT.w);
    var numbers = state;
    var scales = SEEN;
    var seen: Observation;
    for (var i = 0u; i < INPUTS; i++) {
        seen[i] = numbers[i * EVERY] * scales[i * EVERY];
    }
    return seen;
}

fn task_step(state: State, action: Action) -> Step {
    let now = pole_push(double_pole(state), action[0], true);
    let next = State(now.cart.x, now.cart.y, now.long.x, now.long.y, now.short.x, now.short.y);
    return Step(next, select(1.0, 0.0, task_terminated(next)));
}

fn task_terminated(state: State) -> bool {
    return pole_fallen(double_pole(state), LARGEST_ANGLE);
}
