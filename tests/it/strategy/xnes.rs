//! xNES: Algorithm 5 against NumPy, and functions whose axes are not the genes.

// Numbers are those that the witness printed; genes are counted as in the paper.
#![allow(clippy::excessive_precision, clippy::needless_range_loop)]

use approx::{assert_abs_diff_eq, assert_relative_eq};
use deme::population::Proposal;
use deme::random::{Counter, Stream};
use deme::strategy::Start;

use super::functions::{self, centre, genomes, minimise, tell};
use super::{begin, complaint, no_recombination, start};

fn small() -> Start {
    Start { genes: 2, centre: vec![1.0, -2.0], population: 4, seed: 1 }
}

/// Returns the noise of a generation of [`small`], `f64[4][2]`.
fn noise(generation: u32) -> Vec<[f64; 2]> {
    let counter =
        |individual| Counter { seed: 1, stream: Stream::Noise, generation, individual }.normals(0);
    (0..4).map(|i| [f64::from(counter(i)[0]), f64::from(counter(i)[1])]).collect()
}

#[test]
fn the_first_generation_has_one_sigma_for_all_genes() {
    let xnes = begin("xnes", &[("sigma", "0.5")], small()).unwrap();
    for (genome, noise) in genomes(&xnes.ask()).iter().zip(noise(0)) {
        assert_abs_diff_eq!(genome[0], 1.0 + 0.5 * noise[0], epsilon = 1e-6);
        assert_abs_diff_eq!(genome[1], -2.0 + 0.5 * noise[1], epsilon = 1e-6);
    }
    assert!(matches!(xnes.ask(), Proposal::Explicit(_)));
}

/// Compares two generations with Algorithm 5 in NumPy, with SciPy's `expm`, from the noise of
/// [`noise`]. B is symmetric after the first but not after the second, which tests the transposes.
#[test]
fn two_generations_agree_with_algorithm_5() {
    let mut xnes = begin("xnes", &[("sigma", "0.5")], small()).unwrap();
    let generations = [
        ([4.0, 2.0, 1.0, 3.0], [1.368_729_88, -2.144_689_06], 0.430_220_072_634_316_44),
        ([1.0, 3.0, 4.0, 2.0], [1.024_423_76, -2.067_799_66], 0.386_534_719_084_790_4),
    ];
    for (values, moved, sigma) in generations {
        let proposal = xnes.ask();
        tell(&mut *xnes, &proposal, values.to_vec());
        assert_relative_eq!(centre(&*xnes)[..], moved, max_relative = 1e-6);
        assert_relative_eq!(xnes.step_size(), sigma, max_relative = 1e-12);
    }
    let expected = [
        [1.206_918_56, -2.855_288_3],
        [1.085_601_51, -2.223_822_35],
        [0.886_435_89, -2.634_156_43],
        [1.107_609_72, -2.838_340_74],
    ];
    for (genome, expected) in genomes(&xnes.ask()).iter().zip(expected) {
        assert_relative_eq!(genome[..], expected, max_relative = 1e-6);
    }
}

#[test]
fn too_many_genes_are_refused() {
    let genes = 1_000_000;
    let start = Start { genes, centre: vec![0.0; genes], population: 46, seed: 1 };
    assert_eq!(complaint(begin("xnes", &[], start)), "--strategy xnes");
}

#[test]
fn a_step_that_overflows_is_an_error_and_changes_nothing() {
    let mut xnes = begin("xnes", &[("sigma", "3e38")], small()).unwrap();
    let proposal = xnes.ask();
    let fitness = deme::strategy::Fitness::new(vec![4.0, 3.0, 2.0, 1.0]);
    let mut refused = 0;
    // The noise of some generation causes an overflow.
    for _ in 0..50 {
        let before = xnes.save();
        if let Err(error) = xnes.tell(&fitness, &mut no_recombination) {
            assert_eq!(complaint::<()>(Err(error)), "the distribution of a strategy");
            assert_eq!(xnes.save(), before);
            refused += 1;
        }
    }
    assert!(refused > 0);
    assert_eq!(proposal.individuals(), 4);
}

