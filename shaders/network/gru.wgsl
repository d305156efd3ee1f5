// A layer of gated recurrent units. The generator makes a copy of this text for each layer.
//
// The layer reads $INPUTS numbers from $SOURCE, followed by its feedback, the hidden state from
// $FIRST_STATE on. The dense parts write `sums_$LAYER`: the reset gates, the update gates, and the
// parts of the candidate that come from the inputs and from the state. The output in $TARGET is
// also the next state.

fn gru_$LAYER(individual: u32) {
    for (var i = 0u; i < $INPUTSu; i++) {
        joined_$LAYER_put(i, $SOURCE_at(i));
    }
    for (var o = 0u; o < $OUTPUTSu; o++) {
        joined_$LAYER_put($INPUTSu + o, network_state_at($FIRST_STATEu + o));
    }
    dense_$LAYER_0(individual);
    dense_$LAYER_1(individual);
    dense_$LAYER_2(individual);
    for (var o = 0u; o < $OUTPUTSu; o++) {
        let reset = sums_$LAYER_at(o);
        let update = sums_$LAYER_at($OUTPUTSu + o);
        let feedback = sums_$LAYER_at(3u * $OUTPUTSu + o);
        let candidate = math_tanh(sums_$LAYER_at(2u * $OUTPUTSu + o) + reset * feedback);
        let state = network_state_at($FIRST_STATEu + o);
        let next = candidate + update * (state - candidate);
        network_state_put($FIRST_STATEu + o, next);
        $TARGET_put(o, next);
    }
}
