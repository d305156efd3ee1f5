//! `deme bench`: how fast the backends are, and how each number was measured.

mod plan;

use std::path::PathBuf;

use clap::ValueHint;
use deme::error::Result;
use deme::measure::{
    BenchmarkSession, Machine, MeasurementConditions, Stopwatch, measurement_warnings,
};
use deme::report::{self, BenchmarkReport};

use self::plan::Plan;
pub use self::plan::{BACKENDS, PARTS};
use super::dump::ShaderDump;
use super::sizes::{Sizes, parse_whole};
use super::table::print_report;
use super::threads::Threads;
use super::{MACHINE, OUTPUT, Outcome, SEARCH, TASK, names, note, print};

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
    subject: String,
    /// Column, array or file to predict
    ///
    /// Of a data file. [default: as in `deme train`]
    #[arg(long, value_name = "NAME", help_heading = TASK)]
    target: Option<String>,
    /// Layers, such as 16-16
    ///
    /// The hidden layers of a task's network [default: the task's]; for `forward` all layers, with
    /// inputs first and outputs last [default: 64-128-10].
    #[arg(long, value_name = "SPEC", help_heading = TASK)]
    network: Option<String>,
    /// Environment steps per individual
    ///
    /// Control tasks only. [default: the task's step limit, 1000 at most]
    #[arg(long, value_name = "N", help_heading = TASK, value_parser = parse_whole::<u64>)]
    steps: Option<u64>,
    /// Samples that all individuals share
    ///
    /// A list of sizes, as for --population; `forward` only. [default: 64]
    #[arg(long, value_name = "LIST", help_heading = TASK, value_delimiter = ',')]
    batch: Vec<Sizes>,
    /// Individuals, a list of sizes
    ///
    /// Sizes with commas between them, or a range: in 64..65536 each size is four times the last,
    /// in 64..4096x2 two times. [default: 64..65536, without rows that take more than seconds]
    #[arg(long, value_name = "LIST", help_heading = SEARCH, value_delimiter = ',')]
    population: Vec<Sizes>,
    /// Genes per individual, a list of sizes
    ///
    /// `generation`, `spawn` and `recombine` only. [default: 10000]
    #[arg(long, value_name = "LIST", help_heading = SEARCH, value_delimiter = ',')]
    parameters: Vec<Sizes>,
    /// Strategy of `generation`
    ///
    /// [default: openai-es]
    #[arg(long, value_name = "NAME", help_heading = SEARCH, value_parser = names::strategies())]
    strategy: Option<String>,
    /// Backends to measure
    ///
    /// Names with commas between them. [default: cpu, and gpu if there is a hardware GPU]
    #[arg(
        long,
        value_name = "LIST",
        help_heading = MACHINE,
        value_delimiter = ',',
        value_parser = names::listed(&BACKENDS)
    )]
    backend: Vec<String>,
    /// GPU to use, by a part of its name
    ///
    /// `deme devices` lists the names. [default: the first hardware GPU]
    #[arg(long, value_name = "NAME", help_heading = MACHINE)]
    adapter: Option<String>,
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
    variant: Option<String>,
    /// Measure every kernel variant
    ///
    /// One row each. [default: off]
    #[arg(long, help_heading = MACHINE)]
    variants: bool,
    /// Precision of the genes
    ///
    /// f16 halves what a GPU reads of them. [default: f32]
    #[arg(long, value_name = "NAME", help_heading = MACHINE, value_parser = names::precisions())]
    precision: Option<String>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    shaders: ShaderDump,
    /// Timed repetitions of each row
    ///
    /// [default: 10]
    #[arg(long, value_name = "N", help_heading = OUTPUT, value_parser = parse_whole::<u64>)]
    samples: Option<u64>,
    /// Print one JSON document
    ///
    /// Instead of a table. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
    /// CSV file for the rows
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    csv: Option<PathBuf>,
    /// Markdown file for the rows
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    markdown: Option<PathBuf>,
    /// SVG file: speed against population
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    svg: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  deme bench cartpole --backend cpu,gpu --svg speed.svg
  deme bench forward --network 64-128-10 --population 64..65536
  deme bench generation --strategy cma-es --parameters 100,1000";

/// The columns that a narrow terminal leaves out, least important first.
const OPTIONAL: &[&str] = &[
    "samples",
    "timing",
    "bound",
    "host median",
    "parameters",
    "GB/s",
    "min",
    "max",
    "adapter",
    "of the roofline",
    "network",
    "GFLOP/s",
    "evaluations/s",
    "kernels",
    "batch",
    "steps",
];

pub fn run(flags: &Flags) -> Result<Outcome> {
    flags.threads.start()?;
    let plan = Plan::check(flags)?;
    plan::unused_flags(flags).iter().for_each(|line| note(&format!("note: {line}")));
    let mut warnings = MeasurementConditions::detect(&plan.backends).warnings();
    warn(&warnings);
    for backend in &plan.backends {
        backend.check(plan.task.as_deref())?;
    }
    let stopwatch = Stopwatch { warm_up: 1, samples: plan.samples };
    let session = BenchmarkSession::new(stopwatch, &plan.backends)?;
    let rows = plan.cases.iter().map(|case| session.measure(case)).collect::<Result<Vec<_>>>()?;
    let row_warnings = measurement_warnings(&rows);
    warn(&row_warnings);
    warnings.extend(row_warnings);
    output(flags, &BenchmarkReport::new(Machine::current(), session.rooflines, rows, warnings))
}

fn warn(warnings: &[String]) {
    warnings.iter().for_each(|warning| note(&format!("warning: {warning}")));
}

fn output(flags: &Flags, report: &BenchmarkReport) -> Result<Outcome> {
    if let Some(path) = &flags.csv {
        report::write(path, &report::csv::text(&report.rows)?)?;
    }
    if let Some(path) = &flags.markdown {
        report::write(path, report::markdown::text(report))?;
    }
    if let Some(path) = &flags.svg {
        report::write(path, report::chart::speed::draw(report)?.svg())?;
    }
    if flags.json {
        print(&report::json::text(report)?)?;
    } else {
        print_report(&report::markdown::text(report), OPTIONAL)?;
    }
    Ok(Outcome::Success)
}