/// The ellipsoid in reflected coordinates, `x - 2 (v . x) v`, where v is the direction of
/// (1, 2, 3, ...), so that all genes are mixed.
fn rotated_ellipsoid(x: &[f64]) -> f64 {
    let v: Vec<f64> = (1..=x.len()).map(|i| i as f64).collect();
    let square: f64 = v.iter().map(|v| v * v).sum();
    let along = v.iter().zip(x).map(|(v, x)| v * x).sum::<f64>() / square;
    let mixed: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x - 2.0 * along * v).collect();
    functions::ellipsoid(&mixed)
}

fn ten(first: f32, seed: u64) -> Start {
    Start { genes: 10, centre: vec![first; 10], population: 10, seed }
}

#[test]
fn it_learns_functions_to_many_digits() {
    let cases: [(&str, functions::Function, f32, f64, usize); 3] = [
        ("sphere", functions::sphere, 1.0, 1e-12, 10_000),
        ("ellipsoid", functions::ellipsoid, 1.0, 1e-12, 30_000),
        ("rosenbrock", functions::rosenbrock, 0.0, 1e-8, 40_000),
    ];
    for (name, function, first, target, budget) in cases {
        for seed in 0..3 {
            let mut xnes = begin("xnes", &[], ten(first, seed)).unwrap();
            let curve = minimise(&mut *xnes, function, target, budget);
            let best = curve.last().expect("a best").1;
            assert!(best <= target, "{name}, seed {seed}: {best:e}");
        }
    }
}

/// A full covariance makes the evaluations independent of the axes; a standard deviation for each
/// gene is not enough.
#[test]
fn rotation_costs_it_nothing_and_defeats_snes() {
    const TARGET: f64 = 1e-8;
    let evaluations = |name: &str, function: functions::Function| {
        let mut strategy = begin(name, &[], ten(1.0, 3)).unwrap();
        let curve = minimise(&mut *strategy, function, TARGET, 30_000);
        let (evaluations, best) = *curve.last().expect("a best");
        (best <= TARGET).then_some(evaluations)
    };
    let plain = evaluations("xnes", functions::ellipsoid).expect("it learns the ellipsoid");
    let rotated = evaluations("xnes", rotated_ellipsoid).expect("it learns it rotated");
    assert!((0.7..1.4).contains(&(rotated as f64 / plain as f64)), "{plain}, {rotated}");
    assert!(evaluations("snes", functions::ellipsoid).is_some());
    assert_eq!(evaluations("snes", rotated_ellipsoid), None);
}

#[test]
fn without_learning_rates_sigma_and_shape_stay() {
    let rates = [("sigma", "0.5"), ("sigma-learning-rate", "0"), ("shape-learning-rate", "0")];
    let mut xnes = begin("xnes", &rates, small()).unwrap();
    let proposal = xnes.ask();
    tell(&mut *xnes, &proposal, vec![4.0, 2.0, 1.0, 3.0]);
    assert_relative_eq!(xnes.step_size(), 0.5);
    let centre = centre(&*xnes);
    for (genome, noise) in genomes(&xnes.ask()).iter().zip(noise(1)) {
        for gene in 0..2 {
            let expected = f64::from(centre[gene]) + 0.5 * noise[gene];
            assert_abs_diff_eq!(genome[gene], expected, epsilon = 1e-6);
        }
    }
}

#[test]
fn sigma_and_rates_out_of_range_are_refused() {
    for (key, value) in [("sigma", "0"), ("learning-rate", "0"), ("shape-learning-rate", "-1")] {
        assert_eq!(complaint(begin("xnes", &[(key, value)], start(4, 1))), format!("--set {key}"));
    }
}
