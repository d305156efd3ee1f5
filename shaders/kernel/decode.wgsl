// Decodes genomes from CPPNs (HyperNEAT): the graph of an individual computes the weight of a
// connection from the coordinates of its two ends.
//
// One invocation computes one gene of one individual. Neighbouring invocations compute the same
// gene of neighbouring individuals, so their writes are adjacent. Graphs are sorted by cost and may
// be in several shards. A dispatch binds one of them, and skips individuals whose graph is in
// another. The mapping from an output to a weight follows src/network/substrate.rs.

struct DecodeParameters {
    // The first individual of the shard of genomes, and the range of this dispatch in the shard.
    first_individual: u32,
    first_in_shard: u32,
    individuals: u32,
    // The first graph of the shard of graphs, and the number of its graphs.
    first_graph: u32,
    graphs: u32,
    // The largest output that means no connection.
    threshold: f32,
    // The weight of an output of 1 or more.
    range: f32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> parameters: DecodeParameters;
// The graphs are at binding 1, which their part declares.
// f32[GENES][INPUTS]: the coordinates of both ends of each connection.
@group(0) @binding(2) var<storage, read> places: array<f32>;
// The index of each individual's graph among the sorted graphs.
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read_write> population: array<Gene>;

// The weight of a connection, given the output of the graph.
fn decoded_weight(output: f32) -> f32 {
    let above = (abs(output) - parameters.threshold) / (1.0 - parameters.threshold);
    let share = min(select(above, 0.0, above <= 0.0), 1.0);
    return select(-parameters.range * share, parameters.range * share, output >= 0.0);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    network_setup(local);
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let gene = place / LANES % GENES;
    let block = place / LANES / GENES;
    let individual = parameters.first_in_shard + block * LANES + place % LANES;
    if (individual >= parameters.individuals) {
        return;
    }
    let graph = order[parameters.first_individual + individual];
    if (graph < parameters.first_graph || graph >= parameters.first_graph + parameters.graphs) {
        return;
    }
    for (var i = 0u; i < INPUTS; i++) {
        network_inputs[i] = places[gene * INPUTS + i];
    }
    network_forward(graph - parameters.first_graph);
    let weight = decoded_weight(network_outputs_at(0u));
    population[population_index(individual, gene)] = population_round(weight);
}
