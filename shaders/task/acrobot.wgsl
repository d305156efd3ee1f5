// Acrobot-v1: swing a two-link arm above a line by a torque at its elbow.
//
// State: [upper angle rad, lower angle rad, upper speed rad/s, lower speed rad/s]. Links with zero
// angles hang down; the lower angle is relative to the upper link. Observation: cosine and sine of
// the upper angle, cosine and sine of the lower angle, and the speeds. Action: 0, 1, 2 for a torque
// of -1, 0, 1 N m. Reward -1 for every step except the one that reaches the line.
// Source: Sutton 1996 with the dynamics of Sutton and Barto's book, as in Gymnasium 1.x, Acrobot-v1
// (one classical Runge-Kutta step of 0.2 s).

const PI: f32 = 3.1415927;
const GRAVITY: f32 = 9.8; // m/s^2
const MASS: f32 = 1.0; // kg, each link
const LENGTH: f32 = 1.0; // m, the upper link
const CENTRE: f32 = 0.5; // m, from a link's joint to its centre of mass
const INERTIA: f32 = 1.0; // kg m^2, each link
const STEP_SECONDS: f32 = 0.2;
const LARGEST_UPPER_SPEED: f32 = 4.0 * PI; // rad/s
const LARGEST_LOWER_SPEED: f32 = 9.0 * PI; // rad/s
const LINE: f32 = 1.0; // m above the upper joint
const START: f32 = 0.1; // all numbers of a start lie in [-START, START)

fn task_start(draws: Draws) -> State {
    var state: State;
    for (var i = 0u; i < 4u; i++) {
        state[i] = 2.0 * START * draws[i] - START;
    }
    return state;
}

fn task_observe(state: State) -> Observation {
    return Observation(
        math_cos(state[0]), math_sin(state[0]),
        math_cos(state[1]), math_sin(state[1]),
        state[2], state[3],
    );
}

// The time derivative of a state [upper, lower, w1, w2].
fn acrobot_rates(state: vec4<f32>, torque: f32) -> vec4<f32> {
    let reach = MASS * LENGTH * CENTRE;
    let square = MASS * CENTRE * CENTRE;
    let w1 = state.z;
    let w2 = state.w;
    let sine = math_sin(state.y);
    let cosine = math_cos(state.y);
    let d1 = 2.0 * square + MASS * LENGTH * LENGTH + 2.0 * INERTIA + 2.0 * reach * cosine;
    let d2 = square + INERTIA + reach * cosine;
    let phi2 = MASS * CENTRE * GRAVITY * math_sin(state.x + state.y);
    let phi1 = -reach * w2 * w2 * sine - 2.0 * reach * w2 * w1 * sine
        + (MASS * CENTRE + MASS * LENGTH) * GRAVITY * math_sin(state.x)
        + phi2;
    let lower_rate = (torque + d2 / d1 * phi1 - reach * w1 * w1 * sine - phi2)
        / (square + INERTIA - d2 * d2 / d1);
    let upper_rate = -(d2 * lower_rate + phi1) / d1;
    return vec4<f32>(w1, w2, upper_rate, lower_rate);
}

// Wraps an angle into [-pi, pi).
fn acrobot_wrapped(angle: f32) -> f32 {
    return angle - 2.0 * PI * floor((angle + PI) / (2.0 * PI));
}

fn task_step(state: State, action: Action) -> Step {
    let torque = action[0] - 1.0;
    let now = vec4<f32>(state[0], state[1], state[2], state[3]);
    let k1 = acrobot_rates(now, torque);
    let k2 = acrobot_rates(now + STEP_SECONDS / 2.0 * k1, torque);
    let k3 = acrobot_rates(now + STEP_SECONDS / 2.0 * k2, torque);
    let k4 = acrobot_rates(now + STEP_SECONDS * k3, torque);
    let then = now + STEP_SECONDS / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
    let next = State(
        acrobot_wrapped(then.x),
        acrobot_wrapped(then.y),
        clamp(then.z, -LARGEST_UPPER_SPEED, LARGEST_UPPER_SPEED),
        clamp(then.w, -LARGEST_LOWER_SPEED, LARGEST_LOWER_SPEED),
    );
    return Step(next, select(-1.0, 0.0, task_terminated(next)));
}

fn task_terminated(state: State) -> bool {
    return -math_cos(state[0]) - math_cos(state[0] + state[1]) > LINE;
}
