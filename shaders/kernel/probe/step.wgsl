// Probes every function of a control task: start, observation, decision, step and termination. One
// invocation handles one case.

struct ProbeParameters {
    seed: vec2<u32>,
    // The number of cases; `function` is unused.
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> parameters: ProbeParameters;
// f32[count][DRAWS + STATE + OUTPUTS + ACTION_SIZE]: random draws, a state, outputs and an action.
@group(0) @binding(1) var<storage, read> cases: array<f32>;
// f32[count][2 STATE + INPUTS + ACTION_SIZE + 3]: the start state of the draws, the observation of
// the state, the action that the outputs choose, the state after the given action, its reward, and
// 1 if that state ends an episode, and 1 if the given state does.
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
    var at = place * (DRAWS + STATE + OUTPUTS + ACTION_SIZE);
    var draws: Draws;
    for (var i = 0u; i < DRAWS; i++) {
        draws[i] = cases[at + i];
    }
    at += DRAWS;
    var state: State;
    for (var i = 0u; i < STATE; i++) {
        state[i] = cases[at + i];
    }
    at += STATE;
    var outputs: Outputs;
    for (var i = 0u; i < OUTPUTS; i++) {
        outputs[i] = cases[at + i];
    }
    at += OUTPUTS;
    var action: Action;
    for (var i = 0u; i < ACTION_SIZE; i++) {
        action[i] = cases[at + i];
    }

    var begin = task_start(draws);
    var observation = task_observe(state);
    var decided = action_decide(outputs);
    var after = task_step(state, action);
    var to = place * (2u * STATE + INPUTS + ACTION_SIZE + 3u);
    for (var i = 0u; i < STATE; i++) {
        found[to + i] = begin[i];
        found[to + STATE + INPUTS + ACTION_SIZE + i] = after.state[i];
    }
    for (var i = 0u; i < INPUTS; i++) {
        found[to + STATE + i] = observation[i];
    }
    for (var i = 0u; i < ACTION_SIZE; i++) {
        found[to + STATE + INPUTS + i] = decided[i];
    }
    to += 2u * STATE + INPUTS + ACTION_SIZE;
    found[to] = after.reward;
    found[to + 1u] = select(0.0, 1.0, task_terminated(after.state));
    found[to + 2u] = select(0.0, 1.0, task_terminated(state));
}
