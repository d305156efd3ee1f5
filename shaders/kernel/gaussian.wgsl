// Samples a Gaussian population: genome = centre + scale * noise, where the noise follows from its
// key.
//
// Mirrored individuals 2k and 2k + 1 share the noise of individual k, with opposite signs. The
// kernel that uses this part declares `normal_table`, and `centre` and `scales`, f32[GENES] each.

struct GaussianParameters {
    seed: vec2<u32>,
    generation: u32,
    // The number of the first individual in the whole population.
    first_individual: u32,
    individuals: u32,
    // 1 if individuals are mirrored.
    mirrored: u32,
    // 1 if each gene has its own scale in `scales`; 0 if all share `scale`.
    per_gene: u32,
    scale: f32,
}

// The noise of an individual, counted from the recipe's first, in the eight genes from 8 * block
// on.
fn gaussian_noise(recipe: GaussianParameters, individual: u32, block: u32) -> array<f32, 8> {
    var source = recipe.first_individual + individual;
    var sign = 1.0;
    if (recipe.mirrored == 1u) {
        sign = select(1.0, -1.0, source % 2u == 1u);
        source = source / 2u;
    }
    let counter = vec4<u32>(block, source, recipe.generation, STREAM_NOISE);
    var noise = random_normals(random_words(counter, recipe.seed));
    for (var n = 0u; n < 8u; n++) {
        noise[n] *= sign;
    }
    return noise;
}

// The value of a gene with this noise, as it is stored.
fn gaussian_gene(recipe: GaussianParameters, gene: u32, noise: f32) -> Gene {
    var scale = recipe.scale;
    if (recipe.per_gene == 1u) {
        scale = scales[gene];
    }
    return population_round(fma(scale, noise, centre[gene]));
}
