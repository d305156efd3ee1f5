// The hidden state of recurrent layers, layer after layer: HIDDEN_STATE numbers in `network_state`.
//
// The generator declares the array. It has one unused number if the network is not recurrent.

// Resets the hidden state to zero at the start of an episode.
fn network_reset() {
    for (var m = 0u; m < HIDDEN_STATE; m++) {
        network_state_put(m, 0.0);
    }
}
