// One of Elman's layers; the generator makes a copy of this text a layer.
//
// $INPUTS numbers go in through $SOURCE; joined behind them stands what was remembered, from
// $FIRST_STATE on. The dense part that takes both in writes `sums_$LAYER`, which comes out in
// $TARGET and is remembered.

fn elman_$LAYER(individual: u32) {
    for (var i = 0u; i < $INPUTSu; i++) {
        joined_$LAYER_put(i, $SOURCE_at(i));
    }
    for (var o = 0u; o < $OUTPUTSu; o++) {
        joined_$LAYER_put($INPUTSu + o, network_memory_at($FIRST_STATEu + o));
    }
    dense_$LAYER_0(individual);
    for (var o = 0u; o < $OUTPUTSu; o++) {
        network_memory_put($FIRST_STATEu + o, sums_$LAYER_at(o));
        $TARGET_put(o, sums_$LAYER_at(o));
    }
}
