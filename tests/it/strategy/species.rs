//! Species: membership, numbering, and the threshold.

use deme::network::Graph;
use deme::population::Proposal;
use deme::strategy::Fitness;
use deme::strategy::Strategy;
use deme::strategy::neat::{Species, compatibility_distance};
use serde::Deserialize;

use super::neat::{PORTS, hyperparameters};
use super::{begin, no_recombination, start};

/// The first fields of a saved search, in the order in which they are saved.
#[derive(Deserialize)]
struct SavedSearch {
    _rules: deme::strategy::neat::Hyperparameters,
    _key: deme::population::NoiseKey,
    individuals: Vec<Graph>,
    species: Vec<Species>,
    threshold: f64,
}

fn saved(strategy: &dyn Strategy) -> SavedSearch {
    postcard::take_from_bytes(&strategy.save()).unwrap().0
}

/// Tells a search a fitness that is highest for weights near 1.5.
fn tell_by_weights(strategy: &mut dyn Strategy) {
    let Proposal::Graphs(graphs) = strategy.ask() else { panic!("graphs were expected") };
    let near = |graph: &Graph| -graph.weights().iter().map(|w| (w - 1.5).powi(2)).sum::<f32>();
    let values = graphs.individuals.iter().map(|graph| near(graph)).collect();
    strategy.tell(&Fitness::new(values), &mut no_recombination).unwrap();
}

fn evolve(pairs: &[(&str, &str)], generations: usize) -> Vec<SavedSearch> {
    let mut strategy = begin("neat", pairs, start(80, 5)).unwrap();
    let mut all = vec![saved(&*strategy)];
    for _ in 0..generations {
        tell_by_weights(&mut *strategy);
        all.push(saved(&*strategy));
    }
    all
}

#[test]
fn every_individual_is_in_the_first_species_that_fits() {
    let hyperparameters = hyperparameters(&[("threshold", "1")], PORTS);
    for saved in evolve(&[("threshold", "1")], 12) {
        let mut members: Vec<u32> =
            saved.species.iter().flat_map(|species| species.members.clone()).collect();
        members.sort_unstable();
        assert!(members.into_iter().eq(0..80), "each is a member of one");
        for (index, species) in saved.species.iter().enumerate() {
            for &member in &species.members {
                let graph = &saved.individuals[member as usize];
                let fits = |species: &Species| {
                    compatibility_distance(&hyperparameters, &species.representative, graph)
                        < saved.threshold
                };
                assert!(fits(species) && !saved.species[..index].iter().any(fits));
            }
        }
    }
}

#[test]
fn species_have_unique_numbers_in_the_order_of_birth() {
    let mut strategy = begin("neat", &[("threshold", "0.6")], start(80, 5)).unwrap();
    let (mut known, mut ended): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    for generation in 0..25 {
        let sizes = strategy.species();
        let saved = saved(&*strategy);
        let members = saved.species.iter().map(|one| (one.number, one.members.len() as u32));
        assert!(sizes.iter().copied().eq(members));
        assert_eq!(sizes.iter().map(|(_, size)| size).sum::<u32>(), 80);
        assert!(sizes.windows(2).all(|pair| pair[0].0 < pair[1].0), "{sizes:?}");
        let numbers: Vec<u32> = sizes.into_iter().map(|(number, _)| number).collect();
        // Species never return, and a new one has a new number.
        assert!(numbers.iter().all(|number| !ended.contains(number)));
        let most = known.iter().max().copied();
        for &number in numbers.iter().filter(|number| !known.contains(number)) {
            assert!(most.is_none_or(|most| number > most), "{number} in {generation}");
        }
        ended.extend(known.iter().filter(|number| !numbers.contains(number)).copied());
        known.extend(numbers);
        tell_by_weights(&mut *strategy);
    }
    assert!(!ended.is_empty(), "some must end for this to be a test");
}

#[test]
fn a_higher_threshold_gives_fewer_species() {
    let count = |threshold| evolve(&[("threshold", threshold)], 10).pop().unwrap().species.len();
    assert!(count("0.5") > count("2"));
    assert_eq!(count("1000"), 1);
}

#[test]
fn the_threshold_adapts_to_the_set_number_of_species() {
    let pairs = [("threshold", "0.1"), ("species", "6"), ("threshold-step", "0.1")];
    let all = evolve(&pairs, 80);
    let first = all[0].species.len();
    assert!(first > 12, "{first}");
    let late = &all[40..];
    let mean =
        late.iter().map(|saved| saved.species.len()).sum::<usize>() as f64 / late.len() as f64;
    assert!((mean - 6.0).abs() < 2.5, "{mean}");
    assert!(all.windows(2).all(|pair| (pair[1].threshold - pair[0].threshold).abs() < 0.1001));
}
