// One dense layer of a multilayer perceptron; the generator makes a copy of this text a layer.
//
// $INPUTS numbers go in through $SOURCE and $OUTPUTS come out in $TARGET. The layer's weights stand
// input-major from gene $FIRST_GENE on, then its biases from $FIRST_BIAS on, if it is $BIASED that it
// has some; the kernel that uses this part provides `population_gene`.

var<private> $TARGET: array<f32, $OUTPUTS>;

fn dense_$LAYER(individual: u32) {
    for (var o = 0u; o < $OUTPUTSu; o++) {
        var sum = 0.0;
        if ($BIASED) {
            sum = population_gene(individual, $FIRST_BIASu + o);
        }
        for (var i = 0u; i < $INPUTSu; i++) {
            sum += population_gene(individual, $FIRST_GENEu + i * $OUTPUTSu + o) * $SOURCE[i];
        }
        $TARGET[o] = activation_$ACTIVATION(sum);
    }
}
