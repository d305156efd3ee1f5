//! CoSyNE: the parents, the permuted weights, and two small tasks.

use std::collections::HashMap;

use deme::run::{self, Request};
use deme::strategy::{Fitness, Start, Strategy};

use super::witness::explicit_genomes;
use super::{begin, complaint, no_recombination, start};

const GENES: usize = 4;
const POPULATION: usize = 20_000;

/// Returns the genomes before and after a generation in which individual i has rank i. The square
/// root makes ranks differ from relative fitness.
fn two_generations(pairs: &[(&str, &str)]) -> [Vec<Vec<f32>>; 2] {
    let start = Start { genes: GENES, centre: vec![0.0; GENES], population: POPULATION, seed: 4 };
    let mut strategy = begin("cosyne", pairs, start).unwrap();
    let old = explicit_genomes(&*strategy);
    let values = (0..POPULATION).map(|i| ((POPULATION - 1 - i) as f32).sqrt()).collect();
    strategy.tell(&Fitness::new(values), &mut no_recombination).unwrap();
    [old, explicit_genomes(&*strategy)]
}

/// Returns the share of weights that have left their network, for some ranks.
fn moved([old, new]: &[Vec<Vec<f32>>; 2], ranks: std::ops::Range<usize>) -> f64 {
    let weights = ranks.len() * GENES;
    let pairs = ranks.flat_map(|rank| old[rank].iter().zip(&new[rank]));
    pairs.filter(|(old, new)| old != new).count() as f64 / weights as f64
}

#[test]
fn a_weight_moves_with_the_probability_of_the_paper() {
    for permutation in ["ranks", "fitness"] {
        let generations = two_generations(&[("permutation", permutation), ("mutation-rate", "0")]);
        for from in (0..9000).step_by(1500) {
            let share = 1.0 - (from + 500) as f64 / (POPULATION - 1) as f64;
            let share = if permutation == "fitness" { share.sqrt() } else { share };
            let expected = 1.0 - share.powf(1.0 / GENES as f64);
            let found = moved(&generations, from..from + 1000);
            // Five standard errors of 4000 weights. Beyond that, the formula is slightly curved
            // over the ranks, and a marked weight may stay where it was; both are far below 1e-3.
            let allowed = 5.0 * (expected * (1.0 - expected) / 4000.0).sqrt() + 1e-3;
            assert!((found - expected).abs() < allowed, "{from}: {found}, not {expected}");
        }
        assert_eq!(generations[0][0], generations[1][0], "the best stays as it is");
    }
}

#[test]
fn with_all_almost_every_weight_changes_networks() {
    let generations = two_generations(&[("permutation", "all"), ("mutation-rate", "0")]);
    assert_eq!(generations, two_generations(&[("mutation-rate", "0")]), "it is the default");
    assert!(moved(&generations, 0..10_000) > 0.999);
}

#[test]
fn the_top_quarter_has_two_offspring_each_which_replace_the_lower_half() {
    let [old, new] = two_generations(&[("mutation-rate", "0")]);
    for gene in 0..GENES {
        let mut counts: HashMap<u32, isize> = HashMap::new();
        for genome in &new {
            *counts.entry(genome[gene].to_bits()).or_default() += 1;
        }
        // Every survivor keeps its weight, and a parent and its mate leave one weight each.
        for (rank, genome) in old.iter().enumerate() {
            let least = isize::from(rank < 10_000) + isize::from(rank < 5000);
            *counts.entry(genome[gene].to_bits()).or_default() -= least;
        }
        assert!(counts.values().all(|&count| count >= 0), "gene {gene}");
        // The rest are the mates' weights.
        assert_eq!(counts.values().sum::<isize>(), 5000);
        let parents = old[..5000].iter().map(|genome| genome[gene].to_bits());
        let of_parents: HashMap<u32, ()> = parents.map(|bits| (bits, ())).collect();
        let strangers =
            counts.iter().filter(|(bits, count)| **count > 0 && !of_parents.contains_key(bits));
        assert_eq!(strangers.count(), 0);
    }
}

#[test]
fn the_mutation_rate_holds_and_half_of_the_mutations_are_below_the_scale() {
    let [old, new] = two_generations(&[("mutation-rate", "0.25"), ("initial-range", "1e-6")]);
    let known: HashMap<u32, ()> =
        old.iter().flatten().map(|weight| (weight.to_bits(), ())).collect();
    let weights = new.iter().flatten();
    let mutated: Vec<f32> =
        weights.filter(|weight| !known.contains_key(&weight.to_bits())).copied().collect();
    // The standard error over 40,000 weights of offspring is 87; five are allowed.
    assert!((mutated.len() as f64 - 10_000.0).abs() < 435.0, "{}", mutated.len());
    // The first weights are nearly 0, so the mutated ones are the steps.
    let small = mutated.iter().filter(|weight| weight.abs() < 0.3).count() as f64;
    assert!((small / mutated.len() as f64 - 0.5).abs() < 0.025, "{small}");
}

