//! The preparation of tensor cores: padded samples, and a self-test before their first use.
//!
//! A driver may load tiles differently from what it reports. The self-test computes a few
//! individuals twice, on the real samples and network: by tiles on tensor cores, and number by
//! number with otherwise identical kernels. If outputs differ, the variant is refused.

use std::sync::Arc;

use super::kernels::Tensor;
use super::{Gpu, Variant};
use crate::backend::plan::Tile;
use crate::backend::{Backend, ForwardBackend, Limits};
use crate::error::{Error, Result};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};
use crate::task::{DataSet, Kind, Task};

/// The number of samples in the self-test.
const SAMPLES: usize = 100;
/// The number of individuals in the self-test.
const INDIVIDUALS: usize = 3;
/// The largest difference between outputs, as a share of the largest output or of 1. Sums in two
/// orders sometimes round to neighbouring numbers of half precision, whose unit is 5e-4.
const TOLERANCE: f32 = 2e-3;

impl Gpu {
    /// Uploads the samples for tiles, after a self-test of the tensor cores.
    ///
    /// # Errors
    /// Returns an error if the tensor cores compute wrong outputs, or if the device fails.
    pub(super) fn prepare_tensor(&mut self) -> Result<()> {
        let task = Arc::clone(&self.task);
        let Kind::Data(data) = task.kind() else { return Ok(()) };
        let Some(tensor) = Tensor::for_network(&self.network, &self.limits) else { return Ok(()) };
        if tensor.tile.cooperative {
            self.test_tensor(data, tensor.tile)?;
        }
        let samples = self.samples.as_mut().expect("the data set is uploaded by the constructor");
        samples.upload_halves(&self.device, data, &tensor)
    }

    /// Compares tiles on tensor cores with numbers computed one by one.
    fn test_tensor(&self, data: &DataSet, tile: Tile) -> Result<()> {
        let training = data.training.min(SAMPLES);
        let features = data.features[..training * data.inputs].to_vec();
        let targets = data.targets_of(0..training).to_vec();
        let few = DataSet { training, validation: 0, features, targets, ..data.clone() };
        let few: Arc<dyn Task> = Arc::new(few);
        let by_number = self.outputs_on(&few, Tile { cooperative: false, ..tile })?;
        let by_tiles = self.outputs_on(&few, tile)?;
        let Some(difference) = difference(&by_tiles, &by_number) else { return Ok(()) };
        Err(Error::Device {
            doing: format!("testing tensor cores on {}", self.device.name()),
            problem: format!("{difference}; choose another --variant"),
        })
    }

    /// Computes the outputs of some random individuals by tiles of a kind.
    fn outputs_on(&self, task: &Arc<dyn Task>, tile: Tile) -> Result<Vec<f32>> {
        let (device, network) = (Arc::clone(&self.device), self.network.clone());
        let mut gpu = Self::with_faults(device, Arc::clone(task), network, &self.edits)?;
        gpu = gpu.with_limits(Limits { tile: Some(tile), ..self.limits });
        gpu.variant = Variant::Tensor;
        let Kind::Data(data) = task.kind() else { return Ok(Vec::new()) };
        // Computing number by number takes more loop iterations than tiles do.
        let tensor =
            Tensor::for_network(&gpu.network, &gpu.limits).ok_or_else(|| Error::Device {
                doing: format!("testing tensor cores on {}", self.device.name()),
                problem:
                    "that adapter ends loops too early to compute this network number by number; \
                      choose another --variant"
                        .into(),
            })?;
        let samples = gpu.samples.as_mut().expect("the data set is uploaded by the constructor");
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

/// Describes the first output of tiles that differs from the output computed number by number.
fn difference(by_tiles: &[f32], by_number: &[f32]) -> Option<String> {
    if let Some(output) = by_number.iter().find(|output| !output.is_finite()) {
        return Some(format!("an output computed number by number is {output}, in half precision"));
    }
    let largest = by_number.iter().fold(1.0f32, |largest, output| largest.max(output.abs()));
    let mut pairs = by_tiles.iter().zip(by_number).enumerate();
    // A NaN fails this comparison.
    let wrong = pairs.find(|(_, (found, expected))| {
        !matches!((*found - *expected).abs(), difference if difference <= TOLERANCE * largest)
    });
    wrong.map(|(place, (found, expected))| {
        format!("output {place} is {found} by tiles, and {expected} number by number")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_a_number_does_not_agree() {
        assert_eq!(difference(&[1.0, -200.1], &[1.0, -200.0]), None);
        for (found, expected) in
            [([1.0, -201.0], [1.0, -200.0]), ([1.0, f32::NAN], [1.0, 2.0]), ([1.0; 2], [1.0, 2.0])]
        {
            assert!(difference(&found, &expected).is_some_and(|it| it.starts_with("output 1 is")));
        }
        assert!(difference(&[f32::INFINITY; 2], &[1.0, f32::INFINITY]).is_some());
    }
}
