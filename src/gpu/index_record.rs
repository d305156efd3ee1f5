//! The record of index checks, read back from a device.

use super::buffer::lock;
use super::device::Device;
use crate::error::Result;

/// An index in the text of a kernel that was compiled with index checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexCheck {
    /// The label of the kernel.
    pub kernel: String,
    /// The path of its part in `shaders/`, or the name of a generated part.
    pub part: String,
    /// The line of the index.
    pub line: String,
    /// The largest index out of bounds so far, if there was one.
    pub out_of_bounds: Option<u32>,
}

impl Device {
    /// True if its kernels are compiled with index checks.
    pub fn checks_indices(&self) -> bool {
        self.checks_indices
    }

    /// Returns the indices of all kernels that were compiled so far, in the order of compilation.
    /// Returns none unless the device checks indices.
    ///
    /// # Errors
    /// Returns an error if the device failed, in this or in earlier work.
    pub fn index_checks(&self) -> Result<Vec<IndexCheck>> {
        let mut pipelines: Vec<_> = lock(&self.pipelines).values().cloned().collect();
        pipelines.sort_by_key(|pipeline| pipeline.id);
        let records: Vec<_> = pipelines
            .iter()
            .filter_map(|pipeline| Some((pipeline, pipeline.record.as_ref()?)))
            .collect();
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let parts: Vec<_> = records
            .iter()
            .map(|(_, record)| (&record.buffer, 0, 4 * record.places.len() as u64))
            .collect();
        let words = self.read_parts(&parts)?;
        let checks = records.iter().zip(words).flat_map(|((pipeline, record), words)| {
            record.places.iter().zip(words).map(|(place, index)| IndexCheck {
                kernel: pipeline.label.clone(),
                part: place.part.clone(),
                line: place.line.clone(),
                out_of_bounds: (index > 0).then_some(index),
            })
        });
        Ok(checks.collect())
    }
}
