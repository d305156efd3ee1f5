// Averages the behaviour of each individual: the first BEHAVIOUR numbers of the state in which an
// episode ended, averaged over episodes.
//
// One invocation handles one number of one individual. It adds the episodes in order, so the sum
// always has the same bits. Episodes may come in several groups: the sum continues in `behaviours`,
// and the last group divides it.

struct BehaviourParameters {
    // The place of the shard's first individual in `behaviours`.
    first_individual: u32,
    // The number of individuals, and the same rounded up to whole workgroups.
    individuals: u32,
    rows: u32,
    // The number of invocations of the rollout: rows times episodes of this group.
    invocations: u32,
    // The number of episodes of this group, and of all groups.
    episodes: u32,
    all_episodes: u32,
    // 1 if this is the first group, and 1 if it is the last.
    begins: u32,
    ends: u32,
}

@group(0) @binding(0) var<uniform> parameters: BehaviourParameters;
// The episodes, in the layout of kernel/episode.wgsl.
@group(0) @binding(1) var<storage, read> progress: array<u32>;
// f32[individuals][BEHAVIOUR]
@group(0) @binding(2) var<storage, read_write> behaviours: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let individual = place % parameters.rows;
    let number = place / parameters.rows;
    if (individual >= parameters.individuals || number >= BEHAVIOUR) {
        return;
    }
    let slot = (parameters.first_individual + individual) * BEHAVIOUR + number;
    var sum = 0.0;
    if (parameters.begins == 0u) {
        sum = behaviours[slot];
    }
    for (var episode = 0u; episode < parameters.episodes; episode++) {
        let at = number * parameters.invocations + episode * parameters.rows + individual;
        sum += bitcast<f32>(progress[at]);
    }
    if (parameters.ends == 1u) {
        sum = sum / f32(parameters.all_episodes);
    }
    behaviours[slot] = sum;
}
