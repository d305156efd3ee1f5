//! Checkpoints: all that a run needs to go on as if it had never been stopped.
//!
//! # Shapes
//!
//! `checkpoint.safetensors` holds
//!
//! - `strategy`, `u8[..]`: the strategy's state, optimiser included, see
//!   [`Save`](crate::strategy::Save);
//! - `counters`, `u8[..]`: what was counted, of normalised observations what was seen, and of a
//!   search for novelty its archive, in the same encoding;
//! - `champion`, `f32[genes]`: the best recommendation so far; a graph stands among the words, as
//!   JSON;
//! - `population`, `f32[individuals][genes]`: the last population, of a strategy that breeds.
//!
//! Its words name what it belongs to: `format`, `version`, `task`, `strategy`, `network`, `genes`,
//! `seed`, `generation`, `samples`, the checksum of a data set's, `variant`, by which the kernels
//! of a GPU were laid out, and the `checksum` of the whole file. There is no generator to save:
//! noise follows from the seed and the generation.
//!
//! # Errors
//!
//! States have no names of their fields, so only the version that wrote a checkpoint reads it.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Config;
use super::counters::Counters;
use super::examine::Recommended;
use crate::backend::Variant;
use crate::error::{Error, Result};
use crate::network::{Graph, Normalisation, Statistics};
use crate::packed::Packed;
use crate::population::Individual;
use crate::strategy::{Novelty, Strategy};

/// The name of the file in a run folder.
pub(super) const FILE: &str = "checkpoint.safetensors";
/// The word that says what a data set's samples were.
const SAMPLES: &str = "samples";
/// The word that says how kernels were laid out.
const VARIANT: &str = "variant";
/// What the file is.
const FORMAT: &str = "deme checkpoint";

/// What a checkpoint holds.
pub(super) struct Checkpoint {
    /// What was counted.
    pub counters: Counters,
    /// The strategy, in its state.
    pub strategy: Box<dyn Strategy>,
    /// The best recommendation so far.
    pub champion: Recommended,
    /// `f32[individuals][genes]`: the last population, where it is the next one's parents.
    pub population: Option<Vec<f32>>,
    /// What was seen in training, where observations are normalised.
    pub statistics: Option<Statistics>,
    /// The archive, where novelty is told.
    pub novelty: Option<Novelty>,
    /// How the kernels of a GPU were laid out.
    pub variant: Option<Variant>,
    /// The log as it was then.
    pub log: LogEnd,
}

/// How far a log goes, and the sum over its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogEnd {
    /// Bytes.
    pub bytes: u64,
    /// Their CRC-32.
    pub sum: u32,
}

/// What of a checkpoint is neither a state nor a genome.
#[derive(Serialize, Deserialize)]
struct Counted {
    counters: Counters,
    champion_generation: u32,
    champion_validation: f32,
    champion_held_out: Option<f32>,
    champion_normalisation: Option<Normalisation>,
    statistics: Option<Statistics>,
    novelty: Option<Novelty>,
    log: LogEnd,
}

/// Parts of a run that are saved.
pub(super) struct Saving<'a> {
    pub config: &'a Config,
    pub counters: Counters,
    pub strategy: &'a dyn Strategy,
    pub champion: &'a Recommended,
    pub population: Option<Vec<f32>>,
    pub statistics: Option<&'a Statistics>,
    pub novelty: Option<&'a Novelty>,
    pub variant: Option<Variant>,
}

