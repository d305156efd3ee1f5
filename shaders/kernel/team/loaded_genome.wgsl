// The genome of a team, read from the packed population.

// The team's individual, counted in the shard.
var<private> team_individual: u32;

// Selects an individual, if it exists, and loads its genome if workgroup memory holds it.
fn team_load_genome(individual: u32, is_one: bool) {
    team_individual = select(0u, individual, is_one);
    for (var g = team_lane; RESIDENT == 1u && is_one && g < GENES; g += TEAM) {
        team_genomes[team_number * GENES + g] = population[population_index(individual, g)];
    }
}

// A gene of the team's individual.
fn team_gene(gene: u32) -> f32 {
    if (RESIDENT == 1u) {
        return f32(team_genomes[team_number * GENES + gene]);
    }
    return population_gene(team_individual, gene);
}
