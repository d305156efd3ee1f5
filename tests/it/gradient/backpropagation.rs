//! The fast path of backpropagation against the reference, for any number of samples and threads.

use deme::gradient::{Backpropagation, reference_gradient};
use deme::network::{Activation, Network};

use super::{SPECS, network, numbers};

/// Returns the gradient of the sum of outputs times given slopes, on the fast path.
fn fast(network: &Network, genome: &[f32], samples: &[f32], slopes: &[f32]) -> Vec<f32> {
    let mut passes = Backpropagation::new(network).expect("dense layers");
    passes.forward(genome, samples);
    for (sample, slopes) in slopes.chunks(network.outputs()).enumerate() {
        passes.set_slopes(sample, slopes);
    }
    let mut gradient = vec![f32::NAN; genome.len()];
    passes.backward(&mut gradient);
    gradient
}

fn check(network: &Network, genome: &[f32], count: usize) {
    let (inputs, outputs) = (network.inputs(), network.outputs());
    let (samples, slopes) = (numbers(count * inputs, 5), numbers(count * outputs, 6));
    let found = fast(network, genome, &samples, &slopes);
    let double = |numbers: &[f32]| numbers.iter().copied().map(f64::from).collect::<Vec<_>>();
    let mut expected = vec![0.0; genome.len()];
    for (sample, slopes) in samples.chunks(inputs).zip(slopes.chunks(outputs)) {
        let slopes = |_: &[f64]| double(slopes);
        reference_gradient(network, &double(genome), &double(sample), slopes, &mut expected);
    }
    let largest = expected.iter().fold(0.0f64, |largest, slope| largest.max(slope.abs()));
    for (gene, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let error = (f64::from(*found) - expected).abs() / largest;
        assert!(error < 1e-5, "{network}, {count} samples, gene {gene}: {found}, not {expected}");
    }
}

#[test]
fn the_fast_path_agrees_with_the_reference_for_any_number_of_samples() {
    for spec in SPECS {
        let (network, genome) = network(spec, 4);
        for count in [1, 2, 5, 6, 7, 8, 16, 17, 65] {
            check(&network, &genome, count);
        }
    }
}

#[test]
fn large_products_are_shared_among_threads_without_changing_a_bit() {
    let network = Network::parse("300:relu-70", 90, 20, Activation::Tanh).expect("a network");
    let genome: Vec<f32> = numbers(network.parameters(), 1).iter().map(|x| 0.1 * x).collect();
    let (samples, slopes) = (numbers(128 * 90, 5), numbers(128 * 20, 6));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| fast(&network, &genome, &samples, &slopes))
    };
    assert_eq!(on(1), on(3));
    check(&network, &genome, 128);
}

#[test]
fn passes_can_be_repeated_with_other_samples() {
    let (network, genome) = network("9:silu", 2);
    let mut passes = Backpropagation::new(&network).expect("dense layers");
    let samples = numbers(40 * 3, 5);
    passes.forward(&genome, &samples);
    assert_eq!(passes.samples(), 40);
    passes.forward(&genome, &samples[..6]);
    assert_eq!(passes.samples(), 2);
    let mut other = Backpropagation::new(&network).expect("dense layers");
    other.forward(&genome, &samples[..6]);
    assert_eq!([passes.outputs(0), passes.outputs(1)], [other.outputs(0), other.outputs(1)]);
}
