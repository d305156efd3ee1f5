// Where a team has its genome from: the packed population.

var<private> team_individual: u32;

// Takes the genome of an individual; of none where there is no such one.
fn team_fetch(individual: u32, is_one: bool) {
    team_individual = select(0u, individual, is_one);
    for (var g = team_lane; RESIDENT == 1u && is_one && g < GENES; g += TEAM) {
        team_genomes[team_number * GENES + g] = population[population_place(individual, g)];
    }
}

fn team_gene(gene: u32) -> f32 {
    if (RESIDENT == 1u) {
        return f32(team_genomes[team_number * GENES + gene]);
    }
    return population_gene(team_individual, gene);
}
