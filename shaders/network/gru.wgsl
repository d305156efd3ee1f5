// One layer of gated recurrent units; the generator makes a copy of this text a layer.
//
// $INPUTS numbers go in through $SOURCE; joined behind them stands what was remembered, from
// $FIRST_STATE on. The dense parts write `sums_$LAYER`: reset gates, update gates, and the shares
// that what went in and what was remembered have in candidates. What comes out in $TARGET is
// remembered.

fn gru_$LAYER(individual: u32) {
    for (var i = 0u; i < $INPUTSu; i++) {
        joined_$LAYER_put(i, $SOURCE_at(i));
    }
    for (var o = 0u; o < $OUTPUTSu; o++) {
        joined_$LAYER_put($INPUTSu + o, network_memory_at($FIRST_STATEu + o));
    }
    dense_$LAYER_0(individual);
    dense_$LAYER_1(individual);
    dense_$LAYER_2(individual);
    for (var o = 0u; o < $OUTPUTSu; o++) {
        let reset = sums_$LAYER_at(o);
        let update = sums_$LAYER_at($OUTPUTSu + o);
        let share = sums_$LAYER_at(3u * $OUTPUTSu + o);
        let candidate = math_tanh(sums_$LAYER_at(2u * $OUTPUTSu + o) + reset * share);
        let remembered = network_memory_at($FIRST_STATEu + o);
        let next = candidate + update * (remembered - candidate);
        network_memory_put($FIRST_STATEu + o, next);
        $TARGET_put(o, next);
    }
}
