// One dense layer, computed by a team; the generator makes a copy of this text for each.
//
// Weights are input-major from gene $FIRST_GENE on, biases behind them. $STRIDE inputs are written
// out, as in network/mlp.wgsl.

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
