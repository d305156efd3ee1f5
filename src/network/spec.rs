//! The text form of a network's shape: `16-16`, `64:relu-32`, `784-128-10`.
//!
//! A layer is a width followed by options, each after a colon: `elman` or `gru` for a recurrent
//! layer, an activation, and `nobias` for a layer without biases. The activations of a `gru` are
//! fixed. The width of the outputs is not part of a spec of hidden layers, but such a spec may end
//! in `out:nobias`: `8:nobias-out:nobias` is a network without any bias.

use super::{Activation, Cell, Layer};
use crate::error::{Error, Result};

/// The largest width of a layer in a spec.
pub const LARGEST_WIDTH: usize = 65_536;

/// The option of a layer without biases.
const UNBIASED: &str = "nobias";
/// The name of the outputs in a spec of hidden layers.
const OUTPUTS: &str = "out";

/// The spec of one layer.
#[derive(Clone, Copy)]
pub(super) struct LayerSpec {
    pub cell: Cell,
    pub width: usize,
    pub activation: Activation,
    pub biased: bool,
}

impl LayerSpec {
    /// Outputs with biases.
    pub fn for_outputs(width: usize) -> Self {
        Self { cell: Cell::Dense, width, activation: Activation::Linear, biased: true }
    }
}

/// Parses a spec of hidden layers, and appends `outputs`. A layer without a named activation has
/// `activation`.
pub(super) fn parse_hidden(
    spec: &str,
    outputs: usize,
    activation: Activation,
) -> Result<Vec<LayerSpec>> {
    let mut last = LayerSpec::for_outputs(outputs);
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
        Some(hidden) => parse_layers(spec, hidden, activation)?,
        None => Vec::new(),
    };
    layers.push(last);
    Ok(layers)
}

/// Parses a spec of a whole network into its inputs and layers.
pub(super) fn parse_whole(spec: &str, activation: Activation) -> Result<(usize, Vec<LayerSpec>)> {
    let layers = match spec {
        "" | "none" => Vec::new(),
        _ => parse_layers(spec, spec, activation)?,
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
            "inputs that are only a width, and outputs that are not recurrent",
            format!("'{spec}'"),
        ));
    }
    let last = LayerSpec { activation: Activation::Linear, ..*last };
    Ok((inputs.width, [layers, &[last]].concat()))
}

fn is_outputs(layer: &str) -> bool {
    layer.split_once(':') == Some((OUTPUTS, UNBIASED))
}

fn parse_layers(spec: &str, layers: &str, activation: Activation) -> Result<Vec<LayerSpec>> {
    layers.split('-').map(|layer| parse_layer(spec, layer, activation)).collect()
}

fn parse_layer(spec: &str, layer: &str, activation: Activation) -> Result<LayerSpec> {
    let error =
        |expected: String| Error::invalid("--network", expected, format!("'{layer}' in '{spec}'"));
    let mut options = layer.split(':');
    let width = options.next().and_then(|width| width.parse().ok());
    let width = width.filter(|width| (1..=LARGEST_WIDTH).contains(width)).ok_or_else(|| {
        error(format!(
            "layers WIDTH or WIDTH:ACTIVATION joined by '-', each 1 to {LARGEST_WIDTH} wide"
        ))
    })?;
    let (mut cell, mut named, mut biased) = (None, None, true);
    for option in options {
        let recurrent = Cell::RECURRENT.into_iter().find(|cell| cell.name() == option);
        let is_repeated = match (option, recurrent) {
            (_, Some(recurrent)) => cell.replace(recurrent).is_some(),
            (UNBIASED, _) => !std::mem::replace(&mut biased, false),
            (name, _) => named.replace(Activation::by_name(name)?).is_some(),
        };
        if is_repeated {
            return Err(error(format!(
                "at most one of elman and gru, one activation, and one '{UNBIASED}'"
            )));
        }
    }
    let activation = match (cell, named) {
        (Some(Cell::Gru), Some(_)) => {
            return Err(error(
                "no activation, because those of a gru are fixed: sigmoid and tanh".into(),
            ));
        }
        (Some(Cell::Gru), None) => Activation::Tanh,
        (_, named) => named.unwrap_or(activation),
    };
    Ok(LayerSpec { cell: cell.unwrap_or(Cell::Dense), width, activation, biased })
}

/// Returns the spec of the hidden layers of a network. The activation tanh and outputs with biases
/// are omitted.
pub(super) fn write_hidden(layers: &[Layer]) -> String {
    let (outputs, hidden) = layers.split_last().expect("there is at least one layer");
    let mut specs = Vec::new();
    for layer in hidden {
        let mut options = vec![layer.outputs.to_string()];
        if layer.cell != Cell::Dense {
            options.push(layer.cell.name().into());
        }
        if layer.activation != Activation::Tanh {
            options.push(layer.activation.name().into());
        }
        if !layer.biased {
            options.push(UNBIASED.into());
        }
        specs.push(options.join(":"));
    }
    if !outputs.biased {
        specs.push([OUTPUTS, UNBIASED].join(":"));
    }
    if specs.is_empty() { "none".into() } else { specs.join("-") }
}
