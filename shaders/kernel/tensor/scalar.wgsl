// One strip of one layer: TILE outputs for all samples, number by number, by one invocation; the
// generator makes a copy of this text for each layer. It is what tensor cores are held against.

fn tensor_strip_$LAYER(strip: u32, first: u32) {
    for (var n = 0u; n < COLUMNS * TILE; n++) {
        let column = n / TILE;
        let output = n % TILE;
        let place = column * TENSOR_SUMS + strip + output;
        var sum = $SUM;
        for (var row = 0u; row < min($ROWSu, $WIDTHu - first); row++) {
            sum = fma(f32($SIGNAL), f32($WEIGHT), sum);
        }
        tensor_sums[place] = sum;
    }
}
