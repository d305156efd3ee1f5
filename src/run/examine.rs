//! Examinations: validation chooses the champion, held-out episodes judge it.

use std::sync::Arc;

use super::Config;
use crate::backend::{Backend, Episodes, Purpose};
use crate::error::{Error, Result};
use crate::population::{Explicit, Proposal};

/// Episodes of a validation, and of a held-out score.
pub const EXAMINED_EPISODES: u32 = 100;

/// The best recommendation so far.
#[derive(Clone, Debug)]
pub(super) struct Champion {
    /// Its parameters.
    pub genome: Vec<f32>,
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

/// A backend of its own, so that the population of the run stays where it is.
pub(super) struct Examiner {
    backend: Box<dyn Backend>,
    seed: u64,
    target: Option<f32>,
    champion: Option<Champion>,
}

impl Examiner {
    pub fn new(config: &Config, backend: Box<dyn Backend>) -> Self {
        let target = if config.stops_at_target() { config.target() } else { None };
        Self { backend, seed: config.seed, target, champion: None }
    }

    /// The best recommendation so far; there is one after the first generation.
    pub fn champion(&self) -> Option<&Champion> {
        self.champion.as_ref()
    }

    /// Validates a recommendation, and judges it if it is a champion that may end the run.
    ///
    /// Of equals the later one is the champion: where validation has reached its ceiling and the
    /// champion was judged too weak, what the strategy has learnt since must have its turn.
    pub fn examine(&mut self, genome: Vec<f32>, generation: u32) -> Result<Exam> {
        let validation = self.score(&genome, Purpose::Validation)?;
        let rank = |score: f32| if score.is_nan() { f32::NEG_INFINITY } else { score };
        let best = self.champion.as_ref().map(|champion| rank(champion.validation));
        if best.is_some_and(|best| rank(validation) < best) {
            return Ok(Exam { validation, champion: false, held_out: None });
        }
        self.champion = Some(Champion { genome, generation, validation, held_out: None });
        let may_end = self.target.is_some_and(|target| validation >= target);
        let held_out = if may_end { Some(self.judge()?.1) } else { None };
        Ok(Exam { validation, champion: true, held_out })
    }

    /// The champion and its held-out score, which is computed once.
    pub fn judge(&mut self) -> Result<(Champion, f32)> {
        let Some(mut champion) = self.champion.take() else {
            return Err(Error::invalid("a run", "at least one generation", "none"));
        };
        let held_out = match champion.held_out {
            Some(score) => score,
            None => self.score(&champion.genome, Purpose::HeldOut)?,
        };
        champion.held_out = Some(held_out);
        self.champion = Some(champion.clone());
        Ok((champion, held_out))
    }

    fn score(&mut self, genome: &[f32], purpose: Purpose) -> Result<f32> {
        let explicit = Explicit { genomes: Arc::from(genome), genes: genome.len() };
        self.backend.spawn(&Proposal::Explicit(explicit))?;
        let episodes = Episodes::new(self.seed, purpose, 0, EXAMINED_EPISODES);
        let scores = self.backend.score(&episodes)?;
        Ok(scores.values.first().copied().unwrap_or(f32::NAN))
    }
}
