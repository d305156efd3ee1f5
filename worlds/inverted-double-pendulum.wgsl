// Inverted double pendulum: a cart on a rail keeps two poles, one on top of the other, upright.
//
// State: [x m, lower angle rad, upper angle rad, speed m/s, lower rate rad/s, upper rate rad/s,
// height of the tip m]. Angles are zero if the poles point upward and grow clockwise; the upper
// angle is relative to the lower pole, as in MuJoCo.
// The equations of motion are those of three rigid bodies in a plane, in closed form. Nothing
// touches anything, except the cart the ends of its rail: there acts MuJoCo's soft joint limit,
// whose force has a closed form too because only one end is ever touched.
// Source: InvertedDoublePendulum-v5 of Gymnasium (model and reward; MIT) and the documentation of
// MuJoCo (integrator, limits, masses from shapes; Apache-2.0). The formulas are written anew.
// Differences: the model's sideways gravity of 1e-5 m/s^2 is left out, and so is the ninth
// observation, the force of the rail's end.
//
//! summary = "balance two poles, one on top of the other, on a cart"
//! source = "InvertedDoublePendulum-v5 of Gymnasium, with MuJoCo's masses, integrator and limits"
//! state = 7
//! # Three positions, and two for each of the three speeds, which are normal.
//! draws = 9
//! step-limit = 1000
//! threshold = 9100.0
//! returns = [0.0, 9360.0]
//! reward = "10 while the tip is above 1 m, less squares of the tip's offset and the pole's rates."
//! ends = "When the tip is 1 m or less above the rail, or after 1000 steps of 0.05 s."
//!
//! [[observations]]
//! name = "x"
//! meaning = "position of the cart"
//! unit = "m"
//! [[observations]]
//! name = "lower-sin"
//! meaning = "sine of the lower pole's angle"
//! low = -1.0
//! high = 1.0
//! [[observations]]
//! name = "upper-sin"
//! meaning = "sine of the angle between the poles"
//! low = -1.0
//! high = 1.0
//! [[observations]]
//! name = "lower-cos"
//! meaning = "cosine of the lower pole's angle"
//! low = -1.0
//! high = 1.0
//! [[observations]]
//! name = "upper-cos"
//! meaning = "cosine of the angle between the poles"
//! low = -1.0
//! high = 1.0
//! [[observations]]
//! name = "speed"
//! meaning = "speed of the cart"
//! unit = "m/s"
//! low = -10.0
//! high = 10.0
//! [[observations]]
//! name = "lower-rate"
//! meaning = "rate of the lower pole's angle"
//! unit = "rad/s"
//! low = -10.0
//! high = 10.0
//! [[observations]]
//! name = "upper-rate"
//! meaning = "rate of the angle between the poles"
//! unit = "rad/s"
//! low = -10.0
//! high = 10.0
//!
//! [[actions]]
//! name = "push"
//! meaning = "push of the motor, as a share of its strength"
//! low = -1.0
//! high = 1.0
//!
//! [picture]
//! left = -1.5
//! right = 1.5
//! bottom = -0.4
//! top = 1.4
//! step-seconds = 0.05
//!
//! [defaults]
//! strategy = "openai-es"
//! network = "16"
//! population = 256
//! generations = 300
//! episodes = 4
//! [defaults.settings]
//! sigma = 0.05
//! learning-rate = 0.02

const GRAVITY: f32 = 9.81; // m/s^2, downward
const CART_MASS: f32 = 10.471976; // kg, a capsule of 1000 kg/m^3
const LOWER_MASS: f32 = 4.1987386; // kg, a capsule of 1000 kg/m^3
const UPPER_MASS: f32 = 4.1987386; // kg, a capsule of 1000 kg/m^3
const LOWER_LENGTH: f32 = 0.6; // m, between the hinges of the lower pole
const UPPER_LENGTH: f32 = 0.6; // m, from the upper hinge to the tip
const RADIUS: f32 = 0.045; // m, of both poles
const STRENGTH: f32 = 500.0; // N, the force of a push of 1
const DAMPING: f32 = 0.05; // N s/m of the cart, and N m s/rad of either hinge
const RAIL: f32 = 1.0; // m, from the middle of the rail to its ends
const SUBSTEP_SECONDS: f32 = 0.01; // s, a Runge-Kutta step; a step of the world is five of them
const START: f32 = 0.1; // m and rad, the largest start; of start speeds the standard deviation
const FALLEN: f32 = 1.0; // m, the height of the tip at which an episode ends
const PI: f32 = 3.1415927;

