// What each individual has seen over its episodes: the steps it took, and its sums of them.
//
// One invocation is one number of one individual; it adds episodes in order, so the sum has the
// same bits every time. Episodes may come in several groups: the sum goes on in `tallies`,
// u32[individuals][1 + SEEN]: steps, then the bits of the sums.

struct Tallying {
    // Where the shard's individuals begin in `tallies`.
    first_individual: u32,
    individuals: u32,
    rows: u32,
    invocations: u32,
    // Episodes of this group.
    episodes: u32,
    begins: u32,
    pad_0: u32,
    pad_1: u32,
}

@group(0) @binding(0) var<uniform> tallying: Tallying;
@group(0) @binding(1) var<storage, read> progress: array<u32>;
@group(0) @binding(2) var<storage, read_write> tallies: array<u32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let individual = place % tallying.rows;
    let word = place / tallying.rows;
    if (individual >= tallying.individuals || word > SEEN) {
        return;
    }
    let slot = (tallying.first_individual + individual) * (1u + SEEN) + word;
    var steps = 0u;
    var sum = 0.0;
    if (tallying.begins == 0u) {
        steps = tallies[slot];
        sum = bitcast<f32>(tallies[slot]);
    }
    // Steps stand in front of what follows the state; sums behind what is remembered.
    let field = select(STATE + 3u + MEMORY + word, STATE + 1u, word == 0u);
    for (var episode = 0u; episode < tallying.episodes; episode++) {
        let bits = progress[field * tallying.invocations + episode * tallying.rows + individual];
        steps += bits;
        sum += bitcast<f32>(bits);
    }
    tallies[slot] = select(bitcast<u32>(sum), steps, word == 0u);
}
