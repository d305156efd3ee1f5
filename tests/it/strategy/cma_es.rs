//! CMA-ES: one generation by the tutorial's equations, its invariances, and its budgets.

use approx::assert_relative_eq;
use deme::error::Error;
use deme::population::Proposal;
use deme::strategy::{self, Recommendation, Settings, Strategy};

use super::landscape::{
    budgets, cigar, ellipsoid, evaluations_to, flat_start, generation, genomes, mean_and_missing,
    noise, rastrigin, rosenbrock, sphere, tell,
};
use super::{begin, complaint, no_recombination};

/// The rates of table 1 for two genes and six individuals, computed with NumPy; pycma 4.5 has the
/// same weights, c_1, c_mu and c_c.
mod table_1 {
    pub const WEIGHTS: [f64; 6] =
        [0.63704257, 0.28457026, 0.07838717, -0.28638378, -0.76495809, -1.15598178];
    pub const MU_EFF: f64 = 2.0286114646100617;
    pub const C_1: f64 = 0.1548153998964136;
    pub const C_MU: f64 = 0.08559277942666424;
    pub const C_C: f64 = 0.6245545390268264;
    pub const C_SIGMA: f64 = 0.44620498737831715;
    pub const D_SIGMA: f64 = 1.4462049873783172;
    pub const CHI_N: f64 = 1.254272742818995;
}

const SEED: u64 = 11;

/// Returns a search of two genes after one generation, in which lower indices are fitter.
fn after_one_generation() -> Box<dyn Strategy> {
    let mut strategy = begin("cma-es", &[("sigma", "0.5")], flat_start(2, 1.0, 6, SEED)).unwrap();
    tell(&mut *strategy, (0..6).map(|i| -(i as f32)).collect());
    strategy
}

fn noise_of(generation: u32) -> Vec<[f64; 2]> {
    (0..6).map(|i| noise(SEED, generation, i, 2).try_into().unwrap()).collect()
}

/// The weighted mean of the better half's noise in the first generation.
fn selected() -> [f64; 2] {
    let z = noise_of(0);
    std::array::from_fn(|gene| (0..3).map(|i| table_1::WEIGHTS[i] * z[i][gene]).sum())
}

/// Sigma after the first generation, equations 43 and 44.
fn second_sigma() -> f64 {
    use table_1::*;
    let gain = (C_SIGMA * (2.0 - C_SIGMA) * MU_EFF).sqrt();
    let [a, b] = selected().map(|z| gain * z);
    0.5 * (C_SIGMA / D_SIGMA * (a.hypot(b) / CHI_N - 1.0)).exp()
}

#[test]
fn mean_and_sigma_follow_the_tutorial() {
    let strategy = after_one_generation();
    let Recommendation::Genome(mean) = strategy.recommend() else { panic!("no mean") };
    for (gene, z) in mean.into_iter().zip(selected()) {
        assert_relative_eq!(f64::from(gene), 1.0 + 0.5 * z, max_relative = 1e-7);
    }
    assert_relative_eq!(strategy.step_size(), second_sigma(), max_relative = 1e-7);
}

