// A pole that hangs from a cart and is to be swung up: the physics of both swing-up tasks.
//
// State: [x m, v m/s, angle rad, w rad/s]; zero is upright, and the angle is never wrapped.
// Observation: [x, v, cos, sin, w]. Action: a force from -10 to 10 N. Reward
// (cos(angle) + 1) / 2 * cos(x / 2.4 * pi / 2) of the state after the step.
// Source: EvoJAX 0.2, CartPoleSwingUp (explicit Euler).

const PI: f32 = 3.1415927;
const GRAVITY: f32 = 9.82; // m/s^2
const CART_MASS: f32 = 0.5; // kg
const POLE_MASS: f32 = 0.5; // kg
const LENGTH: f32 = 0.6; // m
const FRICTION: f32 = 0.1; // N s/m
const STEP_SECONDS: f32 = 0.01;
const LARGEST_FORCE: f32 = 10.0; // N
const LARGEST_X: f32 = 2.4; // m

fn task_observe(state: State) -> Observation {
    return Observation(
        state[0], state[1], math_cos(state[2]), math_sin(state[2]), state[3],
    );
}

fn swing_reward(x: f32, angle: f32) -> f32 {
    return (math_cos(angle) + 1.0) * 0.5 * math_cos(x * (PI / 2.0 / LARGEST_X));
}

fn task_step(state: State, action: Action) -> Step {
    const MASS = CART_MASS + POLE_MASS;
    const POLE = POLE_MASS * LENGTH;
    let v = state[1];
    let w = state[3];
    let push = clamp(action[0], -LARGEST_FORCE, LARGEST_FORCE) - FRICTION * v;
    let sine = math_sin(state[2]);
    let cosine = math_cos(state[2]);
    let spin = POLE * w * w * sine;
    let inertia = 4.0 * MASS - 3.0 * POLE_MASS * cosine * cosine;
    let v_rate = (4.0 * push - 2.0 * spin + 3.0 * POLE_MASS * GRAVITY * sine * cosine) / inertia;
    let w_rate = (6.0 * MASS * GRAVITY * sine - 3.0 * spin * cosine + 6.0 * push * cosine)
        / (LENGTH * inertia);
    let next = State(
        state[0] + STEP_SECONDS * v,
        v + STEP_SECONDS * v_rate,
        state[2] + STEP_SECONDS * w,
        w + STEP_SECONDS * w_rate,
    );
    return Step(next, swing_reward(next[0], next[2]));
}

fn task_terminated(state: State) -> bool {
    return abs(state[0]) > LARGEST_X;
}
