//! Quartiles: the lower quartile, the median and the upper quartile of a sample.
//!
//! Quartiles between two values are interpolated, as in most programs (Hyndman and Fan, "Sample
//! quantiles in statistical packages", The American Statistician 50(4), 1996, definition 7).

use serde::Serialize;

/// The three quartiles of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quartiles {
    /// The lower quartile.
    pub lower: f64,
    /// The median.
    pub median: f64,
    /// The upper quartile.
    pub upper: f64,
}

impl Quartiles {
    /// Returns the quartiles of values in any order, or `None` if there are no values or one of the
    /// quartiles is not finite.
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| {
            let position = share * last as f64;
            let (below, rest) = (position.floor() as usize, position.fract());
            // A neighbour with a weight of zero is left out, because it may be infinite.
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
