// Pendulum-v1: swing a pendulum up and hold it there, with little speed and torque.
//
// State: [angle rad, w rad/s]. The angle is zero for an upright pendulum and is never wrapped.
// Observation: [cos, sin, w]. Action: a torque from -2 to 2 N m. Reward
// -(angle^2 + 0.1 w^2 + 0.001 torque^2) of the state before the step, with the angle wrapped into
// [-pi, pi).
// Source: Gymnasium 1.x, Pendulum-v1.

const PI: f32 = 3.1415927;
const GRAVITY: f32 = 10.0; // m/s^2
const MASS: f32 = 1.0; // kg
const LENGTH: f32 = 1.0; // m
const STEP_SECONDS: f32 = 0.05;
const LARGEST_TORQUE: f32 = 2.0; // N m
const LARGEST_SPEED: f32 = 8.0; // rad/s
const START = vec2<f32>(PI, 1.0); // rad, rad/s: the limits of a start, to both sides
const SPEED_COST: f32 = 0.1;
const TORQUE_COST: f32 = 0.001;
// A full turn in two parts. The multiples of the first part are exact, so a multiple
// can be subtracted from an angle without loss.
const TURN_HIGH: f32 = 6.28125;
const TURN_LOW: f32 = 0.0019353072;

fn task_start(draws: Draws) -> State {
    return State(
        2.0 * START.x * draws[0] - START.x,
        2.0 * START.y * draws[1] - START.y,
    );
}

fn task_observe(state: State) -> Observation {
    return Observation(math_cos(state[0]), math_sin(state[0]), state[1]);
}

fn task_step(state: State, action: Action) -> Step {
    let angle = state[0];
    let torque = clamp(action[0], -LARGEST_TORQUE, LARGEST_TORQUE);
    let turns = floor((angle + PI) / (2.0 * PI));
    let upright = angle - TURN_HIGH * turns - TURN_LOW * turns;
    let cost = upright * upright
        + SPEED_COST * state[1] * state[1]
        + TORQUE_COST * torque * torque;
    let w_rate = 3.0 * GRAVITY / (2.0 * LENGTH) * math_sin(angle)
        + 3.0 / (MASS * LENGTH * LENGTH) * torque;
    let w = clamp(state[1] + w_rate * STEP_SECONDS, -LARGEST_SPEED, LARGEST_SPEED);
    return Step(State(angle + w * STEP_SECONDS, w), -cost);
}

fn task_terminated(state: State) -> bool {
    return false;
}
