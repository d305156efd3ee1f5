// Functions: the fitness of each individual, whose genome is a point: minus the formula's value at
// rotation x (point - shift).
//
// One invocation is one individual; it adds up in the order of the genes.

struct Evaluating {
    // Where the shard's individuals begin in `values`; where this dispatch begins in the shard.
    first_individual: u32,
    first_in_shard: u32,
    individuals: u32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> evaluating: Evaluating;
@group(0) @binding(1) var<storage, read> population: array<f32>;
// f32[GENES], and where ROTATED is 1 another f32[GENES][GENES]: the shift and the rotation.
@group(0) @binding(2) var<storage, read> frame: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

fn shifted(individual: u32, gene: u32) -> f32 {
    return population[population_word(individual, gene)] - frame[gene];
}

fn coordinate(individual: u32, place: u32) -> f32 {
    if (ROTATED == 0u) {
        return shifted(individual, place);
    }
    var sum = 0.0;
    for (var gene = 0u; gene < GENES; gene++) {
        sum += frame[GENES + place * GENES + gene] * shifted(individual, gene);
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
    if (place >= evaluating.individuals) {
        return;
    }
    let individual = evaluating.first_in_shard + place;
    var sums = vec2(0.0, 0.0);
    var previous = 0.0;
    for (var gene = 0u; gene < GENES; gene++) {
        let z = coordinate(individual, gene);
        sums += formula_term(gene, z, previous);
        previous = z;
    }
    values[evaluating.first_individual + individual] = -formula_value(sums);
}