// MuJoCo's default soft limit. A limit pulls the cart back as a critically damped spring would,
// weighed by an impedance that grows with the depth.
const END_MARGIN: f32 = 0.01; // m, before the end, from where the limit acts
const END_SECONDS: f32 = 0.02; // s, the time constant of the spring
const END_WIDTH: f32 = 0.001; // m, the depth over which the impedance grows
const END_SOFT: f32 = 0.9; // the impedance at depth zero
const END_HARD: f32 = 0.95; // the impedance from END_WIDTH on

// The symmetric mass matrix of the coordinates [x, angle of the lower pole, angle of the upper
// pole], both angles from upright.
struct Inertia {
    cart: f32,
    cart_lower: f32,
    cart_upper: f32,
    lower: f32,
    lower_upper: f32,
    upper: f32,
}

// The first and second time derivatives of the coordinates.
struct Rates {
    speeds: vec3<f32>,
    accelerations: vec3<f32>,
}

// The moment of inertia of a capsule about its centre, across its axis: a cylinder and two half
// spheres of one density.
fn capsule_inertia(mass: f32, length: f32) -> f32 {
    let cylinder = mass * length / (length + RADIUS * 4.0 / 3.0);
    let ends = mass - cylinder;
    return cylinder * (length * length / 12.0 + RADIUS * RADIUS / 4.0)
        + ends * (RADIUS * RADIUS * 0.4 + length * length / 4.0 + length * RADIUS * 0.375);
}

// The mass matrix for the cosines of both angles and of their difference.
fn pendulum_inertia(lower_cos: f32, upper_cos: f32, between_cos: f32) -> Inertia {
    let lower_centre = LOWER_LENGTH / 2.0;
    let upper_centre = UPPER_LENGTH / 2.0;
    return Inertia(
        CART_MASS + LOWER_MASS + UPPER_MASS,
        (LOWER_MASS * lower_centre + UPPER_MASS * LOWER_LENGTH) * lower_cos,
        UPPER_MASS * upper_centre * upper_cos,
        capsule_inertia(LOWER_MASS, LOWER_LENGTH)
            + LOWER_MASS * lower_centre * lower_centre
            + UPPER_MASS * LOWER_LENGTH * LOWER_LENGTH,
        UPPER_MASS * LOWER_LENGTH * upper_centre * between_cos,
        capsule_inertia(UPPER_MASS, UPPER_LENGTH) + UPPER_MASS * upper_centre * upper_centre,
    );
}

// The mass that the cart seems to have for a force on it: poles that yield weigh less.
fn cart_resistance(inertia: Inertia) -> f32 {
    let determinant = inertia.lower * inertia.upper - inertia.lower_upper * inertia.lower_upper;
    return inertia.cart - (
        inertia.cart_lower * inertia.cart_lower * inertia.upper
        - 2.0 * inertia.cart_lower * inertia.cart_upper * inertia.lower_upper
        + inertia.cart_upper * inertia.cart_upper * inertia.lower
    ) / determinant;
}

// The force of the rail's end on the cart, which moved from `origin`. `free` is the acceleration
// without that force, and `resistance` the cart's apparent mass.
fn end_force(origin: f32, moved: f32, speed: f32, free: f32, resistance: f32) -> f32 {
    // 1 if the end pushes to the right, which is so at the left end.
    let side = select(-1.0, 1.0, origin + moved < 0.0);
    // In this order the small depth keeps the most digits.
    let depth = (END_MARGIN - (RAIL + side * origin)) - side * moved;
    if (depth <= 0.0) {
        return 0.0;
    }
    let share = min(depth / END_WIDTH, 1.0);
    let rest = 1.0 - share;
    let grown = select(1.0 - 2.0 * rest * rest, 2.0 * share * share, share <= 0.5);
    let impedance = END_SOFT + (END_HARD - END_SOFT) * grown;
    let damper = 2.0 / (END_HARD * END_SECONDS);
    let spring = 1.0 / (END_HARD * END_HARD * END_SECONDS * END_SECONDS);
    let wanted = spring * impedance * depth - damper * side * speed;
    // The softness refers to the apparent mass with upright poles.
    let upright = cart_resistance(pendulum_inertia(1.0, 1.0, 1.0));
    let softness = (1.0 - impedance) / (impedance * upright);
    return side * max((wanted - side * free) / (1.0 / resistance + softness), 0.0);
}

