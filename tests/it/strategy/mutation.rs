//! Mutation: its rates, its step sizes and its limits.

use deme::network::Ports;
use deme::strategy::neat::{StructuralMutation, mutate};

use super::neat::{PORTS, generator, hyperparameters, relatives, smallest};

const CHILDREN: u64 = 4000;

#[track_caller]
fn assert_share(count: usize, of: u64, share: f64) {
    let off = (count as f64 - share * of as f64).abs();
    assert!(off < 5.0 * (share * (1.0 - share) * of as f64).sqrt() + 1e-9, "{count} of {of}");
}

#[test]
fn weights_are_perturbed_or_drawn_anew_at_the_set_rates() {
    let pairs = [("weight-mutation", "0.8"), ("weight-new", "0.1"), ("weight-power", "0.5")];
    let pairs = [&pairs[..], &[("weight-share", "1")]].concat();
    let hyperparameters =
        hyperparameters(&[&pairs[..], &[("weight-range", "0.25")]].concat(), PORTS);
    let mut first = smallest(&hyperparameters);
    first.connections.iter_mut().for_each(|connection| connection.weight = 10.0);
    let (mut mutated, mut drawn) = (0, 0);
    for seed in 0..CHILDREN {
        let mut child = first.clone();
        mutate(&hyperparameters, &mut child, &mut generator(seed));
        if child.weights() == first.weights() {
            continue;
        }
        mutated += 1;
        for weight in child.weights() {
            let anew = weight.abs() <= 0.25;
            assert!(anew || (weight - 10.0).abs() <= 0.5, "{weight}");
            drawn += usize::from(anew);
        }
    }
    assert_share(mutated, CHILDREN, 0.8);
    assert_share(drawn, 8 * mutated as u64, 0.1);
}

#[test]
fn nodes_and_connections_are_added_at_the_set_rates() {
    let hyperparameters = hyperparameters(&[("add-node", "0.3"), ("add-connection", "0.2")], PORTS);
    let ([genome, _], _) = relatives(&hyperparameters, 5, 10);
    let (mut nodes, mut connections) = (0, 0);
    for seed in 0..CHILDREN {
        for mutation in mutate(&hyperparameters, &mut genome.clone(), &mut generator(seed)) {
            match mutation {
                StructuralMutation::AddNode { splits, .. } => {
                    nodes += 1;
                    let gene = genome.connections.iter().find(|c| c.innovation == splits).unwrap();
                    assert!(gene.enabled && gene.source != genome.bias());
                }
                StructuralMutation::AddConnection { .. } => connections += 1,
            }
        }
    }
    assert_share(nodes, CHILDREN, 0.3);
    assert_share(connections, CHILDREN, 0.2);
}

#[test]
fn a_genome_at_its_limits_gets_no_additions() {
    let pairs = [("add-node", "1"), ("add-connection", "1")];
    let bounded = hyperparameters(&[&pairs[..], &[("hidden-nodes", "3")]].concat(), PORTS);
    let ([genome, _], _) = relatives(&bounded, 1, 30);
    assert_eq!(genome.hidden(), 3);
    let bounded = hyperparameters(&[&pairs[..], &[("connections", "20")]].concat(), PORTS);
    let ([genome, _], _) = relatives(&bounded, 1, 30);
    // The last mutation may add a node, which brings two connections, and a connection.
    assert!((20..=22).contains(&genome.connections.len()), "{}", genome.connections.len());
}

#[test]
fn a_full_graph_gets_no_connection() {
    let hyperparameters = hyperparameters(
        &[("add-connection", "1"), ("add-node", "0")],
        Ports { ordered: false, ..PORTS },
    );
    // Every input is connected to every output already.
    let mut genome = smallest(&hyperparameters);
    for seed in 0..100 {
        assert_eq!(mutate(&hyperparameters, &mut genome, &mut generator(seed)), []);
    }
}

#[test]
fn recurrent_connections_have_the_set_rate_and_need_ordered_steps() {
    for (ordered, share) in [(true, 0.4), (false, 0.0)] {
        let ports = Ports { ordered, ..PORTS };
        let hyperparameters = hyperparameters(
            &[("recurrent", "0.4"), ("add-connection", "1"), ("add-node", "0.5")],
            ports,
        );
        let (mut all, mut recurrent) = (0, 0);
        for seed in 0..CHILDREN {
            let ([genome, _], _) = relatives(&hyperparameters, seed % 7, 8);
            for mutation in mutate(&hyperparameters, &mut genome.clone(), &mut generator(seed)) {
                if let StructuralMutation::AddConnection { recurrent: is_recurrent, .. } = mutation
                {
                    all += 1;
                    recurrent += usize::from(is_recurrent);
                }
            }
        }
        if ordered {
            assert!((recurrent as f64 / all as f64 - share).abs() < 0.1, "{recurrent} of {all}");
        } else {
            assert_eq!(recurrent, 0);
        }
    }
}
