// Batched forward passes: the outputs of every individual for every sample.
//
// One invocation computes one individual on one sample. kernel/forward_outputs.wgsl writes the
// outputs.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_setup(local);
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let sample = place % parameters.samples;
    let individual = place / parameters.samples;
    if (individual >= parameters.individuals) {
        return;
    }
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = features[sample * INPUTS + i];
    }
    network_forward(parameters.first_individual + individual);
    forward_store(individual, sample);
}
