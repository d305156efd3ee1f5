//! Axes of scores: proportional, or by the orders of magnitude that are left to zero.
//!
//! A function that is minimised has scores below zero that end at -1e-12: on a proportional axis
//! all but the beginning is one line. Its scores stand at minus the logarithm of their distance
//! from zero, so that higher is still better.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::prelude::Ranged;

/// Orders of magnitude below which a proportional axis shows all there is to see.
const PROPORTIONAL_DECADES: f64 = 3.0;
/// A score of zero stands here: at the smallest distance that double precision tells from zero
/// beside one.
const LEAST_DISTANCE: f64 = 1e-16;
/// Ticks that an axis has at most.
const MOST_TICKS: usize = 8;

/// An axis of scores.
#[derive(Clone, Debug)]
pub struct ScoreAxis {
    scale: Scale,
    scores: Range<f64>,
}

impl ScoreAxis {
    /// The axis that suits scores, with a little room at both ends.
    pub fn of(scores: &[f64]) -> Self {
        let scale = Scale::of(scores);
        let places = || scores.iter().map(|&score| scale.place(score));
        let least = places().fold(f64::INFINITY, f64::min);
        let largest = places().fold(f64::NEG_INFINITY, f64::max);
        let room = match largest - least {
            0.0 => least.abs().max(1.0),
            stretch => 0.06 * stretch,
        };
        Self { scale, scores: scale.score(least - room)..scale.score(largest + room) }
    }

    fn places(&self) -> Range<f64> {
        self.scale.place(self.scores.start)..self.scale.place(self.scores.end)
    }
}

impl Ranged for ScoreAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, score: &f64, pixels: (i32, i32)) -> i32 {
        let Range { start, end } = self.places();
        let share = (self.scale.place(*score) - start) / (end - start);
        pixels.0 + (share * f64::from(pixels.1 - pixels.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        let ticks = self.scale.ticks(&self.places()).into_iter();
        ticks.map(|place| self.scale.score(place)).collect()
    }

    fn range(&self) -> Range<f64> {
        self.scores.clone()
    }
}

impl ValueFormatter<f64> for ScoreAxis {
    fn format(score: &f64) -> String {
        format!("{score}")
    }

    fn format_ext(&self, score: &f64) -> String {
        self.scale.label(*score)
    }
}

/// Where a score stands on its axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// At itself.
    Proportional,
    /// At minus the decimal logarithm of its distance below zero.
    Distance,
}

impl Scale {
    /// The scale that suits scores.
    fn of(scores: &[f64]) -> Self {
        let distances = || scores.iter().map(|score| -score);
        let largest = distances().fold(0.0, f64::max);
        let least = distances().map(|distance| distance.max(LEAST_DISTANCE));
        let decades = (largest / least.fold(f64::INFINITY, f64::min)).log10();
        let is_distance = distances().all(|distance| distance >= 0.0);
        match is_distance && decades > PROPORTIONAL_DECADES {
            true => Self::Distance,
            false => Self::Proportional,
        }
    }

    fn place(self, score: f64) -> f64 {
        match self {
            Self::Proportional => score,
            Self::Distance => -(-score).max(LEAST_DISTANCE).log10(),
        }
    }

    /// What stands there.
    fn score(self, place: f64) -> f64 {
        match self {
            Self::Proportional => place,
            Self::Distance => -10f64.powf(-place),
        }
    }

    /// Round places within a range.
    fn ticks(self, range: &Range<f64>) -> Vec<f64> {
        let least = (range.end - range.start) / MOST_TICKS as f64;
        let unit = 10f64.powf(least.log10().floor());
        // Between two orders of magnitude no place is round; among them, steps of three are.
        let (mantissas, smallest): (&[f64], f64) = match self {
            Self::Proportional => (&[1.0, 2.0, 5.0, 10.0], 0.0),
            Self::Distance => (&[1.0, 2.0, 3.0, 5.0, 10.0], 1.0),
        };
        let steps = mantissas.iter().map(|mantissa| mantissa * unit);
        let mut steps = steps.filter(|&step| step >= smallest);
        let step = steps.find(|&step| step >= least).unwrap_or(least.ceil());
        let (first, last) = ((range.start / step).ceil() as i64, (range.end / step).floor() as i64);
        (first..=last).map(|count| count as f64 * step).collect()
    }

    /// How a score of a tick is written.
    fn label(self, score: f64) -> String {
        match self {
            // Of a sum of steps only the digits that were meant.
            Self::Proportional => format!("{}", (score * 1e6).round() / 1e6),
            Self::Distance => format!("-1e{}", -self.place(score).round()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scores_that_close_in_on_zero_are_drawn_by_their_distance() {
        assert_eq!(Scale::of(&[9.0, 475.0, 500.0]), Scale::Proportional);
        assert_eq!(Scale::of(&[-200.0, -110.0]), Scale::Proportional);
        assert_eq!(Scale::of(&[-30.0, 1e-9]), Scale::Proportional);
        assert_eq!(Scale::of(&[-30.0, -1e-12]), Scale::Distance);
        assert_eq!(Scale::of(&[-30.0, 0.0]), Scale::Distance);
    }

    #[test]
    fn higher_scores_stand_higher() {
        let places = [-100.0, -1.0, -1e-12, 0.0].map(|score| Scale::Distance.place(score));
        assert_eq!(places, [-2.0, 0.0, 12.0, 16.0]);
        assert_eq!([-1e-12, -100.0].map(|score| Scale::Distance.label(score)), ["-1e-12", "-1e2"]);
        let axis = ScoreAxis::of(&[-100.0, -1e-12]);
        let heights = [-100.0, -1.0, -1e-12].map(|score| axis.map(&score, (500, 0)));
        assert!(500 > heights[0] && heights[0] > heights[1] && heights[1] > heights[2]);
        assert!(heights[2] > 0, "{heights:?}");
    }

    #[test]
    fn ticks_are_round_within_the_range_and_not_too_many() {
        assert_eq!(
            Scale::Proportional.ticks(&(-20.0..530.0)),
            [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]
        );
        assert_eq!(Scale::Distance.ticks(&(-1.5..2.5)), [-1.0, 0.0, 1.0, 2.0]);
        for stretch in [1e-3, 0.7, 12.0, 3e5] {
            for scale in [Scale::Proportional, Scale::Distance] {
                assert!(scale.ticks(&(0.1..0.1 + stretch)).len() <= MOST_TICKS + 1);
            }
        }
        assert!(!Scale::Proportional.ticks(&ScoreAxis::of(&[7.0]).places()).is_empty());
    }
}
