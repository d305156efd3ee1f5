//! Data sets: losses, tallies and splits.

use deme::math::{LANES, Lanes, Real};
use deme::network::{Activation, Network, Workspace};
use deme::random::{Counter, Stream};
use deme::task::{self, DataSet, Objective, Split};

#[test]
fn cross_entropy_is_minus_the_logarithm_of_the_softmax() {
    let measure = |outputs: &[f64], label: u8| {
        Objective::CrossEntropy.loss_and_tally(outputs, &[], |_, _| label.into())
    };
    let (loss, hit) = measure(&[0.0, 0.0], 0);
    approx::assert_abs_diff_eq!(loss, std::f64::consts::LN_2, epsilon = 1e-15);
    // The first of equal outputs wins.
    assert_eq!((hit, measure(&[0.0, 0.0], 1).1), (1.0, 0.0));
    let outputs = [1.0, -2.0, 0.5];
    let sum: f64 = outputs.iter().map(|y: &f64| y.exp()).sum();
    for (label, output) in outputs.into_iter().enumerate() {
        let (loss, hit) = measure(&outputs, label as u8);
        approx::assert_abs_diff_eq!(loss, -(output.exp() / sum).ln(), epsilon = 1e-14);
        assert_eq!(hit, if label == 0 { 1.0 } else { 0.0 });
    }
    // Huge outputs do not overflow.
    let (loss, _) = measure(&[1000.0, -1000.0], 1);
    approx::assert_abs_diff_eq!(loss, 2000.0, epsilon = 1e-9);
}

#[test]
fn closeness_is_the_distance_of_the_squashed_output() {
    let measure = |output: f64, label: u8| {
        Objective::Closeness.loss_and_tally(&[output], &[], |_, _| label.into())
    };
    assert_eq!(measure(0.0, 0), (0.5, 0.0));
    assert_eq!(measure(0.0, 1), (0.5, 0.0));
    let (error, hit) = measure(2.0, 1);
    approx::assert_abs_diff_eq!(error, 1.0 - 1.0 / (1.0 + (-2f64).exp()), epsilon = 1e-15);
    assert_eq!((hit, measure(2.0, 0).1), (1.0, 0.0));
}

#[test]
fn scores_are_means_and_the_published_square() {
    let score = Objective::CrossEntropy.score(30.0, 7.0, 10);
    assert_eq!((score.fitness, score.score), (-3.0, 0.7));
    // Stanley and Miikkulainen: (4 - the sum of errors)^2, at most 16.
    let score = Objective::Closeness.score(1.0, 3.0, 4);
    assert_eq!((score.fitness, score.score), (9.0, 0.75));
    // A mean squared error of 0.5 with a variance of 2: three quarters are explained.
    let score = Objective::SquaredError.score(5.0, 2.5, 10);
    assert_eq!((score.fitness, score.score), (-0.5, 0.75));
}

#[test]
fn the_squared_error_is_a_mean_over_the_outputs_and_each_has_its_weight() {
    let measure = |outputs: &[f64], weights: &[f32], targets: &[f32]| {
        Objective::SquaredError.loss_and_tally(outputs, weights, |output, _| targets[output])
    };
    assert_eq!(measure(&[1.5], &[0.25], &[-0.5]), (4.0, 1.0));
    assert_eq!(measure(&[-0.25], &[1.0], &[-0.25]), (0.0, 0.0));
    // Errors of 2 and 3: (4 + 9) / 2, and 4 / 2 + 9 / 4.
    assert_eq!(measure(&[1.5, -1.0], &[0.5, 0.25], &[-0.5, 2.0]), (6.5, 4.25));
}

#[test]
fn r_squared_of_vectors_is_the_mean_over_the_outputs() {
    let digits = task::digits();
    // The second target has a hundred times the variance of the first.
    let target = |sample: usize| [digits.sample(sample)[20], 10.0 * digits.sample(sample)[21]];
    let data = DataSet {
        targets: (0..digits.len()).flat_map(target).collect(),
        outputs: 2,
        objective: Objective::SquaredError,
        ..digits.clone()
    };
    assert_eq!((data.len(), data.targets_per_sample()), (digits.len(), 2));
    let network = Network::parse("", 64, 2, Activation::Tanh).expect("a good spec");
    // The first output is right, and the second is the mean of its targets.
    let held_out = data.indices(Split::HeldOut);
    let targets = data.targets_of(held_out.clone()).iter().skip(1).step_by(2);
    let mean = targets.copied().map(f64::from).sum::<f64>() / held_out.len() as f64;
    let tensors = network.tensors(&vec![0.0; network.parameters()]);
    assert_eq!((&tensors[0].shape[..], &tensors[1].shape[..]), (&[2, 64][..], &[2][..]));
    let genome = network.genome(|name| {
        let mut weights = vec![0.0; 2 * 64];
        weights[20] = 1.0;
        Ok(if name == tensors[0].name { weights } else { vec![0.0, mean as f32] })
    });
    let genome: Vec<f64> = genome.expect("all tensors").into_iter().map(f64::from).collect();
    let score = data.evaluate_reference(&network, &genome, Split::HeldOut).score;
    approx::assert_abs_diff_eq!(score, 0.5, epsilon = 1e-6);
}

