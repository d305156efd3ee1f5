// Scores individuals on samples of a data set; the forward pass and the loss are fused.
//
// A workgroup handles one individual, and an invocation every 64th sample.
// kernel/loss_reduction.wgsl adds the losses up.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_setup(local);
    let place = dispatch_group(group, groups);
    var sum = loss_load(place, local);
    if (place < parameters.individuals) {
        for (var s = local; s < parameters.samples; s += WORKGROUP) {
            let sample = parameters.first_sample + s;
            for (var i = 0u; i < INPUTS; i++) {
                network_inputs[i] = features[sample * INPUTS + i];
            }
            network_forward(parameters.first_in_shard + place);
            let sample_loss = data_loss(sample * TARGETS, parameters.first_weight);
            sum.loss += sample_loss.loss;
            sum.tally += sample_loss.tally;
        }
    }
    losses[local] = sum.loss;
    tallies[local] = sum.tally;
    loss_finish(place, local);
}
