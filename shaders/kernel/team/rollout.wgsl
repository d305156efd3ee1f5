// Rollouts by teams: TEAM invocations run one individual in up to COLUMNS episodes at once.
//
// If the genome fits workgroup memory, it stays there during a dispatch. Each invocation of a team
// computes some outputs of a layer for four episodes. The first COLUMNS invocations also step one
// episode each. A workgroup stops when the episodes of all its teams are over. Episodes are defined
// in kernel/episode.wgsl, and the network in kernel/team/network.wgsl.

// The number of steps between two checks whether any episode of the workgroup continues.
const CHECK_INTERVAL: u32 = 8u;

// 1 if any episode of the workgroup continues: the vote, and its result.
var<workgroup> vote: atomic<u32>;
var<workgroup> continues: u32;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    team_setup(local);
    // The teams of a workgroup run neighbouring individuals in the same episodes.
    let member = dispatch_group(group, groups) * TEAMS + team_number;
    let individual = member % parameters.rows;
    let row = member / parameters.rows * COLUMNS + team_lane;
    let place = row * parameters.rows + individual;
    let has_episode = team_lane < COLUMNS && place < parameters.invocations
        && individual < parameters.individuals;
    team_load_genome(individual, individual < parameters.individuals);
    var running: Episode;
    running.over = true;
    if (has_episode) {
        running = episode_resume(place);
    }
    for (var s = 0u; s < parameters.steps; s++) {
        if (s % CHECK_INTERVAL == 0u) {
            if (local == 0u) {
                atomicStore(&vote, 0u);
            }
            workgroupBarrier();
            if (!running.over) {
                atomicStore(&vote, 1u);
            }
            workgroupBarrier();
            if (local == 0u) {
                continues = atomicLoad(&vote);
            }
            if (workgroupUniformLoad(&continues) == 0u) {
                break;
            }
        }
        if (!running.over) {
            episode_observe(running);
            team_write_inputs(team_lane);
        }
        team_forward();
        if (!running.over) {
            team_write_outputs(team_lane);
            running = episode_step(running);
        }
    }
    if (has_episode) {
        episode_store(running, place);
    }
}
