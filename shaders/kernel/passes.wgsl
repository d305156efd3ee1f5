// Batched forward passes: what a dispatch computes, and where outputs go.
//
// `outputs` is f32[individuals][samples][OUTPUTS].

struct Forward {
    // Individuals and samples; where this dispatch begins in the shard.
    individuals: u32,
    samples: u32,
    first_individual: u32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> forward: Forward;
// The networks stand at binding 1; their part declares it.
// So do the samples, at binding 2.
@group(0) @binding(3) var<storage, read_write> outputs: array<f32>;

// Writes the outputs of an individual, counted from the dispatch's first, for a sample.
fn passes_keep(individual: u32, sample: u32) {
    for (var o = 0u; o < OUTPUTS; o++) {
        outputs[(individual * forward.samples + sample) * OUTPUTS + o] = network_outputs_at(o);
    }
}
