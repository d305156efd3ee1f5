//! `deme verify`: the ladder that proves a backend against the reference.

use deme::error::{Error, Result};

use super::Outcome;

/// Check the GPU or the fast CPU path against the reference.
#[derive(clap::Args)]
pub struct Flags {
    /// Tasks to verify, by name [default: all]
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    /// What to verify: cpu or gpu
    #[arg(long, value_name = "NAME", default_value = "gpu")]
    backend: String,
    /// A part of the GPU's name [default: the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Print one JSON document instead of a table [default: off]
    #[arg(long)]
    json: bool,
}

pub fn run(_flags: &Flags) -> Result<Outcome> {
    Err(Error::invalid("deme verify", "a version that has it", env!("CARGO_PKG_VERSION")))
}
