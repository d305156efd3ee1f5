// The recipe of a Gaussian population: genome = centre + scale * noise, where the noise is made
// again from its key.
//
// Mirrored individuals 2k and 2k + 1 share the noise of individual k, with opposite signs. The
// kernel that uses this part declares `normal_table`, `centre` and `scales`, f32[GENES] both.

struct Straying {
    seed: vec2<u32>,
    generation: u32,
    first_individual: u32,
    individuals: u32,
    mirrored: u32,
    per_gene: u32,
    scale: f32,
}

// The noise of an individual, counted from the recipe's first, on the eight genes from gene
// 8 * stretch on.
fn gaussian_noise(recipe: Straying, individual: u32, stretch: u32) -> array<f32, 8> {
    var source = recipe.first_individual + individual;
    var sign = 1.0;
    if (recipe.mirrored == 1u) {
        sign = select(1.0, -1.0, source % 2u == 1u);
        source = source / 2u;
    }
    let counter = vec4<u32>(stretch, source, recipe.generation, STREAM_NOISE);
    var noise = random_normals(random_words(counter, recipe.seed));
    for (var n = 0u; n < 8u; n++) {
        noise[n] *= sign;
    }
    return noise;
}

// A gene of the noise that an individual has there, as it is kept.
fn gaussian_gene(recipe: Straying, gene: u32, noise: f32) -> Gene {
    var scale = recipe.scale;
    if (recipe.per_gene == 1u) {
        scale = scales[gene];
    }
    return population_kept(fma(scale, noise, centre[gene]));
}
