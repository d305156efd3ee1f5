//! Mutation: weights are moved or drawn anew, connections and nodes are added.
//!
//! What grows is only described here, as a [`Growth`]: children are bred on many threads, and
//! innovations are given out afterwards, in the order of the children.

use rand::{Rng, RngExt};

use super::Rules;
use super::genome::has_path;
use crate::network::{Activation, Aggregation, Connection, Graph};

/// Pairs of nodes that are looked at for a new connection before there is none.
const TRIES: usize = 20;

/// What is to grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// A connection.
    Connection {
        /// From this node.
        source: u32,
        /// To this one.
        target: u32,
        /// Whether it brings what its source gave a step before.
        recurrent: bool,
        /// Its weight.
        weight: f32,
    },
    /// A node in place of a connection, which is disabled. It takes in what the connection brought,
    /// and what it gives is weighted as that was.
    Node {
        /// The connection's innovation.
        splits: u32,
        /// What the node computes.
        activation: Activation,
        /// How it joins what comes in.
        aggregation: Aggregation,
        /// What it multiplies that by.
        response: f32,
    },
}

/// What came of a mutation beside other weights.
pub type Mutation = Vec<Growth>;

/// Mutates a genome, and says what is to grow.
pub fn mutate(rules: &Rules, genome: &mut Graph, rng: &mut impl Rng) -> Mutation {
    if rng.random_bool(rules.weight_mutation) {
        move_weights(rules, genome, rng);
    }
    redraw_nodes(rules, genome, rng);
    let mut growth = Vec::new();
    let has_room = genome.connections.len() < rules.connections;
    if rng.random_bool(rules.add_node) && has_room && genome.hidden() < rules.hidden_nodes {
        growth.extend(new_node(rules, genome, rng));
    }
    if rng.random_bool(rules.add_connection) && has_room {
        growth.extend(new_connection(rules, genome, rng));
    }
    growth
}

/// A weight drawn anew.
pub(super) fn new_weight(rules: &Rules, rng: &mut impl Rng) -> f32 {
    (rules.weight_range * even(rng)) as f32
}

/// A number from -1 to 1.
fn even(rng: &mut impl Rng) -> f64 {
    2.0 * rng.random::<f64>() - 1.0
}

fn move_weights(rules: &Rules, genome: &mut Graph, rng: &mut impl Rng) {
    for connection in &mut genome.connections {
        if !rng.random_bool(rules.weight_share) {
            continue;
        }
        connection.weight = if rng.random_bool(rules.weight_new) {
            new_weight(rules, rng)
        } else {
            let moved = f64::from(connection.weight) + rules.weight_power * even(rng);
            moved.clamp(-rules.weight_limit, rules.weight_limit) as f32
        };
    }
}

/// Draws other activations and aggregations for some hidden nodes, where there is a choice.
fn redraw_nodes(rules: &Rules, genome: &mut Graph, rng: &mut impl Rng) {
    let outputs = genome.outputs as usize;
    if rules.activation.is_none() && rules.activation_mutation > 0.0 {
        for node in &mut genome.nodes[outputs..] {
            if rng.random_bool(rules.activation_mutation) {
                node.activation = drawn(&Activation::ALL, rng);
            }
        }
    }
    if rules.aggregation.is_none() && rules.aggregation_mutation > 0.0 {
        for node in &mut genome.nodes[outputs..] {
            if rng.random_bool(rules.aggregation_mutation) {
                node.aggregation = drawn(&Aggregation::ALL, rng);
            }
        }
    }
}

fn drawn<T: Copy>(all: &[T], rng: &mut impl Rng) -> T {
    all[rng.random_range(0..all.len())]
}

/// A node in place of an enabled connection that is not from the bias: the node would be constant.
fn new_node(rules: &Rules, genome: &Graph, rng: &mut impl Rng) -> Option<Growth> {
    let can_be_split = |connection: &&Connection| connection.source != genome.bias();
    let count = genome.enabled().filter(can_be_split).count();
    if count == 0 {
        return None;
    }
    let chosen = rng.random_range(0..count);
    let split = genome.enabled().filter(can_be_split).nth(chosen)?;
    Some(Growth::Node {
        splits: split.innovation,
        activation: rules.activation.unwrap_or_else(|| drawn(&Activation::ALL, rng)),
        aggregation: rules.aggregation.unwrap_or_else(|| drawn(&Aggregation::ALL, rng)),
        response: rules.response,
    })
}

/// A connection between two nodes that are not connected so; none where none was found.
fn new_connection(rules: &Rules, genome: &Graph, rng: &mut impl Rng) -> Option<Growth> {
    let recurrent = rules.recurrent > 0.0 && rng.random_bool(rules.recurrent);
    let (senders, hidden) = (genome.inputs as usize + 1, genome.hidden());
    for _ in 0..TRIES {
        let target = genome.nodes[rng.random_range(0..genome.nodes.len())].id;
        let source = if recurrent {
            genome.nodes[rng.random_range(0..genome.nodes.len())].id
        } else {
            match rng.random_range(0..senders + hidden) {
                input if input < senders => input as u32,
                other => genome.nodes[genome.outputs as usize + other - senders].id,
            }
        };
        let is_there = genome.connections.iter().any(|other| {
            (other.source, other.target, other.recurrent) == (source, target, recurrent)
        });
        if !is_there && (recurrent || !has_path(&genome.connections, target, source)) {
            let weight = new_weight(rules, rng);
            return Some(Growth::Connection { source, target, recurrent, weight });
        }
    }
    None
}
