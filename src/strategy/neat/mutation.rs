//! Mutation: perturbs weights or draws them anew, and adds connections and nodes.
//!
//! Additions are only described here, each as a [`StructuralMutation`]. Offspring are bred on many
//! threads; innovations are assigned afterwards, in the order of the offspring.

use rand::{Rng, RngExt};

use super::Hyperparameters;
use super::genome::has_path;
use crate::network::{Activation, Aggregation, Connection, Graph};

/// The number of random pairs of nodes that are tried for a new connection.
const TRIES: usize = 20;

/// A connection or a node to be added to a genome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StructuralMutation {
    /// Adds a connection.
    AddConnection {
        /// The id of the node that it leaves.
        source: u32,
        /// The id of the node that it enters.
        target: u32,
        /// True if it carries its source's output of the previous step.
        recurrent: bool,
        /// The weight.
        weight: f32,
    },
    /// Adds a node in the middle of a connection, which is disabled. The connection into the node
    /// has weight 1; the one out of it has the old weight.
    AddNode {
        /// The innovation of the connection that is split.
        splits: u32,
        /// The activation of the node.
        activation: Activation,
        /// The function that combines its inputs.
        aggregation: Aggregation,
        /// The factor on the combined inputs.
        response: f32,
    },
}

/// Mutates the weights and node functions of a genome, and returns the additions to apply to it.
pub fn mutate(
    hyperparameters: &Hyperparameters,
    genome: &mut Graph,
    rng: &mut impl Rng,
) -> Vec<StructuralMutation> {
    if rng.random_bool(hyperparameters.weight_mutation) {
        perturb_weights(hyperparameters, genome, rng);
    }
    redraw_nodes(hyperparameters, genome, rng);
    let mut mutations = Vec::new();
    let has_room = genome.connections.len() < hyperparameters.connections;
    if rng.random_bool(hyperparameters.add_node)
        && has_room
        && genome.hidden() < hyperparameters.hidden_nodes
    {
        mutations.extend(add_node(hyperparameters, genome, rng));
    }
    if rng.random_bool(hyperparameters.add_connection) && has_room {
        mutations.extend(add_connection(hyperparameters, genome, rng));
    }
    mutations
}

/// Draws a weight.
pub(super) fn new_weight(hyperparameters: &Hyperparameters, rng: &mut impl Rng) -> f32 {
    (hyperparameters.weight_range * symmetric(rng)) as f32
}

/// Draws a number from -1 to 1.
fn symmetric(rng: &mut impl Rng) -> f64 {
    2.0 * rng.random::<f64>() - 1.0
}

fn perturb_weights(hyperparameters: &Hyperparameters, genome: &mut Graph, rng: &mut impl Rng) {
    for connection in &mut genome.connections {
        if !rng.random_bool(hyperparameters.weight_share) {
            continue;
        }
        connection.weight = if rng.random_bool(hyperparameters.weight_new) {
            new_weight(hyperparameters, rng)
        } else {
            let perturbed =
                f64::from(connection.weight) + hyperparameters.weight_power * symmetric(rng);
            perturbed.clamp(-hyperparameters.weight_limit, hyperparameters.weight_limit) as f32
        };
    }
}

/// Draws new activations and aggregations for some hidden nodes, if each node has its own.
fn redraw_nodes(hyperparameters: &Hyperparameters, genome: &mut Graph, rng: &mut impl Rng) {
    let outputs = genome.outputs as usize;
    if hyperparameters.activation.is_none() && hyperparameters.activation_mutation > 0.0 {
        for node in &mut genome.nodes[outputs..] {
            if rng.random_bool(hyperparameters.activation_mutation) {
                node.activation = draw(&Activation::ALL, rng);
            }
        }
    }
    if hyperparameters.aggregation.is_none() && hyperparameters.aggregation_mutation > 0.0 {
        for node in &mut genome.nodes[outputs..] {
            if rng.random_bool(hyperparameters.aggregation_mutation) {
                node.aggregation = draw(&Aggregation::ALL, rng);
            }
        }
    }
}

fn draw<T: Copy>(all: &[T], rng: &mut impl Rng) -> T {
    all[rng.random_range(0..all.len())]
}

/// Splits an enabled connection by a node. Connections from the bias are excluded, because the node
/// would be constant.
fn add_node(
    hyperparameters: &Hyperparameters,
    genome: &Graph,
    rng: &mut impl Rng,
) -> Option<StructuralMutation> {
    let can_split = |connection: &&Connection| connection.source != genome.bias();
    let count = genome.enabled().filter(can_split).count();
    if count == 0 {
        return None;
    }
    let chosen = rng.random_range(0..count);
    let split = genome.enabled().filter(can_split).nth(chosen)?;
    Some(StructuralMutation::AddNode {
        splits: split.innovation,
        activation: hyperparameters.activation.unwrap_or_else(|| draw(&Activation::ALL, rng)),
        aggregation: hyperparameters.aggregation.unwrap_or_else(|| draw(&Aggregation::ALL, rng)),
        response: hyperparameters.response,
    })
}

/// Connects two nodes that are not connected yet. Returns `None` if no such pair was found.
fn add_connection(
    hyperparameters: &Hyperparameters,
    genome: &Graph,
    rng: &mut impl Rng,
) -> Option<StructuralMutation> {
    let recurrent = hyperparameters.recurrent > 0.0 && rng.random_bool(hyperparameters.recurrent);
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
        let exists = genome.connections.iter().any(|other| {
            (other.source, other.target, other.recurrent) == (source, target, recurrent)
        });
        if !exists && (recurrent || !has_path(&genome.connections, target, source)) {
            let weight = new_weight(hyperparameters, rng);
            return Some(StructuralMutation::AddConnection { source, target, recurrent, weight });
        }
    }
    None
}
