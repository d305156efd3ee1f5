// The template of a strip of a layer: TILE outputs for all samples, number by number in one
// invocation. The self-test of tensor cores compares them with it.

// Adds the products of a strip, whose input rows begin at `first`.
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
