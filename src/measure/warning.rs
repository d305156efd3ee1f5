//! Warnings about measurements, each with advice.

use super::{BenchmarkBackend, Measurement};

/// The factor between the slowest and the fastest sample beyond which a measurement is noisy.
const NOISY: f64 = 1.5;
/// The seconds below which the overhead of a repetition matters.
const SHORT_SECONDS: f64 = 1e-3;

/// The conditions of a measurement, which are known before it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeasurementConditions {
    /// The names of the software adapters among the backends.
    pub software_adapters: Vec<String>,
    /// True for a debug build.
    pub debug_build: bool,
    /// The number of threads in use.
    pub threads: usize,
    /// The number of threads that the machine offers.
    pub available_threads: usize,
}

impl MeasurementConditions {
    /// Detects the conditions of this process.
    pub fn detect(backends: &[BenchmarkBackend]) -> Self {
        let software = backends.iter().filter(|backend| backend.is_software_adapter());
        Self {
            software_adapters: software.map(BenchmarkBackend::adapter).collect(),
            debug_build: cfg!(debug_assertions),
            threads: rayon::current_num_threads(),
            available_threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Returns a warning for each condition that spoils measurements.
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
                 GPU; measure on a machine that has a GPU"
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

/// Returns warnings about measurements, one sentence for all rows of a kind.
pub fn measurement_warnings(rows: &[Measurement]) -> Vec<String> {
    let spread = |row: &Measurement| row.seconds_max / row.seconds_min;
    let noisy: Vec<&Measurement> = rows.iter().filter(|row| spread(row) > NOISY).collect();
    let short: Vec<&Measurement> =
        rows.iter().filter(|row| row.host_seconds_median < SHORT_SECONDS).collect();
    let mut warnings = Vec::new();
    if let Some(worst) = noisy.iter().max_by(|a, b| spread(a).total_cmp(&spread(b))) {
        warnings.push(format!(
            "the slowest sample of {} took more than {NOISY} times the fastest ({}: {:.1} times): \
             close other programs, or raise --samples",
            counted(noisy.len(), rows.len()),
            describe(worst),
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
            "the repetitions of {} took less than 1 ms ({}: {:.0} µs), so the cost of starting \
             them matters: raise {larger} to measure the work alone",
            counted(short.len(), rows.len()),
            describe(shortest),
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

fn describe(row: &Measurement) -> String {
    let population = row.population.map_or(String::new(), |n| format!(", population {n}"));
    format!("{} on {}{population}", row.subject, row.backend)
}
