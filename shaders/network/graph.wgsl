// Graphs: networks of any topology, each invocation with its own, read from packed words.
//
// `graphs` is u32 words, drawn in src/network/graph/words.rs: three for each individual of the
// shard, where its body begins and how many nodes and memories it has; then the bodies. A body is
// its nodes in their order, each [kind, bits of the response] and, for each edge, [slot, bits of
// the weight]; then the slots of the outputs; then those that memories take over. A kind is the
// activation, plus 256 times the aggregation, plus 65536 times the number of edges.
//
// Numbers go in through `network_inputs` and come out in `network_outputs`; the generator declares
// both, and provides `graph_activation`. Its twin is src/network/graph.rs.

@group(0) @binding(1) var<storage, read> graphs: array<u32>;

// The inputs, the bias, and the nodes in their order.
var<private> graph_values: array<f32, GRAPH_ROOM>;

// What a slot holds; those below zero are memories.
fn graph_slot(slot: i32) -> f32 {
    if (slot < 0) {
        return network_memory[-1 - slot];
    }
    return graph_values[slot];
}

// What was joined and one term more.
fn graph_join(aggregation: u32, joined: f32, term: f32, is_first: bool) -> f32 {
    if (aggregation == AGGREGATION_SUM || aggregation == AGGREGATION_MEAN) {
        return joined + term;
    }
    if (is_first) {
        return term;
    }
    if (aggregation == AGGREGATION_PRODUCT) {
        return joined * term;
    }
    if (aggregation == AGGREGATION_MAXIMUM) {
        return max(joined, term);
    }
    return min(joined, term);
}

fn network_forward(individual: u32) {
    for (var i = 0u; i < INPUTS; i++) {
        graph_values[i] = network_inputs[i];
    }
    graph_values[INPUTS] = 1.0;
    var at = graphs[3u * individual];
    let nodes = graphs[3u * individual + 1u];
    let memories = graphs[3u * individual + 2u];
    for (var n = 0u; n < nodes; n++) {
        let kind = graphs[at];
        let response = bitcast<f32>(graphs[at + 1u]);
        let aggregation = (kind >> 8u) & 255u;
        let edges = kind >> 16u;
        at += 2u;
        var joined = 0.0;
        for (var e = 0u; e < edges; e++) {
            let source = bitcast<i32>(graphs[at + 2u * e]);
            let term = bitcast<f32>(graphs[at + 2u * e + 1u]) * graph_slot(source);
            joined = graph_join(aggregation, joined, term, e == 0u);
        }
        if (aggregation == AGGREGATION_MEAN && edges > 0u) {
            joined = joined / f32(edges);
        }
        graph_values[INPUTS + 1u + n] = graph_activation(kind & 255u, response * joined);
        at += 2u * edges;
    }
    for (var o = 0u; o < OUTPUTS; o++) {
        network_outputs[o] = graph_values[graphs[at + o]];
    }
    at += OUTPUTS;
    for (var m = 0u; m < memories; m++) {
        network_memory[m] = graph_values[graphs[at + m]];
    }
}
