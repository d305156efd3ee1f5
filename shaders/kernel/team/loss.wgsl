// Scores individuals on samples of a data set by teams: a workgroup computes one individual on
// COLUMNS samples at once.
//
// A weight is read once for four samples, and an input once for several outputs.
// kernel/loss_reduction.wgsl adds the losses up, and the network is in kernel/team/network.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    team_setup(local);
    let place = dispatch_group(group, groups);
    team_load_genome(parameters.first_in_shard + place, place < parameters.individuals);
    let before = loss_load(place, local);
    losses[local] = before.loss;
    tallies[local] = before.tally;
    for (var first = 0u; first < parameters.samples; first += COLUMNS) {
        let sample = first + local;
        // Padding columns recompute the last sample, and the result is discarded.
        if (local < COLUMNS) {
            team_samples[local] = parameters.first_sample + min(sample, parameters.samples - 1u);
        }
        team_forward();
        if (local < COLUMNS && sample < parameters.samples) {
            team_write_outputs(local);
            let place_of_sample = (parameters.first_sample + sample) * TARGETS;
            let sample_loss = data_loss(place_of_sample, parameters.first_weight);
            losses[sample % WORKGROUP] += sample_loss.loss;
            tallies[sample % WORKGROUP] += sample_loss.tally;
        }
    }
    loss_finish(place, local);
}
