//! The scales of an axis: linear, logarithmic, or by the distance below zero.
//!
//! The scores of a minimised function approach zero from below, down to -1e-12. A linear scale
//! would show them as one line. The third scale places a score at minus the logarithm of its
//! distance from zero, so a higher score still stands higher.

use std::ops::Range;

/// The mantissas of logarithmic ticks, from dense to sparse.
const MANTISSAS: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
/// The orders of magnitude up to which a linear scale shows scores well enough.
const LINEAR_DECADES: f64 = 3.0;
/// The distance at which a score of zero is drawn: the precision of `f64` near one.
const LEAST_DISTANCE: f64 = 1e-16;

/// A map from values to positions along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AxisScale {
    /// Positions are the values.
    Linear,
    /// Positions are the values, and ticks are at whole numbers.
    WholeNumbers,
    /// Positions are the decimal logarithms of the values.
    Logarithmic,
    /// Positions are minus the decimal logarithms of the distances below zero.
    DistanceBelowZero,
}

impl AxisScale {
    /// Chooses the scale that suits scores.
    pub fn for_scores(scores: &[f64]) -> Self {
        let distances = || scores.iter().map(|score| -score);
        let largest = distances().fold(0.0, f64::max);
        let least = distances().map(|distance| distance.max(LEAST_DISTANCE));
        let decades = (largest / least.fold(f64::INFINITY, f64::min)).log10();
        let are_below_zero = distances().all(|distance| distance >= 0.0);
        match are_below_zero && decades > LINEAR_DECADES {
            true => Self::DistanceBelowZero,
            false => Self::Linear,
        }
    }

    /// Returns the position of a value.
    pub fn position(self, value: f64) -> f64 {
        match self {
            Self::Linear | Self::WholeNumbers => value,
            Self::Logarithmic => value.max(0.0).log10(),
            Self::DistanceBelowZero => -(-value).max(LEAST_DISTANCE).log10(),
        }
    }

    /// Returns the values of round ticks within a range of positions: about as many as `max`, and
    /// at most one more.
    pub fn ticks(self, positions: &Range<f64>, max: usize) -> Vec<f64> {
        match self {
            Self::Linear => steps(positions, max, &[1.0, 2.0, 5.0, 10.0], 0.0),
            Self::WholeNumbers => steps(positions, max, &[1.0, 2.0, 5.0, 10.0], 1.0),
            Self::Logarithmic => logarithmic_ticks(positions, max),
            // No position between two orders of magnitude is round, but steps of three are.
            Self::DistanceBelowZero => steps(positions, max, &[1.0, 2.0, 3.0, 5.0, 10.0], 1.0)
                .into_iter()
                .map(|position| -10f64.powf(-position))
                .collect(),
        }
    }
}

/// Returns the multiples of the smallest round step that divides a range into at most `max` parts.
/// There are none in a range that is empty or has no finite length.
fn steps(range: &Range<f64>, max: usize, mantissas: &[f64], smallest: f64) -> Vec<f64> {
    let length = range.end - range.start;
    if !(length > 0.0 && length.is_finite()) {
        return Vec::new();
    }
    let least = (range.end - range.start) / max as f64;
    let unit = 10f64.powf(least.log10().floor()).max(smallest);
    let candidates = mantissas.iter().map(|mantissa| mantissa * unit);
    let mut candidates = candidates.filter(|&step| step >= smallest);
    let step = candidates.find(|&step| step >= least).unwrap_or(least.ceil());
    let (first, last) = ((range.start / step).ceil(), (range.end / step).floor());
    // The arithmetic bounds the number, which is not more than `max` but for rounding.
    let count = (last - first + 1.0).clamp(0.0, max as f64 + 1.0) as usize;
    (0..count).map(|index| (first + index as f64) * step).collect()
}

/// Returns the densest round values that are not too many.
fn logarithmic_ticks(positions: &Range<f64>, max: usize) -> Vec<f64> {
    let values = 10f64.powf(positions.start)..10f64.powf(positions.end);
    let decades = positions.start.floor() as i32..=positions.end.ceil() as i32;
    let ticks = |mantissas: &[f64]| -> Vec<f64> {
        let all = decades.clone().flat_map(|decade| {
            let unit = 10f64.powi(decade);
            mantissas.iter().map(move |mantissa| mantissa * unit)
        });
        all.filter(|tick| values.contains(tick)).collect()
    };
    let candidates = MANTISSAS.iter().map(|mantissas| ticks(mantissas));
    let mut fitting = candidates.filter(|ticks| ticks.len() <= max);
    let mut found = fitting.next().unwrap_or_else(|| {
        let all = ticks(&[1.0]);
        let step = all.len().div_ceil(max);
        all.into_iter().step_by(step).collect()
    });
    if found.is_empty() {
        found.push(values.start.sqrt() * values.end.sqrt());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scores_that_approach_zero_from_below_are_placed_by_their_distance() {
        assert_eq!(AxisScale::for_scores(&[9.0, 475.0, 500.0]), AxisScale::Linear);
        assert_eq!(AxisScale::for_scores(&[-200.0, -110.0]), AxisScale::Linear);
        assert_eq!(AxisScale::for_scores(&[-30.0, 1e-9]), AxisScale::Linear);
        assert_eq!(AxisScale::for_scores(&[-30.0, -1e-12]), AxisScale::DistanceBelowZero);
        assert_eq!(AxisScale::for_scores(&[-30.0, 0.0]), AxisScale::DistanceBelowZero);
    }

    #[test]
    fn higher_scores_stand_higher() {
        let scale = AxisScale::DistanceBelowZero;
        let positions = [-100.0, -1.0, -1e-12, 0.0].map(|score| scale.position(score));
        assert_eq!(positions, [-2.0, 0.0, 12.0, 16.0]);
    }

    #[test]
    fn logarithmic_ticks_are_round_and_not_too_many() {
        let ticks = |values: Range<f64>| {
            AxisScale::Logarithmic.ticks(&(values.start.log10()..values.end.log10()), 9)
        };
        assert_eq!(ticks(9.0..120.0), [10.0, 20.0, 50.0, 100.0]);
        assert_eq!(ticks(0.9..1.1e6).len(), 7);
        assert!(ticks(1.0..1e30).len() <= 9);
        // A range between two round values still has one tick.
        assert_eq!(ticks(2.1..4.0).len(), 1);
    }

    #[test]
    fn ticks_are_round_within_the_range_and_not_too_many() {
        let (linear, whole) = (AxisScale::Linear, AxisScale::WholeNumbers);
        assert_eq!(linear.ticks(&(-20.0..530.0), 8), [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]);
        assert_eq!(AxisScale::DistanceBelowZero.ticks(&(-1.5..2.5), 8), [-10.0, -1.0, -0.1, -0.01]);
        assert_eq!(whole.ticks(&(1.0..40.0), 8), [5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0]);
        assert_eq!(whole.ticks(&(1.0..3.0), 8), [1.0, 2.0, 3.0]);
        for length in [1e-3, 0.7, 12.0, 3e5] {
            for scale in [linear, whole, AxisScale::DistanceBelowZero] {
                assert!(scale.ticks(&(0.1..0.1 + length), 8).len() <= 9);
            }
        }
    }
}
