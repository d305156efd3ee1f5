//! Initial weights of a run: drawn from a distribution, or read from a file (a warm start).
//!
//! # Files
//!
//! - A run folder or its `champion.safetensors`.
//! - Another `.safetensors` file, or a `.npz` file, with the tensors of [`Network::tensors`], such
//!   as `layer0.weight`, `[outputs][inputs]`. Other tensors of the file are ignored, unless they
//!   belong to a layer that the network lacks.
//! - A `.safetensors` or `.npz` file with a single vector of all parameters: the start point of the
//!   search of a function.
//!
//! The weights become the centre of the first generation. `config.toml` holds their checksum, so
//! that a repetition of the run notices another file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::memory_budget;
use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::network::{Initialisation, NamedTensor, Network};
use crate::strategy::Entry;
use crate::task;
use crate::tensor_file;

const FLAG: &str = "--initial";
/// The value of the flag for the first point of a function.
pub(super) const FIRST_POINT: &str = "first-point";
/// The endings of files of weights.
const ENDINGS: [&str; 3] = [".safetensors", ".npz", ".npy"];
/// The most tensors that a message lists.
const LISTED: usize = 12;

/// The origin of a run's first genome.
#[derive(Clone, Debug)]
pub(super) enum InitialWeights {
    /// A distribution.
    Random(Initialisation),
    /// The first point of a function whose genes start at different values.
    FirstPoint(Arc<[f32]>),
    /// A file, and the checksum of the weights in it.
    File { path: PathBuf, checksum: u32 },
}

/// The weights of a file, with notes for the user.
pub(super) struct FileWeights {
    pub genome: Vec<f32>,
    pub notes: Vec<String>,
}

impl InitialWeights {
    /// Reads the value of `--initial`: a distribution, or else a path. `checksum` is that of an
    /// earlier run with this file; without one the file is read.
    ///
    /// # Errors
    /// Returns an error if there is neither such a distribution nor such a file, if the weights do
    /// not fit the network, or if the strategy does not search the weights of layers.
    pub fn parse(
        text: &str,
        checksum: Option<&str>,
        strategy: &Entry,
        network: &Network,
    ) -> Result<(Self, Vec<String>)> {
        let path = Path::new(text);
        let drawn = text.parse().map(Self::Random);
        let is_path = text.contains(['/', '\\']) || ENDINGS.iter().any(|end| text.ends_with(end));
        if drawn.is_ok() || !(is_path || path.exists()) {
            return drawn.map(|drawn| (drawn, Vec::new()));
        }
        if !strategy.searches_layers() {
            let name = strategy.name;
            let expected = format!(
                "the name of a distribution, because {name} searches graphs, which have no centre"
            );
            return Err(Error::invalid(FLAG, expected, format!("the file '{text}'"))
                .advise("choose a strategy of a fixed network, such as openai-es"));
        }
        if let Some(checksum) = checksum {
            let checksum = u32::from_str_radix(checksum, 16).map_err(|_| {
                let expected = "eight hexadecimal digits, as a run folder's config.toml has them";
                Error::invalid("initial-checksum", expected, format!("'{checksum}'"))
            })?;
            return Ok((Self::File { path: path.into(), checksum }, Vec::new()));
        }
        let FileWeights { genome, notes } = read(path, network)?;
        Ok((Self::File { path: path.into(), checksum: checksum_of(&genome) }, notes))
    }

    /// Returns the first genome of a run.
    ///
    /// # Errors
    /// Returns an error if the file is gone, does not fit, or has other weights than before.
    pub fn genome(&self, network: &Network, seed: u64) -> Result<Vec<f32>> {
        let (path, checksum) = match self {
            Self::Random(method) => return Ok(network.initialise(*method, seed)),
            Self::FirstPoint(point) => return Ok(point.to_vec()),
            Self::File { path, checksum } => (path, *checksum),
        };
        let what = format!("{FLAG} {}", path.display());
        if !path.exists() {
            let expected = format!("the file that the run began from, of checksum {checksum:08x}");
            return Err(Error::invalid(what, expected, "none: it is gone")
                .advise(format!("restore it, or choose other weights with {FLAG}")));
        }
        let genome = read(path, network)?.genome;
        let found = checksum_of(&genome);
        if found == checksum {
            return Ok(genome);
        }
        let expected =
            format!("the weights that the run began with, of the checksum {checksum:08x}");
        Err(Error::invalid(what, expected, format!("others, of {found:08x}")).advise(format!(
            "the file has changed; restore it, or begin from it as it is with {FLAG} {}",
            path.display()
        )))
    }

    /// Returns the checksum of a file's weights, as `config.toml` holds it.
    pub fn checksum(&self) -> Option<String> {
        match self {
            Self::Random(_) | Self::FirstPoint(_) => None,
            Self::File { checksum, .. } => Some(format!("{checksum:08x}")),
        }
    }
}

/// Writes the value of the flag; a path is absolute, so that a repetition finds the file.
impl fmt::Display for InitialWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random(method) => method.fmt(f),
            Self::FirstPoint(_) => f.write_str(FIRST_POINT),
            Self::File { path, .. } => {
                std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().fmt(f)
            }
        }
    }
}

fn checksum_of(genome: &[f32]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    genome.iter().for_each(|gene| sum.update(&gene.to_le_bytes()));
    sum.finalize()
}

