//! Exports: a champion for other programs, one format a file.
//!
//! | format | what it is |
//! |---|---|
//! | [`onnx`] | a graph for onnxruntime and other runtimes: scaling, network and action |
//! | [`json`] | layers, weights and what they mean, to read with anything |
//! | [`wgsl`], [`rust`] | one function without dependencies, for a game or a microcontroller |
//! | [`dot`] | nodes and connections, for Graphviz to lay out |
//!
//! A safetensors file is what a run folder has already: [`Champion::bytes`]. Of layers, all of them
//! have the tensors of [`Network::tensors`](crate::network::Network::tensors), so a recurrent layer
//! is that of PyTorch's `RNNCell` or `GRUCell`, with the activation that it has here. Of a graph
//! they have the nodes that an output needs.
//!
//! [`Champion::bytes`]: crate::champion::Champion::bytes
//!
//! # Example
//!
//! ```
//! use deme::champion::{Champion, Origin};
//! use deme::export;
//! use deme::network::{Activation, Network};
//! let task = deme::task::named("cartpole")?;
//! let network = Network::parse("8", 4, 2, Activation::Tanh)?;
//! let genome = vec![0.1; network.parameters()];
//! let (task_name, strategy) = ("cartpole".to_owned(), "ga".to_owned());
//! let origin = Origin { task: task_name, strategy, generation: 1, seed: 1 };
//! let champion = Champion::new(origin, task.as_ref(), network, genome);
//! assert!(export::rust(&champion)?.contains("pub fn act(observation: &[f32; 4]) -> usize"));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod dot;
mod grown;
mod json;
mod onnx;
mod parts;
mod program;
mod protobuf;
mod rust;
mod wgsl;

pub use dot::dot;
pub use json::json;
pub use onnx::onnx;
pub use rust::rust;
pub use wgsl::wgsl;

use crate::champion::{Champion, Rule};
use crate::error::{Error, Result};

/// Refuses a champion that there is nothing to act with.
fn expect_network(champion: &Champion, format: &str) -> Result<()> {
    if champion.rule() != Rule::Point {
        return Ok(());
    }
    let got = format!("a point, the champion of {}", champion.origin().task);
    Err(Error::invalid(format, "a network", got).advise("write it with --json"))
}
