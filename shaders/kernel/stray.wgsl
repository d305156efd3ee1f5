// Spawns a Gaussian population: genome = centre + scale * noise, made again from its key.
//
// One invocation makes eight genes of one individual; neighbours make the same genes of
// neighbouring individuals, so that their writes are adjacent. Mirrored individuals 2k and 2k + 1
// share the noise of individual k, with opposite signs.

struct Straying {
    seed: vec2<u32>,
    generation: u32,
    first_individual: u32,
    individuals: u32,
    mirrored: u32,
    per_gene: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> straying: Straying;
@group(0) @binding(1) var<storage, read> normal_table: array<f32>;
@group(0) @binding(2) var<storage, read> centre: array<f32>;
@group(0) @binding(3) var<storage, read> scales: array<f32>;
@group(0) @binding(4) var<storage, read_write> population: array<Gene>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let stretch = place / LANES % GENE_BLOCKS;
    let individual = place / LANES / GENE_BLOCKS * LANES + place % LANES;
    if (individual >= straying.individuals) {
        return;
    }
    var source = straying.first_individual + individual;
    var sign = 1.0;
    if (straying.mirrored == 1u) {
        sign = select(1.0, -1.0, source % 2u == 1u);
        source = source / 2u;
    }
    let counter = vec4<u32>(stretch, source, straying.generation, STREAM_NOISE);
    var noise = random_normals(random_words(counter, straying.seed));
    for (var n = 0u; n < 8u; n++) {
        let gene = stretch * 8u + n;
        if (gene < GENES) {
            var scale = straying.scale;
            if (straying.per_gene == 1u) {
                scale = scales[gene];
            }
            let value = fma(scale, sign * noise[n], centre[gene]);
            population[population_place(individual, gene)] = population_kept(value);
        }
    }
}
