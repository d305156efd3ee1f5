//! A benchmark session: it measures cases and compares each with its backend's roofline.

use std::time::Instant;

use super::{BenchmarkBackend, BenchmarkCase, Measurement, Roofline, Routine, Stopwatch};
use crate::backend::start_threads;
use crate::error::Result;

/// The seconds for which a routine is repeated before the first sample, so that caches are warm,
/// clock rates are up and threads are awake.
const WARM_UP_SECONDS: f64 = 0.1;

/// The stopwatch and the rooflines that all measurements of a session share.
pub struct BenchmarkSession {
    /// The stopwatch.
    pub stopwatch: Stopwatch,
    /// The roofline of each backend.
    pub rooflines: Vec<Roofline>,
}

impl BenchmarkSession {
    /// Starts a session: measures the roofline of each backend.
    ///
    /// # Errors
    /// Returns an error if a device fails, or if the system starts no threads.
    pub fn new(stopwatch: Stopwatch, backends: &[BenchmarkBackend]) -> Result<Self> {
        start_threads(None)?;
        let rooflines =
            backends.iter().filter_map(|backend| Roofline::measure(backend).transpose());
        Ok(Self { stopwatch, rooflines: rooflines.collect::<Result<_>>()? })
    }

    /// Measures one case.
    ///
    /// # Errors
    /// Returns an error if the case does not fit into memory, or the backend fails.
    pub fn measure(&self, case: &BenchmarkCase) -> Result<Measurement> {
        let mut routine = Routine::prepare(case)?;
        let device = routine.device.clone();
        let started_at = Instant::now();
        while started_at.elapsed().as_secs_f64() < WARM_UP_SECONDS {
            routine.run()?;
        }
        let (host, on_device) = self.stopwatch.time_on(device.as_deref(), || routine.run())?;
        let Routine { measurement: mut row, operations, bytes, .. } = routine;
        let generations = row.generations.unwrap_or(1);
        let host = host.divided_by(generations);
        let on_device = on_device.map(|times| times.divided_by(generations));
        let times = on_device.unwrap_or(host);
        row.timing = if on_device.is_some() { "device" } else { "host" }.to_owned();
        row.samples = self.stopwatch.samples.into();
        row.seconds_median = times.median;
        row.seconds_min = times.min;
        row.seconds_max = times.max;
        row.host_seconds_median = host.median;
        let rate = |count: u64| count as f64 / times.median;
        row.evaluations_per_second = row.population.map(rate);
        row.steps_per_second = row.population.zip(row.steps).map(|(n, steps)| rate(n * steps));
        let counted = operations.filter(|&operations| operations > 0.0);
        row.gflops = counted.map(|operations| operations / times.median / 1e9);
        row.gbytes_per_second = Some(bytes / times.median / 1e9);
        let roofline = self.rooflines.iter().find(|roofline| roofline.backend == row.backend);
        if let (Some(roofline), Some(operations)) = (roofline, operations) {
            let (fraction, bound) = roofline.fraction(operations, bytes, times.median);
            row.roofline_fraction = Some(fraction);
            row.roofline_bound = Some(bound.to_owned());
        }
        Ok(row)
    }
}
