//! The reference of backpropagation against central differences, for every activation and loss.

use deme::gradient::check_network;
use deme::network::{Activation, Network};
use deme::task::{DataSet, Objective, xor};

use super::{SPECS, network, numbers};

/// Returns a data set with 3 features, and as many outputs as the objective needs.
fn data(objective: Objective) -> DataSet {
    let samples = 5;
    let outputs = if objective == Objective::Closeness { 1 } else { 4 };
    let targets = match objective {
        Objective::CrossEntropy => vec![0.0, 3.0, 1.0, 2.0, 1.0],
        Objective::Closeness => vec![0.0, 1.0, 1.0, 0.0, 1.0],
        Objective::SquaredError => numbers(samples * outputs, 3),
    };
    let features = numbers(3 * samples, 2).iter().map(|x| 1.5 * x).collect();
    DataSet { features, targets, inputs: 3, outputs, training: samples, objective, ..xor() }
}

/// Compares the gradient of a loss with central differences of it.
fn check(data: &DataSet, network: &Network, genome: &[f32]) {
    let samples: Vec<u32> = (0..data.training as u32).collect();
    let genome: Vec<f64> = genome.iter().copied().map(f64::from).collect();
    let mut gradient = vec![0.0; genome.len()];
    data.reference_loss(network, &genome, &samples, &mut gradient);
    let loss = |gene: usize, step: f64| {
        let mut genome = genome.clone();
        genome[gene] += step;
        data.reference_loss(network, &genome, &samples, &mut vec![0.0; genome.len()])
    };
    let largest = gradient.iter().fold(0.0f64, |largest, slope| largest.max(slope.abs()));
    assert!(largest > 1e-3, "{network}: a gradient of zeros shows nothing");
    for (gene, &slope) in gradient.iter().enumerate() {
        let difference = |h: f64| (loss(gene, h) - loss(gene, -h)) / (2.0 * h);
        // Richardson's extrapolation removes the error of order h^2.
        let expected = (4.0 * difference(5e-5) - difference(1e-4)) / 3.0;
        let error = (slope - expected).abs() / expected.abs().max(1e-2 * largest);
        let what = data.objective;
        assert!(error < 1e-6, "{network} {what:?}, gene {gene}: {slope}, not {expected}");
    }
}

#[test]
fn gradients_are_those_of_central_differences() {
    for objective in [Objective::CrossEntropy, Objective::Closeness, Objective::SquaredError] {
        let data = data(objective);
        for spec in SPECS {
            let (network, genome) = network(spec, data.outputs);
            check(&data, &network, &genome);
        }
        for activation in Activation::ALL {
            if activation != Activation::Step {
                let spec = format!("6:{0}-4:{0}", activation.name());
                let (network, genome) = network(&spec, data.outputs);
                check(&data, &network, &genome);
            }
        }
    }
}

#[test]
fn no_gradient_passes_through_steps() {
    let data = data(Objective::CrossEntropy);
    let (network, genome) = network("6:step", data.outputs);
    let genome: Vec<f64> = genome.iter().copied().map(f64::from).collect();
    let mut gradient = vec![0.0; genome.len()];
    data.reference_loss(&network, &genome, &[0, 1, 2], &mut gradient);
    let hidden = network.layers()[0].parameters();
    assert!(gradient[..hidden].iter().all(|&slope| slope == 0.0));
    assert!(gradient[hidden..].iter().any(|&slope| slope != 0.0));
}

#[test]
fn recurrent_layers_are_refused_by_name() {
    for (spec, name) in [("4:elman", "elman"), ("4-3:gru", "gru")] {
        let network = Network::parse(spec, 2, 1, Activation::Tanh).expect("a network");
        let error = check_network(&network).expect_err("no gradient passes").to_string();
        assert!(error.contains("--network") && error.contains(name), "{error}");
    }
}
