// The mean return of each individual over its episodes, and the steps that were taken.
//
// One invocation is one individual; it adds its episodes in order, so the sum has the same bits
// every time. Episodes may come in several groups: the sum goes on in `values`, and the last group
// divides it. `taken` is u32[workgroups]: the steps of a workgroup's individuals.

struct Averaging {
    // Where the shard's individuals and workgroups begin in `values` and `taken`.
    first_individual: u32,
    first_group: u32,
    individuals: u32,
    rows: u32,
    invocations: u32,
    // Episodes of this group, and of all groups.
    episodes: u32,
    all_episodes: u32,
    begins: u32,
    ends: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> averaging: Averaging;
@group(0) @binding(1) var<storage, read> progress: array<u32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> taken: array<u32>;

var<workgroup> group_steps: atomic<u32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups);
    let individual = place * WORKGROUP + local;
    if (individual < averaging.individuals) {
        let slot = averaging.first_individual + individual;
        var sum = 0.0;
        if (averaging.begins == 0u) {
            sum = values[slot];
        }
        var steps = 0u;
        for (var episode = 0u; episode < averaging.episodes; episode++) {
            let at = episode * averaging.rows + individual;
            sum += bitcast<f32>(progress[STATE * averaging.invocations + at]);
            steps += progress[(STATE + 1u) * averaging.invocations + at];
        }
        if (averaging.ends == 1u) {
            sum = sum / f32(averaging.all_episodes);
        }
        values[slot] = sum;
        atomicAdd(&group_steps, steps);
    }
    workgroupBarrier();
    if (local == 0u && place * WORKGROUP < averaging.individuals) {
        var before = 0u;
        if (averaging.begins == 0u) {
            before = taken[averaging.first_group + place];
        }
        taken[averaging.first_group + place] = before + atomicLoad(&group_steps);
    }
}
