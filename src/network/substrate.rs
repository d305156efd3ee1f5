//! Substrates: coordinates for the nodes of a network, from which a CPPN computes its weights.
//!
//! Every node has coordinates `(x, y, z)` from -1 to 1. `z` is the depth of its layer, from -1 for
//! the inputs to 1 for the outputs. Within a layer, nodes are evenly spaced on a line along `x`, or
//! in the rows of a picture. A gene is a connection with two ends: a graph (the CPPN) takes their
//! six coordinates, and its output determines the weight. Biases come from one node at (0, 0, -2),
//! outside the layers.
//!
//! # Shapes
//!
//! Coordinates are `f32[genes][6]`: x, y and z of the source, then those of the target, in the
//! order of the genome.
//!
//! # Source
//!
//! Stanley, D'Ambrosio and Gauci, "A hypercube-based encoding for evolving large-scale neural
//! networks", Artificial Life 15(2), 2009, section 3: a pattern in the space of connections, a
//! threshold of 0.2 below which there is no connection, and a range of 3. There, a CPPN for several
//! layers has an output for each pair of layers. Here, depth is a coordinate.

use serde::{Deserialize, Serialize};

use super::{Cell, Network, Ports};
use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::math::Real;

/// The coordinates of one end of a connection.
type Point = [f32; 3];

/// The inputs of the graph for a gene: the coordinates of both ends.
pub const COORDINATES_PER_GENE: usize = 6;
/// The source of biases.
const BIAS: Point = [0.0, 0.0, -2.0];

/// The coordinates of a network's genes, and the scale from the outputs of a graph to weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Substrate {
    /// `f32[genes][6]`.
    coordinates: Vec<f32>,
    /// The largest magnitude of an output that means no connection: from 0 to below 1.
    threshold: f32,
    /// The weight for an output of 1 or more.
    range: f32,
}

impl Substrate {
    /// Makes the substrate of a network. The inputs are on a line if `columns` is 0, or else a
    /// picture with that many columns.
    ///
    /// # Errors
    /// Returns an error if a layer has gates, which would all get equal weights; if the columns do
    /// not divide the inputs; if the threshold is not from 0 to below 1; or if the range is not
    /// positive.
    pub fn for_network(
        network: &Network,
        columns: usize,
        threshold: f32,
        range: f32,
    ) -> Result<Self> {
        if !(0.0..1.0).contains(&threshold) {
            return Err(Error::invalid("a substrate's threshold", "0 or more, below 1", threshold));
        }
        if !(range.is_finite() && range > 0.0) {
            return Err(Error::invalid("a substrate's range", "a number above 0", range));
        }
        let inputs = network.inputs();
        if columns > 0 && !inputs.is_multiple_of(columns) {
            let expected = format!("columns that divide {}", counted(inputs as u64, "inputs"));
            return Err(Error::invalid("a substrate", expected, columns));
        }
        let depth = network.layers().len() as f32;
        let mut sources = layer_points(inputs, columns, -1.0);
        let mut coordinates = Vec::with_capacity(COORDINATES_PER_GENE * network.parameters());
        for (index, layer) in network.layers().iter().enumerate() {
            let feedback = match layer.cell {
                Cell::Dense => false,
                Cell::Elman => true,
                Cell::Gru => {
                    let expected = "layers whose genes each connect two nodes, dense or elman";
                    return Err(Error::invalid("a substrate", expected, layer.cell.name()));
                }
            };
            let targets = layer_points(layer.outputs, 0, 2.0 * (index + 1) as f32 / depth - 1.0);
            let feedback = if feedback { &targets[..] } else { &[] };
            let bias = [BIAS];
            let biased = layer.part(0).is_some_and(|part| part.dense.biased);
            let biases = if biased { &bias[..] } else { &[] };
            for source in sources.iter().chain(feedback).chain(biases) {
                for target in &targets {
                    coordinates.extend(source.iter().chain(target));
                }
            }
            sources = targets;
        }
        debug_assert_eq!(
            coordinates.len(),
            COORDINATES_PER_GENE * network.parameters(),
            "coordinates for every gene"
        );
        Ok(Self { coordinates, threshold, range })
    }

    /// True if the numbers are those that [`Substrate::for_network`] accepts.
    pub(crate) fn is_valid(&self) -> bool {
        self.coordinates.len().is_multiple_of(COORDINATES_PER_GENE)
            && self.coordinates.iter().all(|number| number.is_finite())
            && (0.0..1.0).contains(&self.threshold)
            && self.range.is_finite()
            && self.range > 0.0
    }

    /// The ports of a CPPN.
    pub fn ports() -> Ports {
        Ports { inputs: COORDINATES_PER_GENE, outputs: 1, ordered: false }
    }

    /// The number of genes.
    pub fn genes(&self) -> usize {
        self.coordinates.len() / COORDINATES_PER_GENE
    }

    /// The coordinates, `f32[genes][6]`.
    pub fn coordinates(&self) -> &[f32] {
        &self.coordinates
    }

    /// The threshold, up to which there is no connection, and the weight for an output of 1.
    pub fn scale(&self) -> (f32, f32) {
        (self.threshold, self.range)
    }

    /// The weight for an output of the CPPN: 0 up to the threshold, then proportional to the excess
    /// over it, and at most the range. The order of the comparisons keeps NaN.
    #[inline(always)]
    pub fn weight<R: Real>(&self, output: R) -> R {
        let [none, one] = [0.0, 1.0].map(R::from_f64);
        let [threshold, range] = [self.threshold, self.range].map(|n| R::from_f64(f64::from(n)));
        let above = (output.abs() - threshold) / (one - threshold);
        let share = R::select(none.at_least(above), none, above);
        let share = R::select(share.at_least(one), one, share);
        R::select(output.at_least(none), range * share, none - range * share)
    }
}

/// The coordinates of a layer's nodes: on a line if `columns` is 0, or in rows.
fn layer_points(nodes: usize, columns: usize, z: f32) -> Vec<Point> {
    let columns = if columns == 0 { nodes } else { columns };
    let rows = nodes / columns.max(1);
    (0..nodes).map(|n| [evenly(n % columns, columns), evenly(n / columns, rows), z]).collect()
}

/// The coordinate of one of `count` evenly spaced points from -1 to 1; 0 for a single one.
fn evenly(index: usize, count: usize) -> f32 {
    if count < 2 { 0.0 } else { 2.0 * index as f32 / (count - 1) as f32 - 1.0 }
}
