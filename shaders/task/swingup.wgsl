// Swing-up, easy and hard: swing a hanging pole up on its cart and balance it there.
//
// State: [x m, v m/s, angle rad, w rad/s]; the angle is zero for an upright pole and is never
// wrapped. Observation: [x, v, cos, sin, w]. Action: a force from -10 to 10 N. Reward
// (cos(angle) + 1) / 2 * cos(x / 2.4 * pi / 2) of the state after the step.
//
// HARD selects the starts. Easy: every number is normal with deviation 0.2, around a pole that
// hangs still. Hard: within 2.4 m and 10 m/s, within a quarter turn of hanging down and 10 rad/s.
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
const DEVIATION: f32 = 0.2;
// The half-widths of the ranges of a hard start, around hanging still: m, m/s, rad, rad/s.
const HARD_START = vec4<f32>(LARGEST_X, 10.0, PI / 2.0, 10.0);

// Two independent normals from two uniforms in [0, 1) (Box and Muller 1958).
fn swingup_normals(distance: f32, direction: f32) -> vec2<f32> {
    // One minus the draw is never zero, where the logarithm is infinite.
    let radius = sqrt(-2.0 * math_ln(1.0 - distance));
    let angle = 2.0 * PI * (direction - 0.5);
    return radius * vec2<f32>(math_cos(angle), math_sin(angle));
}

fn task_start(draws: Draws) -> State {
    if (HARD) {
        let drawn = vec4<f32>(draws[0], draws[1], draws[2], draws[3]);
        let start = HARD_START * (2.0 * drawn - 1.0);
        return State(start.x, start.y, PI + start.z, start.w);
    }
    let cart = DEVIATION * swingup_normals(draws[0], draws[1]);
    let pole = DEVIATION * swingup_normals(draws[2], draws[3]);
    return State(cart.x, cart.y, PI + pole.x, pole.y);
}

fn task_observe(state: State) -> Observation {
    return Observation(
        state[0], state[1], math_cos(state[2]), math_sin(state[2]), state[3],
    );
}

fn swingup_reward(x: f32, angle: f32) -> f32 {
    return (math_cos(angle) + 1.0) * 0.5 * math_cos(x * (PI / 2.0 / LARGEST_X));
}

fn task_step(state: State, action: Action) -> Step {
    let mass = CART_MASS + POLE_MASS;
    let pole = POLE_MASS * LENGTH;
    let v = state[1];
    let w = state[3];
    let push = clamp(action[0], -LARGEST_FORCE, LARGEST_FORCE) - FRICTION * v;
    let sine = math_sin(state[2]);
    let cosine = math_cos(state[2]);
    let spin = pole * w * w * sine;
    let inertia = 4.0 * mass - 3.0 * POLE_MASS * cosine * cosine;
    let v_rate = (4.0 * push - 2.0 * spin + 3.0 * POLE_MASS * GRAVITY * sine * cosine) / inertia;
    let w_rate = (6.0 * mass * GRAVITY * sine - 3.0 * spin * cosine + 6.0 * push * cosine)
        / (LENGTH * inertia);
    let next = State(
        state[0] + STEP_SECONDS * v,
        v + STEP_SECONDS * v_rate,
        state[2] + STEP_SECONDS * w,
        w + STEP_SECONDS * w_rate,
    );
    return Step(next, swingup_reward(next[0], next[2]));
}

fn task_terminated(state: State) -> bool {
    return abs(state[0]) > LARGEST_X;
}
