// What recurrent layers remember from one step to the next, layer after layer.
//
// It lives with the invocation. A network that is not recurrent has MEMORY zero, and room for one
// number that nobody uses.

var<private> network_memory: array<f32, MEMORY_ROOM>;

// Forgets everything: an episode begins.
fn network_forget() {
    for (var m = 0u; m < MEMORY; m++) {
        network_memory[m] = 0.0;
    }
}
