//! The run folder: what a run leaves behind.
//!
//! ```text
//! config.toml            everything that was decided: `deme train --config` repeats the run
//! log.jsonl              one line a generation
//! champion.safetensors   the parameters, as the tensors of network/tensors.rs; of a strategy that
//! champion.json          grows graphs the genes instead, node by node
//! summary.json           what `deme train --json` prints
//! ```
//!
//! A network that learned from a file is of use only with what was done to the file's numbers, so
//! its tensors have company, in doubles: `(x - input.mean) * input.scale` goes in, and of a
//! regression `output.mean + output.scale * y` comes out. The metadata has the names, as JSON: of
//! the `columns` that go in, where the file has names, and of the `classes`, in the order of the
//! outputs.
//!
//! A file other than the log is written under another name and renamed when it is on the disk, so
//! a reader meets the old one or the new one, never half of one.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use safetensors::tensor::{Dtype, TensorView};

use super::examine::Examiner;
use super::{Config, Record, Summary};
use crate::error::{Error, Result};
use crate::network::Graph;
use crate::population::Individual;
use crate::task::Preparation;

/// How often a running run saves a new champion.
const SAVE_INTERVAL: Duration = Duration::from_secs(10);

/// A folder that this run made.
pub(super) struct Folder<'a> {
    path: PathBuf,
    config: &'a Config,
    log: File,
    saved: Instant,
    unsaved: bool,
}

impl<'a> Folder<'a> {
    /// Refuses a folder that exists.
    pub fn refuse_existing(path: Option<&Path>) -> Result<()> {
        match path {
            Some(path) if path.symlink_metadata().is_ok() => Err(Error::Exists(path.into())),
            _ => Ok(()),
        }
    }

    /// Makes the folder and its configuration.
    pub fn create(path: &Path, config: &'a Config) -> Result<Self> {
        let refused = |source| {
            let what = format!("--out {}", path.display());
            Error::invalid(what, "a folder that can be made", source)
        };
        if let Some(parent) = path.parent().filter(|parent| !parent.is_dir()) {
            fs::create_dir_all(parent).map_err(refused)?;
        }
        fs::create_dir(path).map_err(|source: std::io::Error| match source.kind() {
            ErrorKind::AlreadyExists => Error::Exists(path.into()),
            _ => refused(source),
        })?;
        let text = format!(
            "# deme {}: `deme train --config config.toml --out FOLDER` repeats this run.\n{}",
            env!("CARGO_PKG_VERSION"),
            config.decided.to_toml()
        );
        write(path, "config.toml", text.as_bytes())?;
        let log = path.join("log.jsonl");
        let log = File::create_new(&log).map_err(failed("creating", &log))?;
        Ok(Self { path: path.into(), config, log, saved: Instant::now(), unsaved: false })
    }

    /// Writes a line, and now and then the champion.
    pub fn log(&mut self, record: &Record, examiner: &Examiner) -> Result<()> {
        let path = self.path.join("log.jsonl");
        let mut line = json(record, &path)?;
        line.push('\n');
        self.log.write_all(line.as_bytes()).map_err(failed("writing", &path))?;
        self.unsaved |= record.champion;
        let champion = examiner.champion().filter(|_| self.unsaved);
        if let Some(champion) = champion.filter(|_| self.saved.elapsed() >= SAVE_INTERVAL) {
            self.write_champion(&champion.individual, champion.generation)?;
            (self.saved, self.unsaved) = (Instant::now(), false);
        }
        Ok(())
    }

    /// Writes the champion and the summary.
    pub fn finish(self, summary: &mut Summary) -> Result<()> {
        self.log.sync_all().map_err(failed("syncing", &self.path.join("log.jsonl")))?;
        let champion = match &summary.graph {
            Some(graph) => Individual::Graph(Arc::clone(graph)),
            None => Individual::Genome(summary.champion.clone()),
        };
        self.write_champion(&champion, summary.champion_generation)?;
        summary.wall_seconds = self.config.begun.elapsed().as_secs_f64();
        let mut text = json(summary, &self.path.join("summary.json"))?;
        text.push('\n');
        write(&self.path, "summary.json", text.as_bytes())
    }

