//! The champion's file: writing it, and reading it with checks.

use std::path::Path;
use std::sync::Arc;

use super::{Champion, Model, Origin, Readout, Scaling};
use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::files;
use crate::network::{Activation, Graph, Network, Ports, ReferenceGraph};
use crate::task::{self, FeatureColumn, MissingValues, OutputScaling, Preprocessing, TableColumns};
use crate::tensor_file::TensorFile;

/// The name of the champion's file in a run folder.
pub const FILE: &str = "champion.safetensors";

impl Champion {
    /// Reads a champion from a run folder or from its file.
    ///
    /// # Errors
    /// Returns [`Error::Invalid`] if the path does not exist, and [`Error::File`] if the file is
    /// missing or damaged.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            let what = path.display().to_string();
            return Err(Error::invalid(
                what,
                "a run folder of deme train, or its champion",
                "none",
            )
            .advise("begin a run with deme train"));
        }
        let is_folder = path.is_dir();
        let path = if is_folder { path.join(FILE) } else { path.to_owned() };
        let damaged = |problem| Error::File { path: path.clone(), line: 0, problem };
        let packed = match is_folder {
            true if !files::exists(&path) => return Err(no_champion(&path)),
            true => TensorFile::read(&path)?,
            // The user named this file, so it may be a link or a pipe.
            false => TensorFile::parse(&std::fs::read(&path).map_err(|source| {
                damaged(format!("expected a file that can be read, got: {source}"))
            })?)
            .map_err(damaged)?,
        };
        unpack(&packed).map_err(damaged)
    }

    /// Writes the champion into a folder, completely or not at all.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        pack(self).write(folder, FILE)
    }

    /// The bytes of the champion's file.
    ///
    /// # Errors
    /// Returns an error if the tensors cannot be serialised, which no champion causes.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        pack(self).bytes().map_err(|problem| {
            let source = std::io::Error::other(problem);
            Error::Io { doing: "packing", path: FILE.into(), source }
        })
    }
}

/// Packs a champion into tensors and metadata.
fn pack(champion: &Champion) -> TensorFile {
    let Champion { origin, model, readout, scaling, preprocessing } = champion;
    let mut packed = TensorFile::default();
    packed.set_metadata("task", &origin.task);
    packed.set_metadata("strategy", &origin.strategy);
    packed.set_metadata("generation", origin.generation);
    packed.set_metadata("seed", origin.seed);
    packed.set_metadata("network", champion.shape());
    packed.set_metadata("inputs", champion.inputs());
    packed.set_metadata("outputs", champion.output_count());
    packed.set_metadata("action", serde_json::json!(readout));
    packed.set_metadata("version", env!("CARGO_PKG_VERSION"));
    match model {
        Model::Layers { network, genome, .. } => {
            for tensor in network.tensors(genome) {
                packed.add_f32(&tensor.name, tensor.shape, &tensor.values);
            }
        }
        Model::Graph(graph) => packed.set_metadata("graph", serde_json::json!(graph.graph())),
    }
    if let Some(Scaling { means, scales, clip }) = scaling {
        packed.add_f64("input.mean", means);
        packed.add_f64("input.scale", scales);
        clip.iter().for_each(|clip| packed.set_metadata("input.clip", clip));
    }
    if let Some(preprocessing) = preprocessing {
        pack_preprocessing(&mut packed, preprocessing);
    }
    packed
}

fn pack_preprocessing(packed: &mut TensorFile, preprocessing: &Preprocessing) {
    if !preprocessing.outputs.is_empty() {
        let numbers = |of: fn(&OutputScaling) -> f64| -> Vec<f64> {
            preprocessing.outputs.iter().map(of).collect()
        };
        packed.add_f64("output.mean", &numbers(|scaling| scaling.mean));
        packed.add_f64("output.scale", &numbers(|scaling| scaling.deviation));
    }
    if let Some(table) = &preprocessing.table {
        packed.set_metadata("table", serde_json::json!(table));
    }
    packed.set_metadata("target", preprocessing.targets.join(","));
    if preprocessing.targets.len() > 1 {
        packed.set_metadata("targets", serde_json::json!(preprocessing.targets));
    }
    for (key, names) in [("columns", &preprocessing.columns), ("classes", &preprocessing.classes)] {
        if !names.is_empty() {
            packed.set_metadata(key, serde_json::json!(names));
        }
    }
}

/// Returns the error of a folder without a champion, which may be a run at its beginning.
fn no_champion(path: &Path) -> Error {
    let folder = path.parent().unwrap_or(path);
    let refused = |got: &str| {
        let expected = format!("a run folder of deme train with {FILE}");
        Error::invalid(folder.display().to_string(), expected, got)
    };
    let has = |name: &str| files::exists(&folder.join(name));
    match (has("config.toml"), has("study.json")) {
        (true, _) => refused("a run without a checkpoint yet").advise(
            "wait for its first checkpoint, which writes the champion, or continue the run with \
             deme resume",
        ),
        (_, true) => refused("the folder of a study")
            .advise("name the folder of one of its trials, such as STRATEGY-SEED in it"),
        _ => refused("another folder").advise("begin a run with deme train"),
    }
}

