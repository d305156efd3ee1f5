//! Innovations: equal mutations of one generation get the same number, others get new ones.

use deme::network::{Activation, Aggregation, Graph};
use deme::strategy::neat::{Innovations, StructuralMutation};

use super::neat::{PORTS, hyperparameters, smallest};

fn begun() -> (Graph, Innovations) {
    let first = smallest(&hyperparameters(&[], PORTS));
    let innovations = Innovations::after(&first);
    (first, innovations)
}

fn split(splits: u32) -> StructuralMutation {
    let (activation, aggregation) = (Activation::Tanh, Aggregation::Sum);
    StructuralMutation::AddNode { splits, activation, aggregation, response: 2.0 }
}

fn last(genome: &Graph) -> (u32, u32) {
    let connection = genome.connections.last().unwrap();
    (connection.innovation, genome.nodes.last().unwrap().id)
}

#[test]
fn a_split_disables_the_connection_and_replaces_it() {
    let (mut genome, mut innovations) = begun();
    genome.connections[3].weight = 0.5;
    innovations.apply(&mut genome, &split(3));
    let old = genome.connections[3];
    assert!(!old.enabled);
    let node = genome.nodes[2];
    assert_eq!((node.id, node.activation, node.response), (6, Activation::Tanh, 2.0));
    let [into, out_of] = [genome.connections[8], genome.connections[9]];
    assert_eq!((into.source, into.target, into.weight, into.enabled), (old.source, 6, 1.0, true));
    assert_eq!((out_of.source, out_of.target, out_of.weight), (6, old.target, 0.5));
    assert_eq!((into.innovation, out_of.innovation), (8, 9));
}

#[test]
fn equal_mutations_have_equal_numbers_within_a_generation_only() {
    let (first, mut innovations) = begun();
    let grown = |innovations: &mut Innovations, growth: &StructuralMutation| {
        let mut genome = first.clone();
        innovations.apply(&mut genome, growth);
        last(&genome)
    };
    let a = grown(&mut innovations, &split(3));
    assert_eq!(grown(&mut innovations, &split(3)), a);
    let b = grown(&mut innovations, &split(4));
    assert_eq!(b, (a.0 + 2, a.1 + 1));
    let link = |recurrent| StructuralMutation::AddConnection {
        source: 4,
        target: 5,
        recurrent,
        weight: 0.5,
    };
    let c = grown(&mut innovations, &link(true));
    assert_eq!(grown(&mut innovations, &link(true)), c);
    assert_ne!(grown(&mut innovations, &link(false)).0, c.0);
    innovations.begin_generation();
    let later = grown(&mut innovations, &split(3));
    assert!(later.0 > c.0 && later.1 > b.1);
}

#[test]
fn a_recurrent_connection_is_split_with_its_delay() {
    let (mut genome, mut innovations) = begun();
    innovations.apply(
        &mut genome,
        &StructuralMutation::AddConnection { source: 5, target: 4, recurrent: true, weight: 0.25 },
    );
    innovations.apply(&mut genome, &split(8));
    let recurrent: Vec<bool> = genome.connections[8..].iter().map(|c| c.recurrent).collect();
    assert_eq!(recurrent, [true, true, false]);
    genome.check().unwrap();
}
