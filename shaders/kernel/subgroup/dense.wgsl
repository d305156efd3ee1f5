// One dense layer, computed by a subgroup; the generator makes a copy of this text for each.
//
// Weights are input-major, biases behind them; `weight_$LAYER_i_t` is that of input i and of this
// invocation's output t, and `signal_$LAYER_t` is what came out there.

$REGISTERS
fn subgroup_fetch_$LAYER(individual: u32) {
$FETCHES
}

fn subgroup_dense_$LAYER() {
$SUMS
$TERMS
$STORES
}