// The rates after a movement from an origin, at given speeds, with a motor's force on the cart.
fn pendulum_rates(
    origin: vec3<f32>, moved: vec3<f32>, speeds: vec3<f32>, motor: f32,
) -> Rates {
    let coordinates = origin + moved;
    let lower_sin = math_sin(coordinates.y);
    let upper_sin = math_sin(coordinates.z);
    let between_sin = math_sin(coordinates.y - coordinates.z);
    let inertia = pendulum_inertia(
        math_cos(coordinates.y), math_cos(coordinates.z), math_cos(coordinates.y - coordinates.z),
    );
    let lower_moment = LOWER_MASS * LOWER_LENGTH / 2.0 + UPPER_MASS * LOWER_LENGTH;
    let upper_moment = UPPER_MASS * UPPER_LENGTH / 2.0;
    let coupling = LOWER_LENGTH * upper_moment * between_sin;
    let turning = speeds.z - speeds.y;
    let cart = motor - DAMPING * speeds.x
        + lower_moment * lower_sin * speeds.y * speeds.y
        + upper_moment * upper_sin * speeds.z * speeds.z;
    let lower = lower_moment * GRAVITY * lower_sin - coupling * speeds.z * speeds.z
        - DAMPING * speeds.y + DAMPING * turning;
    let upper = upper_moment * GRAVITY * upper_sin + coupling * speeds.y * speeds.y
        - DAMPING * turning;
    // The poles are eliminated first, which leaves one equation for the cart.
    let determinant = inertia.lower * inertia.upper - inertia.lower_upper * inertia.lower_upper;
    let by_lower = (inertia.upper * inertia.cart_lower - inertia.lower_upper * inertia.cart_upper)
        / determinant;
    let by_upper = (inertia.lower * inertia.cart_upper - inertia.lower_upper * inertia.cart_lower)
        / determinant;
    let resistance = cart_resistance(inertia);
    let free = (cart - by_lower * lower - by_upper * upper) / resistance;
    let force = end_force(origin.x, moved.x, speeds.x, free, resistance);
    let x_rate = free + force / resistance;
    let lower_rest = lower - inertia.cart_lower * x_rate;
    let upper_rest = upper - inertia.cart_upper * x_rate;
    return Rates(
        speeds,
        vec3<f32>(
            x_rate,
            (inertia.upper * lower_rest - inertia.lower_upper * upper_rest) / determinant,
            (inertia.lower * upper_rest - inertia.lower_upper * lower_rest) / determinant,
        ),
    );
}

// The height of the tip above the rail.
fn tip_height(lower_angle: f32, upper_angle: f32) -> f32 {
    return LOWER_LENGTH * math_cos(lower_angle) + UPPER_LENGTH * math_cos(upper_angle);
}

// A standard normal number from two uniforms (Box and Muller).
fn standard_normal(first: f32, second: f32) -> f32 {
    return sqrt(-2.0 * math_ln(max(1.0 - first, 1e-7))) * math_cos(2.0 * PI * second);
}

// The first state: everything near upright and rest.
fn task_start(draws: Draws) -> State {
    var state: State;
    for (var i = 0u; i < 3u; i++) {
        state[i] = START * (2.0 * draws[i] - 1.0);
        state[3u + i] = START * standard_normal(draws[3u + 2u * i], draws[4u + 2u * i]);
    }
    state[6] = tip_height(state[1], state[1] + state[2]);
    return state;
}

