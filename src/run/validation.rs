//! Validation: validation episodes choose the champion, and held-out episodes score it.

use super::Config;
use crate::backend::{Episodes, EvaluationBackends, Purpose};
use crate::error::{Error, Result};
use crate::network::Normalisation;
use crate::population::Individual;
use crate::task::{EvaluationTasks, Kind, Task};

/// The number of episodes of a validation and of a held-out score, for a task with random starts.
pub const EVALUATION_EPISODES: u32 = 100;

/// Returns the number of episodes of an evaluation on a task. A task with a fixed list of starts
/// takes each of them once.
fn episodes_on(task: &dyn Task) -> u32 {
    let Kind::Control(simulation) = task.kind() else { return EVALUATION_EPISODES };
    let shape = simulation.shape();
    match (shape.starts, shape.draws) {
        (Some(starts), _) => starts,
        (None, 0) => 1,
        (None, _) => EVALUATION_EPISODES,
    }
}

/// A network that the strategy recommended, with its scores.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The network.
    pub individual: Individual,
    /// The normalisation of its observations, if they are normalised.
    pub normalisation: Option<Normalisation>,
    /// The generation after which it was recommended, counted from 1.
    pub generation: u32,
    /// The validation score.
    pub validation: f32,
    /// The held-out score; `None` until it is computed.
    pub held_out: Option<f32>,
}

/// The outcome of one validation.
pub(super) struct Validation {
    /// The validation score.
    pub score: f32,
    /// True if the network is the new champion.
    pub is_champion: bool,
    /// The held-out score of a new champion, if it was computed.
    pub held_out: Option<f32>,
}

/// The validator of a run: it holds the best candidate so far, the champion. It has backends of its
/// own, so that the population of the run stays where it is.
pub(super) struct Validator {
    backends: EvaluationBackends,
    validation_episodes: u32,
    held_out_episodes: u32,
    seed: u64,
    /// The held-out score that ends the run.
    target: Option<f32>,
    /// The validation score that a champion needs for the task to count as solved, at any
    /// held-out score.
    validation_threshold: Option<f32>,
    champion: Option<Candidate>,
}

impl Validator {
    pub fn new(config: &Config, backends: EvaluationBackends) -> Self {
        let target = if config.stops_at_target() { config.target() } else { None };
        let own = episodes_on(config.task.as_ref());
        let evaluation_tasks = config.task.evaluation_tasks();
        let episodes = |task: fn(&EvaluationTasks) -> &Box<dyn Task>| {
            evaluation_tasks.as_ref().map_or(own, |tasks| episodes_on(task(tasks).as_ref()))
        };
        Self {
            validation_episodes: episodes(|tasks| &tasks.validation),
            held_out_episodes: episodes(|tasks| &tasks.held_out),
            backends,
            seed: config.seed,
            target,
            validation_threshold: evaluation_tasks
                .as_ref()
                .and_then(|tasks| tasks.validation.about().threshold)
                .map(|threshold| threshold as f32),
            champion: None,
        }
    }

    /// Returns the number of episodes that a held-out score is the mean of.
    pub fn held_out_episodes(&self) -> u32 {
        self.held_out_episodes
    }

    /// True if a network with this validation score can count as a solution of the task.
    pub fn can_solve(&self, validation: f32) -> bool {
        self.validation_threshold.is_none_or(|threshold| validation >= threshold)
    }

    /// Returns the best candidate so far. There is one after the first generation.
    pub fn champion(&self) -> Option<&Candidate> {
        self.champion.as_ref()
    }

    /// Takes over the champion of a checkpoint.
    pub fn restore(&mut self, champion: Candidate) {
        self.champion = Some(champion);
    }

    /// Validates a network, and computes its held-out score if it is a champion that may end the
    /// run. `normalisation` is the one that the generation was scored with.
    ///
    /// Among networks with equal validation scores the latest is the champion. Otherwise a champion
    /// with the highest possible validation score and a weak held-out score would never give way to
    /// what the strategy has learned since.
    pub fn validate(
        &mut self,
        individual: Individual,
        normalisation: Option<&Normalisation>,
        generation: u32,
    ) -> Result<Validation> {
        let score = self.score(&individual, normalisation, Purpose::Validation)?;
        let rank = |score: f32| if score.is_nan() { f32::NEG_INFINITY } else { score };
        let best = self.champion.as_ref().map(|champion| rank(champion.validation));
        if best.is_some_and(|best| rank(score) < best) {
            return Ok(Validation { score, is_champion: false, held_out: None });
        }
        self.champion = Some(Candidate {
            individual,
            normalisation: normalisation.cloned(),
            generation,
            validation: score,
            held_out: None,
        });
        // The held-out score is computed only if the validation score suggests that it reaches the
        // target: both are on the same scale unless the task has a threshold for validation.
        let may_end =
            self.target.is_some_and(|target| score >= self.validation_threshold.unwrap_or(target));
        let held_out = if may_end { self.score_champion()?.held_out } else { None };
        Ok(Validation { score, is_champion: true, held_out })
    }

    /// Returns the champion with its held-out score, which is computed only once.
    pub fn score_champion(&mut self) -> Result<Candidate> {
        let Some(mut champion) = self.champion.take() else {
            return Err(Error::invalid("a run", "at least one generation", "none"));
        };
        if champion.held_out.is_none() {
            let normalisation = champion.normalisation.as_ref();
            let score = self.score(&champion.individual, normalisation, Purpose::HeldOut)?;
            champion.held_out = Some(score);
        }
        self.champion = Some(champion.clone());
        Ok(champion)
    }

    fn score(
        &mut self,
        individual: &Individual,
        normalisation: Option<&Normalisation>,
        purpose: Purpose,
    ) -> Result<f32> {
        let EvaluationBackends { validation, held_out } = &mut self.backends;
        let (backend, count) = match (purpose, held_out) {
            (Purpose::HeldOut, Some(held_out)) => (held_out, self.held_out_episodes),
            (Purpose::HeldOut, None) => (validation, self.held_out_episodes),
            _ => (validation, self.validation_episodes),
        };
        if let Some(by) = normalisation {
            backend.normalise(by)?;
        }
        backend.spawn(&individual.to_proposal())?;
        let scores = backend.score(&Episodes::new(self.seed, purpose, 0, count))?;
        Ok(scores.values.first().copied().unwrap_or(f32::NAN))
    }
}
