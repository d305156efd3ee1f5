//! Species: who belongs to which, and how the threshold moves.

use deme::network::Graph;
use deme::population::Proposal;
use deme::strategy::Fitness;
use deme::strategy::Strategy;
use deme::strategy::neat::{Species, distance};
use serde::Deserialize;

use super::neat::{PORTS, rules};
use super::{begin, start};

/// The part of a saved search that these tests look at, in the order in which it is saved.
#[derive(Deserialize)]
struct Saved {
    _rules: deme::strategy::neat::Rules,
    _key: deme::population::NoiseKey,
    individuals: Vec<Graph>,
    species: Vec<Species>,
    threshold: f64,
}

fn saved(strategy: &dyn Strategy) -> Saved {
    postcard::take_from_bytes(&strategy.save()).unwrap().0
}

fn live(pairs: &[(&str, &str)], generations: usize) -> Vec<Saved> {
    let mut strategy = begin("neat", pairs, start(80, 5)).unwrap();
    let mut all = vec![saved(&*strategy)];
    for _ in 0..generations {
        let Proposal::Graphs(graphs) = strategy.ask() else { panic!("graphs were expected") };
        let near = |graph: &Graph| -graph.weights().iter().map(|w| (w - 1.5).powi(2)).sum::<f32>();
        let values = graphs.individuals.iter().map(|graph| near(graph)).collect();
        strategy.tell(&Fitness::new(values), None).unwrap();
        all.push(saved(&*strategy));
    }
    all
}

#[test]
fn everybody_is_in_the_first_species_that_fits() {
    let rules = rules(&[("threshold", "1")], PORTS);
    for saved in live(&[("threshold", "1")], 12) {
        let mut members: Vec<u32> =
            saved.species.iter().flat_map(|species| species.members.clone()).collect();
        members.sort_unstable();
        assert!(members.into_iter().eq(0..80), "each is a member of one");
        for (place, species) in saved.species.iter().enumerate() {
            for &member in &species.members {
                let graph = &saved.individuals[member as usize];
                let fits = |species: &Species| {
                    distance(&rules, &species.representative, graph) < saved.threshold
                };
                assert!(fits(species) && !saved.species[..place].iter().any(fits));
            }
        }
    }
}

#[test]
fn a_wider_threshold_makes_fewer_species() {
    let count = |threshold| live(&[("threshold", threshold)], 10).pop().unwrap().species.len();
    assert!(count("0.5") > count("2"));
    assert_eq!(count("1000"), 1);
}

#[test]
fn a_dynamic_threshold_moves_towards_the_species_that_are_wanted() {
    let pairs = [("threshold", "0.1"), ("species", "6"), ("threshold-step", "0.1")];
    let all = live(&pairs, 80);
    let first = all[0].species.len();
    assert!(first > 12, "{first}");
    let late = &all[40..];
    let mean =
        late.iter().map(|saved| saved.species.len()).sum::<usize>() as f64 / late.len() as f64;
    assert!((mean - 6.0).abs() < 2.5, "{mean}");
    assert!(all.windows(2).all(|pair| (pair[1].threshold - pair[0].threshold).abs() < 0.1001));
}
