// Paints genomes: a gene is the weight that an individual's graph gives to the two ends of the
// connection (HyperNEAT).
//
// One invocation makes one gene of one individual; neighbours make the same gene of neighbouring
// individuals, so that their writes are adjacent. `places` is f32[GENES][INPUTS], the coordinates
// of both ends. `order` has the place of each individual's graph among all graphs, which are
// sorted by cost and may stand in several shards: others than the bound one's are left for another
// dispatch. The meaning of an answer is written in src/network/substrate.rs.

struct Painting {
    // Where the shard of genomes begins, where this dispatch begins in it, and where it ends.
    first_individual: u32,
    first_in_shard: u32,
    individuals: u32,
    // Where the shard of graphs begins, and how many it has.
    first_graph: u32,
    graphs: u32,
    // Answers up to this one are no connection.
    threshold: f32,
    // The weight of an answer of 1 or more.
    range: f32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> painting: Painting;
// The graphs stand at binding 1; their part declares it.
@group(0) @binding(2) var<storage, read> places: array<f32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read_write> population: array<Gene>;

fn painting_weight(answer: f32) -> f32 {
    let above = (abs(answer) - painting.threshold) / (1.0 - painting.threshold);
    let share = min(select(above, 0.0, above <= 0.0), 1.0);
    return select(-painting.range * share, painting.range * share, answer >= 0.0);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_join(local);
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let gene = place / LANES % GENES;
    let block = place / LANES / GENES;
    let individual = painting.first_in_shard + block * LANES + place % LANES;
    if (individual >= painting.individuals) {
        return;
    }
    let graph = order[painting.first_individual + individual];
    if (graph < painting.first_graph || graph >= painting.first_graph + painting.graphs) {
        return;
    }
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = places[gene * INPUTS + i];
    }
    network_forward(graph - painting.first_graph);
    let weight = painting_weight(network_outputs_at(0u));
    population[population_place(individual, gene)] = population_kept(weight);
}
