// Data sets: how each individual does on a part of the samples; forward pass and loss are fused.
//
// A workgroup is one individual; its invocations take every 64th sample and add up in a fixed
// order, so the sum has the same bits every time.

struct Judging {
    // Where the shard's individuals begin in `values`; where this dispatch begins in the shard.
    first_individual: u32,
    first_in_shard: u32,
    individuals: u32,
    first_sample: u32,
    samples: u32,
    wanted: u32,
    // Of the targets of these samples; only a regression has one.
    variance: f32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> judging: Judging;
// The networks stand at binding 1; their part declares it.
@group(0) @binding(2) var<storage, read> features: array<f32>;
@group(0) @binding(3) var<storage, read> targets: array<f32>;
@group(0) @binding(4) var<storage, read_write> values: array<f32>;

var<workgroup> losses: array<f32, 64>;
var<workgroup> hits: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups);
    let individual = judging.first_in_shard + place;
    var sum = Judgement(0.0, 0.0);
    if (place < judging.individuals) {
        for (var s = local; s < judging.samples; s += WORKGROUP) {
            let sample = judging.first_sample + s;
            for (var i = 0u; i < INPUTS; i++) {
                network_inputs[i] = features[sample * INPUTS + i];
            }
            network_forward(individual);
            let one = data_measure(targets[sample]);
            sum.loss += one.loss;
            sum.hits += one.hits;
        }
    }
    losses[local] = sum.loss;
    hits[local] = sum.hits;
    workgroupBarrier();
    for (var half = WORKGROUP / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            losses[local] += losses[local + half];
            hits[local] += hits[local + half];
        }
        workgroupBarrier();
    }
    if (local == 0u && place < judging.individuals) {
        let total = Judgement(losses[0], hits[0]);
        values[judging.first_individual + individual] =
            data_value(total, judging.samples, judging.variance, judging.wanted);
    }
}