// What the original observes, except the force of the rail's end. Speeds are clipped.
fn task_observe(state: State) -> Observation {
    return Observation(
        state[0],
        math_sin(state[1]), math_sin(state[2]),
        math_cos(state[1]), math_cos(state[2]),
        clamp(state[3], -10.0, 10.0), clamp(state[4], -10.0, 10.0), clamp(state[5], -10.0, 10.0),
    );
}

// Five Runge-Kutta steps with one push. As in the original, the tip is that of the last evaluation
// of the rates, which is within the last of these steps.
fn task_step(state: State, action: Action) -> Step {
    let motor = STRENGTH * clamp(action[0], -1.0, 1.0);
    let h = SUBSTEP_SECONDS;
    let origin = vec3<f32>(state[0], state[1], state[1] + state[2]);
    // The movement is summed up by itself, which keeps more of its digits.
    var moved = vec3<f32>(0.0, 0.0, 0.0);
    var speeds = vec3<f32>(state[3], state[4], state[4] + state[5]);
    var seen = origin;
    for (var i = 0u; i < 5u; i++) {
        let k1 = pendulum_rates(origin, moved, speeds, motor);
        let half = h / 2.0;
        let k2 = pendulum_rates(
            origin, moved + half * k1.speeds, speeds + half * k1.accelerations, motor,
        );
        let k3 = pendulum_rates(
            origin, moved + half * k2.speeds, speeds + half * k2.accelerations, motor,
        );
        let last = moved + h * k3.speeds;
        seen = origin + last;
        let k4 = pendulum_rates(origin, last, speeds + h * k3.accelerations, motor);
        moved = moved + h / 6.0 * (k1.speeds + 2.0 * k2.speeds + 2.0 * k3.speeds + k4.speeds);
        speeds = speeds + h / 6.0 * (
            k1.accelerations + 2.0 * k2.accelerations + 2.0 * k3.accelerations + k4.accelerations
        );
    }
    let at = origin + moved;
    let height = tip_height(seen.y, seen.z);
    let upper_rate = speeds.z - speeds.y;
    let next = State(at.x, at.y, at.z - at.y, speeds.x, speeds.y, upper_rate, height);
    let offset = seen.x + LOWER_LENGTH * math_sin(seen.y) + UPPER_LENGTH * math_sin(seen.z);
    let low = height - 2.0;
    let reward = select(10.0, 0.0, task_terminated(next))
        - 0.01 * offset * offset - low * low
        - 0.001 * speeds.y * speeds.y - 0.005 * upper_rate * upper_rate;
    return Step(next, reward);
}

// True if the tip is too low.
fn task_terminated(state: State) -> bool {
    return state[6] <= FALLEN;
}

// The rail with its ends, the height below which an episode ends, the cart and the poles.
fn task_picture(state: State) -> array<Shape, 10> {
    let x = state[0];
    let angle = state[1] + state[2];
    let hinge = vec2f(x, 0.0);
    let elbow = hinge + LOWER_LENGTH * vec2f(math_sin(state[1]), math_cos(state[1]));
    let tip = elbow + UPPER_LENGTH * vec2f(math_sin(angle), math_cos(angle));
    let edge = RAIL + 0.2;
    return array<Shape, 10>(
        picture_line(vec2f(-1.5, FALLEN), vec2f(1.5, FALLEN), 0.01, COLOUR_PALE),
        picture_line(vec2f(-edge, 0.0), vec2f(edge, 0.0), 0.03, COLOUR_GREY),
        picture_rectangle(vec2f(-edge - 0.04, -0.12), vec2f(-edge, 0.12), COLOUR_GREY),
        picture_rectangle(vec2f(edge, -0.12), vec2f(edge + 0.04, 0.12), COLOUR_GREY),
        picture_rectangle(vec2f(x - 0.2, -0.09), vec2f(x + 0.2, 0.09), COLOUR_INK),
        picture_line(hinge, elbow, 2.0 * RADIUS, COLOUR_BLUE),
        picture_line(elbow, tip, 2.0 * RADIUS, COLOUR_SKY),
        picture_circle(hinge, 0.03, COLOUR_PAPER),
        picture_circle(elbow, 0.03, COLOUR_PAPER),
        picture_circle(tip, 0.045, COLOUR_VERMILION),
    );
}
