// Single pole: keep a pole upright on a cart for half an hour, from one start.
//
// State: [x, v, angle, w], all of which the network observes. Reward 1 for every step after which
// the pole is within 12 degrees and the cart on its track. shaders/task/pole.wgsl, which precedes
// this file, has the physics.

const LARGEST_ANGLE: f32 = 0.20943951; // rad, 12 degrees

fn single_pole(state: State) -> Poles {
    return Poles(vec2<f32>(state[0], state[1]), vec2<f32>(state[2], state[3]), vec2<f32>(0.0));
}

fn task_start(draws: Draws) -> State {
    return State(0.0, 0.0, START, 0.0);
}

fn task_observe(state: State) -> Observation {
    let scaled = SCALES * vec4<f32>(state[0], state[1], state[2], state[3]);
    return Observation(scaled.x, scaled.y, scaled.z, scaled.w);
}

fn task_step(state: State, action: Action) -> Step {
    let now = pole_push(single_pole(state), action[0], false);
    let next = State(now.cart.x, now.cart.y, now.long.x, now.long.y);
    return Step(next, select(1.0, 0.0, task_terminated(next)));
}

fn task_terminated(state: State) -> bool {
    return pole_fallen(single_pole(state), LARGEST_ANGLE);
}