impl Saving<'_> {
    /// Writes the checkpoint into a folder, whole or not at all.
    pub fn write(self, folder: &Path, log: LogEnd) -> Result<()> {
        let Self { config, counters, strategy, champion, population, .. } = self;
        let (statistics, novelty, variant) = (self.statistics, self.novelty, self.variant);
        let genes = config.network.parameters();
        let mut packed = Packed::default();
        for (key, value) in belongs_to(config) {
            packed.word(key, value);
        }
        packed.word("generation", counters.generations);
        if let Some(samples) = config.samples {
            packed.word(SAMPLES, samples);
        }
        if let Some(variant) = variant {
            packed.word(VARIANT, variant.name());
        }
        let counted = Counted {
            counters,
            champion_generation: champion.generation,
            champion_validation: champion.validation,
            champion_held_out: champion.held_out,
            champion_normalisation: champion.normalisation.clone(),
            statistics: statistics.cloned(),
            novelty: novelty.cloned(),
            log,
        };
        let counted = postcard::to_allocvec(&counted).map_err(|problem| Error::Io {
            doing: "packing",
            path: folder.join(FILE),
            source: std::io::Error::other(problem),
        })?;
        packed.raw("counters", counted);
        packed.raw("strategy", strategy.save());
        match &champion.individual {
            Individual::Genome(genome) => packed.singles("champion", vec![genes], genome),
            Individual::Graph(graph) => packed.word("champion", serde_json::json!(**graph)),
        }
        if let Some(population) = population {
            packed.singles("population", vec![population.len() / genes, genes], &population);
        }
        packed.write(folder, FILE)
    }
}

/// Words that a checkpoint and the configuration beside it must agree in.
fn belongs_to(config: &Config) -> [(&'static str, String); 7] {
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
    /// Reads the checkpoint of a run; none where it has not come to one.
    pub fn read(folder: &Path, config: &Config) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let wrong = |problem: String| Error::File {
            path: path.clone(),
            line: 0,
            problem: format!("{problem}; {}", advice(folder)),
        };
        let packed = match Packed::read(&path) {
            Err(Error::File { problem, .. }) => return Err(wrong(problem)),
            other => other?,
        };
        Self::unpack(&packed, config).map(Some).map_err(wrong)
    }

    fn unpack(packed: &Packed, config: &Config) -> std::result::Result<Self, String> {
        for (key, expected) in belongs_to(config) {
            let got = packed.expect(key)?;
            if got != expected && key == "version" {
                return Err(format!(
                    "expected a checkpoint of deme {expected}, which this is, got one of deme \
                     {got}, which can go on with it"
                ));
            }
            if got != expected {
                return Err(format!("expected {key} '{expected}' as in config.toml, got '{got}'"));
            }
        }
        if packed.get(SAMPLES).map(str::to_owned) != config.samples.map(|sum| sum.to_string()) {
            return Err("expected the samples that the run began with, got others: the data file \
                        has changed since"
                .into());
        }
        let genes = config.network.parameters();
        let individual = match packed.get("champion") {
            Some(text) => Individual::Graph(Arc::new(Graph::of_json(text, config.task.ports())?)),
            None => Individual::Genome(packed.expect_singles("champion")?),
        };
        if let Individual::Genome(genome) = &individual
            && genome.len() != genes
        {
            return Err(format!("expected a champion of {genes} genes, got {}", genome.len()));
        }
        let population = match packed.has("population") {
            true => Some(packed.expect_singles("population")?),
            false => None,
        };
        let state = packed.expect_raw("strategy")?;
        let strategy = config.strategy.resume(state).map_err(|error| error.to_string())?;
        let individuals = population.as_ref().map(|genomes| genomes.len() / genes);
        strategy.ask().check(genes, individuals).map_err(|error| error.to_string())?;
        let counted: Counted = postcard::from_bytes(packed.expect_raw("counters")?)
            .map_err(|problem| format!("the counters: {problem}"))?;
        let champion = Recommended {
            individual,
            generation: counted.champion_generation,
            validation: counted.champion_validation,
            held_out: counted.champion_held_out,
            normalisation: counted.champion_normalisation,
        };
        let inputs = config.network.inputs();
        let normalisation = counted.statistics.as_ref().map(Statistics::normalisation);
        for by in normalisation.iter().chain(&champion.normalisation) {
            by.check(inputs).map_err(|error| error.to_string())?;
        }
        let Counted { counters, statistics, novelty, log, .. } = counted;
        let variant = packed.get(VARIANT).map(Variant::named).transpose();
        let variant = variant.map_err(|error| error.to_string())?;
        Ok(Self { counters, strategy, champion, population, statistics, novelty, variant, log })
    }
}

/// What to do about a run that cannot go on.
pub(super) fn advice(folder: &Path) -> String {
    let config = folder.join("config.toml");
    format!(
        "go on from a copy of the folder, or repeat the run: deme train --config {} --out FOLDER",
        config.display()
    )
}
