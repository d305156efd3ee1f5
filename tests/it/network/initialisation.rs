//! Tests of initial weights: their variance, their orthogonality, and their dependence on the seed.

use approx::assert_abs_diff_eq;
use deme::network::{Activation, Initialisation, Network};

fn parse(spec: &str) -> Network {
    Network::parse(spec, 4, 2, Activation::Tanh).expect("a good spec")
}

const ALL: [Initialisation; 4] = [
    Initialisation::Zero,
    Initialisation::Normal(0.25),
    Initialisation::Xavier,
    Initialisation::Orthogonal,
];

#[test]
fn a_written_method_is_read_back() {
    for method in ALL {
        assert_eq!(method.to_string().parse::<Initialisation>().expect("its own name"), method);
    }
    assert_eq!("normal".parse::<Initialisation>().expect("a name"), Initialisation::Normal(1.0));
    for bad in
        ["", "Xavier", "zero:1", "xavier:", "normal:", "normal:0", "normal:-1", "normal:NaN", "he"]
    {
        let refused = bad.parse::<Initialisation>();
        assert!(refused.is_err_and(|error| error.is_input()), "{bad}");
    }
}

#[test]
fn genomes_follow_from_their_seed_and_biases_are_zero() {
    let network = parse("31-40:nobias-9");
    for method in ALL {
        let genome = network.initialise(method, 1);
        assert_eq!(genome, network.initialise(method, 1));
        assert_eq!(genome == network.initialise(method, 2), method == Initialisation::Zero);
        assert_eq!(genome.iter().all(|&gene| gene == 0.0), method == Initialisation::Zero);
        for layer in network.layers().iter().filter(|layer| layer.biased) {
            let biases = &genome[layer.first_bias()..][..layer.outputs];
            assert!(biases.iter().all(|&bias| bias == 0.0), "{method}");
        }
    }
}

#[test]
fn weights_have_the_documented_variance() {
    let network = parse("64-64");
    for (method, same) in
        [(Initialisation::Xavier, None), (Initialisation::Normal(0.25), Some(0.25 * 0.25))]
    {
        let genome = network.initialise(method, 1);
        for layer in network.layers() {
            let weights = &genome[layer.first_gene..layer.first_bias()];
            let count = weights.len() as f64;
            let variance = weights.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / count;
            let glorot = 2.0 / (layer.inputs + layer.outputs) as f64;
            let expected: f64 = same.unwrap_or(glorot);
            // Five standard errors of a variance.
            let error = 5.0 * expected * (2.0 / count).sqrt();
            assert_abs_diff_eq!(variance, expected, epsilon = error);
        }
    }
}

#[test]
fn orthogonal_weights_keep_lengths() {
    // There are more outputs than inputs, as many, or fewer.
    let network = parse("50-50-7-1");
    let genome = network.initialise(Initialisation::Orthogonal, 3);
    for layer in network.layers() {
        let weight =
            |i: usize, o: usize| f64::from(genome[layer.first_gene + i * layer.outputs + o]);
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let product = |a: usize, b: usize| -> f64 {
            match inputs <= outputs {
                true => (0..outputs).map(|o| weight(a, o) * weight(b, o)).sum(),
                false => (0..inputs).map(|i| weight(i, a) * weight(i, b)).sum(),
            }
        };
        for a in 0..inputs.min(outputs) {
            for b in 0..inputs.min(outputs) {
                // The error of numbers below 1 in single precision.
                assert_abs_diff_eq!(product(a, b), f64::from(u8::from(a == b)), epsilon = 3e-7);
            }
        }
    }
    // Both signs are equally likely, so no direction is preferred.
    let first: Vec<bool> = (0..64)
        .map(|seed| parse("4").initialise(Initialisation::Orthogonal, seed)[0] > 0.0)
        .collect();
    let positive = first.iter().filter(|positive| **positive).count();
    assert!((16..=48).contains(&positive), "{positive} of 64");
}

#[test]
fn a_constant_is_every_gene() {
    let genome = parse("3-2").initialise("constant:-0.25".parse().expect("a constant"), 1);
    assert_eq!(genome, vec![-0.25; parse("3-2").parameters()]);
}
