// CartPole-v1: keep a pole upright on a cart by pushing left or right.
//
// State and observation: [x m, v m/s, angle rad, w rad/s]. Action: 0 pushes left, 1 right.
// Reward 1 for every step, including the last.
// Source: Barto, Sutton and Anderson 1983, as in Gymnasium 1.x, CartPole-v1 (explicit Euler).

const GRAVITY: f32 = 9.8; // m/s^2
const CART_MASS: f32 = 1.0; // kg
const POLE_MASS: f32 = 0.1; // kg
const HALF_LENGTH: f32 = 0.5; // m, half the pole
const FORCE: f32 = 10.0; // N
const STEP_SECONDS: f32 = 0.02;
const LARGEST_X: f32 = 2.4; // m
const LARGEST_ANGLE: f32 = 0.20943951; // rad, 12 degrees
const START: f32 = 0.05; // all numbers of a start lie in [-START, START)

fn task_start(draws: Draws) -> State {
    var state: State;
    for (var i = 0u; i < 4u; i++) {
        state[i] = 2.0 * START * draws[i] - START;
    }
    return state;
}

fn task_observe(state: State) -> Observation {
    return Observation(state[0], state[1], state[2], state[3]);
}

fn task_step(state: State, action: Action) -> Step {
    let mass = CART_MASS + POLE_MASS;
    let pole = POLE_MASS * HALF_LENGTH;
    let v = state[1];
    let angle = state[2];
    let w = state[3];
    let force = 2.0 * FORCE * action[0] - FORCE;
    let sine = math_sin(angle);
    let cosine = math_cos(angle);
    let push = (force + pole * w * w * sine) / mass;
    let w_rate = (GRAVITY * sine - cosine * push)
        / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS / mass * cosine * cosine));
    let v_rate = push - pole / mass * w_rate * cosine;
    let next = State(
        state[0] + STEP_SECONDS * v,
        v + STEP_SECONDS * v_rate,
        angle + STEP_SECONDS * w,
        w + STEP_SECONDS * w_rate,
    );
    return Step(next, 1.0);
}

fn task_terminated(state: State) -> bool {
    return abs(state[0]) > LARGEST_X || abs(state[2]) > LARGEST_ANGLE;
}
