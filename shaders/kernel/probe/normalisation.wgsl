// Probes the normalisation of single observations, and the sums over them. One invocation handles
// one case.

struct ProbeParameters {
    seed: vec2<u32>,
    // The number of cases; `function` is unused.
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> parameters: ProbeParameters;
// f32[count][INPUTS]: the observations.
@group(0) @binding(1) var<storage, read> cases: array<f32>;
// f32[count][INPUTS + OBSERVATION_SUMS]: the normalised observation, the deviations from the means,
// and their squares.
@group(0) @binding(2) var<storage, read_write> found: array<f32>;

var<private> network_inputs: array<f32, INPUTS>;

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
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = cases[place * INPUTS + i];
    }
    observation_normalise();
    let to = place * (INPUTS + OBSERVATION_SUMS);
    for (var i = 0u; i < INPUTS; i++) {
        found[to + i] = network_inputs[i];
    }
    for (var s = 0u; s < OBSERVATION_SUMS; s++) {
        found[to + INPUTS + s] = observation_sums[s];
    }
}
