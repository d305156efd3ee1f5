// Batched forward passes by teams: a workgroup computes one individual on COLUMNS samples.
//
// kernel/forward_outputs.wgsl writes the outputs, and the network is in kernel/team/network.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    team_setup(local);
    let strips = (parameters.samples + COLUMNS - 1u) / COLUMNS;
    let place = dispatch_group(group, groups);
    let individual = place / strips;
    let sample = place % strips * COLUMNS + local;
    team_load_genome(parameters.first_individual + individual, individual < parameters.individuals);
    // Padding columns recompute the last sample, and the result is discarded.
    if (local < COLUMNS) {
        team_samples[local] = min(sample, parameters.samples - 1u);
    }
    team_forward();
    if (local < COLUMNS && sample < parameters.samples && individual < parameters.individuals) {
        team_write_outputs(local);
        forward_store(individual, sample);
    }
}
