// What every control task and its kernels share: a state, what is seen of it, what is done.
//
// A task provides task_start, task_observe, task_step and task_terminated.

// What a start is made from: DRAWS uniforms, or with STARTS above 0 its number in their list.
alias Draws = array<f32, DRAW_ROOM>;
alias State = array<f32, STATE>;
alias Observation = array<f32, INPUTS>;
alias Outputs = array<f32, OUTPUTS>;
alias Action = array<f32, ACTION_SIZE>;

// The next state, and the reward of the step.
struct Step {
    state: State,
    reward: f32,
}
