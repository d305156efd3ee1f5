//! The layers of a champion with their tensors, as the formats need them.

use crate::champion::Champion;
use crate::network::{Activation, Cell, NamedTensor};

/// A layer and its tensors.
pub(super) struct LayerTensors {
    /// The kind of the layer.
    pub cell: Cell,
    /// The number of inputs.
    pub inputs: usize,
    /// The number of outputs.
    pub outputs: usize,
    /// The function that is applied to each sum.
    pub activation: Activation,
    /// The number of weighted sums for each output.
    pub gates: usize,
    /// The index of the first number of its hidden state in that of the network.
    pub first_state: usize,
    /// The numbers of its hidden state.
    pub state_size: usize,
    /// `f32[gates * outputs][inputs]`.
    pub weight: Vec<f32>,
    /// `f32[gates * outputs]`; `None` without biases.
    pub bias: Option<Vec<f32>>,
    /// `f32[gates * outputs][outputs]` of a recurrent layer.
    pub recurrent_weight: Vec<f32>,
    /// `f32[gates * outputs]` of a recurrent layer with biases.
    pub recurrent_bias: Option<Vec<f32>>,
}

/// Returns the layers of a champion, first to last; a graph has none.
pub(super) fn layer_tensors(champion: &Champion) -> Vec<LayerTensors> {
    let Some((network, genome)) = champion.layers() else { return Vec::new() };
    let mut tensors = network.tensors(genome);
    let mut take = |name: String| -> Option<Vec<f32>> {
        let at = tensors.iter().position(|tensor: &NamedTensor| tensor.name == name)?;
        Some(tensors.swap_remove(at).values)
    };
    let layers = network.layers().iter().enumerate().map(|(index, layer)| {
        let suffix = if layer.cell == Cell::Dense { "" } else { "_ih" };
        LayerTensors {
            cell: layer.cell,
            inputs: layer.inputs,
            outputs: layer.outputs,
            activation: layer.activation,
            gates: layer.matrices()[0].len(),
            first_state: layer.first_state,
            state_size: layer.state_size(),
            weight: take(format!("layer{index}.weight{suffix}")).unwrap_or_default(),
            bias: take(format!("layer{index}.bias{suffix}")),
            recurrent_weight: take(format!("layer{index}.weight_hh")).unwrap_or_default(),
            recurrent_bias: take(format!("layer{index}.bias_hh")),
        }
    });
    layers.collect()
}
