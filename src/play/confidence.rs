//! Confidence intervals: the range in which the true score of a champion probably lies.

use rand::RngExt;
use serde::Serialize;

use crate::random::{Counter, Stream};

/// The number of bootstrap samples.
const RESAMPLES: u32 = 10_000;
/// The fewest values whose spread says enough for a bootstrap.
const MIN_VALUES: usize = 10;
/// The 97.5% quantile of the standard normal distribution.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// A 95% confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ConfidenceInterval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl ConfidenceInterval {
    /// Computes the interval of a mean by the percentile bootstrap; returns `None` for fewer than
    /// ten values.
    pub fn for_mean(values: &[f64]) -> Option<Self> {
        if values.len() < MIN_VALUES {
            return None;
        }
        let mut means: Vec<f64> = (0..RESAMPLES)
            .map(|sample| {
                // The draws are fixed, so equal values always have equal intervals.
                let (stream, individual) = (Stream::Benchmark, 0);
                let counter = Counter { seed: 0, stream, generation: sample, individual };
                let mut generator = counter.generator();
                let drawn =
                    (0..values.len()).map(|_| values[generator.random_range(0..values.len())]);
                drawn.sum::<f64>() / values.len() as f64
            })
            .collect();
        means.sort_by(f64::total_cmp);
        let quantile = |share: f64| means[(share * f64::from(RESAMPLES - 1)).round() as usize];
        Some(Self { low: quantile(0.025), high: quantile(0.975) })
    }

    /// Computes the interval of a proportion by Wilson's score; returns `None` for no trials.
    pub fn for_proportion(hits: usize, trials: usize) -> Option<Self> {
        if trials == 0 {
            return None;
        }
        let (count, share) = (trials as f64, hits as f64 / trials as f64);
        let square = QUANTILE * QUANTILE / count;
        let centre = share + square / 2.0;
        let reach = QUANTILE * (share * (1.0 - share) / count + square / (4.0 * count)).sqrt();
        let end = |value: f64| (value / (1.0 + square)).clamp(0.0, 1.0);
        Some(Self { low: end(centre - reach), high: end(centre + reach) })
    }
}
