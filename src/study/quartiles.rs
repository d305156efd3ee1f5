//! Quartiles: the quarter, the half and the three quarters of a sample.
//!
//! Between two values they are interpolated, as most programs do (Hyndman and Fan, "Sample
//! quantiles in statistical packages", The American Statistician 50(4), 1996, definition 7).

use serde::Serialize;

/// Three quantiles of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quartiles {
    /// A quarter of the sample is below.
    pub lower: f64,
    /// Half of it is.
    pub median: f64,
    /// Three quarters are.
    pub upper: f64,
}

impl Quartiles {
    /// The quartiles of values in any order; none of no values, and none where one of the three is
    /// no finite number.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| {
            let place = share * last as f64;
            let (below, rest) = (place.floor() as usize, place.fract());
            // A neighbour that has no part in it must not, either, if it is infinite.
            let part = if rest > 0.0 { rest * (values[below + 1] - values[below]) } else { 0.0 };
            values[below] + part
        };
        let quartiles = Self { lower: at(0.25), median: at(0.5), upper: at(0.75) };
        let is_finite = quartiles.lower.is_finite()
            && quartiles.median.is_finite()
            && quartiles.upper.is_finite();
        is_finite.then_some(quartiles)
    }
}
