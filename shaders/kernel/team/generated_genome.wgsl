// The genome of a team, generated from the recipe of kernel/gaussian.wgsl. The population is never
// written.

@group(0) @binding(1) var<storage, read> recipe: GaussianParameters;
@group(0) @binding(FIRST_FREE) var<storage, read> normal_table: array<f32>;
@group(0) @binding(FIRST_FREE + 1) var<storage, read> centre: array<f32>;
@group(0) @binding(FIRST_FREE + 2) var<storage, read> scales: array<f32>;

// Generates the genome of an individual in workgroup memory, if the individual exists.
fn team_load_genome(individual: u32, is_one: bool) {
    for (var block = team_lane; is_one && block < GENE_BLOCKS; block += TEAM) {
        var noise = gaussian_noise(recipe, individual, block);
        for (var n = 0u; n < 8u; n++) {
            let gene = block * 8u + n;
            if (gene < GENES) {
                let place = team_number * GENES + gene;
                team_genomes[place] = gaussian_gene(recipe, gene, noise[n]);
            }
        }
    }
}

// A gene of the team's individual.
fn team_gene(gene: u32) -> f32 {
    return f32(team_genomes[team_number * GENES + gene]);
}
