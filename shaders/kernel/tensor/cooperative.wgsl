// One strip of one layer: TILE outputs for all samples, by the matrices that a subgroup multiplies
// together; the generator makes a copy of this text for each layer, and of lines about sums one for
// every TILE samples. Weights are read once for all of these.

fn tensor_strip_$LAYER(strip: u32, first: u32) {
$SUMS
    for (var row = 0u; row < min($ROWSu, $WIDTHu - first); row += TILE) {
        let weights = coopLoadT<coop_mat$SIDEx$SIDE<f16, B>>(&$WEIGHTS, $STRIDEu);
$TERMS
    }
$STORES
}
