//! Validation: the choice of the champion, and its held-out score.
//!
//! Validation samples or validation episodes choose the champion. The training samples choose it if
//! a data set has no validation part.

use super::Config;
use crate::backend::{Episodes, EvaluationBackends, Metric, Purpose};
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
    /// The score that chose it.
    pub score: f32,
    /// The fitness on the validation samples, which decides between equal scores; `None` without
    /// validation samples.
    pub fitness: Option<f32>,
    /// The score on the training samples of a data set.
    pub training: Option<f32>,
    /// The held-out score; `None` until it is computed.
    pub held_out: Option<f32>,
}

/// The outcome of one validation.
pub(super) struct Validation {
    /// The score on the training samples of a data set.
    pub training: Option<f32>,
    /// The validation score; `None` if the training samples choose the champion.
    pub validation: Option<f32>,
    /// True if the network is the new champion.
    pub is_champion: bool,
    /// True if the network is better than the last champion, and not only as good.
    pub is_better: bool,
    /// The held-out score of a new champion, if it was computed.
    pub held_out: Option<f32>,
}

/// The samples that choose the champion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Samples {
    /// No samples: episodes choose it, or the value of a function.
    None,
    /// The training samples.
    Training,
    /// Validation samples.
    Validation,
}

/// The validator of a run: it holds the best candidate so far, the champion. It has backends of its
/// own, so that the population of the run stays where it is.
pub(super) struct Validator {
    backends: EvaluationBackends,
    samples: Samples,
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
            samples: match config.task.kind() {
                Kind::Data(data) if data.validation > 0 => Samples::Validation,
                Kind::Data(_) => Samples::Training,
                Kind::Control(_) | Kind::Function(_) => Samples::None,
            },
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

    /// Returns the number of episodes that a validation score is the mean of.
    pub fn validation_episodes(&self) -> u32 {
        self.validation_episodes
    }

    /// Returns the number of episodes that a held-out score is the mean of.
    pub fn held_out_episodes(&self) -> u32 {
        self.held_out_episodes
    }

    /// True if a network with this validation score can count as a solution of the task.
    pub fn can_solve(&self, validation: f32) -> bool {
        self.validation_threshold.is_none_or(|threshold| validation >= threshold)
    }

    /// True if the champion's scores end the run. A held-out score alone does not: it ends a run
    /// only if the score that chose the champion suggests that it reaches the target, so that it is
    /// not tried again and again. Both scores are on the same scale unless the task has a threshold
    /// for validation.
    pub fn reaches_target(&self) -> bool {
        let Some((champion, target)) = self.champion.as_ref().zip(self.target) else {
            return false;
        };
        self.may_end(champion.score) && champion.held_out.is_some_and(|score| score >= target)
    }

    fn may_end(&self, score: f32) -> bool {
        self.target.is_some_and(|target| score >= self.validation_threshold.unwrap_or(target))
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
    /// Between networks with equal scores on validation samples the one with the higher fitness on
    /// them is the champion. Without validation samples it is the latest. Otherwise a champion with
    /// the highest possible score and a weak held-out score would never give way to what the
    /// strategy has learned since.
    pub fn validate(
        &mut self,
        individual: Individual,
        normalisation: Option<&Normalisation>,
        generation: u32,
    ) -> Result<Validation> {
        let score =
            self.evaluate(&individual, normalisation, Purpose::Validation, Metric::Score)?;
        let training = match self.samples {
            Samples::None => None,
            Samples::Training => Some(score),
            Samples::Validation => {
                Some(self.evaluate(&individual, normalisation, Purpose::Training, Metric::Score)?)
            }
        };
        let validation = (self.samples != Samples::Training).then_some(score);
        let best = self.champion.as_ref().map(|champion| rank(champion.score));
        let mut is_better = best.is_none_or(|best| rank(score) > best);
        let is_equal = best == Some(rank(score));
        let mut is_champion = is_better || is_equal;
        let mut fitness = None;
        if is_champion && self.samples == Samples::Validation {
            let purpose = Purpose::Validation;
            let value = self.evaluate(&individual, normalisation, purpose, Metric::Fitness)?;
            let known = self.champion.as_ref().and_then(|champion| champion.fitness);
            is_better |= is_equal && known.is_none_or(|known| rank(value) > rank(known));
            (is_champion, fitness) = (is_better, Some(value));
        }
        if !is_champion {
            return Ok(Validation { training, validation, is_champion, is_better, held_out: None });
        }
        self.champion = Some(Candidate {
            individual,
            normalisation: normalisation.cloned(),
            generation,
            score,
            fitness,
            training,
            held_out: None,
        });
        let held_out = if self.may_end(score) { self.score_champion()?.held_out } else { None };
        Ok(Validation { training, validation, is_champion, is_better, held_out })
    }

    /// Returns the champion with its held-out score, which is computed only once.
    pub fn score_champion(&mut self) -> Result<Candidate> {
        let Some(mut champion) = self.champion.take() else {
            return Err(Error::invalid("a run", "at least one generation", "none"));
        };
        if champion.held_out.is_none() {
            let normalisation = champion.normalisation.as_ref();
            let (individual, purpose) = (&champion.individual, Purpose::HeldOut);
            let score = self.evaluate(individual, normalisation, purpose, Metric::Score)?;
            champion.held_out = Some(score);
        }
        self.champion = Some(champion.clone());
        Ok(champion)
    }

    /// Evaluates one network for a purpose.
    fn evaluate(
        &mut self,
        individual: &Individual,
        normalisation: Option<&Normalisation>,
        purpose: Purpose,
        metric: Metric,
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
        let episodes = Episodes { metric, ..Episodes::new(self.seed, purpose, 0, count) };
        let scores = backend.score(&episodes)?;
        Ok(scores.values.first().copied().unwrap_or(f32::NAN))
    }
}

/// Returns a score in an order in which NaN is the lowest.
fn rank(score: f32) -> f32 {
    if score.is_nan() { f32::NEG_INFINITY } else { score }
}
