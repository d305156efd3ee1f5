// Spawns children: crossover of two parents of the last population, then mutation.
//
// One invocation makes eight genes of one child. Parents may lie in shards of their own: two are
// bound, and a child is made by the dispatch that has both of its parents.

struct Breeding {
    seed: vec2<u32>,
    generation: u32,
    first_child: u32,
    children: u32,
    first_parent: u32,
    first_parents: u32,
    second_parent: u32,
    second_parents: u32,
    crossover: u32,
    crossover_amount: f32,
    mutation: f32,
    mutation_rate: f32,
    // The pair of the first child.
    first_pair: u32,
    pad_0: u32,
    pad_1: u32,
}

// A child's parents, as indices into the whole last population.
struct Parents {
    first: u32,
    second: u32,
    mutates: u32,
}

@group(0) @binding(0) var<uniform> breeding: Breeding;
@group(0) @binding(1) var<storage, read> normal_table: array<f32>;
@group(0) @binding(2) var<storage, read> parents: array<Parents>;
@group(0) @binding(3) var<storage, read> first_shard: array<Gene>;
@group(0) @binding(4) var<storage, read> second_shard: array<Gene>;
@group(0) @binding(5) var<storage, read_write> population: array<Gene>;

// A gene of a child whose parents' genes are a and b; unit is a uniform in [0, 1).
fn crossed(a: f32, b: f32, unit: f32) -> f32 {
    if (breeding.crossover == CROSSOVER_UNIFORM) {
        return select(a, b, unit < breeding.crossover_amount);
    }
    if (breeding.crossover == CROSSOVER_BLEND) {
        let alpha = breeding.crossover_amount;
        return a + ((1.0 + 2.0 * alpha) * unit - alpha) * (b - a);
    }
    return a;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let stretch = place / LANES % GENE_BLOCKS;
    let individual = place / LANES / GENE_BLOCKS * LANES + place % LANES;
    if (individual >= breeding.children) {
        return;
    }
    let child = breeding.first_child + individual;
    let pair = parents[breeding.first_pair + individual];
    // A parent before the shard wraps around to a large number, so one comparison serves both ends.
    let a = pair.first - breeding.first_parent;
    let b = pair.second - breeding.second_parent;
    if (a >= breeding.first_parents || b >= breeding.second_parents) {
        return;
    }
    let counter = vec4<u32>(stretch, child, breeding.generation, STREAM_NOISE);
    var noise = random_normals(random_words(counter, breeding.seed));
    for (var half = 0u; half < 2u; half++) {
        let block = 2u * stretch + half;
        let cross = random_units(random_words(
            vec4<u32>(block, child, breeding.generation, STREAM_CROSSOVER), breeding.seed));
        let gate = random_units(random_words(
            vec4<u32>(block, child, breeding.generation, STREAM_GATE), breeding.seed));
        for (var n = 0u; n < 4u; n++) {
            let gene = block * 4u + n;
            if (gene < GENES) {
                var value = f32(first_shard[population_place(a, gene)]);
                if (pair.first != pair.second) {
                    let other = f32(second_shard[population_place(b, gene)]);
                    value = crossed(value, other, cross[n]);
                }
                if (pair.mutates == 1u && gate[n] < breeding.mutation_rate) {
                    value = fma(breeding.mutation, noise[4u * half + n], value);
                }
                population[population_place(individual, gene)] = population_kept(value);
            }
        }
    }
}
