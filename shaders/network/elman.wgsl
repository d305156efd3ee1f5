// An Elman layer. The generator makes a copy of this text for each layer.
//
// The layer reads $INPUTS numbers from $SOURCE, followed by its feedback, the hidden state from
// $FIRST_STATE on. The dense part of both writes `sums_$LAYER`, which is the output in $TARGET and
// the next state.

fn elman_$LAYER(individual: u32) {
    for (var i = 0u; i < $INPUTSu; i++) {
        joined_$LAYER_put(i, $SOURCE_at(i));
    }
    for (var o = 0u; o < $OUTPUTSu; o++) {
        joined_$LAYER_put($INPUTSu + o, network_state_at($FIRST_STATEu + o));
    }
    dense_$LAYER_0(individual);
    for (var o = 0u; o < $OUTPUTSu; o++) {
        network_state_put($FIRST_STATEu + o, sums_$LAYER_at(o));
        $TARGET_put(o, sums_$LAYER_at(o));
    }
}