/// Two individuals of the second generation, `m + sigma A z`, determine the matrix A, and `A A^T`
/// must be C.
#[test]
fn the_covariance_follows_equation_47_with_negative_weights() {
    use table_1::*;
    let strategy = after_one_generation();
    let x = genomes(&strategy.ask());
    let z = noise_of(1);
    let mean = selected().map(|z| 1.0 + 0.5 * z);
    let y = |i: usize, gene: usize| (f64::from(x[i][gene]) - mean[gene]) / second_sigma();
    let determinant = z[0][0] * z[1][1] - z[1][0] * z[0][1];
    let row = |gene| {
        let [y0, y1] = [y(0, gene), y(1, gene)];
        let first = (y0 * z[1][1] - y1 * z[0][1]) / determinant;
        let second = (y1 * z[0][0] - y0 * z[1][0]) / determinant;
        [first, second]
    };
    let rows = [row(0), row(1)];

    // C was the identity, so y = z and |C^(-1/2) y| = |z|.
    let old = noise_of(0);
    let path = selected().map(|z| (C_C * (2.0 - C_C) * MU_EFF).sqrt() * z);
    let kept = 1.0 - C_1 - C_MU * WEIGHTS.iter().sum::<f64>();
    for (a, b) in [(0, 0), (0, 1), (1, 1)] {
        let mut expected = if a == b { kept } else { 0.0 };
        expected += C_1 * path[a] * path[b];
        for (weight, z) in WEIGHTS.iter().zip(&old) {
            let share = if *weight < 0.0 { 2.0 / (z[0] * z[0] + z[1] * z[1]) } else { 1.0 };
            expected += C_MU * weight * share * z[a] * z[b];
        }
        let got = rows[a][0] * rows[b][0] + rows[a][1] * rows[b][1];
        assert_relative_eq!(got, expected, max_relative = 1e-5, epsilon = 1e-6);
    }
}

#[test]
fn genomes_are_written_out_and_rounded_once() {
    let strategy = begin("cma-es", &[("sigma", "0.5")], flat_start(5, 1.0, 8, 3)).unwrap();
    assert!(matches!(strategy.ask(), Proposal::Explicit(_)));
    for (i, genome) in genomes(&strategy.ask()).into_iter().enumerate() {
        let expected = noise(3, 0, i as u32, 5).into_iter().map(|z| (1.0 + 0.5 * z) as f32);
        assert!(genome.into_iter().eq(expected));
    }
}

#[test]
fn the_default_population_is_the_tutorials() {
    let advised = strategy::by_name("cma-es").unwrap().default_population.unwrap();
    assert_eq!([1, 2, 3, 10, 30, 100, 1000].map(advised), [4, 6, 7, 10, 14, 17, 24]);
}

#[test]
fn too_many_genes_are_refused_before_a_matrix_is_allocated() {
    let started = strategy::by_name("cma-es")
        .unwrap()
        .begin(&Settings::default(), flat_start(1_000_000, 0.0, 10, 1));
    assert!(matches!(started, Err(Error::TooLarge { .. })));
}

#[test]
fn the_search_is_invariant_to_the_unit_of_the_genes() {
    let run = |unit: f32| {
        let sigma = (0.25 * unit).to_string();
        let start = flat_start(6, unit, 9, 5);
        let mut strategy = begin("cma-es", &[("sigma", &sigma)], start).unwrap();
        let scaled = |x: &[f64]| {
            let x: Vec<f64> = x.iter().map(|x| x / f64::from(unit)).collect();
            ellipsoid(&x)
        };
        (0..200).for_each(|_| drop(generation(&mut *strategy, scaled)));
        let genomes = genomes(&strategy.ask()).concat();
        genomes.into_iter().map(|gene| gene / unit).collect::<Vec<_>>()
    };
    // A power of two, so that scaling is exact.
    assert_eq!(run(1.0), run(64.0));
}

/// Reflects the first axis onto the diagonal of the cube, which rotates every axis.
fn rotated(x: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let normal = |gene: usize| if gene == 0 { n.sqrt() - 1.0 } else { -1.0 };
    let square: f64 = (0..x.len()).map(|gene| normal(gene).powi(2)).sum();
    let along: f64 = x.iter().enumerate().map(|(gene, x)| normal(gene) * x).sum();
    let mirror = |(gene, x): (usize, &f64)| x - 2.0 * along / square * normal(gene);
    x.iter().enumerate().map(mirror).collect()
}

