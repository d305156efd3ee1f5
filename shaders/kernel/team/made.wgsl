// Where a team has its genome from: it makes it, by the recipe of kernel/gaussian.wgsl. No
// population is ever written.

@group(0) @binding(1) var<storage, read> recipe: Straying;
@group(0) @binding(FIRST_FREE) var<storage, read> normal_table: array<f32>;
@group(0) @binding(FIRST_FREE + 1) var<storage, read> centre: array<f32>;
@group(0) @binding(FIRST_FREE + 2) var<storage, read> scales: array<f32>;

// Makes the genome of an individual; of none where there is no such one.
fn team_fetch(individual: u32, is_one: bool) {
    for (var stretch = team_lane; is_one && stretch < GENE_BLOCKS; stretch += TEAM) {
        var noise = gaussian_noise(recipe, individual, stretch);
        for (var n = 0u; n < 8u; n++) {
            let gene = stretch * 8u + n;
            if (gene < GENES) {
                let place = team_number * GENES + gene;
                team_genomes[place] = gaussian_gene(recipe, gene, noise[n]);
            }
        }
    }
}

fn team_gene(gene: u32) -> f32 {
    return f32(team_genomes[team_number * GENES + gene]);
}
