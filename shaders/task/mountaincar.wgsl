// MountainCar-v0: rock a weak car out of a valley.
//
// State and observation: [position, velocity], in the task's own units. Action: 0 pushes left,
// 1 coasts, 2 pushes right. Reward -1 for every step.
// Source: Moore 1990, as in Gymnasium 1.x, MountainCar-v0.

const FORCE: f32 = 0.001;
const GRAVITY: f32 = 0.0025;
const LARGEST_SPEED: f32 = 0.07;
const LEFT_WALL: f32 = -1.2;
const RIGHT_WALL: f32 = 0.6;
const GOAL: f32 = 0.5;
const START = vec2<f32>(-0.6, -0.4);

fn task_start(draws: Draws) -> State {
    return State(START.x + (START.y - START.x) * draws[0], 0.0);
}

fn task_observe(state: State) -> Observation {
    return Observation(state[0], state[1]);
}

fn task_step(state: State, action: Action) -> Step {
    let pull = -GRAVITY * math_cos(3.0 * state[0]);
    let push = (action[0] - 1.0) * FORCE;
    var v = clamp(state[1] + (push + pull), -LARGEST_SPEED, LARGEST_SPEED);
    let x = clamp(state[0] + v, LEFT_WALL, RIGHT_WALL);
    if (x <= LEFT_WALL && v < 0.0) {
        v = 0.0;
    }
    return Step(State(x, v), -1.0);
}

fn task_terminated(state: State) -> bool {
    return state[0] >= GOAL && state[1] >= 0.0;
}