    fn write_champion(&self, champion: &Individual, generation: u32) -> Result<()> {
        let genome = match champion {
            Individual::Genome(genome) => genome,
            Individual::Graph(graph) => return self.write_graph(graph, generation),
        };
        let tensors = self.config.network.tensors(genome);
        let path = self.path.join("champion.safetensors");
        let broken = |problem: safetensors::SafeTensorError| {
            failed("packing", &path)(std::io::Error::other(problem))
        };
        let singles = |values: Vec<f32>| values.into_iter().flat_map(f32::to_le_bytes).collect();
        let mut packed: Vec<Packed> = tensors
            .into_iter()
            .map(|tensor| (tensor.name, Dtype::F32, tensor.shape, singles(tensor.values)))
            .collect();
        packed.extend(self.config.preparation().map(preparing).unwrap_or_default());
        let views = packed.iter().map(|(name, kind, shape, bytes)| {
            Ok((name, TensorView::new(*kind, shape.clone(), bytes).map_err(broken)?))
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        let metadata = metadata(self.config, generation, &path)?;
        let packed = safetensors::serialize(views, Some(metadata)).map_err(broken)?;
        write(&self.path, "champion.safetensors", &packed)
    }
}

/// A champion that is a graph: what else its user needs, and its genes.
#[derive(serde::Serialize)]
struct GraphFile<'a> {
    #[serde(flatten)]
    about: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preparation: Option<GraphPreparation<'a>>,
    graph: &'a Graph,
}

/// How a file's numbers become the graph's: `(x - mean) * scale` goes in, and of a regression
/// `output[0] + output[1] * y` comes out.
#[derive(serde::Serialize)]
struct GraphPreparation<'a> {
    input_means: &'a [f64],
    input_scales: &'a [f64],
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<(f64, f64)>,
}

impl Folder<'_> {
    fn write_graph(&self, graph: &Graph, generation: u32) -> Result<()> {
        let path = self.path.join("champion.json");
        let preparation = self.config.preparation().map(|preparation| GraphPreparation {
            input_means: &preparation.input_means,
            input_scales: &preparation.input_scales,
            output: preparation.output,
        });
        let about = metadata(self.config, generation, &path)?.into_iter().collect();
        let mut text = json(&GraphFile { about, preparation, graph }, &path)?;
        text.push('\n');
        write(&self.path, "champion.json", text.as_bytes())
    }
}

/// A name, a type, a shape, and the numbers.
type Packed = (String, Dtype, Vec<usize>, Vec<u8>);

/// What a network of a file's samples needs beside its parameters.
fn preparing(preparation: &Preparation) -> Vec<Packed> {
    let doubles = |name: &str, values: &[f64]| {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        (name.to_owned(), Dtype::F64, vec![values.len()], bytes)
    };
    let mut tensors = vec![
        doubles("input.mean", &preparation.input_means),
        doubles("input.scale", &preparation.input_scales),
    ];
    if let Some((mean, scale)) = preparation.output {
        tensors.extend([doubles("output.mean", &[mean]), doubles("output.scale", &[scale])]);
    }
    tensors
}

fn metadata(config: &Config, generation: u32, path: &Path) -> Result<HashMap<String, String>> {
    let entries = [
        ("task", config.task.about().name.to_string()),
        ("network", config.network_name()),
        ("inputs", config.network.inputs().to_string()),
        ("outputs", config.network.outputs().to_string()),
        ("strategy", config.strategy.name.to_owned()),
        ("generation", generation.to_string()),
        ("seed", config.seed.to_string()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let mut entries = HashMap::from(entries.map(|(key, value)| (key.to_owned(), value)));
    if let Some(preparation) = config.preparation() {
        entries.insert("target".into(), preparation.target.clone());
        for (key, names) in [("columns", &preparation.columns), ("classes", &preparation.classes)] {
            if !names.is_empty() {
                entries.insert(key.into(), json(names, path)?);
            }
        }
    }
    Ok(entries)
}

/// Writes a whole file or nothing.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let (path, draft) = (folder.join(name), folder.join(format!(".{name}.part")));
    let mut file = File::create(&draft).map_err(failed("creating", &draft))?;
    file.write_all(bytes).map_err(failed("writing", &draft))?;
    file.sync_all().map_err(failed("syncing", &draft))?;
    fs::rename(&draft, &path).map_err(failed("renaming", &draft))
}

fn json(value: &impl serde::Serialize, path: &Path) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|problem| failed("writing", path)(std::io::Error::other(problem)))
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { doing, path: path.clone(), source }
}
