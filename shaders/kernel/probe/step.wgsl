// Probes every function of a control task: start, observation, decision, step and termination. One
// invocation handles one case.

struct ProbeParameters {
    seed: vec2<u32>,
    // The number of cases; `function` is unused.
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> parameters: ProbeParameters;
// f32[count][DRAWS + STATE + 2 PARAMETERS + OUTPUTS + ACTION_SIZE + STEP_DRAWS + STEP_NUMBERS]: the
// draws of a start and of its parameters, a state and its parameters, outputs, and an action with
// the draws and the number of its step.
@group(0) @binding(1) var<storage, read> cases: array<f32>;
// f32[count][2 (STATE + PARAMETERS) + INPUTS + ACTION_SIZE + 3]: the start state of the draws with
// its parameters, the observation of the state, the action that the outputs choose, the state after
// the given action with its parameters, its reward, and 1 if that state ends an episode, and 1 if
// the given state does.
@group(0) @binding(2) var<storage, read_write> found: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place >= parameters.count) {
        return;
    }
    const STEP_INPUTS = ACTION_SIZE + STEP_DRAWS + STEP_NUMBERS;
    var at = place * (DRAWS + STATE + 2u * PARAMETERS + OUTPUTS + STEP_INPUTS);
    var draws: Draws;
    for (var i = 0u; i < DRAWS; i++) {
        draws[i] = cases[at + i];
    }
    at += DRAWS;
    var parameter_draws: Parameters;
    for (var i = 0u; i < PARAMETERS; i++) {
        parameter_draws[i] = cases[at + i];
    }
    at += PARAMETERS;
    var state: State;
    for (var i = 0u; i < STATE; i++) {
        state[i] = cases[at + i];
    }
    at += STATE;
    var own: Parameters;
    for (var i = 0u; i < PARAMETERS; i++) {
        own[i] = cases[at + i];
    }
    at += PARAMETERS;
    var outputs: Outputs;
    for (var i = 0u; i < OUTPUTS; i++) {
        outputs[i] = cases[at + i];
    }
    at += OUTPUTS;
    var action: Action;
    for (var i = 0u; i < ACTION_SIZE; i++) {
        action[i] = cases[at + i];
    }
    at += ACTION_SIZE;
    for (var i = 0u; i < STEP_DRAWS; i++) {
        step_draws[i] = cases[at + i];
    }
    if (STEP_NUMBERS > 0u) {
        step_number = cases[at + STEP_DRAWS];
    }

    var drawn = parameters_from_draws(parameter_draws);
    parameters_set(drawn);
    var begin = task_start(draws);
    parameters_set(own);
    var observation = task_observe(state);
    var decided = action_decide(outputs);
    var after = task_step(state, action);
    const WHOLE = STATE + PARAMETERS;
    var to = place * (2u * WHOLE + INPUTS + ACTION_SIZE + 3u);
    for (var i = 0u; i < STATE; i++) {
        found[to + i] = begin[i];
        found[to + WHOLE + INPUTS + ACTION_SIZE + i] = after.state[i];
    }
    for (var i = 0u; i < PARAMETERS; i++) {
        found[to + STATE + i] = drawn[i];
        found[to + WHOLE + INPUTS + ACTION_SIZE + STATE + i] = own[i];
    }
    for (var i = 0u; i < INPUTS; i++) {
        found[to + WHOLE + i] = observation[i];
    }
    for (var i = 0u; i < ACTION_SIZE; i++) {
        found[to + WHOLE + INPUTS + i] = decided[i];
    }
    to += 2u * WHOLE + INPUTS + ACTION_SIZE;
    found[to] = after.reward;
    found[to + 1u] = select(0.0, 1.0, task_terminated(after.state));
    found[to + 2u] = select(0.0, 1.0, task_terminated(state));
}
