//! Exports: a champion for other programs, one format per file.
//!
//! | format | content |
//! |---|---|
//! | [`onnx`] | a graph for onnxruntime and other runtimes: scaling, network and action |
//! | [`json`] | layers, weights and metadata, for any program |
//! | [`wgsl`], [`rust`] | one function without dependencies, for a game or a microcontroller |
//! | [`dot`] | nodes and connections, for Graphviz to lay out |
//!
//! The safetensors format is the file that a run folder has already: [`Champion::bytes`]. All
//! formats have the tensors of [`Network::tensors`](crate::network::Network::tensors), so a
//! recurrent layer is PyTorch's `RNNCell` or `GRUCell`, with its own activation. A graph is reduced
//! to the nodes that an output needs.
//!
//! A new format needs one file with its function here, and one row in [`FORMATS`]. The command
//! `deme export` reads its flags from that table.
//!
//! [`Champion::bytes`]: crate::champion::Champion::bytes
//!
//! # Example
//!
//! ```
//! use deme::champion::{Champion, Origin};
//! use deme::export;
//! use deme::network::{Activation, Network};
//! let task = deme::task::by_name("cartpole")?;
//! let network = Network::parse("8", 4, 2, Activation::Tanh)?;
//! let genome = vec![0.1; network.parameters()];
//! let (task_name, strategy) = ("cartpole".to_owned(), "ga".to_owned());
//! let origin = Origin { task: task_name, strategy, generation: 1, seed: 1 };
//! let champion = Champion::new(origin, task.as_ref(), network, genome);
//! assert!(export::rust(&champion)?.contains("pub fn act(observation: &[f32; 4]) -> usize"));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod activation;
mod dot;
mod graph;
mod json;
mod language;
mod layers;
mod metadata;
mod onnx;
mod program;
mod protobuf;
mod rust;
mod source;
mod wgsl;

pub use dot::dot;
pub use json::json;
pub use onnx::onnx;
pub use rust::rust;
pub use wgsl::wgsl;

use crate::champion::{Champion, Readout};
use crate::error::{Error, Result};

/// A file format for champions.
pub struct ExportFormat {
    /// The name, and the flag of `deme export`.
    pub name: &'static str,
    /// The content of the file, for the help text.
    pub description: &'static str,
    /// The endings of a file's name, the usual one first.
    pub endings: &'static [&'static str],
    /// Encodes a champion as the bytes of a file.
    pub encode: fn(&Champion) -> Result<Vec<u8>>,
}

/// Every format.
pub const FORMATS: &[ExportFormat] = &[
    ExportFormat {
        name: "onnx",
        description: "ONNX file: scaling, network and action",
        endings: &["onnx"],
        encode: onnx,
    },
    ExportFormat {
        name: "safetensors",
        description: "Safetensors file, with PyTorch's names",
        endings: &["safetensors"],
        encode: Champion::bytes,
    },
    ExportFormat {
        name: "json",
        description: "JSON file: layers or nodes, and weights",
        endings: &["json"],
        encode: |champion| json(champion).map(String::into_bytes),
    },
    ExportFormat {
        name: "wgsl",
        description: "WGSL file with one function",
        endings: &["wgsl"],
        encode: |champion| wgsl(champion).map(String::into_bytes),
    },
    ExportFormat {
        name: "rust",
        description: "Rust file with one function, which needs no std",
        endings: &["rs"],
        encode: |champion| rust(champion).map(String::into_bytes),
    },
    ExportFormat {
        name: "dot",
        description: "Graphviz file: nodes and connections",
        endings: &["dot", "gv"],
        encode: |champion| dot(champion).map(String::into_bytes),
    },
];

/// Returns an error if the champion is a point, which has no network.
fn expect_network(champion: &Champion, format: &str) -> Result<()> {
    if *champion.readout() != Readout::Point {
        return Ok(());
    }
    let got = format!("a point, the champion of {}", champion.origin().task);
    Err(Error::invalid(format, "a network", got).advise("write it with --json"))
}
