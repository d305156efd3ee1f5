// MountainCarContinuous-v0: rock a weak car out of a valley, with as little force as possible.
//
// State and observation: [position, velocity], in the task's own units. Action: a force from -1
// to 1. Reward -0.1 force^2 for every step, and 100 at the goal.
// Source: Gymnasium 1.x, MountainCarContinuous-v0.

const POWER: f32 = 0.0015;
const GRAVITY: f32 = 0.0025;
const LARGEST_SPEED: f32 = 0.07;
const LEFT_WALL: f32 = -1.2;
const RIGHT_WALL: f32 = 0.6;
const GOAL: f32 = 0.45;
const START = vec2<f32>(-0.6, -0.4);
const GOAL_REWARD: f32 = 100.0;
const FORCE_COST: f32 = 0.1;

fn task_start(draws: Draws) -> State {
    return State(START.x + (START.y - START.x) * draws[0], 0.0);
}

fn task_observe(state: State) -> Observation {
    return Observation(state[0], state[1]);
}

fn task_step(state: State, action: Action) -> Step {
    let push = clamp(action[0], -1.0, 1.0) * POWER;
    let pull = -GRAVITY * math_cos(3.0 * state[0]);
    var v = clamp(state[1] + (push + pull), -LARGEST_SPEED, LARGEST_SPEED);
    let x = clamp(state[0] + v, LEFT_WALL, RIGHT_WALL);
    if (x <= LEFT_WALL && v < 0.0) {
        v = 0.0;
    }
    let next = State(x, v);
    let prize = select(0.0, GOAL_REWARD, task_terminated(next));
    return Step(next, prize - FORCE_COST * action[0] * action[0]);
}

fn task_terminated(state: State) -> bool {
    return state[0] >= GOAL && state[1] >= 0.0;
}
