//! The timer of the autotuner: seconds per generation of each variant, on random individuals.

use std::sync::Arc;
use std::time::Instant;

use super::workload::Workload;
use crate::backend::gpu::{Gpu, Variant};
use crate::backend::{Backend, Episodes, Purpose};
use crate::error::Result;
use crate::gpu::Device;
use crate::network::Network;
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};
use crate::task::{Kind, Simulation, Task};

/// The number of timed repetitions of each variant; the median counts.
const SAMPLES: usize = 3;
/// The least duration of a repetition in seconds. Steps are doubled until it is reached.
const LEAST_SECONDS: f64 = 0.004;
/// The most steps of a repetition.
const MOST_STEPS: u32 = 256;
/// The factor between the two step counts that separate the cost of a step from that of a dispatch.
const STEP_FACTOR: u32 = 3;
/// The most bytes of a timed population; an individual takes as long in a larger one.
const MOST_BYTES: u64 = 1 << 28;
/// The number of steps in the episodes that are compared. Some episodes have ended by then, and
/// returns differ.
const COMPARED_STEPS: u32 = 50;
/// The number of episodes of which one may differ, because a rounding error can end it a step
/// later.
const EPISODES_PER_DIFFERENCE: usize = 16;
/// The largest share of a plainer variant's time at which a less plain variant is preferred.
const WORTHWHILE: f64 = 0.97;

/// Returns the plainest of the variants that are about as fast as the fastest.
pub(super) fn fastest(times: &[(Variant, f64)]) -> Variant {
    let least = times.iter().map(|one| one.1).fold(f64::INFINITY, f64::min);
    let near = times.iter().find(|one| one.1 * WORTHWHILE <= least);
    near.map_or(Variant::Loop, |one| one.0)
}

/// A generation of random individuals, on which variants are timed.
pub(super) struct VariantTimer<'a> {
    device: &'a Arc<Device>,
    task: &'a Arc<dyn Task>,
    network: &'a Network,
    workload: Workload,
    proposal: Proposal,
    episodes: Episodes,
    /// The simulation of a control task.
    simulation: Option<&'a dyn Simulation>,
}

impl<'a> VariantTimer<'a> {
    /// Creates a timer for a workload, whose population is reduced to [`MOST_BYTES`].
    pub fn new(
        device: &'a Arc<Device>,
        task: &'a Arc<dyn Task>,
        network: &'a Network,
        workload: Workload,
    ) -> Self {
        let genome_bytes = (network.precision().bytes() * network.parameters()) as u64;
        let most = (MOST_BYTES / genome_bytes.max(1)).max(64) as usize;
        let proposal = Proposal::Gaussian(Gaussian {
            centre: vec![0.0; network.parameters()].into(),
            scale: Scale::Uniform(0.5),
            noise: NoiseKey { seed: 1, generation: 0 },
            individuals: workload.population.min(most),
            mirrored: false,
        });
        let episodes = Episodes::new(1, Purpose::Benchmark, 0, workload.episodes);
        let simulation = match task.kind() {
            Kind::Control(simulation) => Some(simulation),
            Kind::Data(_) | Kind::Function(_) => None,
        };
        Self { device, task, network, workload, proposal, episodes, simulation }
    }

    /// Returns the seconds that each variant takes to spawn and score the population. Variants
    /// whose scores are wrong are left out.
    ///
    /// # Errors
    /// Returns an error if a variant does not support the network, or if the device fails.
    pub fn times(&self, variants: &[Variant]) -> Result<Vec<(Variant, f64)>> {
        let most_differences = match self.simulation {
            Some(_) => self.proposal.individuals() / EPISODES_PER_DIFFERENCE,
            None => 0,
        };
        let (mut steps, mut expected) = (1, Vec::new());
        let mut all: Vec<(Variant, f64)> = Vec::new();
        for &variant in variants {
            if matches!(variant, Variant::Fused(_)) && !self.is_fused_candidate(variant, &all) {
                continue;
            }
            let (device, task) = (Arc::clone(self.device), Arc::clone(self.task));
            let mut gpu = Gpu::new(device, task, self.network.clone())?.with_variant(variant)?;
            gpu.spawn(&self.proposal)?;
            // The first scoring compiles the kernels, and shows whether they are correct.
            let compared = Episodes { step_limit: Some(COMPARED_STEPS), ..self.episodes };
            let values = gpu.score(&compared)?.values;
            if expected.is_empty() {
                expected = values;
            } else if !is_close(&values, &expected, most_differences) {
                continue;
            }
            if all.is_empty() && self.simulation.is_some() {
                while steps < MOST_STEPS
                    && self.seconds(|| self.score(&mut gpu, steps))? < LEAST_SECONDS
                {
                    steps *= 2;
                }
            }
            // Fused kernels generate genomes while they score.
            let spawning = match variant {
                Variant::Fused(_) => 0.0,
                _ => self.median(|| gpu.spawn(&self.proposal))?,
            };
            all.push((variant, spawning + self.scoring_seconds(&mut gpu, steps)?));
        }
        Ok(all)
    }

