// A world of one's own: swing a rod up and hold it there.
//
// Train it with `deme train NAME.wgsl`. The lines that begin with //! are the header; it is TOML.
// It says what the numbers are, how long an episode lasts, and which settings a run uses if the
// command line names none. The functions below it are the world.
//
//! summary = "swing a rod up and hold it there"
//! source = "a template of deme new"
//! # The count of numbers in a state, and of uniforms in [0, 1) that a start needs.
//! state = 2
//! draws = 2
//! # The number of steps after which an episode is cut off.
//! step-limit = 200
//! # The mean return from which on the world counts as solved, and the range of returns.
//! threshold = 170.0
//! returns = [0.0, 200.0]
//! reward = "1 for an upright rod, 0 for a hanging one, and a little less for a large force."
//! ends = "After 200 steps."
//!
//! # What a network observes, in order.
//! [[observations]]
//! name = "cos"
//! meaning = "cosine of the angle from upright"
//! low = -1.0
//! high = 1.0
//! [[observations]]
//! name = "sin"
//! meaning = "sine of the angle from upright"
//! low = -1.0
//! high = 1.0
//! [[observations]]
//! name = "turning"
//! meaning = "angular speed"
//! unit = "rad/s"
//!
//! # What a network decides, in order: a number from low to high; one of several, with
//! # choices = ["left", "right"]; or a plain output, without any of these.
//! [[actions]]
//! name = "torque"
//! meaning = "torque at the joint"
//! unit = "N m"
//! low = -2.0
//! high = 2.0
//!
//! # The region that task_picture draws, in the world's own units, and the time between two steps.
//! [picture]
//! left = -1.6
//! right = 1.6
//! bottom = -1.2
//! top = 1.2
//! step-seconds = 0.05
//!
//! [defaults]
//! strategy = "simple-ga"
//! network = "16"
//! population = 64
//! generations = 300
//! episodes = 4

// The user can set each of these, or have every episode draw it:
// --param gravity=3.7 --param length=0.8..1.2
const GRAVITY: f32 = 10.0; // m/s^2
const LENGTH: f32 = 1.0; // m
const MASS: f32 = 1.0; // kg
const STEP_SECONDS: f32 = 0.05;
const PI: f32 = 3.1415927;

// math_sin, math_cos, math_exp, math_ln and math_tanh are as exact on every GPU as on the CPU.

// The first state of an episode: [angle rad, angular speed rad/s], anywhere.
fn task_start(draws: Draws) -> State {
    return State(PI * (2.0 * draws[0] - 1.0), 2.0 * draws[1] - 1.0);
}

// The observation of a state, which the network reads.
fn task_observe(state: State) -> Observation {
    return Observation(math_cos(state[0]), math_sin(state[0]), state[1]);
}

// The next state, and the reward of the step.
fn task_step(state: State, action: Action) -> Step {
    let torque = action[0];
    let rate = 1.5 * GRAVITY / LENGTH * math_sin(state[0]) + 3.0 / (MASS * LENGTH * LENGTH) * torque;
    let turning = clamp(state[1] + STEP_SECONDS * rate, -8.0, 8.0);
    let angle = state[0] + STEP_SECONDS * turning;
    let reward = 0.5 + 0.5 * math_cos(angle) - 0.001 * torque * torque;
    return Step(State(angle, turning), reward);
}

// True if the state ends the episode.
fn task_terminated(state: State) -> bool {
    return false;
}

// The shapes of a state, from the back to the front: for GIF and SVG files and the live terminal.
fn task_picture(state: State) -> array<Shape, 3> {
    let hinge = vec2f(0.0, 0.0);
    let tip = LENGTH * vec2f(math_sin(state[0]), math_cos(state[0]));
    return array<Shape, 3>(
        picture_circle(hinge, 1.05 * LENGTH, COLOUR_PALE),
        picture_line(hinge, tip, 0.08, COLOUR_BLUE),
        picture_circle(hinge, 0.06, COLOUR_INK),
    );
}
