//! Gradients of data sets: the fast path against the reference on minibatches.

use deme::network::{Activation, Network};
use deme::task::{DataSet, digits, xor};

fn check(data: &DataSet, spec: &str, samples: &[u32]) {
    let network = Network::parse(spec, data.inputs, data.outputs, Activation::Tanh);
    let network = network.expect("a network");
    let genome = network.initialise(deme::network::Initialisation::Xavier, 4);
    let mut fast = data.loss_gradient(&network).expect("dense layers");
    let mut slow = data.reference_loss_gradient(&network).expect("dense layers");
    assert_eq!(fast.samples(), data.training);
    assert_eq!(slow.samples(), data.training);
    let [mut found, mut expected] = [vec![0.0; genome.len()], vec![0.0; genome.len()]];
    let loss = fast.descend(&genome, samples, &mut found);
    let reference = slow.descend(&genome, samples, &mut expected);
    assert!((loss - reference).abs() < 1e-5 * (1.0 + reference), "{loss}, not {reference}");
    let largest = expected.iter().fold(0.0f32, |largest, slope| largest.max(slope.abs()));
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < 2e-5 * largest, "{found}, not {expected}");
    }
}

#[test]
fn the_fast_path_agrees_with_the_reference() {
    let some: Vec<u32> = (0..37).map(|k| (k * 29) % 1000).collect();
    check(&digits(), "32", &some);
    check(&digits(), "17:relu-9:gelu", &some[..5]);
    check(&xor(), "4", &[2, 0, 3]);
}
