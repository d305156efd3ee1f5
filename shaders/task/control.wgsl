// The types that control tasks and their kernels share: states, observations, actions, steps.
//
// A task provides task_start, task_observe, task_step and task_terminated.

// The input of task_start: DRAWS uniforms, or the index of a listed start if STARTS is above 0.
alias Draws = array<f32, DRAW_ROOM>;
alias State = array<f32, STATE>;
alias Observation = array<f32, INPUTS>;
// The parameters that an episode draws, in the order of the world's header.
alias Parameters = array<f32, PARAMETER_ROOM>;
alias Outputs = array<f32, OUTPUTS>;
alias Action = array<f32, ACTION_SIZE>;

// The uniforms of a step, and its number: 0 for the first step of an episode. Only task_step may
// read them.
var<private> step_draws: array<f32, STEP_DRAW_ROOM>;
var<private> step_number: f32;

// The next state, and the reward of the step.
struct Step {
    state: State,
    reward: f32,
}
