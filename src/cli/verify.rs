//! `deme verify`: checks a backend against the reference, rung by rung.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::ValueHint;
use deme::error::{Error, Result};
use deme::gpu::Device;
use deme::task;
use deme::verify::{
    CpuImplementation, GpuImplementation, Implementation, Ladder, LadderReport, Rung,
};
use serde_json::json;

use super::dump::ShaderDump;
use super::headings::{MACHINE, OUTPUT};
use super::output::{Outcome, note, print, print_json};
use super::table::{Table, grouped};
use super::threads::Threads;
use super::{names, terminal};

/// Check the GPU or the fast CPU path against the reference
///
/// The checks go from random numbers and functions over single steps to whole episodes, and end
/// with planted faults that must be caught. Exit code 0 means that every check passed.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Tasks to check
    ///
    /// `deme tasks` lists the names; a world's file is a task too. [default: all but the worlds of
    /// the collection]
    #[arg(value_name = "TASK", value_parser = names::tasks(), hide_possible_values = true)]
    tasks: Vec<String>,
    /// File of steps that the world must repeat
    ///
    /// CSV or JSON, recorded from another program: state, action, next state, reward and end of
    /// each step. The guide has a script that records them.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    witness: Option<PathBuf>,
    /// Backend to check
    #[arg(
        long,
        value_name = "NAME",
        help_heading = MACHINE,
        default_value = "gpu",
        value_parser = names::listed(&BACKENDS)
    )]
    backend: String,
    /// GPU to use, by a part of its name
    ///
    /// `deme devices` lists the names. [default: the first hardware GPU]
    #[arg(long, value_name = "NAME", help_heading = MACHINE)]
    adapter: Option<String>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    shaders: ShaderDump,
    /// Print one JSON document
    ///
    /// Instead of a table. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  deme verify                          check the first hardware GPU on everything
  deme verify cartpole --backend cpu   check the fast CPU path on one task
  deme verify --adapter llvmpipe       check a software adapter
  deme verify my-world.wgsl --witness steps.csv";

/// The backends that can be checked.
const BACKENDS: [&str; 2] = ["cpu", "gpu"];

pub fn run(flags: &Flags) -> Result<Outcome> {
    let names: Vec<&str> = flags.tasks.iter().map(String::as_str).collect();
    if let Some(file) = names.iter().find(|name| task::is_data_file(name)) {
        let expected = "the names of built-in tasks, whose kernels data files share";
        return Err(Error::invalid("TASK", expected, format!("the file '{file}'"))
            .advise("leave the names out to check everything"));
    }
    let mut ladder = Ladder::for_tasks(&names)?;
    if let Some(witness) = &flags.witness {
        ladder = ladder.with_witness(witness)?;
    }
    flags.threads.start()?;
    if flags.witness.is_none() && names.iter().any(|name| task::is_world_file(name)) {
        note("no witness: --witness FILE holds a world to steps that another program recorded");
    }
    let implementation = implementation(flags)?;
    let started_at = Instant::now();
    let mut report_failure = |rung: &Rung| {
        if !rung.passed() {
            note(&format!("failed: {}, {}: {}", rung.name, rung.subject, rung.at));
        }
    };
    let report = ladder.run_with_observer(implementation.as_ref(), &mut report_failure)?;
    if flags.json {
        print_json(&json!({
            "passed": report.passed(),
            "adapter": report.adapter,
            "checked": report.checked(),
            "skipped": report.skipped(),
            "rungs": report.rungs,
        }))?;
    } else {
        print(&text(&report, started_at.elapsed().as_secs_f64()))?;
    }
    Ok(if report.passed() { Outcome::Success } else { Outcome::Failure })
}

/// The implementation to check.
fn implementation(flags: &Flags) -> Result<Box<dyn Implementation>> {
    match (flags.backend.as_str(), flags.adapter.as_deref()) {
        ("gpu", adapter) => {
            let device = Device::open_with(adapter, &flags.shaders.options())?;
            Ok(Box::new(GpuImplementation::new(Arc::new(device))))
        }
        ("cpu", None) if flags.shaders.is_requested() => {
            let expected = "the gpu backend, because no other has shaders";
            Err(Error::invalid("--dump-wgsl", expected, "another backend"))
        }
        ("cpu", None) => Ok(Box::new(CpuImplementation::default())),
        ("cpu", Some(name)) => {
            Err(Error::invalid("--adapter", "the gpu backend, because no other has adapters", name))
        }
        (other, _) => Err(Error::unknown("backend to verify", other, BACKENDS)),
    }
}

/// A report for people.
fn text(report: &LadderReport, seconds: f64) -> String {
    let rows = report.rungs.iter().map(|rung| {
        vec![
            if rung.passed() { "ok" } else { "FAILED" }.to_owned(),
            rung.name.to_owned(),
            rung.subject.clone(),
            grouped(rung.checked),
            grouped(rung.failed),
            if rung.worst < 1e6 { format!("{:.3}", rung.worst) } else { "-".to_owned() },
            rung.criterion.to_owned(),
        ]
    });
    // The worst difference is a fraction of the limit.
    let header = ["", "RUNG", "SUBJECT", "CHECKED", "FAILED", "WORST / LIMIT", "LIMIT"];
    let table =
        Table::new(header, rows).with_optional(&["LIMIT", "CHECKED", "FAILED"], "--json has all");
    let failed: Vec<String> = report
        .rungs
        .iter()
        .filter(|rung| !rung.passed())
        .map(|rung| format!("FAILED at rung {}, {}: {}\n", rung.name, rung.subject, rung.at))
        .collect();
    let result = if report.passed() { "passed" } else { "FAILED" };
    let sentence = format!(
        "{result}: {} values checked, {} skipped, on {}, in {seconds:.1} s",
        grouped(report.checked()),
        grouped(report.skipped()),
        report.adapter,
    );
    let below = terminal::fit(&format!("{}{sentence}", failed.concat()), terminal::width(), 2);
    format!("{}\n\n{below}", table.text())
}
