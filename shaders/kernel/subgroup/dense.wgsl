// The template of a dense layer that a subgroup computes.
//
// Weights are input-major, and biases follow them. `weight_$LAYER_i_t` is the weight of input i for
// this invocation's output t, and `signal_$LAYER_t` is that output.

$REGISTERS
// Loads this invocation's genes of the layer.
fn subgroup_load_genome_$LAYER(individual: u32) {
$FETCHES
}

// Computes this invocation's outputs of the layer.
fn subgroup_dense_$LAYER() {
$SUMS
$TERMS
$STORES
}
