// Poles hinged to a cart on a track: the physics of the pole balancing tasks.
//
// State: [x m, v m/s], and [angle rad, w rad/s] of each pole; an upright pole has angle zero.
// Action: a force from -10 to 10 N, constant over a step of 0.02 s, which is two steps of the
// classical Runge-Kutta method.
// Source: Wieland 1991, with the constants of Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008.

const GRAVITY: f32 = 9.8; // m/s^2
const CART_MASS: f32 = 1.0; // kg
const CART_FRICTION: f32 = 0.0005; // N, against the cart's direction
const HINGE_FRICTION: f32 = 0.000002; // N m s
const STEP_SECONDS: f32 = 0.01; // twice in a step of the task
const LARGEST_X: f32 = 2.4; // m
const LARGEST_FORCE: f32 = 10.0; // N
const START: f32 = 0.06981317; // rad, 4 degrees: the long pole's

// A pole: its mass in kg, and half its length in m.
const LONG_POLE = vec2<f32>(0.1, 0.5);
const SHORT_POLE = vec2<f32>(0.01, 0.05);

// The factors that scale a position, a speed, an angle and an angular speed to observations.
const SCALES = vec4<f32>(1.0 / 4.8, 1.0 / 2.0, 1.0 / 0.52, 1.0 / 2.0);

// The cart [x, v] and two poles [angle, w].
struct Poles {
    cart: vec2<f32>,
    long: vec2<f32>,
    short: vec2<f32>,
}

// The load of a pole on the cart: [force, effective mass, pull on the pole, cosine of its angle].
fn pole_load(pole: vec2<f32>, now: vec2<f32>) -> vec4<f32> {
    let sine = math_sin(now.x);
    let cosine = math_cos(now.x);
    let pull = GRAVITY * sine - HINGE_FRICTION / (pole.x * pole.y) * now.y;
    return vec4<f32>(
        pole.x * pole.y * now.y * now.y * sine - 0.75 * pole.x * cosine * pull,
        pole.x - 0.75 * pole.x * cosine * cosine,
        pull,
        cosine,
    );
}

// The time derivative of a state: Wieland's equations.
fn pole_rates(now: Poles, force: f32, both: bool) -> Poles {
    let long = pole_load(LONG_POLE, now.long);
    var short = vec4<f32>(0.0);
    if (both) {
        short = pole_load(SHORT_POLE, now.short);
    }
    let push = force - CART_FRICTION * sign(now.cart.y) + long.x + short.x;
    let v_rate = push / (CART_MASS + long.y + short.y);
    return Poles(
        vec2<f32>(now.cart.y, v_rate),
        vec2<f32>(now.long.y, 0.75 / LONG_POLE.y * (long.z - v_rate * long.w)),
        vec2<f32>(now.short.y, 0.75 / SHORT_POLE.y * (short.z - v_rate * short.w)),
    );
}

// The state after a step at a constant rate.
fn pole_moved(now: Poles, step: f32, rate: Poles) -> Poles {
    return Poles(
        now.cart + step * rate.cart,
        now.long + step * rate.long,
        now.short + step * rate.short,
    );
}

// The state after a step under a force.
fn pole_push(before: Poles, action: f32, both: bool) -> Poles {
    let force = clamp(action, -LARGEST_FORCE, LARGEST_FORCE);
    var now = before;
    for (var half = 0u; half < 2u; half++) {
        let k1 = pole_rates(now, force, both);
        let k2 = pole_rates(pole_moved(now, STEP_SECONDS / 2.0, k1), force, both);
        let k3 = pole_rates(pole_moved(now, STEP_SECONDS / 2.0, k2), force, both);
        let k4 = pole_rates(pole_moved(now, STEP_SECONDS, k3), force, both);
        let sixth = STEP_SECONDS / 6.0;
        now.cart += sixth * (k1.cart + 2.0 * (k2.cart + k3.cart) + k4.cart);
        now.long += sixth * (k1.long + 2.0 * (k2.long + k3.long) + k4.long);
        now.short += sixth * (k1.short + 2.0 * (k2.short + k3.short) + k4.short);
    }
    return now;
}

// True if the cart has left its track, or a pole leans too far.
fn pole_fallen(now: Poles, largest_angle: f32) -> bool {
    return abs(now.cart.x) > LARGEST_X
        || abs(now.long.x) > largest_angle
        || abs(now.short.x) > largest_angle;
}
