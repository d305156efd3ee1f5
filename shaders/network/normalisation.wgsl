// What a network is shown of an observation: each input less its mean, in deviations, clipped;
// and the sums of how far inputs were from their means, and of the squares of that.
//
// `normalisation` is f32[2 INPUTS]: means, then one over the deviations; `seen_sums` lives with the
// invocation. Where observations go in as they are, the generator has a text without any of it,
// and SEEN is 0. Its twin is src/network/normalisation.rs.

@group(0) @binding(3) var<storage, read> normalisation: array<f32>;

var<private> seen_sums: array<f32, SEEN>;

// Normalises `network_inputs`.
fn observation_normalise() {
    for (var i = 0u; i < INPUTS; i++) {
        let apart = network_inputs[i] - normalisation[i];
        seen_sums[i] += apart;
        seen_sums[INPUTS + i] += apart * apart;
        network_inputs[i] = clamp(apart * normalisation[INPUTS + i], -CLIP, CLIP);
    }
}
