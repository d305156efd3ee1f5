//! Parts: a champion's layers with their numbers, as the formats need them.

use crate::champion::Champion;
use crate::network::{Activation, Cell, Tensor};

/// A layer and its tensors.
pub(super) struct Part {
    /// What it computes with.
    pub cell: Cell,
    /// Numbers that go in.
    pub inputs: usize,
    /// Numbers that come out.
    pub outputs: usize,
    /// What is done with each sum.
    pub activation: Activation,
    /// `f32[gates * outputs][inputs]`.
    pub weight: Vec<f32>,
    /// `f32[gates * outputs]`; none without biases.
    pub bias: Option<Vec<f32>>,
    /// `f32[gates * outputs][outputs]`, of a recurrent layer.
    pub recurrent_weight: Vec<f32>,
    /// `f32[gates * outputs]`, of a recurrent layer with biases.
    pub recurrent_bias: Option<Vec<f32>>,
}

impl Part {
    /// Sums that a layer makes of its inputs, in groups as large as its outputs.
    pub fn gates(&self) -> usize {
        if self.cell == Cell::Gru { 3 } else { 1 }
    }
}

/// The layers of a champion, first to last; none of a graph.
pub(super) fn parts(champion: &Champion) -> Vec<Part> {
    let Some((network, genome)) = champion.layers() else { return Vec::new() };
    let mut tensors = network.tensors(genome);
    let mut take = |name: String| -> Option<Vec<f32>> {
        let at = tensors.iter().position(|tensor: &Tensor| tensor.name == name)?;
        Some(tensors.swap_remove(at).values)
    };
    let layers = network.layers().iter().enumerate();
    let part = layers.map(|(index, layer)| {
        let side = if layer.cell == Cell::Dense { "" } else { "_ih" };
        Part {
            cell: layer.cell,
            inputs: layer.inputs,
            outputs: layer.outputs,
            activation: layer.activation,
            weight: take(format!("layer{index}.weight{side}")).unwrap_or_default(),
            bias: take(format!("layer{index}.bias{side}")),
            recurrent_weight: take(format!("layer{index}.weight_hh")).unwrap_or_default(),
            recurrent_bias: take(format!("layer{index}.bias_hh")),
        }
    });
    part.collect()
}

/// Words that say what a champion is, in the order in which they are written.
pub(super) fn words(champion: &Champion) -> Vec<(&'static str, String)> {
    let origin = champion.origin();
    let mut words = vec![
        ("task", origin.task.clone()),
        ("strategy", origin.strategy.clone()),
        ("generation", origin.generation.to_string()),
        ("seed", origin.seed.to_string()),
        ("network", champion.shape()),
        ("action", champion.rule().sentence()),
    ];
    if let Some(preparation) = champion.preparation() {
        words.push(("target", preparation.target.clone()));
        for (key, names) in [("columns", &preparation.columns), ("classes", &preparation.classes)] {
            if !names.is_empty() {
                words.push((key, serde_json::json!(names).to_string()));
            }
        }
    }
    words
}
