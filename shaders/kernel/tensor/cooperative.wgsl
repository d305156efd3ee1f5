// The template of a strip of a layer: TILE outputs for all samples, by matrices that a subgroup
// multiplies together.
//
// The generator repeats the lines about sums for every TILE samples. Weights are read once for all
// of them.

// Adds the products of a strip, whose input rows begin at `first`.
fn tensor_strip_$LAYER(strip: u32, first: u32) {
$SUMS
    for (var row = 0u; row < min($ROWSu, $WIDTHu - first); row += TILE) {
        let weights = coopLoadT<coop_mat$SIDEx$SIDE<f16, B>>(&$WEIGHTS, $STRIDEu);
$TERMS
    }
$STORES
}
