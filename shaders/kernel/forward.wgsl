// Batched forward passes: the outputs of every individual for every sample.
//
// One invocation is one individual and one sample. Where outputs go stands in kernel/passes.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_join(local);
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
    passes_keep(individual, sample);
}
