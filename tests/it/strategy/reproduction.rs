//! Reproduction: champions, parents and stagnation.

use std::sync::Arc;

use deme::network::Graph;
use deme::population::Proposal;
use deme::strategy::{Fitness, Strategy};

use super::{begin, no_recombination, start};

fn graphs(strategy: &dyn Strategy) -> Arc<[Arc<Graph>]> {
    match strategy.ask() {
        Proposal::Graphs(graphs) => graphs.individuals,
        other => panic!("graphs were expected, not {other:?}"),
    }
}

/// Tells each individual's first weight as its fitness, and returns the best.
fn tell_first_weight(strategy: &mut dyn Strategy) -> f32 {
    let values: Vec<f32> =
        graphs(strategy).iter().map(|graph| graph.connections[0].weight).collect();
    let best = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    strategy.tell(&Fitness::new(values), &mut no_recombination).unwrap();
    best
}

/// A threshold that puts all individuals into one species.
const ONE: [(&str, &str); 1] = [("threshold", "1e9")];

#[test]
fn the_champion_of_a_large_species_is_copied_unchanged() {
    let mut strategy = begin("neat", &ONE, start(30, 2)).unwrap();
    let mut last = f32::NEG_INFINITY;
    for _ in 0..20 {
        let best = tell_first_weight(&mut *strategy);
        assert!(best >= last, "{best} after {last}");
        last = best;
    }
    assert!(last > 5.0, "{last}");
}

#[test]
fn small_species_have_no_champion() {
    let pairs = [ONE[0], ("champion", "30"), ("weight-mutation", "1")];
    let mut strategy = begin("neat", &pairs, start(30, 2)).unwrap();
    let before = graphs(&*strategy);
    tell_first_weight(&mut *strategy);
    let weights: Vec<Vec<f32>> = before.iter().map(|graph| graph.weights()).collect();
    assert!(graphs(&*strategy).iter().all(|graph| !weights.contains(&graph.weights())));
}

#[test]
fn without_mutation_every_gene_comes_from_a_parent() {
    let still = [("weight-mutation", "0"), ("add-node", "0"), ("add-connection", "0")];
    let pairs = [&ONE[..], &still, &[("survivors", "0.1")]].concat();
    let mut strategy = begin("neat", &pairs, start(40, 6)).unwrap();
    let before = graphs(&*strategy);
    let mut order: Vec<usize> = (0..40).collect();
    let first = |i: usize| before[i].connections[0].weight;
    order.sort_by(|&a, &b| first(b).total_cmp(&first(a)));
    tell_first_weight(&mut *strategy);
    for child in graphs(&*strategy).iter() {
        for (index, connection) in child.connections.iter().enumerate() {
            // A tenth of the forty may have offspring.
            let of_a_parent = order[..4]
                .iter()
                .any(|&parent| before[parent].connections[index].weight == connection.weight);
            assert!(of_a_parent);
        }
    }
}

#[test]
fn a_population_without_progress_continues() {
    let pairs = [("threshold", "0.5"), ("stagnation", "3"), ("refocus", "6")];
    for elites in ["0", "1"] {
        let pairs = [&pairs[..], &[("elite-species", elites)]].concat();
        let mut strategy = begin("neat", &pairs, start(50, 4)).unwrap();
        for _ in 0..20 {
            strategy.tell(&Fitness::new(vec![1.0; 50]), &mut no_recombination).unwrap();
            assert_eq!(graphs(&*strategy).len(), 50);
        }
    }
}
