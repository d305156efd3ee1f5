//! `deme export`: a run's champion in the formats of other programs.

use std::path::{Path, PathBuf};

use deme::champion::Champion;
use deme::error::{Error, Result};
use deme::{export, report};

use super::{Outcome, print};

/// Write a run's champion for other programs.
#[derive(clap::Args)]
pub struct Flags {
    /// Run folder of `deme train`, or a champion.safetensors
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write an ONNX graph: scaling, network and action
    #[arg(long, value_name = "FILE")]
    onnx: Option<PathBuf>,
    /// Write the tensors by PyTorch's names
    #[arg(long, value_name = "FILE")]
    safetensors: Option<PathBuf>,
    /// Write layers and weights, or nodes and connections, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one WGSL function
    #[arg(long, value_name = "FILE")]
    wgsl: Option<PathBuf>,
    /// Write one Rust function that needs no standard library
    #[arg(long, value_name = "FILE")]
    rust: Option<PathBuf>,
    /// Write nodes and connections for Graphviz
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,
}

/// A format: its flag's file, and what it writes.
type Format<'a> = (&'a Option<PathBuf>, fn(&Champion) -> Result<Vec<u8>>);

pub fn run(flags: &Flags) -> Result<Outcome> {
    let formats: [Format; 6] = [
        (&flags.onnx, export::onnx),
        (&flags.safetensors, Champion::bytes),
        (&flags.json, |champion| export::json(champion).map(String::into_bytes)),
        (&flags.wgsl, |champion| export::wgsl(champion).map(String::into_bytes)),
        (&flags.rust, |champion| export::rust(champion).map(String::into_bytes)),
        (&flags.dot, |champion| export::dot(champion).map(String::into_bytes)),
    ];
    let files = || formats.iter().filter_map(|(path, write)| Some((path.as_deref()?, write)));
    if files().next().is_none() {
        let expected =
            "a format: --onnx, --safetensors, --json, --wgsl, --rust or --dot, and its file";
        return Err(Error::invalid("deme export", expected, "none"));
    }
    files().try_for_each(|(path, _)| report::expect_writable(path))?;
    let champion = Champion::read(&flags.folder)?;
    // All of them first, so that nothing is written of a champion that a format refuses.
    let written = files().map(|(path, write)| Ok((path, write(&champion)?)));
    for (path, bytes) in written.collect::<Result<Vec<(&Path, Vec<u8>)>>>()? {
        report::write(path, bytes)?;
        print(&format!("{} ({} bytes)", path.display(), super::table::grouped(count(path))))?;
    }
    Ok(Outcome::Done)
}

fn count(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}
