//! Tensor cores: what they need of a data set, and the trial they stand before they are used.
//!
//! A driver may load tiles otherwise than it says. So on the samples and for the network that are
//! meant, some individuals are computed on tensor cores and number by number, by kernels that are
//! the same in all else, and the variant is refused where outputs differ.

use std::sync::Arc;

use super::kernels::Tensor;
use super::{Gpu, Variant};
use crate::backend::plan::Tile;
use crate::backend::{Backend, Forward, Limits};
use crate::error::{Error, Result};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};
use crate::task::{DataSet, Kind, Task};

/// Samples, and individuals, that are tried.
const SAMPLES: usize = 100;
const INDIVIDUALS: usize = 3;
/// By how much of the largest output, or of 1, an output may be off: sums of single precision in
/// two orders now and then round a number of half precision, which has a unit of 5e-4, to either
/// side.
const AGREEING: f32 = 2e-3;

impl Gpu {
    /// Gets samples ready for tiles, and tries tensor cores.
    ///
    /// # Errors
    /// Tensor cores that are wrong, or a device that fails.
    pub(super) fn prepare_tensor(&mut self) -> Result<()> {
        let task = Arc::clone(&self.task);
        let Kind::Data(data) = task.kind() else { return Ok(()) };
        let Some(tensor) = Tensor::of(&self.network, &self.limits) else { return Ok(()) };
        if tensor.tile.cooperative {
            self.try_tensor(data, tensor.tile)?;
        }
        let samples = self.samples.as_mut().expect("a data set was uploaded when it was opened");
        samples.upload_halves(&self.device, data, &tensor)
    }

    fn try_tensor(&self, data: &DataSet, tile: Tile) -> Result<()> {
        let training = data.training.min(SAMPLES);
        let features = data.features[..training * data.inputs].to_vec();
        let targets = data.targets[..training].to_vec();
        let few = DataSet { training, features, targets, ..data.clone() };
        let few: Arc<dyn Task> = Arc::new(few);
        let by_number = self.outputs_on(&few, Tile { cooperative: false, ..tile })?;
        let by_tiles = self.outputs_on(&few, tile)?;
        let Some(wrong) = disagreement(&by_tiles, &by_number) else { return Ok(()) };
        Err(Error::Device {
            doing: format!("trying tensor cores on {}", self.device.name()),
            problem: format!("{wrong}; choose another --variant"),
        })
    }

    /// Outputs of some random individuals, with such tiles.
    fn outputs_on(&self, task: &Arc<dyn Task>, tile: Tile) -> Result<Vec<f32>> {
        let (device, network) = (Arc::clone(&self.device), self.network.clone());
        let mut gpu = Self::with_faults(device, Arc::clone(task), network, &self.edits)?;
        gpu = gpu.with_limits(Limits { tile: Some(tile), ..self.limits });
        gpu.variant = Variant::Tensor;
        let Kind::Data(data) = task.kind() else { return Ok(Vec::new()) };
        // Number by number takes more rounds of loops than tiles do.
        let tensor = Tensor::of(&gpu.network, &gpu.limits).ok_or_else(|| Error::Device {
            doing: format!("trying tensor cores on {}", self.device.name()),
            problem: "that adapter ends loops too early for this network to be computed number by \
                      number; choose another --variant"
                .into(),
        })?;
        let samples = gpu.samples.as_mut().expect("a data set was uploaded when it was opened");
        samples.upload_halves(&gpu.device, data, &tensor)?;
        gpu.spawn(&Proposal::Gaussian(Gaussian {
            centre: vec![0.0; gpu.network.parameters()].into(),
            scale: Scale::Uniform(0.5),
            noise: NoiseKey { seed: 1, generation: 0 },
            individuals: INDIVIDUALS,
            mirrored: false,
        }))?;
        gpu.forward()
    }
}

/// What is wrong with the outputs of tiles, by those computed number by number; none if nothing is.
fn disagreement(by_tiles: &[f32], by_number: &[f32]) -> Option<String> {
    if let Some(output) = by_number.iter().find(|output| !output.is_finite()) {
        return Some(format!("an output computed number by number is {output}, in half precision"));
    }
    let largest = by_number.iter().fold(1.0f32, |largest, output| largest.max(output.abs()));
    let mut pairs = by_tiles.iter().zip(by_number).enumerate();
    // A number that is none is no small difference.
    let wrong = pairs.find(|(_, (found, expected))| {
        !matches!((*found - *expected).abs(), difference if difference <= AGREEING * largest)
    });
    wrong.map(|(place, (found, expected))| {
        format!("output {place} is {found}, and {expected} where it is computed number by number")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_does_not_agree() {
        assert_eq!(disagreement(&[1.0, -200.1], &[1.0, -200.0]), None);
        for (found, expected) in
            [([1.0, -201.0], [1.0, -200.0]), ([1.0, f32::NAN], [1.0, 2.0]), ([1.0; 2], [1.0, 2.0])]
        {
            assert!(
                disagreement(&found, &expected).is_some_and(|it| it.starts_with("output 1 is"))
            );
        }
        assert!(disagreement(&[f32::INFINITY; 2], &[1.0, f32::INFINITY]).is_some());
    }
}
