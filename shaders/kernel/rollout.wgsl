// Rollouts: each invocation is one individual in one episode; network, task and return are fused.
//
// A dispatch runs at most `steps` steps; an episode that is over leaves at once. What an episode is
// stands in kernel/episode.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_join(local);
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let individual = place % rolling.rows;
    if (place >= rolling.invocations || individual >= rolling.individuals) {
        return;
    }
    var running = episode_resume(place);
    for (var s = 0u; s < rolling.steps && !running.over; s++) {
        episode_observe(running);
        network_forward(individual);
        running = episode_step(running);
    }
    episode_keep(running, place);
}
