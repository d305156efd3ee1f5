// A dense layer, or a dense part of a recurrent layer. The generator makes a copy of this text for
// each.
//
// Inputs are read from $SOURCE, and $OUTPUTS outputs are written to $TARGET from $FIRST_TARGET on.
// The weights are input-major from gene $FIRST_GENE on. If $BIASED, the biases follow from
// $FIRST_BIAS on. `population_gene` is in kernel/population.wgsl. In every kernel variant, a sum
// begins with its bias and takes the inputs in order, each by one multiply-add. The loop is
// unrolled by $STRIDE, because no shader compiler does so itself.

fn dense_$PART(individual: u32) {
    for (var o = 0u; o < $OUTPUTSu; o++) {
        var sum = 0.0;
        if ($BIASED) {
            sum = population_gene(individual, $FIRST_BIASu + o);
        }
        for (var i = 0u; i < $WHOLEu; i += $STRIDEu) {
$TERMS
        }
$REST
        $TARGET_put($FIRST_TARGETu + o, activation_$ACTIVATION(sum));
    }
}
