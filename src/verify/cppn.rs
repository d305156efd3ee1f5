//! Rung 4, `painting`: genomes decoded from CPPNs, gene by gene, for networks of several shapes.
//!
//! The reference evaluates each CPPN recursively, for one gene at a time. This rung tests the code
//! that compiles the CPPNs, places the neurons and converts outputs to weights.

use std::sync::Arc;

use super::forward::{FORWARD_UNITS, UNIT, random_samples};
use super::{Comparison, Implementation, Rung, graphs};
use crate::backend::{Backend, Reference};
use crate::error::Result;
use crate::network::{Activation, COORDINATES_PER_GENE, Network, ReferenceGraph, Substrate};
use crate::population::{CppnGenomes, Graphs, Proposal};
use crate::task::Task;

/// Individuals, a few more than a block of the packed population holds.
const INDIVIDUALS: usize = 70;
/// The length of the longest path in these graphs, in nodes.
const DEPTH: f64 = 31.0;
const THRESHOLD: f32 = 0.2;
const RANGE: f32 = 3.0;
const CRITERION: &str = "16 units in the last place of the largest number, times the depth and \
                         the slope of a weight";

/// The networks: a description, the hidden layers, and the number of columns of the inputs.
const SHAPES: [(&str, &str, usize); 4] = [
    ("no hidden layer", "", 0),
    ("two layers", "9-5:relu", 0),
    ("no biases", "7:nobias-out:nobias", 0),
    ("a picture, recurrent", "6:elman", 3),
];
const INPUTS: usize = 6;
const OUTPUTS: usize = 2;

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    checks(implementation).collect()
}

/// Checks one network after another.
pub(super) fn checks(
    implementation: &dyn Implementation,
) -> impl Iterator<Item = Result<Rung>> + '_ {
    SHAPES.iter().map(move |shape| check_shape(implementation, shape))
}

fn check_shape(
    implementation: &dyn Implementation,
    &(name, spec, columns): &(&str, &str, usize),
) -> Result<Rung> {
    let network = Network::parse(spec, INPUTS, OUTPUTS, Activation::Tanh)?;
    let substrate = Arc::new(Substrate::for_network(&network, columns, THRESHOLD, RANGE)?);
    let Proposal::Graphs(graphs) = graphs::population(Substrate::ports(), INDIVIDUALS) else {
        unreachable!("the population consists of graphs");
    };
    let slope = f64::from(RANGE / (1.0 - THRESHOLD));
    let limit = FORWARD_UNITS * UNIT * largest(&graphs, &substrate) * DEPTH * slope;
    let proposal = Proposal::Cppn(CppnGenomes { graphs, substrate });
    let task: Arc<dyn Task> = Arc::new(random_samples(INPUTS, OUTPUTS, 1));
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    reference.spawn(&proposal)?;
    let mut backend = implementation.backend(task, network.clone(), None)?;
    backend.spawn(&proposal)?;

    let mut errors = Comparison::new("4 painting", name, CRITERION);
    let mut connected = 0;
    for individual in 0..INDIVIDUALS {
        let (expected, found) =
            (reference.individual(individual)?, backend.individual(individual)?);
        errors.check_that(found.len() == expected.len(), || format!("{} genes", found.len()));
        for (gene, (&got, &want)) in found.iter().zip(&expected).enumerate() {
            connected += usize::from(want != 0.0);
            let at = || format!("individual {individual}, gene {gene}");
            errors.check(f64::from(got), f64::from(want), limit, at);
        }
    }
    let genes = INDIVIDUALS * network.parameters();
    errors.check_that(connected > genes / 10, || format!("{connected} of {genes} genes are not 0"));
    Ok(errors.into_rung())
}

/// The largest magnitude of any node in the graphs, or 1 if it is smaller.
fn largest(graphs: &Graphs, substrate: &Substrate) -> f64 {
    let mut largest = 1.0f64;
    for graph in graphs.individuals.iter() {
        let mut reference = ReferenceGraph::new(&**graph);
        for coordinates in substrate.coordinates().chunks(COORDINATES_PER_GENE) {
            reference.step(&coordinates.iter().copied().map(f64::from).collect::<Vec<_>>());
            let nodes = graph.nodes.iter().map(|node| reference.previous(node.id).abs());
            largest = nodes.fold(largest, f64::max);
        }
    }
    largest
}
