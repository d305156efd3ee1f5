// Probes a step of a network that remembers: what it says, and what it remembers then.
//
// Each invocation is a case, an individual of its own. `cases` is f32[count][INPUTS + MEMORY]:
// what goes in, and what is remembered. `found` is f32[count][OUTPUTS + MEMORY]: what comes out,
// and what is remembered after that.

struct Probing {
    seed: vec2<u32>,
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> probing: Probing;
// The networks stand at binding 1; their part declares it.
@group(0) @binding(2) var<storage, read> cases: array<f32>;
@group(0) @binding(3) var<storage, read_write> found: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_join(local);
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place >= probing.count) {
        return;
    }
    let at = place * (INPUTS + MEMORY);
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = cases[at + i];
    }
    for (var m = 0u; m < MEMORY; m++) {
        network_memory_put(m, cases[at + INPUTS + m]);
    }
    network_forward(place);
    let to = place * (OUTPUTS + MEMORY);
    for (var o = 0u; o < OUTPUTS; o++) {
        found[to + o] = network_outputs_at(o);
    }
    for (var m = 0u; m < MEMORY; m++) {
        found[to + OUTPUTS + m] = network_memory_at(m);
    }
}
