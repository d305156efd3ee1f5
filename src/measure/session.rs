//! The bench: cases become rows, each held against its backend's roofline.

use std::time::Instant;

use super::{BenchmarkCase, Roofline, Measurement, BenchmarkBackend, Stopwatch, Routine};
use crate::error::Result;

/// Routine that takes less than this is repeated for as long before the first sample, so that caches,
/// clocks and threads are awake.
const WARM_UP_SECONDS: f64 = 0.1;

/// What all measurements of a run share.
pub struct BenchmarkSession {
    /// How often to repeat.
    pub watch: Stopwatch,
    /// What each backend can do at most.
    pub rooflines: Vec<Roofline>,
}

impl BenchmarkSession {
    /// Measures the roofline of each side.
    ///
    /// # Errors
    /// A device that fails.
    pub fn new(watch: Stopwatch, sides: &[BenchmarkBackend]) -> Result<Self> {
        let rooflines = sides.iter().filter_map(|side| Roofline::measure(side).transpose());
        Ok(Self { watch, rooflines: rooflines.collect::<Result<_>>()? })
    }

    /// Measures one case.
    ///
    /// # Errors
    /// A case that does not fit, or a backend that fails.
    pub fn measure(&self, case: &BenchmarkCase) -> Result<Measurement> {
        let mut routine = Routine::prepare(case)?;
        let device = routine.device.clone();
        let begun = Instant::now();
        while begun.elapsed().as_secs_f64() < WARM_UP_SECONDS {
            routine.run()?;
        }
        let (host, own) = self.watch.time_on(device.as_deref(), || routine.run())?;
        let Routine { mut row, operations, bytes, .. } = routine;
        let times = own.unwrap_or(host);
        row.timing = if own.is_some() { "device" } else { "host" }.to_owned();
        row.samples = self.watch.samples.into();
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
            let (share, bound) = roofline.share(operations, bytes, times.median);
            row.roofline_fraction = Some(share);
            row.roofline_bound = Some(bound.to_owned());
        }
        Ok(row)
    }
}
