// The template of a dense layer whose outputs are written out.
//
// The sums of all outputs stay in registers. Each input is read once and added to all of them, and
// $STRIDE inputs are written out. Sums have the order of network/mlp.wgsl, and so the same bits.
// The weights are input-major from gene $FIRST_GENE on, and neighbouring invocations read
// neighbouring words.

fn dense_$PART(individual: u32) {
    let genome = population_index(individual, 0u);
$SUMS
    for (var i = 0u; i < $WHOLEu; i += $STRIDEu) {
        let row = genome + ($FIRST_GENEu + i * $OUTPUTSu) * LANES;
$TERMS
    }
$REST
$STORES
}
