//! The words in which a network is written: `16-16`, `64:relu-32`, `784-128-10`.

use std::fmt;

use super::{Activation, Network};
use crate::error::{Error, Result};

/// The widest layer that a spec may ask for.
pub const LARGEST_WIDTH: usize = 65_536;

/// The hidden layers of a spec; `activation` where a layer names none.
pub(super) fn hidden(spec: &str, activation: Activation) -> Result<Vec<(usize, Activation)>> {
    if spec.is_empty() || spec == "none" {
        return Ok(Vec::new());
    }
    spec.split('-').map(|layer| parse_layer(spec, layer, activation)).collect()
}

/// The inputs and the layers of a spec that names all.
pub(super) fn whole(
    spec: &str,
    activation: Activation,
) -> Result<(usize, Vec<(usize, Activation)>)> {
    let mut layers = hidden(spec, activation)?;
    if layers.len() < 2 {
        return Err(Error::invalid(
            "--network",
            "inputs, hidden layers and outputs, such as 64-128-10",
            format!("'{spec}'"),
        ));
    }
    let (inputs, _) = layers.remove(0);
    Ok((inputs, layers))
}

fn parse_layer(spec: &str, layer: &str, activation: Activation) -> Result<(usize, Activation)> {
    let (width, name) = match layer.split_once(':') {
        Some((width, name)) => (width, Some(name)),
        None => (layer, None),
    };
    let width = width.parse().ok().filter(|width| (1..=LARGEST_WIDTH).contains(width));
    let width = width.ok_or_else(|| {
        Error::invalid(
            "--network",
            format!(
                "layers WIDTH or WIDTH:ACTIVATION joined by '-', each 1 to {LARGEST_WIDTH} wide"
            ),
            format!("'{layer}' in '{spec}'"),
        )
    })?;
    Ok((width, name.map_or(Ok(activation), Activation::named)?))
}

/// Writes the hidden layers as a spec; tanh is not named.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = &self.layers()[..self.layers().len() - 1];
        if hidden.is_empty() {
            return f.write_str("none");
        }
        for (l, layer) in hidden.iter().enumerate() {
            let dash = if l > 0 { "-" } else { "" };
            match layer.activation {
                Activation::Tanh => write!(f, "{dash}{}", layer.outputs)?,
                other => write!(f, "{dash}{}:{}", layer.outputs, other.name())?,
            }
        }
        Ok(())
    }
}
