// Rollouts by teams: TEAM invocations are one individual, in up to COLUMNS episodes at once.
//
// The genome is read once a dispatch and stays in workgroup memory, where it fits. Each invocation
// of a team computes some outputs of a layer for four episodes; the first COLUMNS of them run an
// episode each beside that. A workgroup is as many teams as fit in, and leaves when all of their
// episodes are over. What an episode is stands in kernel/episode.wgsl, what a team computes in
// kernel/team/network.wgsl.

// Steps after which a workgroup asks whether any of its episodes goes on.
const PATIENCE: u32 = 8u;

var<workgroup> going_on: atomic<u32>;
var<workgroup> goes_on: u32;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    team_join(local);
    // The teams of a group are neighbouring individuals in the same episodes.
    let member = dispatch_group(group, groups) * TEAMS + team_number;
    let individual = member % rolling.rows;
    let row = member / rolling.rows * COLUMNS + team_lane;
    let place = row * rolling.rows + individual;
    let plays = team_lane < COLUMNS && place < rolling.invocations
        && individual < rolling.individuals;
    team_fetch(individual, individual < rolling.individuals);
    var running: Episode;
    running.over = true;
    if (plays) {
        running = episode_resume(place);
    }
    for (var s = 0u; s < rolling.steps; s++) {
        if (s % PATIENCE == 0u) {
            if (local == 0u) {
                atomicStore(&going_on, 0u);
            }
            workgroupBarrier();
            if (!running.over) {
                atomicStore(&going_on, 1u);
            }
            workgroupBarrier();
            if (local == 0u) {
                goes_on = atomicLoad(&going_on);
            }
            if (workgroupUniformLoad(&goes_on) == 0u) {
                break;
            }
        }
        if (!running.over) {
            episode_observe(running);
            team_show(team_lane);
        }
        team_forward();
        if (!running.over) {
            team_tell(team_lane);
            running = episode_step(running);
        }
    }
    if (plays) {
        episode_keep(running, place);
    }
}
