// Adds up the sums over observations of each individual's episodes, and the steps.
//
// One invocation handles one number of one individual. It adds the episodes in order, so the sum
// always has the same bits. Episodes may come in several groups: the sum continues in `totals`.

struct ObservationSumParameters {
    // The place of the shard's first individual in `totals`.
    first_individual: u32,
    // The number of individuals, and the same rounded up to whole workgroups.
    individuals: u32,
    rows: u32,
    // The number of invocations of the rollout: rows times episodes of this group.
    invocations: u32,
    // The number of episodes of this group.
    episodes: u32,
    // 1 if this is the first group.
    begins: u32,
    pad_0: u32,
    pad_1: u32,
}

@group(0) @binding(0) var<uniform> parameters: ObservationSumParameters;
// The episodes, in the layout of kernel/episode.wgsl.
@group(0) @binding(1) var<storage, read> progress: array<u32>;
// u32[individuals][1 + OBSERVATION_SUMS]: the steps, then the bits of the sums.
@group(0) @binding(2) var<storage, read_write> totals: array<u32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let individual = place % parameters.rows;
    let word = place / parameters.rows;
    if (individual >= parameters.individuals || word > OBSERVATION_SUMS) {
        return;
    }
    let slot = (parameters.first_individual + individual) * (1u + OBSERVATION_SUMS) + word;
    var steps = 0u;
    var sum = 0.0;
    if (parameters.begins == 0u) {
        steps = totals[slot];
        sum = bitcast<f32>(totals[slot]);
    }
    // The steps follow the reward in `progress`, and the sums follow the hidden state.
    let field = select(STATE + 3u + HIDDEN_STATE + word, STATE + 1u, word == 0u);
    for (var episode = 0u; episode < parameters.episodes; episode++) {
        let at = episode * parameters.rows + individual;
        let bits = progress[field * parameters.invocations + at];
        steps += bits;
        sum += bitcast<f32>(bits);
    }
    totals[slot] = select(bitcast<u32>(sum), steps, word == 0u);
}
