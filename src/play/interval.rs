//! Confidence intervals: how far a score over other episodes might lie from this one.

use rand::RngExt;
use serde::Serialize;

use crate::random::{Place, Stream};

/// Samples that are drawn with replacement.
const RESAMPLES: u32 = 10_000;
/// Fewer values say too little about their own spread.
const FEWEST: usize = 10;
/// The 97.5% quantile of the standard normal distribution.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// A range that covers the true score of 19 champions in 20.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of a mean, by the percentile bootstrap; none of fewer than ten values.
    pub fn of_mean(values: &[f64]) -> Option<Self> {
        if values.len() < FEWEST {
            return None;
        }
        let mut means: Vec<f64> = (0..RESAMPLES)
            .map(|sample| {
                // Always the same draws, so that the same values have the same interval.
                let (stream, individual) = (Stream::Benchmark, 0);
                let place = Place { seed: 0, stream, generation: sample, individual };
                let mut generator = place.generator();
                let drawn =
                    (0..values.len()).map(|_| values[generator.random_range(0..values.len())]);
                drawn.sum::<f64>() / values.len() as f64
            })
            .collect();
        means.sort_by(f64::total_cmp);
        let at = |share: f64| means[(share * f64::from(RESAMPLES - 1)).round() as usize];
        Some(Self { low: at(0.025), high: at(0.975) })
    }

    /// The interval of a share, by Wilson's score; none of no trials.
    pub fn of_share(hits: usize, trials: usize) -> Option<Self> {
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
