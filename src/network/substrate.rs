//! Substrates: where the nodes of a network of layers stand, so that a graph can paint its weights.
//!
//! Every node has coordinates `(x, y, z)` from -1 to 1: `z` is its layer's depth, the inputs' -1
//! and the outputs' 1; within a layer nodes stand evenly on a line along `x`, or in rows of a
//! picture. A gene is a connection, so it has two ends: a graph that is shown the six coordinates
//! says how strong it is. Biases come from one node at (0, 0, -2), outside of the layers.
//!
//! # Shapes
//!
//! Places are `f32[genes][6]`: x, y and z of the source, then those of the target, in the order of
//! the genome.
//!
//! # Source
//!
//! Stanley, D'Ambrosio and Gauci, "A hypercube-based encoding for evolving large-scale neural
//! networks", Artificial Life 15(2), 2009, section 3: a pattern in the space of connections, a
//! threshold of 0.2 below which there is none, and a range of 3. There substrates of several layers
//! have an output for each pair of them; here depth is a coordinate.

use serde::{Deserialize, Serialize};

use super::{Cell, Network, Ports};
use crate::error::{Error, Result};
use crate::math::Real;

/// Coordinates of one end of a connection.
type Point = [f32; 3];

/// Numbers that a graph is shown for a gene.
pub const PLACE: usize = 6;
/// Where biases come from.
const BIAS: Point = [0.0, 0.0, -2.0];

/// The places of a network's genes, and what a graph's answers mean there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Substrate {
    /// `f32[genes][6]`.
    places: Vec<f32>,
    /// Answers up to this one, of either sign, are no connection: from 0 to below 1.
    threshold: f32,
    /// The weight of an answer of 1 or more.
    range: f32,
}

impl Substrate {
    /// The substrate of a network: layers on lines, or the inputs as a picture of so many columns.
    ///
    /// # Errors
    /// A layer of gated cells, whose gates would all be painted alike; columns that do not divide
    /// the inputs; a threshold outside of 0 to 1, or a range that is not positive.
    pub fn of(network: &Network, columns: usize, threshold: f32, range: f32) -> Result<Self> {
        if !(0.0..1.0).contains(&threshold) {
            return Err(Error::invalid("a substrate's threshold", "0 or more, below 1", threshold));
        }
        if !(range.is_finite() && range > 0.0) {
            return Err(Error::invalid("a substrate's range", "a number above 0", range));
        }
        let inputs = network.inputs();
        if columns > 0 && !inputs.is_multiple_of(columns) {
            let expected = format!("columns that divide {inputs} inputs");
            return Err(Error::invalid("a substrate", expected, columns));
        }
        let depth = network.layers().len() as f32;
        let mut sources = sheet(inputs, columns, -1.0);
        let mut places = Vec::with_capacity(PLACE * network.parameters());
        for (index, layer) in network.layers().iter().enumerate() {
            if layer.cell == Cell::Gru {
                let expected = "layers whose genes each connect two nodes, dense or elman";
                return Err(Error::invalid("a substrate", expected, "gru"));
            }
            let targets = sheet(layer.outputs, 0, 2.0 * (index + 1) as f32 / depth - 1.0);
            let remembered = if layer.cell == Cell::Elman { &targets[..] } else { &[] };
            let bias = [BIAS];
            let biased = layer.part(0).is_some_and(|part| part.dense.biased);
            let biases = if biased { &bias[..] } else { &[] };
            for source in sources.iter().chain(remembered).chain(biases) {
                for target in &targets {
                    places.extend(source.iter().chain(target));
                }
            }
            sources = targets;
        }
        debug_assert_eq!(places.len(), PLACE * network.parameters(), "a place for every gene");
        Ok(Self { places, threshold, range })
    }

    /// What goes into a graph that paints, and what comes out.
    pub fn ports() -> Ports {
        Ports { inputs: PLACE, outputs: 1, ordered: false }
    }

    /// Genes that are painted.
    pub fn genes(&self) -> usize {
        self.places.len() / PLACE
    }

    /// `f32[genes][6]`.
    pub fn places(&self) -> &[f32] {
        &self.places
    }

    /// The answer up to which there is no connection, and the weight of an answer of 1.
    pub fn scale(&self) -> (f32, f32) {
        (self.threshold, self.range)
    }

    /// The weight that an answer stands for: 0 up to the threshold, then in proportion to what is
    /// above it, and never beyond the range. NaN stays NaN, which comparisons written so see to.
    #[inline(always)]
    pub fn weight<R: Real>(&self, answer: R) -> R {
        let [none, one] = [0.0, 1.0].map(R::of);
        let [threshold, range] = [self.threshold, self.range].map(|n| R::of(f64::from(n)));
        let above = (answer.abs() - threshold) / (one - threshold);
        let share = R::select(none.at_least(above), none, above);
        let share = R::select(share.at_least(one), one, share);
        R::select(answer.at_least(none), range * share, none - range * share)
    }
}

/// The nodes of a layer: on a line, or in rows of so many columns.
fn sheet(nodes: usize, columns: usize, z: f32) -> Vec<Point> {
    let columns = if columns == 0 { nodes } else { columns };
    let rows = nodes / columns.max(1);
    (0..nodes).map(|n| [evenly(n % columns, columns), evenly(n / columns, rows), z]).collect()
}

/// A place on a line from -1 to 1; alone, in its middle.
fn evenly(place: usize, places: usize) -> f32 {
    if places < 2 { 0.0 } else { 2.0 * place as f32 / (places - 1) as f32 - 1.0 }
}
