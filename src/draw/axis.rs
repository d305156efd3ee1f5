//! Axes: what a plot shows along one side, from which value to which, and its ticks.

use std::ops::Range;

use super::number;
use super::scale::AxisScale;

/// The share of its length that an axis of scores has free at each end.
const SCORE_PADDING: f64 = 0.06;

/// The largest position along an axis. Twice as far is still a number.
const LARGEST_POSITION: f64 = 1e300;
/// The decades of the values above zero that doubles express.
const DECADES: Range<f64> = -307.0..308.0;

/// An axis of a plot. Whatever the values are, its positions are finite and its ticks are few.
#[derive(Clone, Debug)]
pub struct Axis {
    title: String,
    scale: AxisScale,
    /// The positions of both ends on the scale.
    positions: Range<f64>,
    /// The values that get a tick; without them the scale chooses round ones.
    marked: Option<Vec<f64>>,
    label: fn(f64) -> String,
}

/// A tick of an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub value: f64,
    pub label: String,
}

impl Axis {
    /// Creates a linear axis over a range of values.
    pub fn linear(title: impl Into<String>, values: Range<f64>) -> Self {
        let label = number::plain;
        let end = |position: f64| position.clamp(-LARGEST_POSITION, LARGEST_POSITION);
        Self {
            title: title.into(),
            scale: AxisScale::Linear,
            positions: end(values.start)..end(values.end),
            marked: None,
            label,
        }
    }

    /// Creates a linear axis whose ticks are at whole numbers.
    pub fn whole_numbers(title: impl Into<String>, values: Range<f64>) -> Self {
        Self { scale: AxisScale::WholeNumbers, ..Self::linear(title, values) }
    }

    /// Creates a logarithmic axis around values above zero: from the least one divided by `padding`
    /// to the largest one times `padding`. Other values have no place on it, and are drawn beyond
    /// its start.
    pub fn logarithmic(
        title: impl Into<String>,
        values: impl IntoIterator<Item = f64>,
        padding: f64,
    ) -> Self {
        let [least, largest] = ends(values.into_iter().filter(|&value| value > 0.0));
        let room = padding.log10();
        let end = |position: f64| position.clamp(DECADES.start, DECADES.end);
        let positions = match least <= largest {
            true => end(least.log10() - room)..end(largest.log10() + room),
            false => 0.0..1.0,
        };
        let (scale, label) = (AxisScale::Logarithmic, number::with_prefix);
        Self { title: title.into(), scale, positions, marked: None, label }
    }

    /// Creates the axis that suits scores: by their distance below zero if they approach zero from
    /// below, else linear.
    pub fn for_scores(title: impl Into<String>, scores: &[f64]) -> Self {
        let scale = AxisScale::for_scores(scores);
        let [least, largest] = ends(scores.iter().map(|&score| scale.position(score)));
        let end = |position: f64| position.clamp(-LARGEST_POSITION, LARGEST_POSITION);
        let (least, largest) = match least <= largest {
            true => (end(least), end(largest)),
            false => (0.0, 0.0),
        };
        let padding = match largest - least {
            0.0 => least.abs().max(1.0),
            length => SCORE_PADDING * length,
        };
        let positions = least - padding..largest + padding;
        let (label, suffix): (fn(f64) -> String, &str) = match scale {
            AxisScale::DistanceBelowZero => (power_of_ten, ", logarithmic distance below 0"),
            _ => (number::plain, ""),
        };
        let title = title.into() + suffix;
        Self { title, scale, positions, marked: None, label }
    }

    /// Ends the axis of a score at the largest value that the score can have.
    #[must_use]
    pub fn ending_at(mut self, largest: f64) -> Self {
        let end = self.scale.position(largest);
        if end > self.positions.start {
            self.positions.end = self.positions.end.min(end);
        }
        self
    }

    /// Puts ticks at these values, as whole numbers, instead of at round ones.
    #[must_use]
    pub fn with_ticks_at(mut self, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        values.dedup();
        (self.marked, self.label) = (Some(values), number::whole);
        self
    }

    /// Returns the title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the position of a value: 0 at the start of the axis, 1 at its end. A value far
    /// outside is at most one length away from it.
    pub fn fraction(&self, value: f64) -> f64 {
        let Range { start, end } = self.positions;
        ((self.scale.position(value) - start) / (end - start)).clamp(-1.0, 2.0)
    }

