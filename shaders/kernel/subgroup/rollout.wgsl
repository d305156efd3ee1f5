// Rollouts by subgroups: each is one individual in one episode.
//
// The genome is read once a dispatch and stays in registers. All invocations of a subgroup step the
// same episode, which costs no more than one of them would; the first keeps it. A subgroup whose
// episode is over leaves alone. What an episode is stands in kernel/episode.wgsl, what a subgroup
// computes in kernel/subgroup/network.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    let place = dispatch_group(group, groups) * (WORKGROUP / SUBGROUP) + subgroup;
    let individual = place % rolling.rows;
    if (place >= rolling.invocations || individual >= rolling.individuals) {
        return;
    }
    var running = episode_resume(place);
    if (running.over) {
        return;
    }
    subgroup_lane = lane;
    subgroup_fetch(individual);
    for (var s = 0u; s < rolling.steps && !running.over; s++) {
        episode_observe(running);
        subgroup_forward();
        running = episode_step(running);
    }
    if (lane == 0u) {
        episode_keep(running, place);
    }
}