#[test]
fn a_rotated_ellipsoid_is_no_harder() {
    let mean = |function: fn(&[f64]) -> f64| {
        let start = |seed| flat_start(8, 0.0, 10, seed);
        let counts = budgets("cma-es", &[("sigma", "0.5")], start, function, (1e-9, 20));
        let (mean, missing) = mean_and_missing(&counts);
        assert_eq!(missing, 0);
        mean
    };
    // The first guess is the origin, which the reflection leaves in place.
    fn shifted_ellipsoid(x: Vec<f64>) -> f64 {
        ellipsoid(&x.iter().map(|x| x - 0.5).collect::<Vec<_>>())
    }
    let (plain, other) =
        (mean(|x| shifted_ellipsoid(x.to_vec())), mean(|x| shifted_ellipsoid(rotated(x))));
    // Each mean has a standard error of about 2 %.
    assert!((other / plain - 1.0).abs() < 0.1, "{plain} and rotated {other}");
}

#[test]
fn it_stays_within_the_published_budgets() {
    type Row = (&'static str, fn(&[f64]) -> f64, usize, f64, usize);
    // The maxima of the general tests of crate `cmaes`: mean evaluations to 1e-12 over 30 runs.
    let rows: [Row; 11] = [
        ("sphere", sphere, 3, 700.0, 0),
        ("sphere", sphere, 10, 2_140.0, 0),
        ("sphere", sphere, 30, 5_730.0, 0),
        ("ellipsoid", ellipsoid, 3, 940.0, 0),
        ("ellipsoid", ellipsoid, 10, 4_500.0, 0),
        ("ellipsoid", ellipsoid, 30, 29_000.0, 0),
        ("cigar", cigar, 3, 1_210.0, 0),
        ("cigar", cigar, 10, 4_810.0, 0),
        ("cigar", cigar, 30, 14_500.0, 0),
        ("rosenbrock", rosenbrock, 3, 1_320.0, 1),
        ("rosenbrock", rosenbrock, 10, 6_060.0, 1),
    ];
    let advised = strategy::by_name("cma-es").unwrap().default_population.unwrap();
    for (name, function, genes, most, most_missing) in rows {
        let start = |seed| flat_start(genes, 0.1, advised(genes), seed);
        let counts = budgets("cma-es", &[("sigma", "0.1")], start, function, (1e-12, 30));
        let (mean, missing) = mean_and_missing(&counts);
        println!("{name} {genes}-D: {mean:.0} of {most}, {missing} missing");
        assert!(mean <= most && missing <= most_missing, "{name} {genes}-D: {mean}, {missing}");
    }
}

#[test]
fn a_large_population_finds_the_best_of_many_local_optima() {
    let start = |seed| flat_start(3, 5.0, 70, seed);
    let counts = budgets("cma-es", &[("sigma", "5")], start, rastrigin, (1e-12, 30));
    let (mean, missing) = mean_and_missing(&counts);
    println!("rastrigin: {mean:.0}, {missing} missing");
    assert!(mean <= 4_410.0 && missing <= 15, "{mean}, {missing} missing");
}

#[test]
fn a_search_that_leaves_single_precision_is_an_error_and_changes_nothing() {
    let rising = |strategy: &dyn Strategy| {
        let genomes = genomes(&strategy.ask());
        genomes.iter().map(|genome| genome[0]).collect::<Vec<f32>>()
    };
    // Whether the mean itself leaves, and not only individuals, depends on the draws.
    let failed = (1..=20).find_map(|seed| {
        let start = flat_start(2, 0.0, 6, seed);
        let mut strategy = begin("cma-es", &[("sigma", "1e30")], start).unwrap();
        (0..200).find_map(|_| {
            let fitness = deme::strategy::Fitness::new(rising(&*strategy));
            let before = strategy.recommend();
            let result = strategy.tell(&fitness, &mut no_recombination);
            result.is_err().then(|| (complaint(result), before == strategy.recommend()))
        })
    });
    assert_eq!(failed, Some(("--set sigma".into(), true)));
}

#[test]
fn it_reaches_several_targets_in_order() {
    let mut strategy = begin("cma-es", &[], flat_start(4, 1.0, 8, 1)).unwrap();
    let reached = evaluations_to(&[1e-1, 1e-3, 1e-300], 4_000, &mut *strategy, sphere);
    assert!(reached[0] < reached[1] && reached[1].is_some());
    assert_eq!(reached[2], None);
}
