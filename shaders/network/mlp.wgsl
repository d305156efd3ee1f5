// One dense layer of a multilayer perceptron, or a dense part of a recurrent layer; the generator
// makes a copy of this text for each.
//
// Numbers go in through $SOURCE, and $OUTPUTS come out in $TARGET, from place $FIRST_TARGET on. The
// weights stand input-major from gene $FIRST_GENE on, then the biases from $FIRST_BIAS on, if it is
// $BIASED that there are some; `population_gene` is in kernel/population.wgsl. A sum begins with a
// bias and takes the inputs in order, each by one multiply-add, in every variant of this text;
// $STRIDE of them are written out, for no compiler on the way does so.

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
