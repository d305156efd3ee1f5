//! Populations larger than a GPU's memory, evaluated in passes: each pass spawns, scores and drops
//! a range of the individuals.
//!
//! An individual is generated from its proposal and its index alone, so the scores have the same
//! bits as those of the whole population. To return a single genome, the pass of that individual is
//! spawned again. A pass of offspring is bred from its own parents only. All offspring are kept in
//! main memory for the next generation.

use std::ops::Range;
use std::sync::Arc;

use super::{Backend, Episodes, Gpu, Scores, Variant};
use crate::error::{Error, Result};
use crate::network::{Normalisation, ObservationSums};
use crate::population::{
    CppnGenomes, ExplicitGenomes, Gaussian, Graphs, Moments, Offspring, Parents, Proposal,
    Utilities,
};

/// The smallest number of individuals in a pass. The first individual of each pass is a multiple of
/// it, so that a pass has whole blocks and whole mirrored pairs.
const SMALLEST_PASS: usize = 64;

/// A GPU backend for populations of any size.
pub struct MultiPassGpu {
    gpu: Gpu,
    /// The proposal of the whole population, if the GPU holds only a part of it.
    whole: Option<Proposal>,
    /// The individuals that the GPU holds.
    part: Range<usize>,
    /// The largest number of individuals in a pass.
    pass_size: usize,
    /// The size of a population that did not fit, until the user is notified.
    oversize: Option<usize>,
}

impl MultiPassGpu {
    /// Wraps a GPU. Populations are evaluated in one pass until one does not fit.
    pub fn new(gpu: Gpu) -> Self {
        Self { gpu, whole: None, part: 0..0, pass_size: usize::MAX, oversize: None }
    }

    /// Halves the size of a pass, because `individuals` did not fit.
    ///
    /// # Errors
    /// Returns the problem itself if a pass cannot be smaller.
    fn shrink(&mut self, individuals: usize, whole: usize, problem: Error) -> Result<()> {
        let fewer = (individuals / 2).next_multiple_of(SMALLEST_PASS);
        if fewer >= individuals {
            return Err(problem);
        }
        (self.pass_size, self.part, self.oversize) = (fewer, 0..0, Some(whole));
        Ok(())
    }

    /// Breeds the offspring of the current population in passes, `f32[children][genes]`.
    fn breed(&mut self, offspring: &Offspring, parents: usize) -> Result<Vec<f32>> {
        let all: Arc<[f32]> = match &self.whole {
            Some(Proposal::Explicit(ExplicitGenomes { genomes, .. })) => Arc::clone(genomes),
            _ => self.genomes(parents)?.into(),
        };
        // If breeding fails, the parents are still known.
        let genes = self.gpu.genes();
        self.whole = Some(Proposal::Explicit(ExplicitGenomes { genomes: Arc::clone(&all), genes }));
        self.part = 0..0;
        self.gpu.drop_population();
        let count = offspring.parents.len();
        let mut children = Vec::with_capacity(count * genes);
        let mut next = 0;
        while next < count {
            let range = next..count.min(next.saturating_add(self.pass_size));
            match self.breed_range(offspring, range.clone(), &all) {
                Err(problem @ Error::OutOfMemory { .. }) => {
                    self.gpu.drop_population();
                    self.shrink(range.len(), count, problem)?;
                }
                some => {
                    children.extend(some?);
                    next = range.end;
                }
            }
        }
        Ok(children)
    }

    /// Breeds a range of the offspring. Only their own parents are uploaded to the GPU.
    fn breed_range(
        &mut self,
        offspring: &Offspring,
        range: Range<usize>,
        all: &[f32],
    ) -> Result<Vec<f32>> {
        let genes = self.gpu.genes();
        let pairs = &offspring.parents[range.clone()];
        let mut used: Vec<u32> = pairs.iter().flat_map(|pair| [pair.first, pair.second]).collect();
        used.sort_unstable();
        used.dedup();
        let genome = |&index: &u32| &all[index as usize * genes..][..genes];
        let genomes = used.iter().flat_map(genome).copied().collect();
        self.gpu.spawn_from(&Proposal::Explicit(ExplicitGenomes { genomes, genes }), 0)?;
        let position = |index| used.partition_point(|&other| other < index) as u32;
        let pair = |pair: &Parents| Parents {
            first: position(pair.first),
            second: position(pair.second),
            mutates: pair.mutates,
        };
        let parents = pairs.iter().map(pair).collect();
        let some = Proposal::Offspring(Offspring { parents, ..offspring.clone() });
        self.gpu.spawn_from(&some, range.start)?;
        self.gpu.genomes(range.len())
    }

