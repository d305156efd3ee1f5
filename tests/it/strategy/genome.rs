//! Genomes: paths, and distances computed by hand.

use deme::network::{Connection, Graph};
use deme::strategy::neat::{compatibility_distance, has_path};

use super::neat::{PORTS, hyperparameters, smallest};

fn connection(innovation: u32, source: u32, target: u32, weight: f32) -> Connection {
    Connection { innovation, source, target, weight, enabled: true, recurrent: false }
}

#[test]
fn paths_follow_feed_forward_connections_only() {
    let mut connections =
        vec![connection(0, 0, 9, 1.0), connection(1, 9, 7, 1.0), connection(2, 7, 4, 1.0)];
    assert!(has_path(&connections, 0, 4) && has_path(&connections, 9, 9));
    assert!(!has_path(&connections, 4, 0) && !has_path(&connections, 7, 9));
    connections[1].enabled = false;
    assert!(has_path(&connections, 0, 4), "a disabled gene may be enabled again");
    connections[1].recurrent = true;
    assert!(!has_path(&connections, 0, 4));
}

#[test]
fn the_distance_sums_excess_disjoint_and_weights() {
    let pairs = [("excess", "2"), ("disjoint", "3"), ("weights", "0.5"), ("small", "0")];
    let hyperparameters = hyperparameters(&pairs, PORTS);
    let base = smallest(&hyperparameters);
    let with = |more: &[u32], shift: f32| {
        let mut graph: Graph = base.clone();
        graph.connections.truncate(4);
        graph.connections.iter_mut().for_each(|c| c.weight += shift);
        graph.connections.extend(more.iter().map(|&number| connection(number, 0, 4, 1.0)));
        graph
    };
    // Genes 10 and 12 are disjoint to 11; 13 to 15 are excess; the longer genome has 9 genes.
    let (a, b) = (with(&[11], 0.0), with(&[10, 12, 13, 14, 15], 0.25));
    let by_hand = (2.0 * 4.0 + 3.0 * 2.0) / 9.0 + 0.5 * 0.25;
    assert_eq!(compatibility_distance(&hyperparameters, &a, &b), by_hand);
    assert_eq!(compatibility_distance(&hyperparameters, &b, &a), by_hand);
    assert_eq!(compatibility_distance(&hyperparameters, &a, &a), 0.0);
}

#[test]
fn the_distance_of_small_genomes_is_not_divided_by_their_size() {
    let hyperparameters = hyperparameters(&[("small", "20")], PORTS);
    let base = smallest(&hyperparameters);
    let mut longer = base.clone();
    longer.connections.push(connection(40, 0, 4, 1.0));
    assert_eq!(compatibility_distance(&hyperparameters, &base, &longer), 1.0);
    longer.connections.extend((41..60).map(|number| connection(number, 0, 4, 1.0)));
    assert_eq!(compatibility_distance(&hyperparameters, &base, &longer), 20.0 / 28.0);
}
