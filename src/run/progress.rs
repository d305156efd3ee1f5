//! Progress: the totals of a run so far, and the timer of a generation's phases.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::PhaseSeconds;
use super::validation::Validation;
use crate::strategy::{Fitness, StopReason};

/// The totals of a run so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RunProgress {
    /// The number of generations.
    pub generations: u32,
    /// The number of evaluations in training.
    pub evaluations: u64,
    /// The number of individuals scored.
    pub individuals: u64,
    /// The number of steps in training episodes.
    pub environment_steps: u64,
    /// The number of individuals whose fitness was NaN or infinite.
    pub failed: u64,
    /// The best training fitness of any individual.
    pub best_fitness: Option<f32>,
    /// The reason for which the strategy ended its search.
    pub stop_reason: Option<StopReason>,
    /// The generation that found the last champion that was better than the one before. A
    /// checkpoint keeps it and the next two apart from the totals.
    #[serde(skip)]
    pub improved_in: u32,
    /// The scores of the last generation's network on the training and the validation samples.
    #[serde(skip)]
    pub last_training: Option<f32>,
    #[serde(skip)]
    pub last_validation: Option<f32>,
    /// The seconds of each phase, over all generations.
    pub seconds: PhaseSeconds,
    /// The seconds of earlier processes of this run, up to their last checkpoint.
    pub wall_seconds: f64,
}

/// The largest total that is believed. Additions to it cannot overflow.
const LARGEST_TOTAL: u64 = 1 << 62;

impl RunProgress {
    /// Checks totals that were read from a file, of a run with a number of episodes for each
    /// individual and of evaluations for each lesson.
    ///
    /// # Errors
    /// Returns an error that names the first total that no run can have.
    pub fn check(&self, episodes: u32, lesson: u64) -> Result<(), String> {
        let Self { generations, evaluations, individuals, environment_steps, failed, .. } = *self;
        if generations == 0 || u64::from(generations) > individuals || individuals > LARGEST_TOTAL {
            return Err(format!(
                "expected at least one generation and an individual in each, got {generations} \
                 and {individuals}"
            ));
        }
        let lessons = u64::from(generations).checked_mul(lesson);
        let scores = individuals.checked_mul(episodes.into());
        let expected =
            scores.zip(lessons).and_then(|(scores, lessons)| scores.checked_add(lessons));
        if expected != Some(evaluations) || evaluations > LARGEST_TOTAL {
            return Err(format!(
                "expected {episodes} evaluations of each of {individuals} individuals, got \
                 {evaluations}"
            ));
        }
        if failed > individuals || environment_steps > LARGEST_TOTAL {
            return Err(format!(
                "expected fewer failures than the {individuals} individuals and fewer steps than \
                 {LARGEST_TOTAL}, got {failed} and {environment_steps}"
            ));
        }
        if let Some(best) = self.best_fitness.filter(|best| !best.is_finite()) {
            return Err(format!("expected a finite best fitness, got {best}"));
        }
        let wall_seconds = self.wall_seconds;
        let is_time = self.seconds.is_plausible() && (0.0..f64::INFINITY).contains(&wall_seconds);
        if !is_time {
            return Err(format!(
                "expected times of at least 0 seconds, got {wall_seconds} and {:?}",
                self.seconds
            ));
        }
        Ok(())
    }

    /// Adds a generation.
    pub fn add_generation(
        &mut self,
        fitness: &Fitness,
        evaluations: u64,
        environment_steps: u64,
        seconds: &PhaseSeconds,
    ) {
        self.generations += 1;
        self.evaluations += evaluations;
        self.individuals += fitness.len() as u64;
        self.environment_steps += environment_steps;
        self.failed += fitness.failed() as u64;
        self.best_fitness = match (self.best_fitness, fitness.best()) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let sum = &mut self.seconds;
        sum.propose += seconds.propose;
        sum.spawn += seconds.spawn;
        sum.score += seconds.score;
        sum.recombine += seconds.recombine;
        sum.update += seconds.update;
        sum.validate += seconds.validate;
    }
}

impl RunProgress {
    /// Adds the validation of the last generation.
    pub fn add_validation(&mut self, validation: &Validation) {
        if validation.is_better {
            self.improved_in = self.generations;
        }
        self.last_training = validation.training;
        self.last_validation = validation.validation;
    }
}

/// A timer of the phases of one generation.
pub(super) struct PhaseTimer {
    /// The seconds of the phases that have ended.
    pub seconds: PhaseSeconds,
    phase_began: Instant,
}

impl PhaseTimer {
    /// A timer that starts now, after a proposal that took `propose` seconds.
    pub fn new(propose: f64) -> Self {
        let seconds = PhaseSeconds { propose, ..PhaseSeconds::default() };
        Self { seconds, phase_began: Instant::now() }
    }

    /// Ends a phase, adds its time to the field of that phase, and begins the next phase.
    pub fn end_phase(&mut self, phase: impl FnOnce(&mut PhaseSeconds) -> &mut f64) {
        let now = Instant::now();
        *phase(&mut self.seconds) += now.duration_since(self.phase_began).as_secs_f64();
        self.phase_began = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_that_no_run_has_are_refused() {
        let real = RunProgress {
            generations: 3,
            evaluations: 48,
            individuals: 24,
            environment_steps: 900,
            ..RunProgress::default()
        };
        assert_eq!(real.check(2, 0), Ok(()));
        let forgeries: [fn(&mut RunProgress); 9] = [
            |totals| totals.generations = 0,
            |totals| totals.generations = 25,
            |totals| totals.evaluations = 47,
            |totals| (totals.individuals, totals.evaluations) = (u64::MAX / 2, u64::MAX - 1),
            |totals| totals.failed = 25,
            |totals| totals.environment_steps = u64::MAX,
            |totals| totals.best_fitness = Some(f32::NAN),
            |totals| totals.seconds.score = -1.0,
            |totals| totals.wall_seconds = f64::NAN,
        ];
        for (index, forge) in forgeries.iter().enumerate() {
            let mut forged = real.clone();
            forge(&mut forged);
            assert!(forged.check(2, 0).is_err(), "forgery {index}");
        }
    }
}
