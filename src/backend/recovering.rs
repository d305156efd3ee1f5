//! A backend that outlives its device: when that is lost, it is opened again, and what it did in
//! this generation is repeated, with the same result.
//!
//! What is on a device is lost with it, but a population is a recipe and stays known. Children are
//! a recipe too, of their parents, which were children themselves: so the *lineage* is kept, from
//! the last population that needs no other to this one, and spawned again from its beginning. It
//! takes twelve bytes a child and generation. When that is more than the genomes would be, they are
//! read back, and the lineage begins with them.

use super::{Backend, Episodes, Scores, Variant};
use crate::error::{Error, Result};
use crate::network::Normalisation;
use crate::population::{Explicit, Moments, Parents, Proposal, Weights};

/// Opens the device anew, with nothing on it.
pub type Reopen = Box<dyn FnMut() -> Result<Box<dyn Backend>> + Send>;

/// Generations of children that a lineage holds at least before the genomes are read back, for that
/// takes a moment, and at most, for spawning them again does too.
const SHORTEST: usize = 64;
const LONGEST: usize = 1024;

/// A backend whose device may be lost once a generation.
pub struct Recovering {
    inner: Box<dyn Backend>,
    reopen: Reopen,
    normalisation: Option<Normalisation>,
    lineage: Vec<Proposal>,
    /// Genes of an individual, once they were counted.
    genes: Option<usize>,
    /// Whether the device was lost since the last spawn.
    was_lost: bool,
    notes: Vec<String>,
}

impl Recovering {
    /// A backend, and how to open it again.
    pub fn new(inner: Box<dyn Backend>, reopen: Reopen) -> Self {
        let (normalisation, lineage, notes) = (None, Vec::new(), Vec::new());
        let (genes, was_lost) = (None, false);
        Self { inner, reopen, normalisation, lineage, genes, was_lost, notes }
    }

    /// Does something, and does it again when the device is lost over it.
    fn survive<T>(&mut self, act: impl Fn(&mut dyn Backend) -> Result<T>) -> Result<T> {
        match act(self.inner.as_mut()) {
            Err(Error::DeviceLost { doing, reason, .. }) => {
                self.recover(&doing, &reason)?;
                act(self.inner.as_mut()).map_err(lost_again)
            }
            other => other,
        }
    }

    fn recover(&mut self, doing: &str, reason: &str) -> Result<()> {
        if std::mem::replace(&mut self.was_lost, true) {
            let (doing, reason, advice) = (doing.into(), reason.into(), String::new());
            return Err(lost_again(Error::DeviceLost { doing, reason, advice }));
        }
        self.inner = (self.reopen)().map_err(|problem| Error::DeviceLost {
            doing: doing.into(),
            reason: reason.into(),
            advice: format!("it could not be opened again: {problem}; {GO_ON}"),
        })?;
        self.rebuild().map_err(lost_again)?;
        self.notes.push(format!(
            "the GPU was lost while {doing} ({reason}); it was opened again, and the generation \
             is repeated with the same numbers"
        ));
        Ok(())
    }

    fn rebuild(&mut self) -> Result<()> {
        if let Some(by) = &self.normalisation {
            self.inner.normalise(by)?;
        }
        self.lineage.iter().try_for_each(|proposal| self.inner.spawn(proposal))
    }

    /// Keeps what the population can be made from again.
    fn remember(&mut self, proposal: &Proposal) -> Result<()> {
        if !matches!(proposal, Proposal::Offspring(_)) {
            self.lineage.clear();
        }
        self.lineage.push(proposal.clone());
        if self.lineage.len() <= SHORTEST {
            return Ok(());
        }
        let individuals = proposal.individuals();
        let genes = match self.genes {
            Some(genes) => genes,
            None => self.survive(|backend| backend.individual(0))?.len(),
        };
        self.genes = Some(genes);
        let as_large = (genes * size_of::<f32>()).div_ceil(size_of::<Parents>());
        if self.lineage.len() > as_large.clamp(SHORTEST, LONGEST) {
            let genomes = self.survive(|backend| backend.genomes(individuals))?.into();
            self.lineage = vec![Proposal::Explicit(Explicit { genomes, genes })];
        }
        Ok(())
    }
}

/// What to do where nothing helps.
const GO_ON: &str = "go on from the last checkpoint with deme resume, or with --backend cpu";

/// The error of a device that is lost in the generation in which it was opened again.
fn lost_again(error: Error) -> Error {
    match error {
        Error::DeviceLost { doing, reason, .. } => {
            let advice = format!(
                "it had been lost and opened again in this same generation, so the work itself may \
                 be too much for it; train with a smaller --population or with fewer --episodes; \
                 {GO_ON}"
            );
            Error::DeviceLost { doing, reason, advice }
        }
        other => other,
    }
}

impl Backend for Recovering {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn adapter(&self) -> String {
        self.inner.adapter()
    }

    fn laid_out(&self) -> Option<Variant> {
        self.inner.laid_out()
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        self.survive(|backend| backend.normalise(by))?;
        self.normalisation = Some(by.clone());
        Ok(())
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        self.was_lost = false;
        self.survive(|backend| backend.spawn(proposal))?;
        self.remember(proposal)
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        self.survive(|backend| backend.score(episodes))
    }

    fn recombine(&mut self, weights: &Weights) -> Result<Moments> {
        self.survive(|backend| backend.recombine(weights))
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        self.survive(|backend| backend.individual(index))
    }

    fn genomes(&mut self, count: usize) -> Result<Vec<f32>> {
        self.survive(|backend| backend.genomes(count))
    }

    fn notes(&mut self) -> Vec<String> {
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.inner.notes());
        notes
    }
}
