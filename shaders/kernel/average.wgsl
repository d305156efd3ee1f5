// Averages the returns of each individual's episodes, and counts the steps.
//
// One invocation handles one individual. It adds the episodes in order, so the sum always has the
// same bits. Episodes may come in several groups: the sum continues in `values`, and the last group
// divides it.

struct AverageParameters {
    // The place of the shard's first individual in `values`, and of its first workgroup in `steps`.
    first_individual: u32,
    first_group: u32,
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
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> parameters: AverageParameters;
// The episodes, in the layout of kernel/episode.wgsl.
@group(0) @binding(1) var<storage, read> progress: array<u32>;
// The mean return of each individual.
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
// The steps of each workgroup's individuals.
@group(0) @binding(3) var<storage, read_write> steps: array<u32>;

var<workgroup> group_steps: atomic<u32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups);
    let individual = place * WORKGROUP + local;
    if (individual < parameters.individuals) {
        let slot = parameters.first_individual + individual;
        var sum = 0.0;
        if (parameters.begins == 0u) {
            sum = values[slot];
        }
        var count = 0u;
        for (var episode = 0u; episode < parameters.episodes; episode++) {
            let at = episode * parameters.rows + individual;
            sum += bitcast<f32>(progress[STATE * parameters.invocations + at]);
            count += progress[(STATE + 1u) * parameters.invocations + at];
        }
        if (parameters.ends == 1u) {
            sum = sum / f32(parameters.all_episodes);
        }
        values[slot] = sum;
        atomicAdd(&group_steps, count);
    }
    workgroupBarrier();
    if (local == 0u && place * WORKGROUP < parameters.individuals) {
        var before = 0u;
        if (parameters.begins == 0u) {
            before = steps[parameters.first_group + place];
        }
        steps[parameters.first_group + place] = before + atomicLoad(&group_steps);
    }
}
