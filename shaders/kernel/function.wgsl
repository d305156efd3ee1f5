// Evaluates a function at each genome. The fitness is minus the value of the formula at
// rotation x (genome - shift).
//
// One invocation handles one individual, and adds the terms in the order of the genes. The genes
// may be divided among several dispatches. Between them, `partial` stores the sums and the previous
// coordinate.

struct FunctionParameters {
    // The place of the shard's first individual in `values`, and the dispatch's first in the shard.
    first_individual: u32,
    first_in_shard: u32,
    // The number of individuals in this dispatch.
    individuals: u32,
    // The range of genes of this dispatch.
    first_gene: u32,
    end_gene: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> parameters: FunctionParameters;
@group(0) @binding(1) var<storage, read> population: array<Gene>;
// The shift, f32[GENES]; if ROTATED is 1, the rotation f32[GENES][GENES] follows.
@group(0) @binding(2) var<storage, read> frame: array<f32>;
// The fitness of each individual.
@group(0) @binding(3) var<storage, read_write> values: array<f32>;
// f32[3][individuals of a dispatch]: two sums and the previous coordinate.
@group(0) @binding(4) var<storage, read_write> partial: array<f32>;

// A gene less its shift.
fn shifted(individual: u32, gene: u32) -> f32 {
    return f32(population[population_index(individual, gene)]) - frame[gene];
}

// A coordinate of the genome after shift and rotation.
fn coordinate(individual: u32, axis: u32) -> f32 {
    if (ROTATED == 0u) {
        return shifted(individual, axis);
    }
    var sum = 0.0;
    for (var gene = 0u; gene < GENES; gene++) {
        sum += frame[GENES + axis * GENES + gene] * shifted(individual, gene);
    }
    return sum;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place >= parameters.individuals) {
        return;
    }
    let individual = parameters.first_in_shard + place;
    let count = parameters.individuals;
    var sums = vec2(0.0, 0.0);
    var previous = 0.0;
    if (parameters.first_gene > 0u) {
        sums = vec2(partial[place], partial[count + place]);
        previous = partial[2u * count + place];
    }
    for (var gene = parameters.first_gene; gene < parameters.end_gene; gene++) {
        let z = coordinate(individual, gene);
        sums += formula_term(gene, z, previous);
        previous = z;
    }
    if (parameters.end_gene == GENES) {
        values[parameters.first_individual + individual] = -formula_value(sums);
        return;
    }
    partial[place] = sums.x;
    partial[count + place] = sums.y;
    partial[2u * count + place] = previous;
}
