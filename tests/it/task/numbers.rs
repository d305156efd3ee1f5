//! Numbers: standardised over the training samples, whatever their size.

use deme::task::{DataFile, OutputScaling, Split};
use tempfile::TempDir;

use super::{problem, written};

#[test]
fn features_have_mean_0_and_deviation_1_over_the_training_samples() {
    // Close together and far from zero, constant, and tiny.
    let row = |i: usize| {
        format!("{},0.1,{},{}\n", 1_700_000_000 + i * i % 97, 1e-200 * (i % 5) as f64, i % 2)
    };
    let rows: String = (0..60).map(row).collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", format!("time,constant,tiny,y\n{rows}"));
    let data = DataFile::new(&path).read().expect("a good table").data;
    assert_eq!(data.indices(Split::Training), 0..38);
    let mean = |of: &dyn Fn(f64) -> f64, part, input: usize| {
        let samples = data.indices(part);
        let count = samples.len() as f64;
        samples.map(|sample| of(f64::from(data.sample(sample)[input]))).sum::<f64>() / count
    };
    approx::assert_abs_diff_eq!(mean(&|x| x, Split::Training, 0), 0.0, epsilon = 1e-6);
    approx::assert_abs_diff_eq!(mean(&|x| x * x, Split::Training, 0), 1.0, epsilon = 1e-6);
    // The other samples have other means.
    for other in [Split::Validation, Split::HeldOut] {
        assert!(mean(&|x| x, other, 0).abs() > 1e-3);
    }
    assert!((0..60).all(|sample| data.sample(sample)[1] == 0.0));
    let preprocessing = data.preprocessing.as_ref().expect("it is a file's");
    assert_eq!(preprocessing.input_scales[1], 0.0);
    assert_eq!(preprocessing.input_means[1], 0.1);
    // The squares of such numbers underflow, so the numbers count as constant.
    assert!((0..60).all(|sample| data.sample(sample)[2] == 0.0));
}

#[test]
fn regression_targets_are_standardised_reversibly() {
    let target = |i: usize| 1000.0 + 30.5 * ((i * 7) % 50) as f64;
    let rows: String = (0..50).map(|i| format!("{i},{}\n", target(i))).collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", format!("row,y\n{rows}"));
    let data = DataFile { held_out: Some(0.0), ..DataFile::new(&path) }.read().expect("good").data;
    let OutputScaling { mean, deviation: scale } =
        data.preprocessing.expect("it is a file's").outputs[0];
    for (i, &found) in data.targets.iter().enumerate() {
        let undone = mean + scale * f64::from(found);
        approx::assert_relative_eq!(undone, target(i), max_relative = 1e-6);
    }
}

#[test]
fn features_too_large_to_be_standardised_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", "a,b,y\n1,1e300,p\n2,-1e300,q\n3,1e300,p\n4,0,q\n");
    let problem = problem(DataFile { held_out: Some(0.0), ..DataFile::new(&path) }.read());
    assert!(problem.contains("feature 'b'"), "{problem}");
}
