//! The results of scoring on a device: the buffers that kernels write, and the scores read from
//! them.

use super::super::plan::WORKGROUP;
use super::super::{Episodes, Scores};
use super::Gpu;
use crate::error::{Error, Result};
use crate::gpu::{Buffer, Readback};
use crate::network::ObservationSums;

/// The buffers that hold the results of a whole population.
pub(super) struct Results {
    /// The fitness or score of each individual, `f32[individuals]`.
    pub values: Buffer,
    /// The steps that each workgroup of the averaging kernel counted, `u32[workgroups]`.
    pub steps: Buffer,
    /// The sums over observations, if observations are normalised.
    pub observation_sums: Option<Buffer>,
    /// The behaviour of each individual, if it is requested.
    pub behaviours: Option<Buffer>,
}

impl Gpu {
    /// Allocates the buffers for the results of a population in several shards.
    pub(super) fn allocate_results(
        &self,
        individuals: usize,
        shards: usize,
        episodes: &Episodes,
    ) -> Result<Results> {
        let bytes = self.result_bytes("fitness", individuals, 1)?;
        let observation_sums = match &self.normalisation {
            None => None,
            Some(_) => {
                let words = ObservationSums::row_length(self.network.inputs());
                let bytes = self.result_bytes("observations", individuals, words)?;
                Some(self.device.storage("observation sums", bytes)?)
            }
        };
        let behaviours = match self.behaviour_size(episodes) {
            0 => None,
            numbers => {
                let bytes = self.result_bytes("behaviours", individuals, numbers)?;
                Some(self.device.storage("behaviours", bytes)?)
            }
        };
        // Every shard may have one workgroup that is partly empty.
        let groups = individuals.div_ceil(WORKGROUP) + shards;
        Ok(Results {
            values: self.device.storage("values", bytes)?,
            steps: self.device.storage("steps", 4 * groups as u64)?,
            observation_sums,
            behaviours,
        })
    }

    /// Reads the scores of all individuals, and the steps of the first `groups` workgroups.
    pub(super) fn read_scores(
        &self,
        results: &Results,
        individuals: usize,
        groups: usize,
        episodes: &Episodes,
    ) -> Result<Scores> {
        let (inputs, numbers) = (self.network.inputs(), self.behaviour_size(episodes));
        let mut readbacks = vec![
            Readback { buffer: &results.values, bytes: 4 * individuals as u64 },
            Readback { buffer: &results.steps, bytes: 4 * groups as u64 },
        ];
        let optional = [
            (&results.observation_sums, ObservationSums::row_length(inputs)),
            (&results.behaviours, numbers),
        ];
        for (buffer, words) in optional {
            let bytes = 4 * (individuals * words) as u64;
            readbacks.extend(buffer.as_ref().map(|buffer| Readback { buffer, bytes }));
        }
        let mut words = self.device.read(&readbacks)?.into_iter();
        let mut next = |is_there: bool| if is_there { words.next() } else { None };
        let in_order = |words: Vec<u32>, numbers: usize| {
            let values: Vec<f32> = words.into_iter().map(f32::from_bits).collect();
            match &self.graphs {
                Some(graphs) => graphs.compiled.in_population_order(&values, numbers),
                None => values,
            }
        };
        let values = in_order(next(true).unwrap_or_default(), 1);
        let steps = next(true).unwrap_or_default().into_iter().map(u64::from).sum();
        let sums = next(results.observation_sums.is_some());
        let behaviours = next(results.behaviours.is_some()).unwrap_or_default();
        Ok(Scores {
            values,
            steps,
            observation_sums: sums
                .map(|words| ObservationSums::new(inputs, observation_rows(&words, inputs))),
            behaviours: episodes.behaviour.then(|| in_order(behaviours, numbers)),
        })
    }

    /// Returns the bytes of `words` words per individual.
    ///
    /// # Errors
    /// Returns an error if a binding cannot hold them.
    fn result_bytes(&self, what: &str, individuals: usize, words: usize) -> Result<u64> {
        let each = 4 * words as u64;
        let bytes = each * individuals as u64;
        if bytes <= self.limits.binding_bytes {
            return Ok(bytes);
        }
        Err(Error::TooLarge {
            what: format!("the {what} of {individuals} individuals"),
            needed: format!("{each} bytes x {individuals} = {bytes} bytes"),
            available: format!("one binding holds {} bytes", self.limits.binding_bytes),
            largest: format!("{} individuals", self.limits.binding_bytes / each),
        })
    }

    /// Returns how many numbers describe the behaviour of an individual; 0 if none is requested.
    fn behaviour_size(&self, episodes: &Episodes) -> usize {
        if episodes.behaviour { self.task.behaviour() } else { 0 }
    }
}

/// Converts the rows of the observation kernel to doubles. A row has the steps as a whole number,
/// then sums in single precision.
fn observation_rows(words: &[u32], inputs: usize) -> Vec<f64> {
    let row = |row: &[u32]| {
        let sums = row[1..].iter().map(|&word| f64::from(f32::from_bits(word)));
        std::iter::once(f64::from(row[0])).chain(sums).collect::<Vec<_>>()
    };
    words.chunks(ObservationSums::row_length(inputs)).flat_map(row).collect()
}
