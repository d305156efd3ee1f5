// The genomes of kernels that run networks of layers: the packed population at binding 1.

@group(0) @binding(1) var<storage, read> population: array<Gene>;

// A gene of an individual.
fn population_gene(individual: u32, gene: u32) -> f32 {
    return f32(population[population_index(individual, gene)]);
}
