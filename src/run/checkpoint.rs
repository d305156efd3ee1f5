//! Checkpoints: the complete state of a run, from which it can be resumed.
//!
//! # Shapes
//!
//! `checkpoint.safetensors` holds
//!
//! - `strategy`, `u8[..]`: the strategy's state with its optimiser, see
//!   [`Save`](crate::strategy::Save);
//! - `counters`, `u8[..]`: the progress of the run, the statistics of normalised observations and
//!   the novelty archive, in the same encoding;
//! - `selection`, `u8[..]`: the scores that chose the champion, in the same encoding; absent from
//!   the first checkpoints of this version;
//! - `champion`, `f32[genes]`: the best recommendation so far. A graph is stored in the metadata
//!   instead, as JSON;
//! - `population`, `f32[individuals][genes]`: the last population, if the strategy breeds.
//!
//! The metadata says which run the checkpoint belongs to: `format`, `version`, `task`, `strategy`,
//! `network`, `genes`, `seed`, `generation`, `samples` (the checksum of a data set's samples),
//! `variant` (the kernel variant of a GPU), `decisions` (the values of `config.toml`, as JSON),
//! `machine` (the backend and the instruction set, as JSON), and the `checksum` of the whole file.
//! There is no random generator to save: noise follows from the seed and the generation.
//!
//! # Errors
//!
//! The encoded state does not name its fields, so only the version that wrote a checkpoint can read
//! it.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Config;
use super::decisions::Decisions;
use super::machine::MachineRecord;
use super::progress::RunProgress;
use super::validation::Candidate;
use crate::backend::Variant;
use crate::error::{Error, Result, quoted_path};
use crate::files;
use crate::network::{Graph, Normalisation, ObservationStatistics};
use crate::population::{Individual, Proposal};
use crate::strategy::{Novelty, Strategy};
use crate::task::{self, Kind};
use crate::tensor_file::TensorFile;

/// The name of the file in a run folder.
pub(super) const FILE: &str = "checkpoint.safetensors";
/// The metadata key of the checksum of a data set's samples, or of a world's text.
const SAMPLES: &str = "samples";
/// The metadata key of the kernel variant.
const VARIANT: &str = "variant";
/// The metadata key of the values of `config.toml`.
const DECISIONS: &str = "decisions";
/// The metadata key of the machine.
const MACHINE: &str = "machine";
/// The value of the metadata key `format`.
const FORMAT: &str = "deme checkpoint";
/// The name of the tensor with the scores that chose the champion.
const SELECTION: &str = "selection";

/// The state of a run, as read from a checkpoint.
pub(super) struct Checkpoint {
    /// The totals of the run.
    pub progress: RunProgress,
    /// The strategy with its state.
    pub strategy: Box<dyn Strategy>,
    /// The best recommendation so far.
    pub champion: Candidate,
    /// The last population, `f32[individuals][genes]`, if the next one is bred from it.
    pub population: Option<Vec<f32>>,
    /// The statistics of the observations in training, if observations are normalised.
    pub statistics: Option<ObservationStatistics>,
    /// The novelty archive, if the strategy optimises novelty.
    pub novelty: Option<Novelty>,
    /// The kernel variant of a GPU.
    pub variant: Option<Variant>,
    /// The machine that wrote the checkpoint, if it says so.
    pub machine: Option<MachineRecord>,
    /// The end of the log at the time of the checkpoint.
    pub log: LogEnd,
    /// Notes for the user on differences between the checkpoint and `config.toml`.
    pub notes: Vec<String>,
}

/// The length and the checksum of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogEnd {
    /// The length in bytes.
    pub bytes: u64,
    /// The CRC-32 of these bytes.
    pub checksum: u32,
}

/// The content of the tensor `counters`: everything except the strategy and the genomes.
#[derive(Serialize, Deserialize)]
struct CountersTensor {
    progress: RunProgress,
    champion_generation: u32,
    champion_score: f32,
    champion_held_out: Option<f32>,
    champion_normalisation: Option<Normalisation>,
    statistics: Option<ObservationStatistics>,
    novelty: Option<Novelty>,
    log: LogEnd,
}

