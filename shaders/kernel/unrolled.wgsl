// One dense layer written out: no loop, no index that is not a constant; the generator makes a copy
// of this text for each.
//
// The sums of all outputs stand in registers, and each input is added to all of them before the
// next. The order of each sum is that of network/mlp.wgsl, and so are its bits. The weights stand
// input-major from gene $FIRST_GENE on; neighbouring invocations read neighbouring words.

fn dense_$PART(individual: u32) {
    let genome = population_place(individual, 0u);
$SUMS
$TERMS
$OUTPUTS
}
