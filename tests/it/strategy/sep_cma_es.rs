//! Sep-CMA-ES: one generation by the paper's equations, its own rates, and a million genes.

use approx::assert_relative_eq;
use deme::population::{Gaussian, Moments, Proposal, Scale};
use deme::strategy::{Fitness, Recommendation, Strategy};

use super::landscape::{
    budgets, ellipsoid, flat_start, generation, mean_and_missing, noise, rosenbrock, sphere, tell,
};
use super::{begin, complaint, tell_moments};

/// The rates of section 2 for two genes and six individuals, computed with NumPy.
mod rates {
    pub const WEIGHTS: [f64; 3] = [0.58564511, 0.29282255, 0.12153234];
    pub const MU_EFF: f64 = 2.2548150822016044;
    pub const C_COV: f64 = 0.24411215894782715;
    pub const C_C: f64 = 2.0 / 3.0;
    pub const C_SIGMA: f64 = 0.5864815345383558;
    pub const D_SIGMA: f64 = 1.5864815345383558;
    pub const CHI_N: f64 = 1.254272742818995;
}

#[track_caller]
fn gaussian(strategy: &dyn Strategy) -> Gaussian {
    match strategy.ask() {
        Proposal::Gaussian(gaussian) => gaussian,
        other => panic!("a Gaussian was expected, not {other:?}"),
    }
}

#[test]
fn mean_sigma_and_variances_follow_the_paper() {
    use rates::*;
    const SEED: u64 = 4;
    let mut strategy =
        begin("sep-cma-es", &[("sigma", "0.5")], flat_start(2, 1.0, 6, SEED)).unwrap();
    tell(&mut *strategy, (0..6).map(|i| -(i as f32)).collect());

    let z: Vec<Vec<f64>> = (0..3).map(|i| noise(SEED, 0, i, 2)).collect();
    let sum = |gene: usize, power: i32| -> f64 {
        (0..3).map(|i| WEIGHTS[i] * z[i][gene].powi(power)).sum()
    };
    let gain = (C_SIGMA * (2.0 - C_SIGMA) * MU_EFF).sqrt();
    let length = (gain * sum(0, 1)).hypot(gain * sum(1, 1));
    let sigma = 0.5 * (C_SIGMA / D_SIGMA * (length / CHI_N - 1.0)).exp();
    assert_relative_eq!(strategy.step_size(), sigma, max_relative = 1e-6);

    let asked = gaussian(&*strategy);
    let Scale::PerGene(scales) = &asked.scale else { panic!("one scale for all") };
    for gene in 0..2 {
        let mean = f64::from(asked.centre[gene]);
        assert_relative_eq!(mean, 1.0 + 0.5 * sum(gene, 1), max_relative = 1e-6);
        let path = (C_C * (2.0 - C_C) * MU_EFF).sqrt() * sum(gene, 1);
        let variance = (1.0 - C_COV)
            + C_COV / MU_EFF * path * path
            + C_COV * (1.0 - 1.0 / MU_EFF) * sum(gene, 2);
        let scale = f64::from(scales[gene]);
        assert_relative_eq!(scale, sigma * variance.sqrt(), max_relative = 1e-6);
    }
    assert_eq!(asked.noise.generation, 1);
}

#[test]
fn moments_without_squares_are_refused() {
    let mut strategy = begin("sep-cma-es", &[], flat_start(3, 1.0, 6, 1)).unwrap();
    let fitness = Fitness::new((0..6).map(|i| i as f32).collect());
    for second in [None, Some(vec![1.0; 2])] {
        let moments = Moments { first: vec![0.5; 3], second };
        let result = tell_moments(&mut *strategy, &fitness, &moments);
        assert_eq!(complaint(result), "the moments of a generation");
    }
    assert_eq!(strategy.recommend(), Recommendation::Genome(vec![1.0; 3]));
}

#[test]
fn scaled_genes_cost_little_and_a_rotation_much() {
    fn rotated(x: &[f64]) -> f64 {
        let (low, high) = x.split_at(x.len() / 2);
        let pairs = || low.iter().zip(high);
        let sums = pairs().map(|(a, b)| a + b).chain(pairs().map(|(a, b)| a - b));
        ellipsoid(&sums.map(|x| x * 0.5f64.sqrt()).collect::<Vec<_>>())
    }
    let mean = |function| {
        let start = |seed| flat_start(10, 0.1, 10, seed);
        let counts = budgets("sep-cma-es", &[("sigma", "0.1")], start, function, (1e-9, 5));
        let (mean, missing) = mean_and_missing(&counts);
        assert_eq!(missing, 0);
        mean
    };
    let [plain, straight, askew] = [sphere, ellipsoid, rotated].map(mean);
    println!("sphere {plain:.0}, ellipsoid {straight:.0}, rotated {askew:.0}");
    assert!(straight < 4.0 * plain, "{straight} after {plain}");
    assert!(askew > 3.0 * straight, "{askew} after {straight}");
}

#[test]
fn it_solves_rosenbrock_which_is_not_separable() {
    let start = |seed| flat_start(5, 0.1, 8, seed);
    let counts = budgets("sep-cma-es", &[("sigma", "0.1")], start, rosenbrock, (1e-6, 5));
    let (mean, missing) = mean_and_missing(&counts);
    println!("rosenbrock 5-D: {mean:.0}, {missing} missing");
    assert_eq!(missing, 0);
}

#[test]
fn a_million_genes_take_a_few_vectors() {
    const GENES: usize = 1_000_000;
    let mut strategy = begin("sep-cma-es", &[], flat_start(GENES, 1.0, 4, 1)).unwrap();
    for _ in 0..2 {
        let asked = gaussian(&*strategy);
        assert_eq!((asked.centre.len(), asked.individuals), (GENES, 4));
        tell(&mut *strategy, vec![1.0, 2.0, 3.0, 4.0]);
    }
    // The state holds mean, two paths and variances, the first guess for restarts, and little else.
    let bytes = strategy.save().len();
    assert!(bytes < (4 * 8 + 4) * GENES + 10_000, "{bytes}");
}

#[test]
fn an_ellipsoid_of_many_genes_improves_steadily() {
    let mut strategy =
        begin("sep-cma-es", &[("sigma", "0.1")], flat_start(300, 0.1, 21, 1)).unwrap();
    let mut best = Vec::new();
    for _ in 0..400 {
        let values = generation(&mut *strategy, ellipsoid);
        best.push(values.into_iter().fold(f64::INFINITY, f64::min));
    }
    let least = |from: usize| best[from..from + 100].iter().copied().fold(f64::INFINITY, f64::min);
    let falls = [least(0), least(100), least(200), least(300)];
    assert!(falls.windows(2).all(|pair| pair[1] < pair[0]), "{falls:?}");
}
