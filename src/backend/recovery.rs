//! A backend that recovers from the loss of its device: it reopens the device and repeats the work
//! of the current generation, with the same result.
//!
//! The memory of a lost device is gone, but a population can be spawned again from its proposal.
//! The proposal of offspring refers to their parents, who may be offspring too. So the backend
//! keeps the *lineage*: all proposals since the last one that needed no parents. Recovery spawns
//! them again, one after another. A lineage takes twelve bytes per child and generation. When it
//! becomes larger than the genomes, the backend reads the genomes from the device and starts a new
//! lineage with them.

use super::{Backend, Episodes, Scores, Variant};
use crate::error::{Error, Result};
use crate::network::Normalisation;
use crate::population::{ExplicitGenomes, Moments, Parents, Proposal, Utilities};

/// A function that opens the device again, with empty memory.
pub type Reopener = Box<dyn FnMut() -> Result<Box<dyn Backend>> + Send>;

/// Generations of a lineage below which genomes are never read back, because reading takes time.
const SHORTEST_LINEAGE: usize = 64;
/// Generations of a lineage above which genomes are always read back, because spawning a long
/// lineage again takes time too.
const LONGEST_LINEAGE: usize = 1024;

/// A backend whose device may be lost once in each generation.
pub struct RecoveringBackend {
    inner: Box<dyn Backend>,
    reopen: Reopener,
    normalisation: Option<Normalisation>,
    lineage: Vec<Proposal>,
    /// Genes of an individual, once they are known.
    genes: Option<usize>,
    /// True if the device was lost since the last spawn.
    was_lost: bool,
    notes: Vec<String>,
}

impl RecoveringBackend {
    /// Wraps a backend, with a function that opens it again.
    pub fn new(inner: Box<dyn Backend>, reopen: Reopener) -> Self {
        let (normalisation, lineage, notes) = (None, Vec::new(), Vec::new());
        let (genes, was_lost) = (None, false);
        Self { inner, reopen, normalisation, lineage, genes, was_lost, notes }
    }

    /// Runs an operation. If the device is lost, recovers and runs the operation again.
    fn retry<T>(&mut self, operation: impl Fn(&mut dyn Backend) -> Result<T>) -> Result<T> {
        match operation(self.inner.as_mut()) {
            Err(Error::DeviceLost { doing, reason, .. }) => {
                self.recover(&doing, &reason)?;
                operation(self.inner.as_mut()).map_err(lost_again)
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
            advice: format!("it could not be reopened: {problem}; {CONTINUE_ADVICE}"),
        })?;
        self.rebuild().map_err(lost_again)?;
        self.notes.push(format!(
            "the GPU was lost while {doing} ({reason}); it was reopened, and the generation is \
             repeated with the same numbers"
        ));
        Ok(())
    }

    fn rebuild(&mut self) -> Result<()> {
        if let Some(by) = &self.normalisation {
            self.inner.normalise(by)?;
        }
        self.lineage.iter().try_for_each(|proposal| self.inner.spawn(proposal))
    }

    /// Adds a proposal to the lineage, and shortens the lineage if it is too long.
    fn record(&mut self, proposal: &Proposal) -> Result<()> {
        if !matches!(proposal, Proposal::Offspring(_)) {
            self.lineage.clear();
        }
        self.lineage.push(proposal.clone());
        if self.lineage.len() <= SHORTEST_LINEAGE {
            return Ok(());
        }
        let individuals = proposal.individuals();
        let genes = match self.genes {
            Some(genes) => genes,
            None => self.retry(|backend| backend.individual(0))?.len(),
        };
        self.genes = Some(genes);
        let break_even = (genes * size_of::<f32>()).div_ceil(size_of::<Parents>());
        if self.lineage.len() > break_even.clamp(SHORTEST_LINEAGE, LONGEST_LINEAGE) {
            let genomes = self.retry(|backend| backend.genomes(individuals))?.into();
            self.lineage = vec![Proposal::Explicit(ExplicitGenomes { genomes, genes })];
        }
        Ok(())
    }
}

/// The advice if recovery fails.
const CONTINUE_ADVICE: &str =
    "continue from the last checkpoint with deme resume, or use --backend cpu";

/// Changes the advice of an error: the device was lost twice in one generation.
fn lost_again(error: Error) -> Error {
    match error {
        Error::DeviceLost { doing, reason, .. } => {
            let advice = format!(
                "the GPU had already been lost and reopened in this generation, so the work may be \
                 too much for it; train with a smaller --population or with fewer --episodes; \
                 {CONTINUE_ADVICE}"
            );
            Error::DeviceLost { doing, reason, advice }
        }
        other => other,
    }
}

impl Backend for RecoveringBackend {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn adapter(&self) -> String {
        self.inner.adapter()
    }

    fn kernel_variant(&self) -> Option<Variant> {
        self.inner.kernel_variant()
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        self.retry(|backend| backend.normalise(by))?;
        self.normalisation = Some(by.clone());
        Ok(())
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        self.was_lost = false;
        self.retry(|backend| backend.spawn(proposal))?;
        self.record(proposal)
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        self.retry(|backend| backend.score(episodes))
    }

    fn recombine(&mut self, utilities: &Utilities) -> Result<Moments> {
        self.retry(|backend| backend.recombine(utilities))
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        self.retry(|backend| backend.individual(index))
    }

    fn genomes(&mut self, count: usize) -> Result<Vec<f32>> {
        self.retry(|backend| backend.genomes(count))
    }

    fn notes(&mut self) -> Vec<String> {
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.inner.notes());
        notes
    }
}
