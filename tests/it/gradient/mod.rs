//! Gradients: the reference against finite differences, and the fast path against the reference.

mod action_distribution;
mod backpropagation;
mod experience;
mod reference;

use deme::network::{Activation, Network};
use deme::random::{Counter, Stream};

/// Networks with every activation, with and without biases and hidden layers.
const SPECS: [&str; 6] = [
    "none",
    "7",
    "5:relu-4:sigmoid",
    "6:gelu:nobias-5:silu-out:nobias",
    "33:softsign-18:sin",
    "4:linear-20:tanh",
];

/// Returns a network with 3 inputs and some outputs, and genes from -1.2 to 1.2.
fn network(spec: &str, outputs: usize) -> (Network, Vec<f32>) {
    let network = Network::parse(spec, 3, outputs, Activation::Tanh).expect("a network");
    let genome = numbers(network.parameters(), 1).iter().map(|x| 1.2 * x).collect();
    (network, genome)
}

/// Returns numbers from -1 to 1 that depend on an individual of a random counter.
fn numbers(count: usize, individual: u32) -> Vec<f32> {
    let place = Counter { seed: 9, stream: Stream::Verification, generation: 0, individual };
    let units = (0..).flat_map(|block| place.uniforms(block));
    units.take(count).map(|unit| 2.0 * unit - 1.0).collect()
}
