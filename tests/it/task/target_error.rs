//! Errors of a regression: those of known predictions, in the unit of the target.

use deme::network::{Activation, Network};
use deme::task::{self, DataFile, NetworkPolicy, Split, TargetError};
use tempfile::TempDir;

use super::written;

#[test]
fn errors_are_those_of_the_predictions_in_the_unit_of_the_file() {
    // Temperatures of 0 and 10 degrees, for which a network of zeros predicts the training mean.
    let rows: String = (0..40).map(|i| format!("{i},{}.5\n", 10 * (i % 2))).collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", format!("row,degrees\n{rows}"));
    let file = DataFile { validation: Some(0.25), ..DataFile::new(&path) };
    let data = file.read().expect("a good table").data;
    let network = Network::parse("", 1, 1, Activation::Tanh).expect("a good spec");
    let values = |split| {
        let samples = data.indices(split);
        samples.map(|sample| if data.targets[sample] > 0.0 { 10.5 } else { 0.5 })
    };
    let mean = values(Split::Training).sum::<f64>() / values(Split::Training).count() as f64;
    for split in Split::ALL {
        let mut policy = NetworkPolicy::new(&network, &[0.0; 2]);
        let errors = data.target_errors(&mut policy, split);
        let [error] = &errors[..] else { panic!("{} targets", errors.len()) };
        assert_eq!(error.target, "degrees");
        let count = values(split).count() as f64;
        let squares = values(split).map(|value| (value - mean).powi(2)).sum::<f64>();
        let sizes = values(split).map(|value| (value - mean).abs()).sum::<f64>();
        // The standardised targets have single precision.
        approx::assert_relative_eq!(error.rmse, (squares / count).sqrt(), max_relative = 1e-6);
        approx::assert_relative_eq!(error.mae, sizes / count, max_relative = 1e-6);
    }
    let digits = task::digits();
    let network = Network::parse("", 64, 10, Activation::Tanh).expect("a good spec");
    let genome = vec![0.0; network.parameters()];
    let mut policy = NetworkPolicy::new(&network, &genome);
    assert!(digits.target_errors(&mut policy, Split::HeldOut).is_empty());
}

#[test]
fn distances_have_a_root_mean_square_and_a_mean_size() {
    let error = TargetError::from_distances("degrees".into(), &[3.0, -4.0]);
    assert_eq!((error.rmse, error.mae), (12.5f64.sqrt(), 3.5));
    assert_eq!(error.target, "degrees");
}
