//! `deme verify`: the ladder that proves a backend against the reference.

use std::sync::Arc;
use std::time::Instant;

use deme::error::{Error, Result};
use deme::gpu::Device;
use deme::task;
use deme::verify::{CpuSubject, GpuSubject, Ladder, Report, Rung, Subject};
use serde_json::json;

use super::dump::Dump;
use super::table::{grouped, table};
use super::threads::Threads;
use super::{Outcome, note, print, print_json};

/// Check the GPU or the fast CPU path against the reference.
#[derive(clap::Args)]
pub struct Flags {
    /// Tasks to verify, by name [default: all]
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    /// What to verify: cpu or gpu
    #[arg(long, value_name = "NAME", default_value = "gpu")]
    backend: String,
    /// A part of the GPU's name [default: the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    dump: Dump,
    /// Print one JSON document instead of a table [default: off]
    #[arg(long)]
    json: bool,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let names: Vec<&str> = flags.tasks.iter().map(String::as_str).collect();
    if let Some(file) = names.iter().find(|name| task::is_file(name)) {
        let expected = "names of built-in tasks, which need all that a file needs";
        return Err(Error::invalid("TASK", expected, format!("the file '{file}'"))
            .advise("leave the names out to verify everything"));
    }
    let ladder = Ladder::of(&names)?;
    flags.threads.start()?;
    let subject = subject(flags)?;
    let begun = Instant::now();
    let mut watch = |rung: &Rung| {
        if !rung.passed() {
            note(&format!("failed: {}, {}: {}", rung.name, rung.subject, rung.at));
        }
    };
    let report = ladder.climb_watched(subject.as_ref(), &mut watch)?;
    if flags.json {
        print_json(&json!({
            "passed": report.passed(),
            "adapter": report.adapter,
            "checked": report.checked(),
            "skipped": report.skipped(),
            "rungs": report.rungs,
        }))?;
    } else {
        print(&text(&report, begun.elapsed().as_secs_f64()))?;
    }
    Ok(if report.passed() { Outcome::Done } else { Outcome::Failed })
}

fn subject(flags: &Flags) -> Result<Box<dyn Subject>> {
    match (flags.backend.as_str(), flags.adapter.as_deref()) {
        ("gpu", adapter) => {
            let device = Device::open_with(adapter, &flags.dump.options())?;
            Ok(Box::new(GpuSubject::new(Arc::new(device))))
        }
        ("cpu", None) if flags.dump.is_asked_for() => {
            let expected = "the gpu backend, which alone has shaders";
            Err(Error::invalid("--dump-wgsl", expected, "another backend"))
        }
        ("cpu", None) => Ok(Box::new(CpuSubject::default())),
        ("cpu", Some(name)) => {
            Err(Error::invalid("--adapter", "the gpu backend, which alone has adapters", name))
        }
        (other, _) => Err(Error::Unknown {
            kind: "backend to verify".into(),
            name: other.into(),
            known: vec!["cpu".into(), "gpu".into()],
        }),
    }
}

fn text(report: &Report, seconds: f64) -> String {
    let rows = report.rungs.iter().map(|rung| {
        vec![
            if rung.passed() { "ok" } else { "FAILED" }.to_owned(),
            rung.name.to_owned(),
            rung.subject.clone(),
            grouped(rung.checked),
            grouped(rung.failed),
            if rung.worst < 1e6 { format!("{:.3}", rung.worst) } else { "-".to_owned() },
            rung.held_to.to_owned(),
        ]
    });
    let header =
        ["", "RUNG", "SUBJECT", "CHECKED", "FAILED", "WORST", "HELD TO (WORST IS A SHARE OF IT)"];
    let failed: Vec<String> = report
        .rungs
        .iter()
        .filter(|rung| !rung.passed())
        .map(|rung| format!("FAILED at rung {}, {}: {}\n", rung.name, rung.subject, rung.at))
        .collect();
    let verdict = if report.passed() { "passed" } else { "FAILED" };
    format!(
        "{}\n\n{}{verdict}: {} values checked, {} skipped, on {}, in {seconds:.1} s",
        table(&header, &rows.collect::<Vec<_>>()),
        failed.concat(),
        grouped(report.checked()),
        grouped(report.skipped()),
        report.adapter,
    )
}