/// Reads weights for a network.
fn read(path: &Path, network: &Network) -> Result<FileWeights> {
    let what = || format!("{FLAG} {}", path.display());
    if !path.is_dir() && !path.is_file() {
        let expected = "a run folder, or a .safetensors or .npz file";
        let got = if path.exists() { "something that is no regular file" } else { "none" };
        return Err(Error::invalid(what(), expected, got));
    }
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    if ending == "npz" {
        let arrays = task::read_arrays(path, memory_budget::available_bytes())?;
        let genome = assemble(path, network, arrays)?;
        return Ok(FileWeights { genome, notes: Vec::new() });
    }
    if !path.is_dir() && ending != "safetensors" {
        let expected = "a run folder, or a file that ends in .safetensors or .npz";
        return Err(Error::invalid(what(), expected, format!("'{}'", path.display())));
    }
    if path.is_dir() || tensor_file::is_checked(path)? {
        return from_champion(path, network);
    }
    let genome = assemble(path, network, read_tensors(path)?)?;
    Ok(FileWeights { genome, notes: Vec::new() })
}

/// Takes the weights of a champion.
fn from_champion(path: &Path, network: &Network) -> Result<FileWeights> {
    let what = || format!("{FLAG} {}", path.display());
    let champion = Champion::read(path)?;
    let Some((layers, genome)) = champion.layers() else {
        let got = format!("a graph of {}", champion.shape());
        return Err(Error::invalid(what(), "a champion with layers", got));
    };
    let mut notes = Vec::new();
    if layers.to_string() != network.to_string() {
        notes.push(format!(
            "{}: its champion's network is {layers}, and this run's is {network}",
            what()
        ));
    }
    if champion.scaling().is_some() {
        notes.push(format!(
            "{}: its champion read standardised inputs, with means and deviations that this run \
             does not take over",
            what()
        ));
    }
    let genome = assemble(path, network, layers.tensors(genome)).map_err(|error| {
        error.advise(format!("the champion's layers are those of --network {layers}"))
    })?;
    Ok(FileWeights { genome, notes })
}

/// Reads the tensors of a safetensors file of another program.
fn read_tensors(path: &Path) -> Result<Vec<NamedTensor>> {
    let fault = |problem: String| Error::File { path: path.into(), line: 0, problem };
    let bytes = std::fs::read(path).map_err(|source| fault(format!("cannot be read: {source}")))?;
    let file = SafeTensors::deserialize(&bytes)
        .map_err(|problem| fault(format!("expected a whole safetensors file: {problem}")))?;
    let tensors = file.tensors().into_iter().filter_map(|(name, view)| {
        let values = numbers(&view)?;
        Some(NamedTensor { name, shape: view.shape().to_vec(), values })
    });
    Ok(tensors.collect())
}

/// The numbers of a tensor as `f32`; `None` for types that are no weights.
fn numbers(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let data = view.data();
    Some(match view.dtype() {
        Dtype::F32 => data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        Dtype::F64 => {
            data.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes) as f32).collect()
        }
        Dtype::F16 => data
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| half::f16::from_le_bytes(bytes).to_f32())
            .collect(),
        Dtype::BF16 => data
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| half::bf16::from_le_bytes(bytes).to_f32())
            .collect(),
        _ => return None,
    })
}

/// Puts the tensors of a file together as a genome.
fn assemble(path: &Path, network: &Network, mut found: Vec<NamedTensor>) -> Result<Vec<f32>> {
    let what = || format!("{FLAG} {}", path.display());
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let genome = match &found[..] {
        [only] if only.shape == [network.parameters()] => only.values.clone(),
        _ => {
            let wanted = network.tensors(&vec![0.0; network.parameters()]);
            let fits = |tensor: &NamedTensor| {
                let same = found.iter().find(|other| other.name == tensor.name);
                same.is_some_and(|other| other.shape == tensor.shape)
            };
            let is_known = |name: &str| wanted.iter().any(|tensor| tensor.name == name);
            let is_extra =
                |other: &&NamedTensor| other.name.starts_with("layer") && !is_known(&other.name);
            if !wanted.iter().all(fits) || found.iter().any(|other| is_extra(&other)) {
                let expected = format!("the tensors {}", list(&wanted));
                // A list of shapes is longer than a name, which `Error::invalid` shortens.
                let (got, advice) = (list(&found), String::new());
                return Err(Error::Invalid { what: what(), expected, got, advice });
            }
            let values = |name: &str| {
                let tensor = found.iter().find(|tensor| tensor.name == name);
                tensor.map(|tensor| tensor.values.clone()).ok_or_else(String::new)
            };
            let genome = network.genome(values);
            genome.map_err(|problem| Error::invalid(what(), "tensors that fit", problem))?
        }
    };
    match genome.iter().find(|gene| !gene.is_finite()) {
        Some(gene) => Err(Error::invalid(what(), "finite weights", gene)),
        None => Ok(genome),
    }
}

/// Lists tensors with their shapes: `layer0.weight [8, 4], layer0.bias [8]`.
fn list(tensors: &[NamedTensor]) -> String {
    let mut words: Vec<String> = tensors
        .iter()
        .take(LISTED)
        .map(|tensor| format!("{} {:?}", tensor.name, tensor.shape))
        .collect();
    match tensors.len() {
        0 => words.push("none".into()),
        count if count > LISTED => words.push(format!("and {} more", count - LISTED)),
        _ => {}
    }
    words.join(", ")
}
