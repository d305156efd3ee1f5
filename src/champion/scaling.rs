//! Scaling of observations before they enter a network.

use crate::error::{Error, Result};
use crate::network::{CLIP, Normalisation};
use crate::task::Preprocessing;

/// A scaling: each input becomes `(x - mean) * scale`, clipped to `[-clip, clip]` if there is a
/// clip.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// `f64[inputs]`.
    pub means: Vec<f64>,
    /// `f64[inputs]`: one over the standard deviation, or 0 for an input that is ignored.
    pub scales: Vec<f64>,
    /// The largest magnitude of a scaled input.
    pub clip: Option<f64>,
}

impl Scaling {
    /// Takes the scaling of the samples of a data file.
    pub fn from_preprocessing(preprocessing: &Preprocessing) -> Self {
        Self {
            means: preprocessing.input_means.clone(),
            scales: preprocessing.input_scales.clone(),
            clip: None,
        }
    }

    /// Takes the scaling of normalised observations.
    pub fn from_normalisation(by: &Normalisation) -> Self {
        let wide = |numbers: &[f32]| numbers.iter().copied().map(f64::from).collect();
        Self { means: wide(&by.means), scales: wide(&by.scales), clip: Some(CLIP) }
    }

    /// Checks the scaling for a network with a number of inputs.
    ///
    /// # Errors
    /// Returns an error if the length differs, a number is not finite, or the clip is not positive.
    pub fn check(&self, inputs: usize) -> Result<()> {
        let subject = "a champion's scaling";
        for numbers in [&self.means, &self.scales] {
            if numbers.len() != inputs {
                let expected = format!("{inputs} means and scales, one for each input");
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

    /// Scales an observation.
    pub fn apply(&self, observation: &[f64]) -> Vec<f64> {
        let clip = self.clip.unwrap_or(f64::INFINITY);
        let by = self.means.iter().zip(&self.scales);
        let scaled = observation.iter().zip(by).map(|(x, (mean, scale))| (x - mean) * scale);
        scaled.map(|number| number.clamp(-clip, clip)).collect()
    }
}
