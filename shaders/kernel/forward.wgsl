// Batched forward passes: the outputs of every individual for every sample.
//
// One invocation is one individual and one sample. `outputs` is f32[individuals][samples][OUTPUTS].

struct Forward {
    // Individuals and samples; where this dispatch begins in the shard.
    individuals: u32,
    samples: u32,
    first_individual: u32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> forward: Forward;
// The networks stand at binding 1; their part declares it.
@group(0) @binding(2) var<storage, read> features: array<f32>;
@group(0) @binding(3) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let sample = place % forward.samples;
    let individual = place / forward.samples;
    if (individual >= forward.individuals) {
        return;
    }
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = features[sample * INPUTS + i];
    }
    network_forward(forward.first_individual + individual);
    for (var o = 0u; o < OUTPUTS; o++) {
        outputs[place * OUTPUTS + o] = network_outputs[o];
    }
}
