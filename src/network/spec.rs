//! The words in which a network is written: `16-16`, `64:relu-32`, `784-128-10`.
//!
//! A layer is its width, and words behind colons: `elman` or `gru` where it is recurrent, an
//! activation, and `nobias` where its sums begin at zero. A `gru` has activations of its own.
//! Outputs have no width of their own to write; where they shall have no biases, the spec
//! of hidden layers ends in `out:nobias`. So `8:nobias-out:nobias` is a network without any bias.

use std::fmt;

use super::{Activation, Cell, Network};
use crate::error::{Error, Result};

/// The widest layer that a spec may ask for.
pub const LARGEST_WIDTH: usize = 65_536;

/// The word of a layer without biases.
const UNBIASED: &str = "nobias";
/// The outputs of a network whose hidden layers alone are named.
const OUTPUTS: &str = "out";

/// A layer as it is written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    pub cell: Cell,
    pub width: usize,
    pub activation: Activation,
    pub biased: bool,
}

impl Written {
    /// Outputs as they are where nothing is said of them.
    pub fn outputs(width: usize) -> Self {
        Self { cell: Cell::Dense, width, activation: Activation::Linear, biased: true }
    }
}

/// The hidden layers of a spec, and the `outputs`; `activation` where a layer names none.
pub(super) fn hidden(spec: &str, outputs: usize, activation: Activation) -> Result<Vec<Written>> {
    let mut last = Written::outputs(outputs);
    let hidden = match spec.rsplit_once('-') {
        _ if spec.is_empty() || spec == "none" => None,
        Some((hidden, end)) if is_outputs(end) => {
            last.biased = false;
            Some(hidden)
        }
        None if is_outputs(spec) => {
            last.biased = false;
            None
        }
        _ => Some(spec),
    };
    let mut layers = match hidden {
        Some(hidden) => each(spec, hidden, activation)?,
        None => Vec::new(),
    };
    layers.push(last);
    Ok(layers)
}

/// The inputs and the layers of a spec that names all.
pub(super) fn whole(spec: &str, activation: Activation) -> Result<(usize, Vec<Written>)> {
    let layers = match spec {
        "" | "none" => Vec::new(),
        _ => each(spec, spec, activation)?,
    };
    let [inputs, layers @ .., last] = &layers[..] else {
        return Err(Error::invalid(
            "--network",
            "inputs, hidden layers and outputs, such as 64-128-10",
            format!("'{spec}'"),
        ));
    };
    if last.cell != Cell::Dense || inputs.cell != Cell::Dense || !inputs.biased {
        return Err(Error::invalid(
            "--network",
            "inputs that are a width alone, and outputs that are not recurrent",
            format!("'{spec}'"),
        ));
    }
    let last = Written { activation: Activation::Linear, ..*last };
    Ok((inputs.width, [layers, &[last]].concat()))
}

fn is_outputs(layer: &str) -> bool {
    layer.split_once(':') == Some((OUTPUTS, UNBIASED))
}

fn each(spec: &str, layers: &str, activation: Activation) -> Result<Vec<Written>> {
    layers.split('-').map(|layer| parse_layer(spec, layer, activation)).collect()
}

fn parse_layer(spec: &str, layer: &str, activation: Activation) -> Result<Written> {
    let refused =
        |expected: String| Error::invalid("--network", expected, format!("'{layer}' in '{spec}'"));
    let mut words = layer.split(':');
    let width = words.next().and_then(|width| width.parse().ok());
    let width = width.filter(|width| (1..=LARGEST_WIDTH).contains(width)).ok_or_else(|| {
        refused(format!(
            "layers WIDTH or WIDTH:ACTIVATION joined by '-', each 1 to {LARGEST_WIDTH} wide"
        ))
    })?;
    let (mut cell, mut named, mut biased) = (None, None, true);
    for word in words {
        let recurrent = [Cell::Elman, Cell::Gru].into_iter().find(|cell| name_of(*cell) == word);
        let again = match (word, recurrent) {
            (_, Some(recurrent)) => cell.replace(recurrent).is_some(),
            (UNBIASED, _) => !std::mem::replace(&mut biased, false),
            (name, _) => named.replace(Activation::named(name)?).is_some(),
        };
        if again {
            return Err(refused(format!(
                "at most one of elman and gru, one activation, and one '{UNBIASED}'"
            )));
        }
    }
    let activation = match (cell, named) {
        (Some(Cell::Gru), Some(_)) => {
            return Err(refused("no activation: a gru has its own, sigmoid and tanh".into()));
        }
        (Some(Cell::Gru), None) => Activation::Tanh,
        (_, named) => named.unwrap_or(activation),
    };
    Ok(Written { cell: cell.unwrap_or(Cell::Dense), width, activation, biased })
}

/// The word of a recurrent layer.
fn name_of(cell: Cell) -> &'static str {
    match cell {
        Cell::Dense => "dense",
        Cell::Elman => "elman",
        Cell::Gru => "gru",
    }
}

/// Writes the hidden layers as a spec; tanh is not named, nor are outputs with biases.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (outputs, hidden) = self.layers().split_last().expect("there is at least one layer");
        let mut layers = Vec::new();
        for layer in hidden {
            let mut words = vec![layer.outputs.to_string()];
            if layer.cell != Cell::Dense {
                words.push(name_of(layer.cell).into());
            }
            if layer.activation != Activation::Tanh {
                words.push(layer.activation.name().into());
            }
            if !layer.biased {
                words.push(UNBIASED.into());
            }
            layers.push(words.join(":"));
        }
        if !outputs.biased {
            layers.push([OUTPUTS, UNBIASED].join(":"));
        }
        f.write_str(if layers.is_empty() { "none" } else { "" })?;
        f.write_str(&layers.join("-"))
    }
}
