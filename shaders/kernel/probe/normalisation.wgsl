// Probes a normalisation: what a network is shown of one observation, and what is summed of it.
//
// Each invocation is a case. `cases` is f32[count][INPUTS]; `found` is f32[count][INPUTS + SEEN]:
// the normalised observation, the distances from the means, and their squares.

struct Probing {
    seed: vec2<u32>,
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> probing: Probing;
@group(0) @binding(1) var<storage, read> cases: array<f32>;
@group(0) @binding(2) var<storage, read_write> found: array<f32>;

var<private> network_inputs: array<f32, INPUTS>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place >= probing.count) {
        return;
    }
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = cases[place * INPUTS + i];
    }
    observation_normalise();
    let to = place * (INPUTS + SEEN);
    for (var i = 0u; i < INPUTS; i++) {
        found[to + i] = network_inputs[i];
    }
    for (var s = 0u; s < SEEN; s++) {
        found[to + INPUTS + s] = seen_sums[s];
    }
}
