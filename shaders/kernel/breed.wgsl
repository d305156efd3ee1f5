// Breeds offspring: crossover of two parents of the previous population, then mutation.
//
// One invocation computes eight genes of one child. The parents may be in different shards. A
// dispatch binds two shards of the previous population, and computes the children whose first
// parent is in the first shard and whose second parent is in the second.

struct BreedParameters {
    seed: vec2<u32>,
    generation: u32,
    // The number of the first child in the whole population, and the number of children.
    first_child: u32,
    children: u32,
    // The first individual of the first shard of parents, and the number of its individuals.
    first_parent: u32,
    first_parents: u32,
    // The first individual of the second shard of parents, and the number of its individuals.
    second_parent: u32,
    second_parents: u32,
    // One of CROSSOVER_NONE, CROSSOVER_UNIFORM and CROSSOVER_BLEND, and its rate or alpha.
    crossover: u32,
    crossover_amount: f32,
    // The standard deviation of a mutation, and the probability that a gene mutates.
    mutation: f32,
    mutation_rate: f32,
    // The index of the first child's entry in `parents`.
    first_pair: u32,
    pad_0: u32,
    pad_1: u32,
}

// A child's parents, as indices into the whole previous population, and 1 if the child mutates.
struct Parents {
    first: u32,
    second: u32,
    mutates: u32,
}

@group(0) @binding(0) var<uniform> parameters: BreedParameters;
@group(0) @binding(1) var<storage, read> normal_table: array<f32>;
@group(0) @binding(2) var<storage, read> parents: array<Parents>;
// The shards of the previous population that hold the first and the second parents.
@group(0) @binding(3) var<storage, read> first_shard: array<Gene>;
@group(0) @binding(4) var<storage, read> second_shard: array<Gene>;
// The shard of the children.
@group(0) @binding(5) var<storage, read_write> population: array<Gene>;

// Crosses the genes of two parents, given a uniform number in [0, 1). An unknown crossover results
// in NaN, made from the bits of a runtime value because WGSL refuses a constant NaN.
fn crossed_gene(a: f32, b: f32, uniform_number: f32) -> f32 {
    switch parameters.crossover {
        case CROSSOVER_NONE: {
            return a;
        }
        case CROSSOVER_UNIFORM: {
            return select(a, b, uniform_number < parameters.crossover_amount);
        }
        case CROSSOVER_BLEND: {
            let alpha = parameters.crossover_amount;
            return a + ((1.0 + 2.0 * alpha) * uniform_number - alpha) * (b - a);
        }
        default: {
            return bitcast<f32>(bitcast<u32>(a) | 0x7fc00000u);
        }
    }
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let block = place / LANES % GENE_BLOCKS;
    let individual = place / LANES / GENE_BLOCKS * LANES + place % LANES;
    if (individual >= parameters.children) {
        return;
    }
    let child = parameters.first_child + individual;
    let pair = parents[parameters.first_pair + individual];
    // A parent before the shard wraps around to a large number, so one comparison checks both ends.
    let a = pair.first - parameters.first_parent;
    let b = pair.second - parameters.second_parent;
    if (a >= parameters.first_parents || b >= parameters.second_parents) {
        return;
    }
    let counter = vec4<u32>(block, child, parameters.generation, STREAM_NOISE);
    var noise = random_normals(random_words(counter, parameters.seed));
    for (var half = 0u; half < 2u; half++) {
        // Uniforms come four to a block, and normals eight.
        let quad = 2u * block + half;
        let crossover = random_uniforms(random_words(
            vec4<u32>(quad, child, parameters.generation, STREAM_CROSSOVER), parameters.seed));
        let mask = random_uniforms(random_words(
            vec4<u32>(quad, child, parameters.generation, STREAM_MUTATION_MASK), parameters.seed));
        for (var n = 0u; n < 4u; n++) {
            let gene = quad * 4u + n;
            if (gene < GENES) {
                var value = f32(first_shard[population_index(a, gene)]);
                if (pair.first != pair.second) {
                    let other = f32(second_shard[population_index(b, gene)]);
                    value = crossed_gene(value, other, crossover[n]);
                }
                if (pair.mutates == 1u && mask[n] < parameters.mutation_rate) {
                    value = fma(parameters.mutation, noise[4u * half + n], value);
                }
                population[population_index(individual, gene)] = population_round(value);
            }
        }
    }
}
