// Batched forward passes by teams: a workgroup computes one individual on COLUMNS samples.
//
// Where outputs go stands in kernel/passes.wgsl, what a team computes in kernel/team/network.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    team_join(local);
    let strips = (forward.samples + COLUMNS - 1u) / COLUMNS;
    let place = dispatch_group(group, groups);
    let individual = place / strips;
    let sample = place % strips * COLUMNS + local;
    team_fetch(forward.first_individual + individual, individual < forward.individuals);
    // Behind the last sample it is computed again, for nobody.
    if (local < COLUMNS) {
        team_samples[local] = min(sample, forward.samples - 1u);
    }
    team_forward();
    if (local < COLUMNS && sample < forward.samples && individual < forward.individuals) {
        team_tell(local);
        passes_keep(individual, sample);
    }
}
