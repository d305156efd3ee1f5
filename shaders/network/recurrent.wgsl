// What recurrent layers remember from one step to the next, layer after layer: MEMORY numbers in
// `network_memory`.
//
// The generator declares it, with room for one number that nobody uses where a network is not
// recurrent.

// Forgets everything: an episode begins.
fn network_forget() {
    for (var m = 0u; m < MEMORY; m++) {
        network_memory_put(m, 0.0);
    }
}
