//! Examinations: validation chooses the champion, held-out episodes judge it.

use super::Config;
use crate::backend::{Episodes, Examiners, Purpose};
use crate::error::{Error, Result};
use crate::network::Normalisation;
use crate::population::Individual;
use crate::task::{Examination, Kind, Task};

/// Episodes of a validation, and of a held-out score, of a task whose starts are drawn.
pub const EXAMINED_EPISODES: u32 = 100;

/// Episodes that an examination on a task takes: every start once, where they are not drawn.
fn episodes_on(task: &dyn Task) -> u32 {
    let Kind::Control(simulation) = task.kind() else { return EXAMINED_EPISODES };
    let shape = simulation.shape();
    match (shape.starts, shape.draws) {
        (Some(starts), _) => starts,
        (None, 0) => 1,
        (None, _) => EXAMINED_EPISODES,
    }
}

/// The best recommendation so far.
#[derive(Clone, Debug)]
pub(super) struct Recommended {
    /// The network.
    pub individual: Individual,
    /// What its observations are normalised by, where they are.
    pub normalisation: Option<Normalisation>,
    /// The generation after which it was recommended, counted from 1.
    pub generation: u32,
    /// What it was chosen by.
    pub validation: f32,
    /// What it was judged by; `None` as long as it was not.
    pub held_out: Option<f32>,
}

/// What came of one examination.
pub(super) struct Exam {
    pub validation: f32,
    /// Whether a new champion was found.
    pub champion: bool,
    /// Its held-out score, where it was judged.
    pub held_out: Option<f32>,
}

/// Backends of its own, so that the population of the run stays where it is.
pub(super) struct Examiner {
    backends: Examiners,
    validation_episodes: u32,
    held_out_episodes: u32,
    seed: u64,
    target: Option<f32>,
    /// What a champion's validation must reach for the task to be solved, whatever its score.
    bar: Option<f32>,
    champion: Option<Recommended>,
}

impl Examiner {
    pub fn new(config: &Config, backends: Examiners) -> Self {
        let target = if config.stops_at_target() { config.target() } else { None };
        let own = episodes_on(config.task.as_ref());
        let examination = config.task.examination();
        let other = |of: fn(&Examination) -> &Box<dyn Task>| {
            examination.as_ref().map_or(own, |exam| episodes_on(of(exam).as_ref()))
        };
        Self {
            validation_episodes: other(|exam| &exam.validation),
            held_out_episodes: other(|exam| &exam.held_out),
            backends,
            seed: config.seed,
            target,
            bar: examination
                .as_ref()
                .and_then(|exam| exam.validation.about().threshold)
                .map(|threshold| threshold as f32),
            champion: None,
        }
    }

    /// Episodes that a held-out score is the mean of.
    pub fn held_out_episodes(&self) -> u32 {
        self.held_out_episodes
    }

    /// Whether a validation lets a network solve the task at all.
    pub fn admits(&self, validation: f32) -> bool {
        self.bar.is_none_or(|bar| validation >= bar)
    }

    /// The best recommendation so far; there is one after the first generation.
    pub fn champion(&self) -> Option<&Recommended> {
        self.champion.as_ref()
    }

    /// Goes on with the champion of an earlier process.
    pub fn restore(&mut self, champion: Recommended) {
        self.champion = Some(champion);
    }

    /// Validates a recommendation, and judges it if it is a champion that may end the run.
    ///
    /// Of equals the later one is the champion: where validation has reached its ceiling and the
    /// champion was judged too weak, what the strategy has learnt since must have its turn.
    /// It sees what the generation saw that it was learnt from.
    pub fn examine(
        &mut self,
        individual: Individual,
        normalisation: Option<&Normalisation>,
        generation: u32,
    ) -> Result<Exam> {
        let validation = self.score(&individual, normalisation, Purpose::Validation)?;
        let rank = |score: f32| if score.is_nan() { f32::NEG_INFINITY } else { score };
        let best = self.champion.as_ref().map(|champion| rank(champion.validation));
        if best.is_some_and(|best| rank(validation) < best) {
            return Ok(Exam { validation, champion: false, held_out: None });
        }
        let normalisation = normalisation.cloned();
        let held_out = None;
        let found = Recommended { individual, normalisation, generation, validation, held_out };
        self.champion = Some(found);
        // Where validation is on the same scale as the score, it says when judging is worth it.
        let may_end = self.target.is_some_and(|target| validation >= self.bar.unwrap_or(target));
        let held_out = if may_end { Some(self.judge()?.1) } else { None };
        Ok(Exam { validation, champion: true, held_out })
    }

    /// The champion and its held-out score, which is computed once.
    pub fn judge(&mut self) -> Result<(Recommended, f32)> {
        let Some(mut champion) = self.champion.take() else {
            return Err(Error::invalid("a run", "at least one generation", "none"));
        };
        let held_out = match champion.held_out {
            Some(score) => score,
            None => {
                let normalisation = champion.normalisation.as_ref();
                self.score(&champion.individual, normalisation, Purpose::HeldOut)?
            }
        };
        champion.held_out = Some(held_out);
        self.champion = Some(champion.clone());
        Ok((champion, held_out))
    }

    fn score(
        &mut self,
        individual: &Individual,
        normalisation: Option<&Normalisation>,
        purpose: Purpose,
    ) -> Result<f32> {
        let Examiners { validation, held_out } = &mut self.backends;
        let (backend, count) = match (purpose, held_out) {
            (Purpose::HeldOut, Some(held_out)) => (held_out, self.held_out_episodes),
            (Purpose::HeldOut, None) => (validation, self.held_out_episodes),
            _ => (validation, self.validation_episodes),
        };
        if let Some(by) = normalisation {
            backend.normalise(by)?;
        }
        backend.spawn(&individual.alone())?;
        let scores = backend.score(&Episodes::new(self.seed, purpose, 0, count))?;
        Ok(scores.values.first().copied().unwrap_or(f32::NAN))
    }
}