    /// Returns true if a fused variant is the counterpart of the fastest team, and the workload
    /// is noise.
    fn is_fused_candidate(&self, variant: Variant, times: &[(Variant, f64)]) -> bool {
        let teams = times.iter().filter(|one| matches!(one.0, Variant::Team(_))).copied();
        let team = fastest(&teams.collect::<Vec<_>>());
        self.workload.noise && team.fused() == Some(variant)
    }

    /// Scores the population, in episodes of exactly `steps` steps if the task has any.
    fn score(&self, gpu: &mut Gpu, steps: u32) -> Result<()> {
        let exact_steps = self.simulation.map(|_| steps);
        gpu.score(&Episodes { exact_steps, ..self.episodes }).map(drop)
    }

    /// Returns the seconds of scoring: measured for data sets, extrapolated from `steps` steps for
    /// control tasks.
    fn scoring_seconds(&self, gpu: &mut Gpu, steps: u32) -> Result<f64> {
        let few = self.median(|| self.score(gpu, steps))?;
        let Some(simulation) = self.simulation else { return Ok(few) };
        let many = self.median(|| self.score(gpu, STEP_FACTOR * steps))?;
        let whole = simulation.shape().step_limit;
        let (individuals, episodes) = (self.proposal.individuals(), self.episodes.count);
        let at_once = gpu.steps_per_dispatch(simulation, individuals, episodes, whole)?;
        Ok(extrapolate([few, many], steps, whole, whole.div_ceil(at_once)))
    }

    /// Returns the seconds of some work, by the device's clock if it has one.
    fn seconds(&self, work: impl FnOnce() -> Result<()>) -> Result<f64> {
        let begun = Instant::now();
        let ((), own) = self.device.timed(work)?;
        Ok(own.unwrap_or_else(|| begun.elapsed().as_secs_f64()))
    }

    fn median(&self, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
        let mut samples =
            (0..SAMPLES).map(|_| self.seconds(&mut work)).collect::<Result<Vec<f64>>>()?;
        samples.sort_by(f64::total_cmp);
        Ok(samples[SAMPLES / 2])
    }
}

/// Extrapolates the seconds of `whole` steps in `dispatches` dispatches, from the seconds of
/// `steps` steps and of [`STEP_FACTOR`] times as many in one dispatch each.
fn extrapolate([few, many]: [f64; 2], steps: u32, whole: u32, dispatches: u32) -> f64 {
    let per_step = ((many - few) / f64::from((STEP_FACTOR - 1) * steps)).max(0.0);
    let per_dispatch = (few - per_step * f64::from(steps)).max(0.0);
    per_step * f64::from(whole) + per_dispatch * f64::from(dispatches)
}

/// Returns true if all scores but `most_differences` agree with the expected ones, to a thousandth
/// of themselves or of 1.
fn is_close(found: &[f32], expected: &[f32], most_differences: usize) -> bool {
    let is_near = |(found, expected): (&f32, &f32)| {
        found == expected || (found - expected).abs() <= 1e-3 * expected.abs().max(1.0)
    };
    let differences = found.iter().zip(expected).filter(|&pair| !is_near(pair)).count();
    found.len() == expected.len() && differences <= most_differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plainest_of_about_equally_fast_variants_is_chosen() {
        let times = |seconds: [f64; 3]| {
            let all = [Variant::Loop, Variant::Unrolled, Variant::Team(16)];
            all.into_iter().zip(seconds).collect::<Vec<_>>()
        };
        assert_eq!(fastest(&times([1.0, 0.99, 0.98])), Variant::Loop);
        assert_eq!(fastest(&times([1.0, 0.9, 0.89])), Variant::Unrolled);
        assert_eq!(fastest(&times([1.0, 0.9, 0.5])), Variant::Team(16));
        assert_eq!(fastest(&[]), Variant::Loop);
    }

    #[test]
    fn the_cost_of_a_dispatch_is_counted_once_per_dispatch() {
        // A dispatch costs 2 s, and a step 0.5 s.
        let of = |steps: u32| 2.0 + 0.5 * f64::from(steps);
        let seconds = |dispatches| extrapolate([of(4), of(STEP_FACTOR * 4)], 4, 500, dispatches);
        assert_eq!([seconds(1), seconds(10)], [252.0, 270.0]);
        // Noise in the measurement makes no cost negative.
        assert_eq!(extrapolate([2.0, 1.0], 4, 500, 3), 6.0);
        assert_eq!(extrapolate([1.0, 300.0], 1, 2, 9), 299.0);
    }

    #[test]
    fn wrong_scores_do_not_agree() {
        assert!(is_close(&[1.0, -200.0], &[1.0, -200.1], 0));
        assert!(!is_close(&[1.0, -200.0], &[1.0, -201.0], 0));
        assert!(!is_close(&[1.0, f32::NAN], &[1.0, 2.0], 0) && !is_close(&[1.0], &[1.0, 2.0], 2));
        let some = [1.0, f32::NAN, 2.0, 1.0];
        assert!(is_close(&some, &[1.0; 4], 2) && !is_close(&some, &[1.0; 4], 1));
    }
}
