//! The flags of `deme bench`.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use crate::cli::data_flags::DataFlags;
use crate::cli::dump::ShaderDump;
use crate::cli::headings::{MACHINE, OUTPUT, SEARCH, TASK};
use crate::cli::names::{self, BENCHMARK_BACKENDS};
use crate::cli::sizes::{Sizes, parse_whole};
use crate::cli::threads::Threads;

/// Measure how fast the backends are
///
/// A task measures whole populations that play it, step by step. `forward` measures forward passes
/// of a network; `generation` the cost of a generation outside scoring; `spawn` and `recombine` two
/// parts of that. Every row says how it was measured, and is compared with the peak arithmetic and
/// bandwidth of the same machine.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Task, data file or part of a generation
    ///
    /// `deme tasks` lists the tasks. The parts are forward, generation, spawn and recombine.
    #[arg(
        value_name = "TASK|PART",
        value_parser = names::subjects(),
        hide_possible_values = true,
        value_hint = ValueHint::FilePath
    )]
    pub subject: String,
    #[command(flatten)]
    pub data: DataFlags,
    /// Layers, such as 16-16
    ///
    /// The hidden layers of a task's network [default: the task's]; for `forward` all layers, with
    /// inputs first and outputs last [default: 64-128-10].
    #[arg(long, value_name = "SPEC", help_heading = TASK)]
    pub network: Option<String>,
    /// Environment steps per individual
    ///
    /// Control tasks only. [default: the task's step limit, 1000 at most]
    #[arg(long, value_name = "N", help_heading = TASK, value_parser = parse_whole::<u64>)]
    pub steps: Option<u64>,
    /// Samples that all individuals share
    ///
    /// A list of sizes, as for --population; `forward` only. [default: 64]
    #[arg(long, value_name = "LIST", help_heading = TASK, value_delimiter = ',')]
    pub batch: Vec<Sizes>,
    /// Individuals, a list of sizes
    ///
    /// Sizes with commas between them, or a range: in 64..65536 each size is four times the last,
    /// in 64..4096x2 two times. [default: 64..65536, without rows that take more than seconds]
    #[arg(long, value_name = "LIST", help_heading = SEARCH, value_delimiter = ',')]
    pub population: Vec<Sizes>,
    /// Genes per individual, a list of sizes
    ///
    /// `generation`, `spawn` and `recombine` only. [default: 10000]
    #[arg(long, value_name = "LIST", help_heading = SEARCH, value_delimiter = ',')]
    pub parameters: Vec<Sizes>,
    /// Strategy of `generation`
    ///
    /// [default: openai-es]
    #[arg(long, value_name = "NAME", help_heading = SEARCH, value_parser = names::strategies())]
    pub strategy: Option<String>,
    /// Backends to measure
    ///
    /// Names with commas between them. [default: cpu, and gpu if there is a hardware GPU]
    #[arg(
        long,
        value_name = "LIST",
        help_heading = MACHINE,
        value_delimiter = ',',
        value_parser = names::listed(&BENCHMARK_BACKENDS)
    )]
    pub backend: Vec<String>,
    /// GPU to use, by a part of its name
    ///
    /// `deme devices` lists the names. [default: the first hardware GPU]
    #[arg(long, value_name = "NAME", help_heading = MACHINE)]
    pub adapter: Option<String>,
    /// Variant of the GPU's kernels
    ///
    /// [default: the autotuner's, as in `deme train`]
    #[arg(
        long,
        value_name = "NAME",
        help_heading = MACHINE,
        conflicts_with = "variants",
        value_parser = names::variants()
    )]
    pub variant: Option<String>,
    /// Measure every kernel variant
    ///
    /// One row each. [default: off]
    #[arg(long, help_heading = MACHINE)]
    pub variants: bool,
    /// Precision of the genes
    ///
    /// f16 halves what a GPU reads of them. [default: f32]
    #[arg(long, value_name = "NAME", help_heading = MACHINE, value_parser = names::precisions())]
    pub precision: Option<String>,
    #[command(flatten)]
    pub threads: Threads,
    #[command(flatten)]
    pub shaders: ShaderDump,
    /// Timed repetitions of each row
    ///
    /// [default: 10]
    #[arg(long, value_name = "N", help_heading = OUTPUT, value_parser = parse_whole::<u64>)]
    pub samples: Option<u64>,
    /// Print one JSON document
    ///
    /// Instead of a table. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
    /// CSV file for the rows
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    pub csv: Option<PathBuf>,
    /// Markdown file for the rows
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    pub markdown: Option<PathBuf>,
    /// SVG file: speed against population
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    pub svg: Option<PathBuf>,
}

impl Flags {
    /// Returns the files that are read: the subject, if it is one, and its targets.
    pub fn inputs(&self) -> Vec<&Path> {
        [Some(Path::new(&self.subject)), self.data.target_file()].into_iter().flatten().collect()
    }
}

const EXAMPLES: &str = "\
Examples:
  deme bench cartpole --backend cpu,gpu --svg speed.svg
  deme bench forward --network 64-128-10 --population 64..65536
  deme bench generation --strategy cma-es --parameters 100,1000";
