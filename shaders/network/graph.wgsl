// Graphs: networks of any topology. Each invocation reads its own from packed words.
//
// `graphs` is u32 words with the layout of src/network/graph/packing.rs: the palette of responses,
// three words for each individual of the shard, then the bodies. A body is its nodes in order, one
// word each; the slots of all edges, of the outputs, and of the sources of the hidden state, two in
// a word; and the weights of all edges, with a node's own response before its weights.
//
// Inputs are in `network_inputs`, and outputs are written to `network_outputs`. The values of the
// inputs, the bias and the nodes are in `graph_values`, in this order. The generator declares these
// arrays and provides `activation_by_id`. Twin: src/network/graph.rs.

@group(0) @binding(1) var<storage, read> graphs: array<u32>;

// The value of a slot. Slots below zero are numbers of the hidden state.
fn graph_value(slot: i32) -> f32 {
    if (slot < 0) {
        return network_state_at(u32(-1 - slot));
    }
    return graph_values_at(u32(slot));
}

// Slot k of a body whose slots begin at word `slots`, with its sign.
fn graph_slot_at(slots: u32, k: u32) -> i32 {
    let pair = graphs[slots + k / 2u];
    let upper = select(pair << 16u, pair, (k & 1u) == 1u);
    return bitcast<i32>(upper) >> 16u;
}

// Adds a term to an aggregate. An unknown aggregation gives NaN, which no comparison accepts.
fn graph_aggregate(aggregation: u32, aggregate: f32, term: f32, is_first: bool) -> f32 {
    switch (aggregation) {
        case AGGREGATION_SUM, AGGREGATION_MEAN: { return aggregate + term; }
        case AGGREGATION_PRODUCT: { return select(aggregate * term, term, is_first); }
        case AGGREGATION_MAXIMUM: { return select(max(aggregate, term), term, is_first); }
        case AGGREGATION_MINIMUM: { return select(min(aggregate, term), term, is_first); }
        default: { return bitcast<f32>(0x7FC00000u | aggregation); }
    }
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
    let states = graphs[head + 1u] >> 16u;
    let slots = first + nodes;
    var slot = 0u;
    var number = graphs[head + 2u];
    for (var n = 0u; n < nodes; n++) {
        let node = graphs[first + n];
        let activation = extractBits(node, 0u, KIND_BITS);
        let aggregation = extractBits(node, KIND_BITS, KIND_BITS);
        let response_id = extractBits(node, 2u * KIND_BITS, RESPONSE_BITS);
        let edges = node >> 16u;
        var response = bitcast<f32>(graphs[1u + min(response_id, palette)]);
        if (response_id == OWN_RESPONSE) {
            response = bitcast<f32>(graphs[number]);
            number++;
        }
        var aggregate = 0.0;
        for (var e = 0u; e < edges; e++) {
            let source = graph_slot_at(slots, slot + e);
            let term = bitcast<f32>(graphs[number + e]) * graph_value(source);
            aggregate = graph_aggregate(aggregation, aggregate, term, e == 0u);
        }
        slot += edges;
        number += edges;
        if (aggregation == AGGREGATION_MEAN && edges > 0u) {
            aggregate = aggregate / f32(edges);
        }
        let value = activation_by_id(activation, response * aggregate);
        graph_values_put(INPUTS + 1u + n, value);
    }
    for (var o = 0u; o < OUTPUTS; o++) {
        network_outputs_put(o, graph_value(graph_slot_at(slots, slot + o)));
    }
    for (var m = 0u; m < states; m++) {
        let source = graph_slot_at(slots, slot + OUTPUTS + m);
        network_state_put(m, graph_values_at(u32(source)));
    }
}
