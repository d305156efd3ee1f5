// What each individual did: the numbers at the head of the state that its episodes ended in, their
// mean over the episodes.
//
// One invocation is one number of one individual; it adds episodes in order, so the sum has the
// same bits every time. Episodes may come in several groups: the sum goes on in `behaviours`,
// f32[individuals][BEHAVIOUR], and the last group divides it.

struct Behaving {
    // Where the shard's individuals begin in `behaviours`.
    first_individual: u32,
    individuals: u32,
    rows: u32,
    invocations: u32,
    // Episodes of this group, and of all groups.
    episodes: u32,
    all_episodes: u32,
    begins: u32,
    ends: u32,
}

@group(0) @binding(0) var<uniform> behaving: Behaving;
@group(0) @binding(1) var<storage, read> progress: array<u32>;
@group(0) @binding(2) var<storage, read_write> behaviours: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let individual = place % behaving.rows;
    let number = place / behaving.rows;
    if (individual >= behaving.individuals || number >= BEHAVIOUR) {
        return;
    }
    let slot = (behaving.first_individual + individual) * BEHAVIOUR + number;
    var sum = 0.0;
    if (behaving.begins == 0u) {
        sum = behaviours[slot];
    }
    for (var episode = 0u; episode < behaving.episodes; episode++) {
        let at = number * behaving.invocations + episode * behaving.rows + individual;
        sum += bitcast<f32>(progress[at]);
    }
    if (behaving.ends == 1u) {
        sum = sum / f32(behaving.all_episodes);
    }
    behaviours[slot] = sum;
}
