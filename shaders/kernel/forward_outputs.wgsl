// The parameters and the outputs of batched forward passes.

struct ForwardParameters {
    // The number of individuals and of samples, and the dispatch's first individual in the shard.
    individuals: u32,
    samples: u32,
    first_individual: u32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> parameters: ForwardParameters;
// The genomes are at binding 1 and the features at binding 2, which their parts declare.
// f32[individuals][samples][OUTPUTS]
@group(0) @binding(3) var<storage, read_write> outputs: array<f32>;

// Writes the network's outputs for an individual, counted from the dispatch's first, and a sample.
fn forward_store(individual: u32, sample: u32) {
    for (var o = 0u; o < OUTPUTS; o++) {
        outputs[(individual * parameters.samples + sample) * OUTPUTS + o] = network_outputs_at(o);
    }
}
