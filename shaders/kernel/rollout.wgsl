// Rollouts: one invocation runs one individual in one episode; network, task and return are fused.
//
// A dispatch runs at most `steps` steps, and an invocation stops when its episode is over. Episodes
// are defined in kernel/episode.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_setup(local);
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let individual = place % parameters.rows;
    if (place >= parameters.invocations || individual >= parameters.individuals) {
        return;
    }
    var running = episode_resume(place);
    for (var s = 0u; s < parameters.steps && !running.over; s++) {
        episode_observe(running);
        network_forward(individual);
        running = episode_step(running);
    }
    episode_store(running, place);
}
