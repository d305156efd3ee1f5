//! Tests of normalisation: running statistics against those of all observations at once, and their
//! effect.

use approx::assert_relative_eq;
use deme::network::{CLIP, DEVIATION_FLOOR, Normalisation, ObservationStatistics, ObservationSums};
use deme::random::{Counter, Stream};

/// The sums over one individual's observations, as a backend collects them.
fn row(by: &Normalisation, observations: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![0.0; 2 * by.means.len()];
    for observation in observations {
        by.apply(&mut observation.clone(), &mut sums);
    }
    [&[observations.len() as f64], &sums[..]].concat()
}

/// Observations with three inputs: around 0, far from 0, and far from 0 with a small deviation.
fn observations(count: usize) -> Vec<Vec<f64>> {
    let place = Counter { seed: 4, stream: Stream::Verification, generation: 0, individual: 0 };
    let one = |i: usize| {
        let z = place.normals(i as u32).map(f64::from);
        vec![z[0], 100.0 + 3.0 * z[1], -5000.0 + 0.02 * z[2]]
    };
    (0..count).map(one).collect()
}

#[test]
fn running_statistics_equal_those_of_all_observations() {
    let seen = observations(3000);
    let mut statistics = ObservationStatistics::new(3);
    // The generations differ in size, and the individuals in their number of observations.
    for generation in seen.chunks(700) {
        let by = statistics.normalisation();
        let rows = generation.chunks(130).flat_map(|individual| row(&by, individual)).collect();
        statistics.merge(&by, &ObservationSums::new(3, rows));
    }
    assert_eq!(statistics.count(), 3000);
    let by = statistics.normalisation();
    for input in 0..3 {
        let mean = seen.iter().map(|x| x[input]).sum::<f64>() / 3000.0;
        let variance = seen.iter().map(|x| (x[input] - mean).powi(2)).sum::<f64>() / 3000.0;
        assert_relative_eq!(f64::from(by.means[input]), mean, max_relative = 1e-6, epsilon = 1e-9);
        // The first generation sums squares about 0, which loses half of the digits of the third
        // input's variance.
        let scale = f64::from(by.scales[input]);
        assert_relative_eq!(scale, 1.0 / variance.sqrt(), max_relative = 1e-5);
    }
}

#[test]
fn normalised_observations_have_mean_zero_and_deviation_one() {
    let seen = observations(2000);
    let (mut statistics, first) = (ObservationStatistics::new(3), Normalisation::identity(3));
    statistics.merge(&first, &ObservationSums::new(3, row(&first, &seen)));
    let by = statistics.normalisation();
    let shown: Vec<Vec<f64>> = seen
        .into_iter()
        .map(|mut observation| {
            by.apply(&mut observation, &mut [0.0; 6]);
            observation
        })
        .collect();
    for input in 0..3 {
        let mean = shown.iter().map(|x| x[input]).sum::<f64>() / 2000.0;
        let square = shown.iter().map(|x| x[input] * x[input]).sum::<f64>() / 2000.0;
        assert!(mean.abs() < 0.02 && (square - 1.0).abs() < 0.02, "{input}: {mean}, {square}");
    }
}

#[test]
fn sums_are_about_the_current_mean() {
    let by = Normalisation { means: vec![1.0, -2.0], scales: vec![0.5, 2.0] };
    let (mut observation, mut sums) = ([4.0, -2.5], [10.0, 20.0, 30.0, 40.0]);
    by.apply(&mut observation, &mut sums);
    assert_eq!(observation, [1.5, -1.0]);
    assert_eq!(sums, [13.0, 19.5, 39.0, 40.25]);
}

#[test]
fn outliers_are_clipped_and_constant_inputs_are_zero() {
    let (mut statistics, first) = (ObservationStatistics::new(2), Normalisation::identity(2));
    let seen = vec![vec![7.0, -1.0], vec![7.0, 1.0]];
    statistics.merge(&first, &ObservationSums::new(2, row(&first, &seen)));
    let by = statistics.normalisation();
    assert_eq!(by.means, [7.0, 0.0]);
    assert_eq!(by.scales, [(1.0 / DEVIATION_FLOOR) as f32, 1.0]);
    for (observation, shown) in [
        ([7.0, 0.5], [0.0, 0.5]),
        ([7.1, -30.0], [CLIP, -CLIP]),
        ([6.9, 30.0], [-CLIP, CLIP]),
        // The remainder is a thousandth of the floor.
        ([7.000_001, f64::INFINITY], [0.001, CLIP]),
    ] {
        let mut found = observation;
        by.apply(&mut found, &mut [0.0; 4]);
        assert_relative_eq!(found[..], shown[..], max_relative = 1e-4);
    }
    let mut nan = [f64::NAN, 0.0];
    by.apply(&mut nan, &mut [0.0; 4]);
    assert!(nan[0].is_nan(), "NaN stays NaN");
}

#[test]
fn an_individual_with_nan_is_skipped() {
    let by = Normalisation::identity(1);
    let mut statistics = ObservationStatistics::new(1);
    let rows = vec![2.0, 10.0, 52.0, 9.0, f64::NAN, 1.0, 9.0, 1.0, f64::INFINITY];
    statistics.merge(&by, &ObservationSums::new(1, rows));
    let mut alone = ObservationStatistics::new(1);
    alone.merge(&by, &ObservationSums::new(1, vec![2.0, 10.0, 52.0]));
    assert_eq!(statistics, alone);
    assert_eq!(alone.normalisation().means, [5.0]);
    alone.merge(&alone.normalisation(), &ObservationSums::new(1, vec![3.0, f64::NAN, f64::NAN]));
    assert_eq!(statistics, alone, "an individual without steps adds nothing");
}

#[test]
fn work_items_of_an_individual_are_added_in_order() {
    let by = Normalisation::identity(1);
    let items = [1.0, 0.25, 4.0, 2.0, 0.5, 8.0, 3.0, 1.0, 16.0, 5.0, 2.0, 32.0];
    let seen = ObservationSums::from_work_items(&by, &items, 2);
    assert_eq!(seen, ObservationSums::new(1, vec![3.0, 0.75, 12.0, 8.0, 3.0, 48.0]));
    assert_eq!(
        ObservationSums::from_work_items(&by, &items, 1),
        ObservationSums::new(1, items.to_vec())
    );
}

#[test]
fn statistics_are_read_back() {
    let (mut statistics, first) = (ObservationStatistics::new(3), Normalisation::identity(3));
    statistics.merge(&first, &ObservationSums::new(3, row(&first, &observations(10))));
    let bytes = postcard::to_allocvec(&statistics).expect("plain data");
    assert_eq!(postcard::from_bytes::<ObservationStatistics>(&bytes), Ok(statistics));
}

#[test]
fn a_normalisation_for_another_network_is_refused() {
    let by = Normalisation::identity(3);
    assert!(by.check(3).is_ok());
    assert!(by.check(4).is_err());
    let scales = vec![1.0, f32::INFINITY, 1.0];
    assert!(Normalisation { scales, ..by.clone() }.check(3).is_err());
    assert!(Normalisation { means: vec![0.0; 2], ..by }.check(3).is_err());
}