    /// Returns the ticks: the given ones, or about `max` round ones.
    pub(super) fn ticks(&self, max: usize) -> Vec<Tick> {
        let round = || self.scale.ticks(&self.positions, max);
        let values = self.marked.clone().unwrap_or_else(round);
        // The distance of the ticks decides how many digits they need.
        let gaps = values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let step = gaps.fold(f64::INFINITY, f64::min);
        let largest = values.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
        let needs_exponents = self.scale == AxisScale::Linear && number::is_extreme(step, largest);
        let label = |value| match needs_exponents {
            true => number::with_exponent(value, step),
            false => (self.label)(value),
        };
        values.into_iter().map(|value| Tick { value, label: label(value) }).collect()
    }
}

/// The least and the largest of some values, without those that are not finite.
fn ends(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    let none = [f64::INFINITY, f64::NEG_INFINITY];
    values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold(none, |[least, largest], value| [least.min(value), largest.max(value)])
}

/// Writes a negative power of ten: `-1e-12`.
fn power_of_ten(value: f64) -> String {
    format!("-1e{}", (-value).log10().round())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks(8).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn scores_below_zero_are_labelled_as_powers_of_ten() {
        let axis = Axis::for_scores("score", &[-100.0, -1e-12]);
        assert_eq!(
            labels(&axis),
            ["-1e2", "-1e0", "-1e-2", "-1e-4", "-1e-6", "-1e-8", "-1e-10", "-1e-12"]
        );
        let fractions = [-100.0, -1.0, -1e-12].map(|score| axis.fraction(score));
        assert!(0.0 < fractions[0] && fractions[0] < fractions[1] && fractions[1] < fractions[2]);
        assert!(fractions[2] < 1.0, "{fractions:?}");
    }

    #[test]
    fn tiny_and_huge_ticks_have_exponents() {
        let of = |values| Axis::linear("target", values);
        assert_eq!(labels(&of(0.0..2.1e-9)), ["0", "5e-10", "1e-9", "1.5e-9", "2e-9"]);
        assert_eq!(
            labels(&of(0.9e20..2.1e20)),
            ["1e20", "1.2e20", "1.4e20", "1.6e20", "1.8e20", "2e20"]
        );
        assert_eq!(labels(&of(0.0..0.0021))[1], "0.0005");
        // Time stamps differ in their last digits.
        assert_eq!(labels(&of(1.6e12..1.6e12 + 30.0))[1], "1,600,000,000,005");
    }

    #[test]
    fn a_single_score_has_an_axis_around_it() {
        let axis = Axis::for_scores("score", &[7.0]);
        assert_eq!(axis.fraction(7.0), 0.5);
        assert!(!axis.ticks(8).is_empty());
        let accuracy = Axis::for_scores("accuracy", &[1.0]).ending_at(1.0);
        assert_eq!(labels(&accuracy).last().map(String::as_str), Some("1"));
        assert_eq!(accuracy.fraction(1.0), 1.0);
        let below = Axis::for_scores("accuracy", &[0.2, 0.4]);
        assert_eq!(below.clone().ending_at(1.0).fraction(0.4), below.fraction(0.4));
    }

    #[test]
    fn any_values_have_an_axis_of_finite_positions_and_few_ticks() {
        let values: [&[f64]; 8] = [
            &[],
            &[0.0],
            &[0.0, 16.0],
            &[-5.0, 1e-320, 3.0],
            &[f64::NAN, f64::INFINITY],
            &[-f64::MAX, f64::MAX],
            &[f64::MIN_POSITIVE, f64::MAX],
            &[1e300, 1e300 + 1e284],
        ];
        for values in values {
            let logarithmic = Axis::logarithmic("evaluations", values.iter().copied(), 1.1);
            let linear = Axis::linear("a", -f64::MAX..f64::INFINITY);
            for axis in [logarithmic, Axis::for_scores("score", values), linear] {
                assert!(axis.ticks(8).len() <= 9, "{values:?}: {axis:?}");
                for value in [0.0, -1.0, 1.0, f64::MAX, f64::MIN] {
                    let fraction = axis.fraction(value);
                    assert!((-1.0..=2.0).contains(&fraction), "{value} of {values:?}: {axis:?}");
                }
            }
        }
    }

    #[test]
    fn measured_values_are_the_ticks_of_an_axis_that_asks_for_them() {
        let values = [4096.0, 64.0, 64.0];
        let axis = Axis::logarithmic("population", values, 1.25).with_ticks_at(values.to_vec());
        assert_eq!(labels(&axis), ["64", "4,096"]);
    }
}
