//! `deme bench`: how fast the backends are, each number with its method.

use std::path::PathBuf;
use std::sync::Arc;

use deme::error::{Error, Result};
use deme::gpu::{Device, Hardness};
use deme::measure::{self, Bench, Machine, Roofline, Row, Side, Stopwatch};
use deme::network::{Activation, Network};
use deme::report::{self, Report};
use deme::strategy::{self, Entry};
use deme::task::{self, Task};

use super::threads::Threads;
use super::{Outcome, note, print};

/// Measure how fast the backends are.
#[derive(clap::Args)]
pub struct Flags {
    /// A task to run whole populations on, or `forward`, or `generation`
    #[arg(value_name = "TASK|forward|generation")]
    subject: String,
    /// Hidden layers of a task's network [default: the task's]; for `forward`, all layers, inputs
    /// first and outputs last [default: 64-128-10]
    #[arg(long, value_name = "SPEC")]
    network: Option<String>,
    /// Individuals, a comma between sizes [default: several]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    population: Vec<u64>,
    /// Samples that all individuals share, a comma between sizes; `forward` only [default: 64]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    batch: Vec<u64>,
    /// Environment steps of every individual; tasks only [default: the task's step limit]
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Genes of an individual, a comma between sizes; `generation` only [default: 10000]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    parameters: Vec<u64>,
    /// Strategy of `generation` [default: openai-es]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Backends to measure, a comma between names [default: cpu, and gpu where there is one]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    backend: Vec<String>,
    /// A part of the GPU's name [default: the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Timed repetitions of each row [default: 10]
    #[arg(long, value_name = "N")]
    samples: Option<u64>,
    #[command(flatten)]
    threads: Threads,
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
    let plan = Plan::check(flags)?;
    flags.threads.start()?;
    if cfg!(debug_assertions) {
        note("warning: this is a debug build; its numbers mean nothing, use cargo run --release");
    }
    for side in &plan.sides {
        if matches!(side, Side::Gpu(device) if device.hardness() == Hardness::Software) {
            note(&format!(
                "warning: {} is software: it proves nothing about speed",
                side.adapter()
            ));
        }
        measure::check(side, plan.task.as_ref().map(|_| flags.subject.as_str()))?;
    }
    let watch = Stopwatch { warm_up: 1, samples: plan.samples };
    let bench = Bench { watch, roofline: Roofline::of_cpu()? };
    let rows = plan.rows(&bench)?;
    for row in rows.iter().filter(|row| row.seconds_max > NOISY * row.seconds_min) {
        let spread = row.seconds_max / row.seconds_min;
        let who = format!("{} on {}", row.subject, row.backend);
        note(&format!("warning: samples of {who} differ {spread:.1} times; is the machine busy?"));
    }
    output(flags, &Report { machine: Machine::this(), rows })
}

/// Samples that differ by more than this factor are no measurement.
const NOISY: f64 = 1.5;

/// What is measured.
enum Subject {
    Rollouts { network: Network, steps: u32 },
    Forward { network: String, batches: Vec<usize> },
    Generation { strategy: &'static Entry, parameters: Vec<usize> },
}

/// Checked flags.
struct Plan {
    task: Option<Arc<dyn Task>>,
    subject: Subject,
    populations: Vec<usize>,
    sides: Vec<Side>,
    samples: u32,
}

impl Plan {
    fn check(flags: &Flags) -> Result<Self> {
        let mut task = None;
        let (subject, populations) = match flags.subject.as_str() {
            "forward" => {
                let network = flags.network.clone().unwrap_or_else(|| "64-128-10".into());
                Network::parse_whole(&network, Activation::Tanh)?;
                let batches = sizes("--batch", &flags.batch, &[64])?;
                (Subject::Forward { network, batches }, [256].as_slice())
            }
            "generation" => {
                let name = flags.strategy.as_deref().unwrap_or("openai-es");
                let parameters = sizes("--parameters", &flags.parameters, &[10_000])?;
                let strategy = strategy::named(name)?;
                (Subject::Generation { strategy, parameters }, [4096].as_slice())
            }
            name => {
                let found: Arc<dyn Task> = task::named(name).map_err(also_known)?.into();
                let spec = flags.network.as_deref().unwrap_or(found.about().defaults.network);
                let network =
                    Network::parse(spec, found.inputs(), found.outputs(), Activation::Tanh)?;
                let limit = u64::from(found.step_limit().max(1));
                let steps = sizes("--steps", &[flags.steps.unwrap_or(limit)], &[])?[0] as u32;
                task = Some(found);
                (Subject::Rollouts { network, steps }, [256, 4096, 65_536].as_slice())
            }
        };
        let samples = sizes("--samples", &[flags.samples.unwrap_or(10)], &[])?[0] as u32;
        let populations = sizes("--population", &flags.population, populations)?;
        Ok(Self { task, subject, populations, sides: sides(flags)?, samples })
    }

    /// The rows: sizes outside, backends inside, so that what is compared is measured together.
    fn rows(&self, bench: &Bench) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for &population in &self.populations {
            match (&self.subject, &self.task) {
                (Subject::Rollouts { network, steps }, Some(task)) => {
                    for side in &self.sides {
                        rows.push(bench.rollouts(side, task, network, population, *steps)?);
                    }
                }
                (Subject::Forward { network, batches }, _) => {
                    for &batch in batches {
                        for side in &self.sides {
                            rows.push(bench.forward(side, network, population, batch)?);
                        }
                    }
                }
                (Subject::Generation { strategy, parameters }, _) => {
                    for &genes in parameters {
                        for side in &self.sides {
                            rows.push(bench.generation(side, strategy, genes, population)?);
                        }
                    }
                }
                (Subject::Rollouts { .. }, None) => unreachable!("rollouts are of a task"),
            }
        }
        Ok(rows)
    }
}

/// Sizes as typed, or the defaults; each at least 1 and below 2^32.
fn sizes(flag: &str, typed: &[u64], defaults: &[usize]) -> Result<Vec<usize>> {
    let fits = |&size: &u64| (1..=u64::from(u32::MAX)).contains(&size);
    match typed.iter().find(|size| !fits(size)) {
        Some(size) => Err(Error::invalid(flag, format!("1 to {}", u32::MAX), size)),
        None if typed.is_empty() => Ok(defaults.to_vec()),
        None => Ok(typed.iter().map(|&size| size as usize).collect()),
    }
}

/// The backends to measure; without a name the CPU, and a hardware GPU if there is one.
fn sides(flags: &Flags) -> Result<Vec<Side>> {
    let open = || Device::open(flags.adapter.as_deref()).map(|device| Side::Gpu(Arc::new(device)));
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
            known.extend(["forward".into(), "generation".into()]);
            Error::Unknown { kind: "subject of a benchmark".into(), name, known }
        }
        other => other,
    }
}

fn output(flags: &Flags, report: &Report) -> Result<Outcome> {
    if let Some(path) = &flags.csv {
        report::write(path, &report::csv::text(report)?)?;
    }
    if let Some(path) = &flags.markdown {
        report::write(path, &report::markdown::text(report))?;
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
