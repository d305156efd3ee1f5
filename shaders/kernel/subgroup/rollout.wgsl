// Rollouts by subgroups: each subgroup runs one individual in one episode.
//
// The genome is read once per dispatch and stays in registers. All invocations of a subgroup step
// the same episode, which costs no more than stepping it in one of them. The first invocation
// stores it. A subgroup whose episode is over stops independently of the others. Episodes are
// defined in kernel/episode.wgsl, and the network in kernel/subgroup/network.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    let place = dispatch_group(group, groups) * (WORKGROUP / SUBGROUP) + subgroup;
    let individual = place % parameters.rows;
    if (place >= parameters.invocations || individual >= parameters.individuals) {
        return;
    }
    var running = episode_resume(place);
    if (running.over) {
        return;
    }
    subgroup_lane = lane;
    subgroup_load_genome(individual);
    for (var s = 0u; s < parameters.steps && !running.over; s++) {
        episode_observe(running);
        subgroup_forward();
        running = episode_step(running);
    }
    if (lane == 0u) {
        episode_store(running, place);
    }
}
