// Probes single steps of a recurrent network. One invocation handles one case, and each case has an
// individual of its own.

struct ProbeParameters {
    seed: vec2<u32>,
    // The number of cases; `function` is unused.
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> parameters: ProbeParameters;
// The genomes are at binding 1, which their part declares.
// f32[count][INPUTS + HIDDEN_STATE]: the inputs, and the hidden state before the step.
@group(0) @binding(2) var<storage, read> cases: array<f32>;
// f32[count][OUTPUTS + HIDDEN_STATE]: the outputs, and the hidden state after the step.
@group(0) @binding(3) var<storage, read_write> found: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_setup(local);
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place >= parameters.count) {
        return;
    }
    let at = place * (INPUTS + HIDDEN_STATE);
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = cases[at + i];
    }
    for (var m = 0u; m < HIDDEN_STATE; m++) {
        network_state_put(m, cases[at + INPUTS + m]);
    }
    network_forward(place);
    let to = place * (OUTPUTS + HIDDEN_STATE);
    for (var o = 0u; o < OUTPUTS; o++) {
        found[to + o] = network_outputs_at(o);
    }
    for (var m = 0u; m < HIDDEN_STATE; m++) {
        found[to + OUTPUTS + m] = network_state_at(m);
    }
}