/// The content of the tensor `selection`: what chose the champion, and when.
#[derive(Serialize, Deserialize)]
struct SelectionTensor {
    improved_in: u32,
    last_training: Option<f32>,
    last_validation: Option<f32>,
    champion_fitness: Option<f32>,
    champion_training: Option<f32>,
}

impl SelectionTensor {
    /// Reads the tensor of a checkpoint. A checkpoint without it was written before runs had a
    /// patience; its run counts from its champion.
    fn read(file: &TensorFile, champion_generation: u32) -> std::result::Result<Self, String> {
        if !file.has_tensor(SELECTION) {
            return Ok(Self {
                improved_in: champion_generation,
                last_training: None,
                last_validation: None,
                champion_fitness: None,
                champion_training: None,
            });
        }
        let read: Self = postcard::from_bytes(file.expect_bytes(SELECTION)?)
            .map_err(|problem| format!("the selection: {problem}"))?;
        match read.improved_in <= champion_generation {
            true => Ok(read),
            false => Err(format!(
                "expected a last improvement up to the champion's generation \
                 {champion_generation}, got {}",
                read.improved_in
            )),
        }
    }
}

impl CountersTensor {
    /// Checks counters that were read from a file: a checksum detects accidents, not intent.
    fn check(&self, config: &Config) -> std::result::Result<(), String> {
        let Self { progress, champion_generation, statistics, novelty, .. } = self;
        progress.check(config.episodes, config.lesson_evaluations)?;
        let generations = progress.generations;
        if !(1..=generations).contains(champion_generation) {
            return Err(format!(
                "expected a champion of one of the {generations} generations, got one of \
                 {champion_generation}"
            ));
        }
        if statistics.is_some() != self.champion_normalisation.is_some() {
            return Err("expected normalised observations of the run and its champion, or of \
                        neither, got one"
                .into());
        }
        if let Some(statistics) = statistics {
            statistics.check(config.network.inputs(), progress.environment_steps)?;
        }
        novelty.as_ref().map_or(Ok(()), |novelty| novelty.check(config.task.behaviour()))
    }
}

/// The contents of a checkpoint to be written: the parts of a run that it saves.
pub(super) struct CheckpointContents<'a> {
    pub config: &'a Config,
    pub progress: RunProgress,
    pub strategy: &'a dyn Strategy,
    pub champion: &'a Candidate,
    pub population: Option<Vec<f32>>,
    pub statistics: Option<&'a ObservationStatistics>,
    pub novelty: Option<&'a Novelty>,
    pub variant: Option<Variant>,
    pub machine: MachineRecord,
}

impl CheckpointContents<'_> {
    /// Writes the checkpoint into a folder. The file is complete or does not appear.
    pub fn write(self, folder: &Path, log: LogEnd) -> Result<()> {
        let Self { config, progress, strategy, champion, population, .. } = self;
        let (statistics, novelty, variant) = (self.statistics, self.novelty, self.variant);
        let genes = config.network.parameters();
        let mut file = TensorFile::default();
        for (key, value) in identity(config) {
            file.set_metadata(key, value);
        }
        file.set_metadata("generation", progress.generations);
        if let Some(samples) = config.samples {
            file.set_metadata(SAMPLES, samples);
        }
        if let Some(variant) = variant {
            file.set_metadata(VARIANT, variant.name());
        }
        file.set_metadata(DECISIONS, Decisions::from_request(&config.resolved).to_json());
        file.set_metadata(MACHINE, serde_json::json!(self.machine));
        let selection = SelectionTensor {
            improved_in: progress.improved_in,
            last_training: progress.last_training,
            last_validation: progress.last_validation,
            champion_fitness: champion.fitness,
            champion_training: champion.training,
        };
        let counters = CountersTensor {
            progress,
            champion_generation: champion.generation,
            champion_score: champion.score,
            champion_held_out: champion.held_out,
            champion_normalisation: champion.normalisation.clone(),
            statistics: statistics.cloned(),
            novelty: novelty.cloned(),
            log,
        };
        let unpackable = |problem| Error::Io {
            doing: "packing",
            path: folder.join(FILE),
            source: std::io::Error::other(problem),
        };
        file.add_bytes("counters", postcard::to_allocvec(&counters).map_err(unpackable)?);
        file.add_bytes(SELECTION, postcard::to_allocvec(&selection).map_err(unpackable)?);
        file.add_bytes("strategy", strategy.save());
        match &champion.individual {
            Individual::Genome(genome) => file.add_f32("champion", vec![genes], genome),
            Individual::Graph(graph) => file.set_metadata("champion", serde_json::json!(**graph)),
        }
        if let Some(population) = population {
            file.add_f32("population", vec![population.len() / genes, genes], &population);
        }
        file.write(folder, FILE)
    }
}

