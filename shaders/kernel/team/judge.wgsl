// Data sets by teams: a workgroup computes one individual on COLUMNS samples at once.
//
// A weight is read once for four samples, and an input once for several outputs. What is judged,
// and how sums are made, stands in kernel/judgement.wgsl; what a team computes in
// kernel/team/network.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    team_join(local);
    let place = dispatch_group(group, groups);
    team_fetch(judging.first_in_shard + place, place < judging.individuals);
    let before = judgement_open(place, local);
    losses[local] = before.loss;
    hits[local] = before.hits;
    for (var first = 0u; first < judging.samples; first += COLUMNS) {
        let sample = first + local;
        // Behind the last sample it is computed again, for nobody.
        if (local < COLUMNS) {
            team_samples[local] = judging.first_sample + min(sample, judging.samples - 1u);
        }
        team_forward();
        if (local < COLUMNS && sample < judging.samples) {
            team_tell(local);
            let one = data_measure(targets[judging.first_sample + sample]);
            losses[sample % WORKGROUP] += one.loss;
            hits[sample % WORKGROUP] += one.hits;
        }
    }
    judgement_close(place, local);
}
