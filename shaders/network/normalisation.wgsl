// Normalisation of observations: each input minus its mean, in standard deviations, clipped; and
// the sums of the inputs' distances from their means, and of the squares of these distances.
//
// `normalisation` is f32[2 INPUTS]: the means, then one over the deviations. `observation_sums` is
// private to the invocation. A run without normalisation has a text that does nothing, with
// OBSERVATION_SUMS 0. Twin: src/network/normalisation.rs.

@group(0) @binding(3) var<storage, read> normalisation: array<f32>;

var<private> observation_sums: array<f32, OBSERVATION_SUMS>;

// Normalises `network_inputs`.
fn observation_normalise() {
    for (var i = 0u; i < INPUTS; i++) {
        let deviation = network_inputs[i] - normalisation[i];
        observation_sums[i] += deviation;
        observation_sums[INPUTS + i] += deviation * deviation;
        network_inputs[i] = clamp(deviation * normalisation[INPUTS + i], -CLIP, CLIP);
    }
}