/// The images of the digits, with a number to predict that is a function of ink and digit.
fn regression() -> DataSet {
    let digits = task::digits();
    let target = |sample: usize| {
        let ink: f32 = digits.sample(sample).iter().sum();
        (ink - 19.0) / 3.0 + digits.targets[sample]
    };
    DataSet {
        targets: (0..digits.targets.len()).map(target).collect(),
        outputs: 1,
        objective: Objective::SquaredError,
        ..digits
    }
}

#[test]
fn r_squared_is_one_for_a_perfect_network_and_zero_for_the_mean() {
    let data = regression();
    let network = Network::parse("", 64, 1, Activation::Tanh).expect("a good spec");
    for split in Split::ALL {
        let targets = &data.targets[data.indices(split)];
        let mean = targets.iter().copied().map(f64::from).sum::<f64>() / targets.len() as f64;
        let mut constant = vec![0.0; network.parameters()];
        *constant.last_mut().expect("a bias") = mean;
        let score = data.evaluate_reference(&network, &constant, split);
        // The weight of R^2 is a number in single precision.
        approx::assert_abs_diff_eq!(score.score, 0.0, epsilon = 1e-7);
        let variance = 1.0 / f64::from(data.error_weights(split)[0]);
        approx::assert_relative_eq!(score.fitness, -variance, max_relative = 1e-6);
    }
    let targets = task::digits().features.chunks(64).map(|ink| ink.iter().sum()).collect();
    let easy = DataSet { targets, ..data };
    let mut truth = vec![1.0; network.parameters()];
    *truth.last_mut().expect("a bias") = 0.0;
    let score = easy.evaluate_reference(&network, &truth, Split::HeldOut);
    approx::assert_abs_diff_eq!(score.score, 1.0, epsilon = 1e-9);
}

#[test]
fn every_lane_has_its_own_label() {
    let phases = [0.0f32, 1.7, 3.4];
    let outputs: [Lanes; 3] = phases.map(|phase| Lanes::from_lanes(|l| (l as f32 + phase).sin()));
    let label = |lane: usize| (lane % 3) as f32;
    let (loss, hit) = Objective::CrossEntropy.loss_and_tally(&outputs, &[], |_, lane| label(lane));
    for l in 0..LANES {
        let alone = outputs.map(|output| output.lane(l));
        let (expected, hits) = Objective::CrossEntropy.loss_and_tally(&alone, &[], |_, _| label(l));
        // The rounding of three exponentials and a logarithm in single precision.
        approx::assert_abs_diff_eq!(loss.lane(l), expected, epsilon = 1e-6);
        assert_eq!(hit.lane(l), hits);
    }
}

#[test]
fn lanes_score_as_double_precision_does() {
    // 357 samples are held out: 22 batches of sixteen, and five more.
    for data in [task::digits(), regression()] {
        let network = Network::parse("5", 64, data.outputs, Activation::Tanh);
        let network = network.expect("a good spec");
        let place = Counter { seed: 1, stream: Stream::Verification, generation: 0, individual: 0 };
        let normals = (0..).flat_map(|block| place.normals(block)).map(|z| 0.3 * z);
        let genome: Vec<f32> = normals.take(network.parameters()).collect();
        let wide: Vec<f64> = genome.iter().copied().map(f64::from).collect();
        let mut workspace = Workspace::default();
        for split in Split::ALL {
            let (samples, weights) = (data.samples(split), data.error_weights(split));
            assert_eq!(samples.count(), data.indices(split).len());
            let found =
                data.evaluate_lanes(&network, &genome, split, &samples, &weights, &mut workspace);
            let expected = data.evaluate_reference(&network, &wide, split);
            approx::assert_relative_eq!(found.fitness, expected.fitness, max_relative = 1e-5);
            approx::assert_relative_eq!(found.score, expected.score, max_relative = 1e-5);
        }
    }
}