    /// Spawns a pass whose first individual is `first`.
    fn spawn_pass(&mut self, first: usize, whole: &Proposal) -> Result<()> {
        loop {
            let individuals = whole.individuals();
            let range = first..individuals.min(first.saturating_add(self.pass_size));
            self.part = 0..0;
            match self.gpu.spawn_from(&restrict(whole, range.clone()), first) {
                Err(problem @ Error::OutOfMemory { .. }) => {
                    self.shrink(range.len(), individuals, problem)?;
                }
                other => {
                    self.part = range;
                    return other;
                }
            }
        }
    }

    fn score_in_passes(&mut self, whole: &Proposal, episodes: &Episodes) -> Result<Scores> {
        let mut all: Option<Scores> = None;
        let mut next = 0;
        while next < whole.individuals() {
            if self.part.start != next || self.part.is_empty() {
                self.spawn_pass(next, whole)?;
            }
            match self.gpu.score(episodes) {
                Err(problem @ Error::OutOfMemory { .. }) => {
                    self.shrink(self.part.len(), whole.individuals(), problem)?;
                }
                scores => {
                    all = Some(join(all, scores?, self.gpu.inputs()));
                    next = self.part.end;
                }
            }
        }
        all.map_or_else(|| self.gpu.score(episodes), Ok)
    }
}

/// Joins the scores of consecutive passes.
fn join(first: Option<Scores>, second: Scores, inputs: usize) -> Scores {
    let Some(first) = first else { return second };
    let rows = |sums: ObservationSums| sums.rows().flatten().copied().collect::<Vec<_>>();
    let sums = first.observation_sums.zip(second.observation_sums);
    let behaviours = first.behaviours.zip(second.behaviours);
    Scores {
        values: [first.values, second.values].concat(),
        steps: first.steps + second.steps,
        observation_sums: sums
            .map(|(a, b)| ObservationSums::new(inputs, [rows(a), rows(b)].concat())),
        behaviours: behaviours.map(|(a, b)| [a, b].concat()),
    }
}

/// The proposal of a range of individuals. Their random numbers depend on their index in the whole
/// population, which the backend receives separately.
fn restrict(whole: &Proposal, range: Range<usize>) -> Proposal {
    if range == (0..whole.individuals()) {
        return whole.clone();
    }
    let graphs = |graphs: &Graphs| Graphs { individuals: graphs.individuals[range.clone()].into() };
    match whole {
        Proposal::Gaussian(gaussian) => {
            Proposal::Gaussian(Gaussian { individuals: range.len(), ..gaussian.clone() })
        }
        Proposal::Explicit(ExplicitGenomes { genomes, genes }) => {
            let genomes = genomes[range.start * genes..range.end * genes].into();
            Proposal::Explicit(ExplicitGenomes { genomes, genes: *genes })
        }
        Proposal::Graphs(all) => Proposal::Graphs(graphs(all)),
        Proposal::Cppn(CppnGenomes { graphs: all, substrate }) => {
            let (graphs, substrate) = (graphs(all), substrate.clone());
            Proposal::Cppn(CppnGenomes { graphs, substrate })
        }
        Proposal::Offspring(_) => unreachable!("offspring are bred by breed_range"),
    }
}

