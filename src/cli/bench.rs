//! `deme bench`: how fast the backends are, and how each number was measured.

mod flags;
mod plan;

use std::path::Path;

use deme::error::Result;
use deme::files;
use deme::measure::{
    BenchmarkSession, Machine, MeasurementConditions, Stopwatch, measurement_warnings,
};
use deme::report::{self, BenchmarkReport};

pub use self::flags::Flags;
use self::plan::Plan;
use super::output::{self, Outcome, note, print_json_text};
use super::table::print_report;

/// The columns that a narrow terminal leaves out, least important first.
const OPTIONAL: &[&str] = &[
    "samples",
    "generations",
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
    let files = [&flags.csv, &flags.markdown, &flags.svg];
    output::expect_table_files(files, &flags.inputs())?;
    flags.threads.start()?;
    let plan = Plan::check(flags)?;
    plan::unused_flags(flags).iter().for_each(|line| note(&format!("note: {line}")));
    let mut warnings = MeasurementConditions::detect(&plan.backends).warnings();
    warn(&warnings);
    for backend in &plan.backends {
        backend.check(plan.task.as_ref())?;
    }
    let stopwatch = Stopwatch { warm_up: 1, samples: plan.samples };
    let session = BenchmarkSession::new(stopwatch, &plan.backends)?;
    let rows = plan.cases.iter().map(|case| session.measure(case)).collect::<Result<Vec<_>>>()?;
    let row_warnings = measurement_warnings(&rows);
    warn(&row_warnings);
    warnings.extend(row_warnings);
    write(flags, &BenchmarkReport::new(Machine::current(), session.rooflines, rows, warnings))
}

fn warn(warnings: &[String]) {
    warnings.iter().for_each(|warning| note(&format!("warning: {warning}")));
}

fn write(flags: &Flags, report: &BenchmarkReport) -> Result<Outcome> {
    let mut outputs: Vec<(&Path, String)> = Vec::new();
    if let Some(path) = &flags.csv {
        outputs.push((path, report::csv::text(&report.rows)?));
    }
    if let Some(path) = &flags.markdown {
        outputs.push((path, report::markdown::text(report)));
    }
    if let Some(path) = &flags.svg {
        outputs.push((path, report::chart::speed::draw(report)?.svg()));
    }
    let outputs: Vec<(&Path, &[u8])> =
        outputs.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    files::write_all(&outputs)?;
    if flags.json {
        print_json_text(&report::json::text(report)?)?;
    } else {
        print_report(&report::markdown::text(report), OPTIONAL)?;
    }
    Ok(Outcome::Success)
}
