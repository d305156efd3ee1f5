// Graphs: networks of any topology, each invocation with its own, read from packed words.
//
// `graphs` is u32 words, drawn in src/network/graph/words.rs: the palette of responses, three words
// for each individual of the shard, then the bodies. A body is its nodes in their order, one word
// each; the slots of all edges, of the outputs, and of what memories take over, two a word; and the
// weights of all edges, a node's own response in front of its weights.
//
// Numbers go in through `network_inputs` and come out in `network_outputs`. What inputs, the bias
// and the nodes have come to stands in `graph_values`, in their order. The generator declares all
// of them, and provides `graph_activation`. Its twin is src/network/graph.rs.

@group(0) @binding(1) var<storage, read> graphs: array<u32>;

// What a slot holds; those below zero are memories.
fn graph_slot(slot: i32) -> f32 {
    if (slot < 0) {
        return network_memory_at(u32(-1 - slot));
    }
    return graph_values_at(u32(slot));
}

// Slot k of a body whose slots begin at a word; the sign of a memory's is kept.
fn graph_slot_of(slots: u32, k: u32) -> i32 {
    let pair = graphs[slots + k / 2u];
    let upper = select(pair << 16u, pair, (k & 1u) == 1u);
    return bitcast<i32>(upper) >> 16u;
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
        graph_values_put(i, network_inputs[i]);
    }
    graph_values_put(INPUTS, 1.0);
    let palette = graphs[0];
    let head = 1u + palette + 3u * individual;
    let first = graphs[head];
    let nodes = graphs[head + 1u] & 0xFFFFu;
    let memories = graphs[head + 1u] >> 16u;
    let slots = first + nodes;
    var slot = 0u;
    var number = graphs[head + 2u];
    for (var n = 0u; n < nodes; n++) {
        let node = graphs[first + n];
        let aggregation = (node >> 4u) & 15u;
        let response_place = (node >> 8u) & 255u;
        let edges = node >> 16u;
        var response = bitcast<f32>(graphs[1u + min(response_place, palette)]);
        if (response_place == OWN_RESPONSE) {
            response = bitcast<f32>(graphs[number]);
            number++;
        }
        var joined = 0.0;
        for (var e = 0u; e < edges; e++) {
            let source = graph_slot_of(slots, slot + e);
            let term = bitcast<f32>(graphs[number + e]) * graph_slot(source);
            joined = graph_join(aggregation, joined, term, e == 0u);
        }
        slot += edges;
        number += edges;
        if (aggregation == AGGREGATION_MEAN && edges > 0u) {
            joined = joined / f32(edges);
        }
        let value = graph_activation(node & 15u, response * joined);
        graph_values_put(INPUTS + 1u + n, value);
    }
    for (var o = 0u; o < OUTPUTS; o++) {
        network_outputs_put(o, graph_slot(graph_slot_of(slots, slot + o)));
    }
    for (var m = 0u; m < memories; m++) {
        let source = graph_slot_of(slots, slot + OUTPUTS + m);
        network_memory_put(m, graph_values_at(u32(source)));
    }
}
