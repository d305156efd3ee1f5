//! `deme bench`: how fast the backends are, each number with its method.

use std::path::PathBuf;
use std::sync::Arc;

use deme::backend::Variant;
use deme::error::{Error, Result};
use deme::gpu::Device;
use deme::measure::{
    Bench, Circumstances, Job, Machine, Side, Stopwatch, Subject, Verb, row_warnings,
};
use deme::network::{Activation, Precision};
use deme::report::{self, Report};
use deme::run::Request;
use deme::strategy;
use deme::task::{self, Kind, Task};

use super::dump::Dump;
use super::sizes::{Sizes, one_size, sizes, whole};
use super::threads::Threads;
use super::{Outcome, note, print};

/// Measure how fast the backends are.
#[derive(clap::Args)]
pub struct Flags {
    /// A task or a file to run whole populations on, or `forward`, `generation`, `spawn` or
    /// `recombine`
    #[arg(value_name = "TASK|forward|generation|spawn|recombine")]
    subject: String,
    /// Of a file: what its samples are judged by [default: as in `deme train`]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Hidden layers of a task's network [default: the task's]; for `forward`, all layers, inputs
    /// first and outputs last [default: 64-128-10]
    #[arg(long, value_name = "SPEC")]
    network: Option<String>,
    /// Individuals: sizes with commas between them, or a range such as 64..65536 (each size four
    /// times the last) or 64..4096x2 (twice) [default: 64..65536, as far as a minute or so goes]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    population: Vec<Sizes>,
    /// Samples that all individuals share, a list as above; `forward` only [default: 64]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    batch: Vec<Sizes>,
    /// Environment steps of every individual; tasks only
    /// [default: the task's step limit, 1000 at most]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    steps: Option<u64>,
    /// Genes of an individual, a list as above; `generation`, `spawn` and `recombine` only
    /// [default: 10000]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    parameters: Vec<Sizes>,
    /// Strategy of `generation` [default: openai-es]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Backends to measure, a comma between names [default: cpu, and gpu where there is one]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    backend: Vec<String>,
    /// A part of the GPU's name [default: the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// How the GPU's kernels are laid out: loop, unrolled, team-N or fused-N with N of 8,
    /// 16, 32 or 64, subgroup, or tensor, which rounds more [default: the fastest of the others;
    /// they are timed once, DEME_NO_TUNE=1 does not]
    #[arg(long, value_name = "NAME", conflicts_with = "variants")]
    variant: Option<String>,
    /// What genes are kept in: f32, or f16, which halves what a GPU reads of them [default: f32]
    #[arg(long, value_name = "NAME")]
    precision: Option<String>,
    /// Measure every way in which the GPU's kernels can be laid out, a row each [default: off]
    #[arg(long)]
    variants: bool,
    /// Timed repetitions of each row [default: 10]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    samples: Option<u64>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    dump: Dump,
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

pub fn run(flags: &Flags) -> Result<Outcome> {
    flags.threads.start()?;
    let plan = Plan::check(flags)?;
    notes(flags).iter().for_each(|line| note(&format!("note: {line}")));
    let mut warnings = Circumstances::of(&plan.sides).warnings();
    warn(&warnings);
    for side in &plan.sides {
        side.check(plan.task.as_deref())?;
    }
    let bench = Bench::of(Stopwatch { warm_up: 1, samples: plan.samples }, &plan.sides)?;
    let rows = plan.jobs.iter().map(|job| bench.measure(job)).collect::<Result<Vec<_>>>()?;
    let of_rows = row_warnings(&rows);
    warn(&of_rows);
    warnings.extend(of_rows);
    output(flags, &Report::new(Machine::this(), bench.rooflines, rows, warnings))
}

fn warn(warnings: &[String]) {
    warnings.iter().for_each(|warning| note(&format!("warning: {warning}")));
}

/// Checked flags.
struct Plan {
    /// The task's name, where there is one.
    task: Option<String>,
    sides: Vec<Side>,
    jobs: Vec<Job>,
    samples: u32,
}

/// Populations where none are named: powers of four, as far as a row takes seconds.
const POPULATIONS: [u64; 6] = [64, 256, 1024, 4096, 16_384, 65_536];
/// Multiply-adds of the largest row of those, and genes of the largest generation.
const MOST_WORK: u64 = 15_000_000_000;
const MOST_GENES: u64 = 1 << 26;
/// How many times slower a software adapter is, or the reference.
const SLOWER: u64 = 64;

impl Plan {
    fn check(flags: &Flags) -> Result<Self> {
        let samples = one_size("--samples", flags.samples.unwrap_or(10))? as u32;
        let subjects = subjects(flags)?;
        let populations = sizes("--population", &flags.population, &POPULATIONS)?;
        let sides = sides(flags)?;
        let mut jobs = Vec::new();
        // Sizes outside, backends inside: what is compared is measured together.
        for &population in &populations {
            for subject in &subjects {
                if flags.population.is_empty() && is_long(subject, population, &sides) {
                    continue;
                }
                for side in &sides {
                    for variant in variants(flags, subject, side)? {
                        let (subject, side) = (subject.clone(), side.clone());
                        jobs.push(Job { subject, side, population, variant });
                    }
                }
            }
        }
        jobs.iter().try_for_each(Job::check)?;
        let task = match &subjects[..] {
            // Of a file the networks are checked, which are all that there is to it.
            [Subject::Rollouts { task, .. }, ..] if !task::is_file(&flags.subject) => {
                Some(task.about().name.to_string())
            }
            _ => None,
        };
        Ok(Self { task, sides, jobs, samples })
    }
}

/// The ways in which a side's kernels are measured; none in particular is one.
fn variants(flags: &Flags, subject: &Subject, side: &Side) -> Result<Vec<Option<Variant>>> {
    let asked = flags.variant.as_deref().map(Variant::named).transpose()?;
    let Side::Gpu(device) = side else { return Ok(vec![None]) };
    let all = if flags.variants { subject.variants(device) } else { Vec::new() };
    if all.is_empty() {
        return Ok(vec![asked]);
    }
    Ok(all.into_iter().map(Some).collect())
}

/// Whether a default population is left out; the first never is.
fn is_long(subject: &Subject, population: usize, sides: &[Side]) -> bool {
    let most = match subject {
        Subject::Generation { .. } | Subject::Population { .. } => MOST_GENES,
        Subject::Rollouts { .. } | Subject::Forward { .. } => MOST_WORK,
    };
    let is_slow = |side: &Side| matches!(side, Side::Reference) || side.is_software_adapter();
    let most = if sides.iter().any(is_slow) { most / SLOWER } else { most };
    population as u64 > POPULATIONS[0] && subject.work().saturating_mul(population as u64) > most
}

/// Flags that were typed and have no meaning for what is measured.
fn notes(flags: &Flags) -> Vec<String> {
    let subject = flags.subject.as_str();
    let (forward, generation) = (subject == "forward", subject == "generation");
    // These have genes, and no network.
    let genes = generation || verb(subject).is_some();
    let is_file = task::is_file(subject);
    let is_named = !forward && !genes && !is_file;
    let stepless = is_file || is_named && task::named(subject).is_ok_and(has_no_steps);
    let of = |typed: bool, meant: bool, flag: &'static str| (typed && !meant).then_some(flag);
    let idle = [
        of(flags.network.is_some(), !genes, "--network"),
        of(flags.target.is_some(), is_file, "--target"),
        of(!flags.batch.is_empty(), forward, "--batch"),
        of(flags.steps.is_some(), !forward && !genes && !stepless, "--steps"),
        of(!flags.parameters.is_empty(), genes, "--parameters"),
        of(flags.strategy.is_some(), generation, "--strategy"),
        of(flags.variant.is_some() || flags.variants, !genes, "--variant"),
    ];
    let line = |flag| format!("{flag} has no effect on deme bench {subject}");
    idle.into_iter().flatten().map(line).collect()
}

/// What is done with a population, where that is measured.
fn verb(subject: &str) -> Option<Verb> {
    [Verb::Spawn, Verb::Recombine].into_iter().find(|verb| verb.name() == subject)
}

fn has_no_steps(task: Box<dyn Task>) -> bool {
    !matches!(task.kind(), Kind::Control(_))
}

/// Steps that are measured when nothing is said: some tasks go on for a hundred times as many.
const LONGEST_DEFAULT: u32 = 1000;

/// What the flags ask to measure.
fn subjects(flags: &Flags) -> Result<Vec<Subject>> {
    let precision = flags.precision.as_deref().map_or(Ok(Precision::default()), str::parse)?;
    let subjects = subjects_of(flags)?.into_iter();
    Ok(subjects.map(|subject| subject.with_precision(precision)).collect())
}

fn subjects_of(flags: &Flags) -> Result<Vec<Subject>> {
    match flags.subject.as_str() {
        "forward" => {
            let network = flags.network.as_deref().unwrap_or("64-128-10");
            let batches = sizes("--batch", &flags.batch, &[64])?;
            batches.into_iter().map(|batch| Subject::forward(network, batch)).collect()
        }
        "generation" => {
            let strategy = strategy::named(flags.strategy.as_deref().unwrap_or("openai-es"))?;
            let parameters = sizes("--parameters", &flags.parameters, &[10_000])?;
            let precision = Precision::default();
            let subject = |parameters| Subject::Generation { strategy, parameters, precision };
            Ok(parameters.into_iter().map(subject).collect())
        }
        name => {
            if let Some(verb) = verb(name) {
                let parameters = sizes("--parameters", &flags.parameters, &[10_000])?;
                let precision = Precision::default();
                let subject = |parameters| Subject::Population { verb, parameters, precision };
                return Ok(parameters.into_iter().map(subject).collect());
            }
            let (task, target) = (Some(name.to_owned()), flags.target.clone());
            let request = Request { task, target, ..Request::default() };
            let task: Arc<dyn Task> = request.open().map_err(also_known)?.task;
            let spec = flags.network.as_deref().unwrap_or(task.about().defaults.network);
            let network = task.network(spec, Activation::Tanh)?;
            let limit = u64::from(task.step_limit().clamp(1, LONGEST_DEFAULT));
            let steps = one_size("--steps", flags.steps.unwrap_or(limit))? as u32;
            Ok(vec![Subject::Rollouts { task, network, steps }])
        }
    }
}

/// The backends to measure; without a name the CPU, and a hardware GPU if there is one.
fn sides(flags: &Flags) -> Result<Vec<Side>> {
    let (adapter, options) = (flags.adapter.as_deref(), flags.dump.options());
    options.prepare()?;
    let open = || Device::open_with(adapter, &options).map(|device| Side::Gpu(Arc::new(device)));
    if flags.backend.is_empty() {
        let gpu = if flags.adapter.is_some() { Some(open()?) } else { open().ok() };
        return Ok([Some(Side::Cpu), gpu].into_iter().flatten().collect());
    }
    let side = |name: &String| match name.as_str() {
        "cpu" => Ok(Side::Cpu),
        "gpu" => open(),
        "reference" => Ok(Side::Reference),
        other => Err(Error::Unknown {
            kind: "backend to measure".into(),
            name: other.into(),
            known: ["cpu", "gpu", "reference"].map(String::from).into(),
        }),
    };
    flags.backend.iter().map(side).collect()
}

/// An unknown task may have been meant as one of the other subjects.
fn also_known(error: Error) -> Error {
    match error {
        Error::Unknown { name, mut known, .. } => {
            known.extend(["forward", "generation", "spawn", "recombine"].map(String::from));
            Error::Unknown { kind: "subject of a benchmark".into(), name, known }
        }
        other => other,
    }
}

fn output(flags: &Flags, report: &Report) -> Result<Outcome> {
    if let Some(path) = &flags.csv {
        report::write(path, &report::csv::text(&report.rows)?)?;
    }
    if let Some(path) = &flags.markdown {
        report::write(path, report::markdown::text(report))?;
    }
    if let Some(path) = &flags.svg {
        report::write(path, &report::svg::text(report)?)?;
    }
    if flags.json {
        print(&report::json::text(report)?)?;
    } else {
        print(&report::markdown::text(report))?;
    }
    Ok(Outcome::Done)
}
