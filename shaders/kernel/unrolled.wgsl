// One dense layer whose outputs are written out; the generator makes a copy of this text for each.
//
// The sums of all outputs stand in registers, and each input is read once and added to all of them
// before the next; $STRIDE inputs are written out. The order of each sum is that of
// network/mlp.wgsl, and so are its bits. The weights stand input-major from gene $FIRST_GENE on;
// neighbouring invocations read neighbouring words.

fn dense_$PART(individual: u32) {
    let genome = population_place(individual, 0u);
$SUMS
    for (var i = 0u; i < $WHOLEu; i += $STRIDEu) {
        let row = genome + ($FIRST_GENEu + i * $OUTPUTSu) * LANES;
$TERMS
    }
$REST
$STORES
}
