//! Crossover: the genes of a child, and the parents that they come from.

use deme::network::Graph;
use deme::strategy::neat::cross;

use super::neat::{FAST, PORTS, generator, hyperparameters, relatives};

fn numbers(graph: &Graph) -> Vec<u32> {
    graph.connections.iter().map(|connection| connection.innovation).collect()
}

/// Two relatives with different numbers of genes.
fn parents(pairs: &[(&str, &str)]) -> [Graph; 2] {
    let hyperparameters = hyperparameters(&[&FAST[..], pairs].concat(), PORTS);
    let mut seeds = 0..;
    let found = seeds.find_map(|seed| {
        let (pair, _) = relatives(&hyperparameters, seed, 12);
        (pair[0].connections.len() > pair[1].connections.len() + 2).then_some(pair)
    });
    found.unwrap()
}

#[test]
fn a_child_has_the_topology_of_the_fitter_parent() {
    let [large, small] = parents(&[]);
    let hyperparameters = hyperparameters(&FAST, PORTS);
    for seed in 0..50 {
        let rng = &mut generator(seed);
        assert_eq!(numbers(&cross(&hyperparameters, &large, &small, false, rng)), numbers(&large));
        assert_eq!(numbers(&cross(&hyperparameters, &small, &large, false, rng)), numbers(&small));
        // Between equals, the smaller topology is inherited, whichever parent comes first.
        assert_eq!(numbers(&cross(&hyperparameters, &large, &small, true, rng)), numbers(&small));
        assert_eq!(numbers(&cross(&hyperparameters, &small, &large, true, rng)), numbers(&small));
    }
}

#[test]
fn matching_genes_come_from_either_parent_with_equal_probability() {
    const CHILDREN: u64 = 4000;
    let [large, small] = parents(&[]);
    let hyperparameters = hyperparameters(&FAST, PORTS);
    let mut shared = numbers(&large).into_iter().filter(|number| numbers(&small).contains(number));
    let weight = |graph: &Graph, number: u32| {
        let index = numbers(graph).iter().position(|&other| other == number).unwrap();
        graph.connections[index].weight
    };
    let mut of_large = 0;
    let number = shared.next_back().unwrap();
    let (a, b) = (weight(&large, number), weight(&small, number));
    assert_ne!(a, b);
    for seed in 0..CHILDREN {
        let child = cross(&hyperparameters, &large, &small, false, &mut generator(seed));
        let found = weight(&child, number);
        assert!(found == a || found == b);
        of_large += u32::from(found == a);
    }
    // Five standard deviations of a fair coin.
    let off = (f64::from(of_large) - 0.5 * CHILDREN as f64).abs();
    assert!(off < 5.0 * (0.25 * CHILDREN as f64).sqrt(), "{of_large} of {CHILDREN}");
}

#[test]
fn genes_disabled_in_either_parent_stay_disabled_at_the_set_rate() {
    const CHILDREN: u64 = 4000;
    let hyperparameters = hyperparameters(&[("disabled", "0.75")], PORTS);
    let ([mut a, b], _) = relatives(&hyperparameters, 1, 0);
    a.connections[2].enabled = false;
    let disabled = (0..CHILDREN)
        .filter(|&seed| {
            let child = cross(&hyperparameters, &b, &a, false, &mut generator(seed));
            assert!(child.connections[1].enabled);
            !child.connections[2].enabled
        })
        .count();
    let off = (disabled as f64 - 0.75 * CHILDREN as f64).abs();
    assert!(off < 5.0 * (0.75 * 0.25 * CHILDREN as f64).sqrt(), "{disabled} of {CHILDREN}");
}

#[test]
fn equal_parents_can_mix_all_their_genes() {
    let [large, small] = parents(&[]);
    let hyperparameters = hyperparameters(&[&FAST[..], &[("ties", "random")]].concat(), PORTS);
    let children: Vec<Vec<u32>> = (0..40)
        .map(|seed| numbers(&cross(&hyperparameters, &large, &small, true, &mut generator(seed))))
        .collect();
    let own = |graph: &Graph, other: &Graph| -> Vec<u32> {
        numbers(graph).into_iter().filter(|n| !numbers(other).contains(n)).collect()
    };
    for own in [own(&large, &small), own(&small, &large)] {
        let has = |child: &&Vec<u32>| own.iter().any(|number| child.contains(number));
        let having = children.iter().filter(has).count();
        assert!(having > 0, "no individual has a gene of {own:?}");
    }
}