/// Returns the metadata in which a checkpoint and the configuration in its folder must agree.
fn identity(config: &Config) -> [(&'static str, String); 7] {
    [
        ("format", FORMAT.into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("task", config.task.about().name.to_string()),
        ("strategy", config.strategy.name.into()),
        ("network", config.network.to_string()),
        ("genes", config.network.parameters().to_string()),
        ("seed", config.seed.to_string()),
    ]
}

impl Checkpoint {
    /// Reads the checkpoint of a run; `None` if the run has not saved one. `requested` are the keys
    /// of `config.toml` whose values the user has changed.
    pub fn read(folder: &Path, config: &Config, requested: &[&str]) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        if !files::exists(&path) {
            return Ok(None);
        }
        let refused = |problem| Error::File { path: path.clone(), line: 0, problem };
        let wrong = |problem: String| refused(format!("{problem}; {}", advice(folder)));
        let file = match TensorFile::read(&path) {
            Err(Error::File { problem, .. }) => return Err(wrong(problem)),
            other => other?,
        };
        let (decisions, notes) = saved_decisions(&file).map_err(wrong)?;
        let now = Decisions::from_request(&config.resolved);
        let notes = match decisions {
            // The error has its own advice: the value to restore.
            Some(decisions) => decisions.compare(&now, requested).map_err(refused)?,
            None => notes,
        };
        let checkpoint = Self::unpack(&file, config).map_err(wrong)?;
        Ok(Some(Self { notes, ..checkpoint }))
    }

    /// Returns the checksum of the samples that a checkpoint in a folder was made with, if they are
    /// those of a data set; `None` without a readable checkpoint.
    pub fn samples(folder: &Path) -> Option<Option<u32>> {
        let file = TensorFile::read(&folder.join(FILE)).ok()?;
        Some(file.metadata(SAMPLES).and_then(|sum| sum.parse().ok()))
    }

    fn unpack(file: &TensorFile, config: &Config) -> std::result::Result<Self, String> {
        for (key, expected) in identity(config) {
            let got = file.expect_metadata(key)?;
            // A file may be renamed. The checksum of what it holds tells it from another.
            let is_renamed = key == "task" && is_of_file(config);
            if got == expected || is_renamed {
                continue;
            }
            if key == "version" {
                return Err(format!(
                    "expected a checkpoint of deme {expected}, the version of this program, got \
                     one of deme {got}, which can resume it"
                ));
            }
            if key == "format" {
                return Err(format!(
                    "expected a checkpoint of the format '{expected}', got one of '{got}', which \
                     another version of deme wrote and can resume"
                ));
            }
            return Err(format!("expected {key} '{expected}' as in config.toml, got '{got}'"));
        }
        if file.metadata(SAMPLES).map(str::to_owned) != config.samples.map(|sum| sum.to_string()) {
            if let Kind::Control(_) = config.task.kind() {
                return Err("expected the world that the run began with, got another text: its \
                            file has changed since"
                    .into());
            }
            return Err("expected the samples that the run began with, got others: the data file \
                        has changed since"
                .into());
        }
        let genes = config.network.parameters();
        let individual = match file.metadata("champion") {
            Some(text) => Individual::Graph(Arc::new(Graph::from_json(text, config.task.ports())?)),
            None => Individual::Genome(file.expect_f32("champion")?),
        };
        if let Individual::Genome(genome) = &individual
            && genome.len() != genes
        {
            return Err(format!("expected a champion of {genes} genes, got {}", genome.len()));
        }
        let population = match file.has_tensor("population") {
            true => Some(file.expect_f32("population")?),
            false => None,
        };
        if let Some(genomes) = population.as_ref().filter(|it| !it.len().is_multiple_of(genes)) {
            let got = genomes.len();
            return Err(format!("expected a population of whole genomes of {genes}, got {got}"));
        }
        let state = file.expect_bytes("strategy")?;
        let strategy = config.strategy.resume(state, genes, config.population as usize);
        let strategy = strategy.map_err(|error| error.to_string())?;
        let individuals = population.as_ref().map(|genomes| genomes.len() / genes);
        let proposal = strategy.ask();
        proposal.check(genes, individuals).map_err(|error| error.to_string())?;
        if let Proposal::Graphs(graphs) = &proposal {
            let ports = config.task.ports();
            let fits = graphs.individuals.iter().try_for_each(|graph| graph.check_ports(ports));
            fits.map_err(|error| error.to_string())?;
        }
        let counters: CountersTensor = postcard::from_bytes(file.expect_bytes("counters")?)
            .map_err(|problem| format!("the counters: {problem}"))?;
        counters.check(config)?;
        let selection = SelectionTensor::read(file, counters.champion_generation)?;
        let champion = Candidate {
            individual,
            generation: counters.champion_generation,
            score: counters.champion_score,
            fitness: selection.champion_fitness,
            training: selection.champion_training,
            held_out: counters.champion_held_out,
            normalisation: counters.champion_normalisation,
        };
        let inputs = config.network.inputs();
        let normalisation = counters.statistics.as_ref().map(ObservationStatistics::normalisation);
        for by in normalisation.iter().chain(&champion.normalisation) {
            by.check(inputs).map_err(|error| error.to_string())?;
        }
        let CountersTensor { mut progress, statistics, novelty, log, .. } = counters;
        progress.improved_in = selection.improved_in;
        progress.last_training = selection.last_training;
        progress.last_validation = selection.last_validation;
        let variant = file.metadata(VARIANT).map(Variant::by_name).transpose();
        let variant = variant.map_err(|error| error.to_string())?;
        let machine = file.metadata(MACHINE).map(serde_json::from_str).transpose();
        let machine = machine.map_err(|problem| format!("the machine: {problem}"))?;
        Ok(Self {
            progress,
            strategy,
            champion,
            population,
            statistics,
            novelty,
            variant,
            machine,
            log,
            notes: Vec::new(),
        })
    }
}

/// True if the task of a run is a data file.
fn is_of_file(config: &Config) -> bool {
    let is_file = |name: &str| task::is_data_file(name) || task::is_world_file(name);
    config.resolved.task.as_deref().is_some_and(is_file)
}

/// Returns the decisions in a checkpoint, or else notes for the user on their absence.
fn saved_decisions(
    file: &TensorFile,
) -> std::result::Result<(Option<Decisions>, Vec<String>), String> {
    // Another version may have other keys. Its error comes from the identity.
    if file.metadata("version") != Some(env!("CARGO_PKG_VERSION")) {
        return Ok((None, Vec::new()));
    }
    match file.metadata(DECISIONS) {
        Some(text) => Ok((Some(Decisions::from_json(text)?), Vec::new())),
        None => {
            let note = "the checkpoint is of a time when checkpoints did not repeat config.toml, \
                        so changes of its values since then cannot be found";
            Ok((None, vec![note.into()]))
        }
    }
}

/// Returns advice for a run that cannot be resumed.
pub(super) fn advice(folder: &Path) -> String {
    let config = folder.join("config.toml");
    format!(
        "resume from a copy of the folder, or repeat the run: deme train --config {} --out FOLDER",
        quoted_path(&config)
    )
}
