// Data sets: how each individual does on a part of the samples; forward pass and loss are fused.
//
// A workgroup is one individual, an invocation every 64th sample. What is judged, and how sums are
// made, stands in kernel/judgement.wgsl.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_join(local);
    let place = dispatch_group(group, groups);
    var sum = judgement_open(place, local);
    if (place < judging.individuals) {
        for (var s = local; s < judging.samples; s += WORKGROUP) {
            let sample = judging.first_sample + s;
            for (var i = 0u; i < INPUTS; i++) {
                network_inputs[i] = features[sample * INPUTS + i];
            }
            network_forward(judging.first_in_shard + place);
            let one = data_measure(targets[sample]);
            sum.loss += one.loss;
            sum.hits += one.hits;
        }
    }
    losses[local] = sum.loss;
    hits[local] = sum.hits;
    judgement_close(place, local);
}
