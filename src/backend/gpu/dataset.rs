//! Data sets on a device.

use half::f16;

use super::kernels::Tensor;
use crate::error::Result;
use crate::gpu::{Buffer, Device};
use crate::task::{DataSet, Split};

/// A data set on a device.
pub struct DeviceDataSet {
    pub(super) features: Buffer,
    /// The targets, followed by the error weights of each split.
    pub(super) targets: Buffer,
    /// The features in half precision, padded for tiles.
    pub(super) halves: Option<Buffer>,
}

impl DeviceDataSet {
    /// Uploads a data set.
    ///
    /// # Errors
    /// Returns an error if the device is out of memory.
    pub fn upload(device: &Device, data: &DataSet) -> Result<Self> {
        let mut targets = data.targets.clone();
        for split in Split::ALL {
            targets.extend(data.error_weights(split));
        }
        Ok(Self {
            features: device.upload("features", &data.features)?,
            targets: device.upload("targets", &targets)?,
            halves: None,
        })
    }

    /// Returns the place of a split's error weights in the buffer of targets.
    pub(super) fn first_weight(&self, data: &DataSet, split: Split) -> u32 {
        let width = data.error_weights(split).len();
        (data.targets.len() + split as usize * width) as u32
    }

    /// Uploads the features in half precision, padded with zeros to whole tiles.
    ///
    /// # Errors
    /// Returns an error if the device is out of memory.
    pub fn upload_halves(
        &mut self,
        device: &Device,
        data: &DataSet,
        tensor: &Tensor,
    ) -> Result<()> {
        let (width, rows) = tensor.padded(data.inputs, data.features.len() / data.inputs.max(1));
        let mut halves = vec![0u16; width * rows];
        let features = data.features.chunks(data.inputs.max(1));
        for (row, features) in halves.chunks_mut(width.max(1)).zip(features) {
            for (half, &feature) in row.iter_mut().zip(features) {
                *half = f16::from_f32(feature).to_bits();
            }
        }
        self.halves = Some(device.upload("features in half precision", &halves)?);
        Ok(())
    }
}
