// Judgements: what a workgroup is told to judge, and how its sums become a value.
//
// A workgroup is one individual. Sample s is added to row s % 64, each row in the order of its
// samples, and rows are added in a fixed order; so the sum has the same bits every time, whichever
// invocation took which sample.

struct Judging {
    // Where the shard's individuals begin in `values`; where this dispatch begins in the shard.
    first_individual: u32,
    first_in_shard: u32,
    individuals: u32,
    // Samples of this dispatch, and of all: a part of the data set.
    first_sample: u32,
    samples: u32,
    all_samples: u32,
    // Whether this is the first dispatch of its individuals, and the last.
    begins: u32,
    ends: u32,
    wanted: u32,
    // Of the targets of these samples; only a regression has one.
    variance: f32,
    pad_0: u32,
    pad_1: u32,
}

@group(0) @binding(0) var<uniform> judging: Judging;
// The networks stand at binding 1; their part declares it.
// So do the samples, at binding 2.
@group(0) @binding(3) var<storage, read> targets: array<f32>;
@group(0) @binding(4) var<storage, read_write> values: array<f32>;

// f32[individuals of a dispatch][2][64]: rows of losses and of hits, between dispatches.
@group(0) @binding(5) var<storage, read_write> rows: array<f32>;

var<workgroup> losses: array<f32, 64>;
var<workgroup> hits: array<f32, 64>;

// What a row came to in the dispatch before.
fn judgement_open(place: u32, row: u32) -> Judgement {
    if (judging.begins == 1u || place >= judging.individuals) {
        return Judgement(0.0, 0.0);
    }
    let at = place * 2u * WORKGROUP + row;
    return Judgement(rows[at], rows[at + WORKGROUP]);
}

// Adds the rows up, and writes the value of the individual at this place of the dispatch; or keeps
// them for the next one.
fn judgement_close(place: u32, local: u32) {
    workgroupBarrier();
    if (judging.ends == 0u) {
        if (place < judging.individuals) {
            rows[place * 2u * WORKGROUP + local] = losses[local];
            rows[place * 2u * WORKGROUP + WORKGROUP + local] = hits[local];
        }
        return;
    }
    for (var half = WORKGROUP / 2u; half > 0u; half = half / 2u) {
        if (local < half) {
            losses[local] += losses[local + half];
            hits[local] += hits[local + half];
        }
        workgroupBarrier();
    }
    if (local == 0u && place < judging.individuals) {
        let total = Judgement(losses[0], hits[0]);
        values[judging.first_individual + judging.first_in_shard + place] =
            data_value(total, judging.all_samples, judging.variance, judging.wanted);
    }
}
