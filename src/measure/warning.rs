//! Warnings that advise: what a person should know before believing numbers, and what to do.

use super::{Row, Side};

/// Samples that differ by more than this factor are hardly a measurement.
const NOISY: f64 = 1.5;
/// Repetitions that are shorter are mostly what surrounds them.
const SHORT_SECONDS: f64 = 1e-3;

/// What is known before anything is measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Software adapters among the sides, by name.
    pub software_adapters: Vec<String>,
    /// Whether this is a debug build.
    pub debug_build: bool,
    /// Threads that compute.
    pub threads: usize,
    /// Threads that could.
    pub available_threads: usize,
}

impl Circumstances {
    /// The circumstances of this process.
    pub fn of(sides: &[Side]) -> Self {
        let software = sides.iter().filter(|side| side.is_software_adapter());
        Self {
            software_adapters: software.map(Side::adapter).collect(),
            debug_build: cfg!(debug_assertions),
            threads: rayon::current_num_threads(),
            available_threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// What to know about them.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.debug_build {
            warnings.push(
                "this is a debug build, whose numbers mean nothing: use cargo run --release"
                    .to_owned(),
            );
        }
        for name in &self.software_adapters {
            warnings.push(format!(
                "{name} is software that runs on the CPU: it says nothing about the speed of a \
                 GPU; measure on a machine that has one"
            ));
        }
        if self.threads < self.available_threads {
            warnings.push(format!(
                "the CPU computes with {} of {} threads: leave --threads out to compare a GPU \
                 with all of it",
                self.threads, self.available_threads
            ));
        }
        warnings
    }
}

/// What to know about rows; one sentence for all rows of a kind.
pub fn row_warnings(rows: &[Row]) -> Vec<String> {
    let spread = |row: &Row| row.seconds_max / row.seconds_min;
    let noisy: Vec<&Row> = rows.iter().filter(|row| spread(row) > NOISY).collect();
    let short: Vec<&Row> =
        rows.iter().filter(|row| row.host_seconds_median < SHORT_SECONDS).collect();
    let mut warnings = Vec::new();
    if let Some(worst) = noisy.iter().max_by(|a, b| spread(a).total_cmp(&spread(b))) {
        warnings.push(format!(
            "the slowest sample of {} took more than {NOISY} times the fastest ({}: {:.1} times): \
             close other programs, or raise --samples",
            counted(noisy.len(), rows.len()),
            named(worst),
            spread(worst)
        ));
    }
    let shortest =
        short.iter().min_by(|a, b| a.host_seconds_median.total_cmp(&b.host_seconds_median));
    if let Some(shortest) = shortest {
        let larger = match (shortest.steps, shortest.batch) {
            (Some(_), _) => "--population or --steps",
            (None, Some(_)) if shortest.subject == "forward" => "--population or --batch",
            _ => "--population",
        };
        warnings.push(format!(
            "the repetitions of {} took less than 1 ms ({}: {:.0} µs), so starting and stopping \
             weighs in: raise {larger} to measure the work alone",
            counted(short.len(), rows.len()),
            named(shortest),
            shortest.host_seconds_median * 1e6
        ));
    }
    warnings
}

fn counted(some: usize, all: usize) -> String {
    match (some, all) {
        (1, 1) => "the row".to_owned(),
        _ => format!("{some} of {all} rows"),
    }
}

fn named(row: &Row) -> String {
    let population = row.population.map_or(String::new(), |n| format!(", population {n}"));
    format!("{} on {}{population}", row.subject, row.backend)
}