#[test]
fn the_first_weights_are_uniform_around_the_first_guess() {
    let start = Start { genes: 3, centre: vec![5.0, 0.0, -1.0], population: 10_000, seed: 1 };
    let strategy = begin("cosyne", &[("initial-range", "2")], start).unwrap();
    let genomes = explicit_genomes(&*strategy);
    for (gene, guess) in [5.0f32, 0.0, -1.0].into_iter().enumerate() {
        let distances = genomes.iter().map(|genome| genome[gene] - guess);
        assert!(distances.clone().all(|distance| distance.abs() <= 2.0));
        let below_1 = distances.clone().filter(|&distance| distance < 1.0).count();
        // Three quarters are expected, with a standard error of 43 individuals; five are allowed.
        assert!((below_1 as f64 - 7500.0).abs() < 217.0, "{below_1}");
    }
}

#[test]
fn the_smallest_population_keeps_its_best_with_permutation_by_ranks() {
    let mut strategy = begin("cosyne", &[("permutation", "ranks")], start(2, 1)).unwrap();
    for _ in 0..3 {
        let old = explicit_genomes(&*strategy);
        strategy.tell(&Fitness::new(vec![1.0, 2.0]), &mut no_recombination).unwrap();
        assert_eq!(explicit_genomes(&*strategy)[0], old[1]);
    }
}

#[test]
fn a_search_without_progress_restarts_only_if_it_is_set_to() {
    // The first weights are small and steps are large, so some weight is soon far away.
    let first = [("initial-range", "0.5"), ("mutation-scale", "50")];
    let outside = |strategy: &dyn Strategy| {
        explicit_genomes(strategy).into_iter().flatten().any(|weight| (weight - 1.0).abs() > 0.5)
    };
    let after = |restart: &str, values: &[f32]| {
        let settings = [first.as_slice(), &[("restart", restart)]].concat();
        let mut strategy = begin("cosyne", &settings, start(20, 1)).unwrap();
        let begun = explicit_genomes(&*strategy);
        let mut anew = Vec::new();
        for &best in values {
            let mut fitness = vec![0.0; 20];
            fitness[7] = best;
            strategy.tell(&Fitness::new(fitness), &mut no_recombination).unwrap();
            assert_ne!(explicit_genomes(&*strategy), begun, "other weights than at first");
            anew.push(!outside(&*strategy));
        }
        anew
    };
    // The search restarts after three generations that are no better than the first.
    let (no, yes) = (false, true);
    assert_eq!(after("3", &[1.0; 9]), [no, no, no, yes, no, no, no, yes, no]);
    // An improvement in between resets the count.
    assert_eq!(after("3", &[1.0, 1.0, 2.0, 2.0, 1.0, 2.0, 2.0]), [no, no, no, no, no, yes, no]);
    assert_eq!(after("0", &[1.0; 9]), [no; 9]);
}

#[test]
fn a_share_of_zero_is_refused() {
    assert_eq!(complaint(begin("cosyne", &[("parents", "0")], start(10, 1))), "--set parents");
}

#[test]
fn it_solves_xor_and_balances_the_pole() {
    for task in ["xor", "cartpole"] {
        for seed in 1..4 {
            let request = Request {
                strategy: Some("cosyne".into()),
                seed: Some(seed),
                backend: Some("cpu".into()),
                ..Request::for_task(task)
            };
            let summary = run::train(&request.check().unwrap(), &mut ()).unwrap();
            println!("{task} {seed}: {} evaluations, {:?}", summary.evaluations, summary.score);
            assert!(summary.solved, "{task} with seed {seed}: {:?}", summary.score);
        }
    }
}

#[test]
fn a_search_shares_its_genomes_with_the_backend() {
    // Two proposals share the same memory, the genomes of the strategy.
    let strategy = begin("cosyne", &[], start(10, 1)).unwrap();
    let address = |strategy: &dyn Strategy| match strategy.ask() {
        deme::population::Proposal::Explicit(explicit) => explicit.genomes.as_ptr(),
        other => panic!("genomes were expected, not {other:?}"),
    };
    assert_eq!(address(&*strategy), address(&*strategy));
}
