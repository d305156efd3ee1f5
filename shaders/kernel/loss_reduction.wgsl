// The reduction of losses: from the losses of samples to the value of an individual.
//
// A workgroup handles one individual. The loss of sample s is added to row s % 64, each row in the
// order of its samples, and the rows are added in a fixed order. So the sum always has the same
// bits, in all variants.

struct LossParameters {
    // The place of the shard's first individual in `values`, and the dispatch's first in the shard.
    first_individual: u32,
    first_in_shard: u32,
    // The number of individuals in this dispatch.
    individuals: u32,
    // The samples of this dispatch, and the number of samples in all dispatches.
    first_sample: u32,
    samples: u32,
    all_samples: u32,
    // 1 if this is the first dispatch of its individuals, and 1 if it is the last.
    begins: u32,
    ends: u32,
    // METRIC_FITNESS or METRIC_SCORE.
    metric: u32,
    // The place of the split's error weights in `targets`, which only regressions need.
    first_weight: u32,
    pad_0: u32,
    pad_1: u32,
}

@group(0) @binding(0) var<uniform> parameters: LossParameters;
// The genomes are at binding 1 and the features at binding 2, which their parts declare.
// The targets, f32[samples][TARGETS], followed by the error weights of each split, f32[OUTPUTS].
@group(0) @binding(3) var<storage, read> targets: array<f32>;
// The value of each individual.
@group(0) @binding(4) var<storage, read_write> values: array<f32>;
// f32[individuals of a dispatch][2][64]: the rows of losses and of tallies, between dispatches.
@group(0) @binding(5) var<storage, read_write> rows: array<f32>;

// The rows of losses and of tallies.
var<workgroup> losses: array<f32, 64>;
var<workgroup> tallies: array<f32, 64>;

// The sums of a row after the previous dispatch.
fn loss_load(place: u32, row: u32) -> LossSums {
    if (parameters.begins == 1u || place >= parameters.individuals) {
        return LossSums(0.0, 0.0);
    }
    let at = place * 2u * WORKGROUP + row;
    return LossSums(rows[at], rows[at + WORKGROUP]);
}

// Adds the rows up and writes the value of an individual, given by its place in the dispatch. If
// this is not the last dispatch, it stores the rows instead.
fn loss_finish(place: u32, local: u32) {
    workgroupBarrier();
    if (parameters.ends == 0u) {
        if (place < parameters.individuals) {
            rows[place * 2u * WORKGROUP + local] = losses[local];
            rows[place * 2u * WORKGROUP + WORKGROUP + local] = tallies[local];
        }
        return;
    }
    for (var half = WORKGROUP / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            losses[local] += losses[local + half];
            tallies[local] += tallies[local + half];
        }
        workgroupBarrier();
    }
    if (local == 0u && place < parameters.individuals) {
        let total = LossSums(losses[0], tallies[0]);
        values[parameters.first_individual + parameters.first_in_shard + place] =
            data_score(total, parameters.all_samples, parameters.metric);
    }
}