impl Backend for MultiPassGpu {
    fn name(&self) -> &'static str {
        self.gpu.name()
    }

    fn adapter(&self) -> String {
        self.gpu.adapter()
    }

    fn kernel_variant(&self) -> Option<Variant> {
        self.gpu.kernel_variant()
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        self.gpu.normalise(by)
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        let parents = match &self.whole {
            Some(whole) => Proposal::parents(whole),
            None => self.gpu.proposal().and_then(Proposal::parents),
        };
        proposal.check(self.gpu.genes(), parents)?;
        if let (Proposal::Offspring(offspring), Some(parents)) = (proposal, parents) {
            if self.whole.is_none() {
                match self.gpu.spawn(proposal) {
                    Err(Error::OutOfMemory { .. }) => {}
                    other => return other,
                }
            }
            let genomes = self.breed(offspring, parents)?.into();
            self.whole =
                Some(Proposal::Explicit(ExplicitGenomes { genomes, genes: self.gpu.genes() }));
            return Ok(());
        }
        self.whole = None;
        self.spawn_pass(0, proposal)?;
        self.whole = (self.part.end < proposal.individuals()).then(|| proposal.clone());
        Ok(())
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        let whole = match &self.whole {
            Some(whole) => whole.clone(),
            // A population that fits the memory may still be too large to be scored at once.
            None => match (self.gpu.score(episodes), self.gpu.proposal()) {
                (Err(problem @ Error::OutOfMemory { .. }), Some(proposal)) => {
                    let (whole, count) = (proposal.clone(), proposal.individuals());
                    let whole = match whole {
                        Proposal::Offspring(_) => {
                            let (genomes, genes) = (self.gpu.genomes(count)?, self.gpu.genes());
                            Proposal::Explicit(ExplicitGenomes { genomes: genomes.into(), genes })
                        }
                        other => other,
                    };
                    self.shrink(count, count, problem)?;
                    self.whole = Some(whole.clone());
                    whole
                }
                (scores, _) => return scores,
            },
        };
        self.score_in_passes(&whole, episodes)
    }

    fn recombine(&mut self, utilities: &Utilities) -> Result<Moments> {
        let recombined = match &self.whole {
            Some(whole) => self.gpu.recombine_proposal(whole, utilities),
            None => self.gpu.recombine(utilities),
        };
        match (recombined, self.gpu.proposal()) {
            // The sums need only the proposal, so the population is dropped to free its memory.
            (Err(Error::OutOfMemory { .. }), Some(proposal)) => {
                let whole = self.whole.take().unwrap_or_else(|| proposal.clone());
                (self.part, self.whole) = (0..0, Some(whole.clone()));
                self.gpu.drop_population();
                self.gpu.recombine_proposal(&whole, utilities)
            }
            (recombined, _) => recombined,
        }
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        let Some(whole) = self.whole.clone() else { return self.gpu.individual(index) };
        if index >= whole.individuals() {
            let expected = format!("a number below {}", whole.individuals());
            return Err(Error::invalid("an individual's index", expected, index));
        }
        loop {
            if !self.part.contains(&index) {
                self.spawn_pass(index / SMALLEST_PASS * SMALLEST_PASS, &whole)?;
            }
            match self.gpu.individual(index - self.part.start) {
                Err(problem @ Error::OutOfMemory { .. }) => {
                    self.shrink(self.part.len(), whole.individuals(), problem)?;
                }
                genome => return genome,
            }
        }
    }

    fn genomes(&mut self, count: usize) -> Result<Vec<f32>> {
        let Some(whole) = self.whole.clone() else { return self.gpu.genomes(count) };
        super::check_count(count, whole.individuals())?;
        let mut genomes = Vec::new();
        let mut next = 0;
        while next < count {
            self.spawn_pass(next, &whole)?;
            match self.gpu.genomes(self.part.len().min(count - next)) {
                Err(problem @ Error::OutOfMemory { .. }) => {
                    self.shrink(self.part.len(), whole.individuals(), problem)?;
                }
                some => {
                    genomes.extend(some?);
                    next = self.part.end;
                }
            }
        }
        Ok(genomes)
    }

    fn notes(&mut self) -> Vec<String> {
        let size = self.pass_size;
        let note = self.oversize.take().map(|whole| {
            let passes = whole.div_ceil(size);
            format!(
                "{whole} individuals do not fit the memory of the GPU at once: they are scored in \
                 {passes} passes of {size}, with the same results; --population {size} fits in one \
                 pass"
            )
        });
        note.into_iter().collect()
    }
}
