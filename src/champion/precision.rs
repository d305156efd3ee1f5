//! The precision of a champion's observations and answers: whether `f32` holds the numbers of the
//! table that it was trained on.
//!
//! Time stamps in milliseconds are some 1.7e12, where neighbouring numbers of `f32` are 131,072
//! apart. A network reads them standardised, so it can tell them apart only if they are
//! standardised in double precision. Formats with a type for the observation take the type from
//! here.

use super::{Champion, Readout};
use crate::task::OutputScaling;

/// The largest error that rounding may make in a standardised number, in standard deviations.
const LARGEST_ERROR: f64 = 1e-5;
/// The largest error of a pair of numbers, which takes the place of an `f64` where there is none.
const LARGEST_PAIR_ERROR: f64 = 1e-3;
/// The distance from the mean, in standard deviations, within which numbers are expected.
const REACH: f64 = 4.0;
/// The range of deviations for which the arithmetic of `f32` neither overflows nor loses digits.
const DEVIATIONS: std::ops::Range<f64> = 1e-30..1e30;

/// The precision in which numbers are standardised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StandardisationPrecision {
    /// One `f32`.
    Single,
    /// The sum of two numbers of `f32`, of which the second one is the rounding error of the first.
    Pair,
    /// One `f64`.
    Double,
}

impl StandardisationPrecision {
    /// The least precision that holds numbers with a mean and a scale, one over their deviation.
    fn for_numbers(mean: f64, scale: f64) -> Self {
        let deviation = if scale == 0.0 { 0.0 } else { scale.abs().recip() };
        let largest = mean.abs() + REACH * deviation;
        let overflows = largest > 0.5 * f64::from(f32::MAX);
        if overflows || (scale != 0.0 && !DEVIATIONS.contains(&deviation)) {
            return Self::Double;
        }
        let rounding = 0.5 * f64::from(f32::EPSILON);
        let single_error = largest * scale.abs() * rounding;
        if single_error <= LARGEST_ERROR {
            return Self::Single;
        }
        let pair_error = single_error * rounding;
        if pair_error <= LARGEST_PAIR_ERROR { Self::Pair } else { Self::Double }
    }
}

impl Champion {
    /// The precision that each number of an observation needs, `[inputs]`. A champion of a control
    /// task takes `f32`, as in training.
    pub fn observation_precisions(&self) -> Vec<StandardisationPrecision> {
        match (&self.preprocessing, &self.scaling) {
            (Some(_), Some(scaling)) => {
                let by = scaling.means.iter().zip(&scaling.scales);
                by.map(|(&m, &s)| StandardisationPrecision::for_numbers(m, s)).collect()
            }
            _ => vec![StandardisationPrecision::Single; self.inputs()],
        }
    }

    /// The precision that an observation needs as a whole.
    pub fn observation_precision(&self) -> StandardisationPrecision {
        let all = self.observation_precisions().into_iter();
        all.max().unwrap_or(StandardisationPrecision::Single)
    }

    /// The precision that an answer needs. Only a regression can need more than `f32`.
    pub fn answer_precision(&self) -> StandardisationPrecision {
        let scalings = match self.readout {
            Readout::Number => self.output_scalings(),
            _ => &[],
        };
        let needed = scalings.iter().map(|&OutputScaling { mean, deviation }| {
            StandardisationPrecision::for_numbers(mean, deviation.recip())
        });
        needed.max().unwrap_or(StandardisationPrecision::Single)
    }

    /// The names, or else the numbers, of the inputs that `f32` cannot hold.
    pub fn wide_inputs(&self) -> Vec<String> {
        let (names, all) = (self.port_names(), self.observation_precisions().into_iter());
        let wide = all.enumerate().filter(|(_, one)| *one > StandardisationPrecision::Single);
        wide.map(|(index, _)| names.input(index)).collect()
    }
}
