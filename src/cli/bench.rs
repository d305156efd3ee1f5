//! `deme bench`: how fast the backends are, each number with its method.

use std::path::PathBuf;

use deme::error::{Error, Result};

use super::Outcome;

/// Measure how fast the backends are.
#[derive(clap::Args)]
pub struct Flags {
    /// A task to run whole populations on, or `forward`, or `generation`
    #[arg(value_name = "TASK|forward|generation")]
    subject: String,
    /// Hidden layers of a task's network [default: the task's]; for `forward`, all layers, inputs
    /// first and outputs last [default: 64-128-10]
    #[arg(long, value_name = "SPEC")]
    network: Option<String>,
    /// Individuals, a comma between sizes [default: several]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    population: Vec<u64>,
    /// Samples that all individuals share, a comma between sizes; `forward` only [default: 64]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    batch: Vec<u64>,
    /// Environment steps of every individual; tasks only [default: the task's step limit]
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Genes of an individual, a comma between sizes; `generation` only [default: 10000]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    parameters: Vec<u64>,
    /// Strategy of `generation` [default: openai-es]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Backends to measure, a comma between names [default: cpu, and gpu where there is one]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    backend: Vec<String>,
    /// A part of the GPU's name [default: the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Timed repetitions of each row [default: 10]
    #[arg(long, value_name = "N")]
    samples: Option<u64>,
    /// Print one JSON document instead of a table [default: off]
    #[arg(long)]
    json: bool,
    /// Write the rows to a CSV file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the rows to a Markdown file
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Draw speed against population into an SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub fn run(_flags: &Flags) -> Result<Outcome> {
    Err(Error::invalid("deme bench", "a version that has it", env!("CARGO_PKG_VERSION")))
}