/// Reads a champion from a file's content.
fn unpack(packed: &TensorFile) -> std::result::Result<Champion, String> {
    let model = unpack_model(packed)?;
    let readout: Readout = json(packed, "action")?;
    let origin = Origin {
        task: packed.expect_metadata("task")?.into(),
        strategy: packed.expect_metadata("strategy")?.into(),
        generation: number(packed, "generation")?,
        seed: number(packed, "seed")?,
    };
    let scaling = unpack_scaling(packed, number(packed, "inputs")?)?;
    let preprocessing = match &scaling {
        Some(scaling) if packed.metadata("target").is_some() => {
            Some(unpack_preprocessing(packed, scaling, number(packed, "outputs")?)?)
        }
        _ => None,
    };
    let champion = Champion { origin, model, readout, scaling, preprocessing };
    check(&champion).map_err(|error| error.to_string())?;
    Ok(champion)
}

/// Checks the parts of a champion against each other, and against its task if that is built in.
fn check(champion: &Champion) -> Result<()> {
    let Champion { origin, readout, preprocessing, .. } = champion;
    readout.check(champion.output_count())?;
    if let Some(preprocessing) = preprocessing {
        let named = preprocessing.classes.len();
        let classes = match *readout {
            Readout::Class { count } => count,
            Readout::Side => 2,
            _ => 0,
        };
        if named != 0 && named != classes {
            return Err(Error::invalid("a champion's classes", classes.to_string(), named));
        }
        // The task is a data file, whatever its name is.
        return Ok(());
    }
    match task::by_name(&origin.task) {
        Ok(task) => readout.check_equal(&Readout::for_task(task.as_ref())),
        Err(_) => Ok(()),
    }
}

fn unpack_model(packed: &TensorFile) -> std::result::Result<Model, String> {
    let (inputs, outputs): (usize, usize) = (number(packed, "inputs")?, number(packed, "outputs")?);
    if let Some(text) = packed.metadata("graph") {
        let graph = Graph::from_json(text, Ports { inputs, outputs, ordered: true })?;
        return Ok(Model::Graph(ReferenceGraph::new(Arc::new(graph))));
    }
    let spec = packed.expect_metadata("network")?;
    // Sizes come first: the metadata may claim a network that is larger than memory.
    let available = packed.f32_count();
    if inputs.max(outputs) > available {
        let claimed = [(inputs, "inputs"), (outputs, "outputs")]
            .map(|(count, unit)| counted(count as u64, unit))
            .join(" and ");
        return Err(format!(
            "expected a network of {} at most, got {claimed}",
            counted(available as u64, "numbers")
        ));
    }
    let network = Network::parse(spec, inputs, outputs, Activation::Tanh);
    let network = network.map_err(|error| error.to_string())?;
    if network.parameters() > available {
        let claimed = counted(network.parameters() as u64, "parameters");
        return Err(format!("expected {claimed} for '{spec}', got {available}"));
    }
    let genome = network.genome(|name| packed.expect_f32(name))?;
    Ok(Model::from_layers(network, genome))
}

fn unpack_scaling(
    packed: &TensorFile,
    inputs: usize,
) -> std::result::Result<Option<Scaling>, String> {
    if !packed.has_tensor("input.mean") {
        return Ok(None);
    }
    let clip = packed.metadata("input.clip").map(|_| number(packed, "input.clip")).transpose()?;
    let means = packed.expect_f64("input.mean")?;
    let scaling = Scaling { means, scales: packed.expect_f64("input.scale")?, clip };
    scaling.check(inputs).map_err(|error| error.to_string())?;
    Ok(Some(scaling))
}

fn unpack_preprocessing(
    packed: &TensorFile,
    scaling: &Scaling,
    outputs: usize,
) -> std::result::Result<Preprocessing, String> {
    let numbers = |name: &str| match packed.expect_f64(name)? {
        numbers if numbers.len() == outputs && numbers.iter().all(|n| n.is_finite()) => Ok(numbers),
        numbers => Err(format!(
            "expected {} in '{name}', got {numbers:?}",
            counted(outputs as u64, "finite numbers")
        )),
    };
    let outputs = match packed.has_tensor("output.mean") {
        true => {
            let pairs = numbers("output.mean")?.into_iter().zip(numbers("output.scale")?);
            pairs.map(|(mean, deviation)| OutputScaling { mean, deviation }).collect()
        }
        false => Vec::new(),
    };
    let names = |key: &str| match packed.metadata(key) {
        Some(_) => json(packed, key),
        None => Ok(Vec::new()),
    };
    let columns: Vec<String> = names("columns")?;
    let table = match packed.metadata("table") {
        Some(_) => Some(json::<TableColumns>(packed, "table")?),
        // Earlier versions read every column as a number, and wrote no more than the names.
        None if !columns.is_empty() => Some(TableColumns {
            has_header: true,
            width: 0,
            targets: Vec::new(),
            features: columns.iter().enumerate().map(FeatureColumn::number).collect(),
            missing: MissingValues::Error,
        }),
        None => None,
    };
    if let Some(table) = &table {
        table.check(scaling.means.len())?;
    }
    Ok(Preprocessing {
        columns,
        table,
        input_means: scaling.means.clone(),
        input_scales: scaling.scales.clone(),
        targets: match packed.metadata("targets") {
            Some(_) => json(packed, "targets")?,
            None => vec![packed.expect_metadata("target")?.into()],
        },
        classes: names("classes")?,
        outputs,
    })
}

fn number<T: std::str::FromStr>(packed: &TensorFile, key: &str) -> std::result::Result<T, String> {
    let text = packed.expect_metadata(key)?;
    text.parse().map_err(|_| format!("expected a number as '{key}', got '{text}'"))
}

fn json<T: serde::de::DeserializeOwned>(
    packed: &TensorFile,
    key: &str,
) -> std::result::Result<T, String> {
    let text = packed.expect_metadata(key)?;
    serde_json::from_str(text).map_err(|problem| format!("the metadata '{key}': {problem}"))
}
