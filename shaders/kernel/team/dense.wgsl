// The template of a dense layer that a team computes.
//
// Weights are input-major, and biases follow them. $STRIDE inputs are written out, as in
// network/mlp.wgsl.

fn team_dense_$LAYER() {
    for (var item = team_lane; item < $BLOCKSu * QUADS; item += TEAM) {
        let output = item / QUADS * $TILEu;
        let quad = item % QUADS;
$SUMS
        for (var i = 0u; i < $WHOLEu; i += $STRIDEu) {
$TERMS
        }
$REST
$STORES
    }
    workgroupBarrier();
}
