// Double pole: keep a long and a short pole upright on one cart for half an hour, from one start.
//
// State: [x, v, long angle, long w, short angle, short w]. The network observes all six numbers, or
// with hidden velocities the other three. Reward 1 for every step after which both poles are within
// 36 degrees and the cart is on its track. shaders/task/pole.wgsl, which precedes this file, has
// the physics.

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
    // 1 if everything is observed, 2 to skip the velocities.
    const STRIDE = 6u / INPUTS;
    const EACH_SCALE = array<f32, 6>(SCALES.x, SCALES.y, SCALES.z, SCALES.w, SCALES.z, SCALES.w);
    var numbers = state;
    var scales = EACH_SCALE;
    var observation: Observation;
    for (var i = 0u; i < INPUTS; i++) {
        observation[i] = numbers[i * STRIDE] * scales[i * STRIDE];
    }
    return observation;
}

fn task_step(state: State, action: Action) -> Step {
    let now = pole_push(double_pole(state), action[0], true);
    let next = State(now.cart.x, now.cart.y, now.long.x, now.long.y, now.short.x, now.short.y);
    return Step(next, select(1.0, 0.0, task_terminated(next)));
}

fn task_terminated(state: State) -> bool {
    return pole_fallen(double_pole(state), LARGEST_ANGLE);
}
