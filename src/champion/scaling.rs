//! Scalings: what is done to the numbers of an observation before a network sees them.

use crate::error::{Error, Result};
use crate::network::{CLIP, Normalisation};
use crate::task::Preparation;

/// `(x - mean) * scale` of each input, and where there is a clip, no further from zero than that.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// `f64[inputs]`.
    pub means: Vec<f64>,
    /// `f64[inputs]`: one over the deviations, or 0 where an input does not matter.
    pub scales: Vec<f64>,
    /// The largest magnitude that goes in.
    pub clip: Option<f64>,
}

impl Scaling {
    /// The scaling of a file's samples.
    pub fn of(preparation: &Preparation) -> Self {
        Self {
            means: preparation.input_means.clone(),
            scales: preparation.input_scales.clone(),
            clip: None,
        }
    }

    /// The scaling of observations that are normalised.
    pub fn normalising(by: &Normalisation) -> Self {
        let wide = |numbers: &[f32]| numbers.iter().copied().map(f64::from).collect();
        Self { means: wide(&by.means), scales: wide(&by.scales), clip: Some(CLIP) }
    }

    /// Refuses numbers that are not for a network of so many inputs.
    ///
    /// # Errors
    /// Another number of them, or one that is not finite.
    pub fn check(&self, inputs: usize) -> Result<()> {
        let subject = "a champion's scaling";
        for numbers in [&self.means, &self.scales] {
            if numbers.len() != inputs {
                let expected = format!("{inputs} means and scales, one an input");
                return Err(Error::invalid(subject, expected, numbers.len()));
            }
            if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
                return Err(Error::invalid(subject, "finite means and scales", number));
            }
        }
        match self.clip {
            Some(clip) if clip.is_nan() || clip <= 0.0 => {
                Err(Error::invalid(subject, "a clip above 0", clip))
            }
            _ => Ok(()),
        }
    }

    /// An observation as the network sees it.
    pub fn apply(&self, observation: &[f64]) -> Vec<f64> {
        let clip = self.clip.unwrap_or(f64::INFINITY);
        let by = self.means.iter().zip(&self.scales);
        let scaled = observation.iter().zip(by).map(|(x, (mean, scale))| (x - mean) * scale);
        scaled.map(|number| number.clamp(-clip, clip)).collect()
    }
}
