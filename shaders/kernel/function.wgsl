// Functions: the fitness of each individual, whose genome is a point: minus the formula's value at
// rotation x (point - shift).
//
// One invocation is one individual; it adds up in the order of the genes. Genes may come in several
// dispatches: between them, sums and the coordinate before stand in `kept`.

struct Evaluating {
    // Where the shard's individuals begin in `values`; where this dispatch begins in the shard.
    first_individual: u32,
    first_in_shard: u32,
    individuals: u32,
    // Genes of this dispatch, from the first to before the end.
    first_gene: u32,
    end_gene: u32,
    pad_0: u32,
    pad_1: u32,
    pad_2: u32,
}

@group(0) @binding(0) var<uniform> evaluating: Evaluating;
@group(0) @binding(1) var<storage, read> population: array<Gene>;
// f32[GENES], and where ROTATED is 1 another f32[GENES][GENES]: the shift and the rotation.
@group(0) @binding(2) var<storage, read> frame: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

// f32[3][individuals of a dispatch]
@group(0) @binding(4) var<storage, read_write> kept: array<f32>;

fn shifted(individual: u32, gene: u32) -> f32 {
    return f32(population[population_place(individual, gene)]) - frame[gene];
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
    let count = evaluating.individuals;
    var sums = vec2(0.0, 0.0);
    var previous = 0.0;
    if (evaluating.first_gene > 0u) {
        sums = vec2(kept[place], kept[count + place]);
        previous = kept[2u * count + place];
    }
    for (var gene = evaluating.first_gene; gene < evaluating.end_gene; gene++) {
        let z = coordinate(individual, gene);
        sums += formula_term(gene, z, previous);
        previous = z;
    }
    if (evaluating.end_gene == GENES) {
        values[evaluating.first_individual + individual] = -formula_value(sums);
        return;
    }
    kept[place] = sums.x;
    kept[count + place] = sums.y;
    kept[2u * count + place] = previous;
}
