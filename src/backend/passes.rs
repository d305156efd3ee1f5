//! Populations that are larger than a GPU's memory, in passes: a part of the individuals at a time
//! is spawned, scored and forgotten.
//!
//! Individuals are made from their recipe by their index, and none knows of another, so the scores
//! are those of the whole population, to the bit. For a single individual that is asked for, its
//! part is spawned again. Of children, each part is bred beside the parents that it has, and all of
//! them are kept in main memory, where the next generation finds them.

use std::ops::Range;
use std::sync::Arc;

use super::{Backend, Episodes, Gpu, Scores, Variant};
use crate::error::{Error, Result};
use crate::network::{Normalisation, Seen};
use crate::population::{
    Explicit, Gaussian, Graphs, Moments, Offspring, Painted, Parents, Proposal, Weights,
};

/// The fewest individuals of a pass, and what each begins with a multiple of: whole blocks, and
/// whole pairs of mirrored individuals.
const FEWEST: usize = 64;

/// A GPU, with populations of any size.
pub struct Passes {
    gpu: Gpu,
    /// The population, where it is more than the GPU has at a time.
    whole: Option<Proposal>,
    /// The individuals of it that the GPU has.
    part: Range<usize>,
    /// Individuals of a pass, once more than that did not fit.
    most: usize,
    /// Individuals of a population that did not fit, where that has not been told.
    untold: Option<usize>,
}

impl Passes {
    /// A GPU that takes everything in one pass, until something does not fit.
    pub fn new(gpu: Gpu) -> Self {
        Self { gpu, whole: None, part: 0..0, most: usize::MAX, untold: None }
    }

    /// Halves the passes, where so many individuals did not fit, or gives up.
    fn shrink(&mut self, individuals: usize, whole: usize, problem: Error) -> Result<()> {
        let fewer = (individuals / 2).next_multiple_of(FEWEST);
        if fewer >= individuals {
            return Err(problem);
        }
        (self.most, self.part, self.untold) = (fewer, 0..0, Some(whole));
        Ok(())
    }

    /// Children of the population there is, `f32[children][genes]`, a part at a time.
    fn breed(&mut self, offspring: &Offspring, parents: usize) -> Result<Vec<f32>> {
        let all: Arc<[f32]> = match &self.whole {
            Some(Proposal::Explicit(Explicit { genomes, .. })) => Arc::clone(genomes),
            _ => self.genomes(parents)?.into(),
        };
        // Whatever becomes of the children, their parents are known.
        let genes = self.gpu.genes();
        self.whole = Some(Proposal::Explicit(Explicit { genomes: Arc::clone(&all), genes }));
        self.part = 0..0;
        self.gpu.forget();
        let count = offspring.parents.len();
        let mut children = Vec::with_capacity(count * genes);
        let mut next = 0;
        while next < count {
            let range = next..count.min(next.saturating_add(self.most));
            match self.bred(offspring, range.clone(), &all) {
                Err(problem @ Error::OutOfMemory { .. }) => {
                    self.gpu.forget();
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

    /// Some children, of whose parents only those are there that they have.
    fn bred(
        &mut self,
        offspring: &Offspring,
        range: Range<usize>,
        all: &[f32],
    ) -> Result<Vec<f32>> {
        let genes = self.gpu.genes();
        let pairs = &offspring.parents[range.clone()];
        let mut known: Vec<u32> = pairs.iter().flat_map(|pair| [pair.first, pair.second]).collect();
        known.sort_unstable();
        known.dedup();
        let genome = |&index: &u32| &all[index as usize * genes..][..genes];
        let genomes = known.iter().flat_map(genome).copied().collect();
        self.gpu.spawn_from(&Proposal::Explicit(Explicit { genomes, genes }), 0)?;
        let place = |index| known.partition_point(|&other| other < index) as u32;
        let pair = |pair: &Parents| Parents {
            first: place(pair.first),
            second: place(pair.second),
            mutates: pair.mutates,
        };
        let parents = pairs.iter().map(pair).collect();
        let some = Proposal::Offspring(Offspring { parents, ..offspring.clone() });
        self.gpu.spawn_from(&some, range.start)?;
        self.gpu.genomes(range.len())
    }

    /// Spawns a pass that begins with an individual.
    fn spawn_from(&mut self, first: usize, whole: &Proposal) -> Result<()> {
        loop {
            let individuals = whole.individuals();
            let range = first..individuals.min(first.saturating_add(self.most));
            self.part = 0..0;
            match self.gpu.spawn_from(&part_of(whole, range.clone()), first) {
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
                self.spawn_from(next, whole)?;
            }
            match self.gpu.score(episodes) {
                Err(problem @ Error::OutOfMemory { .. }) => {
                    self.shrink(self.part.len(), whole.individuals(), problem)?;
                }
                scores => {
                    all = Some(joined(all, scores?, self.gpu.inputs()));
                    next = self.part.end;
                }
            }
        }
        all.map_or_else(|| self.gpu.score(episodes), Ok)
    }
}

/// The scores of neighbouring individuals, those that come first before the others.
fn joined(first: Option<Scores>, second: Scores, inputs: usize) -> Scores {
    let Some(first) = first else { return second };
    let rows = |seen: Seen| seen.rows().flatten().copied().collect::<Vec<_>>();
    let seen = first.seen.zip(second.seen);
    let behaviours = first.behaviours.zip(second.behaviours);
    Scores {
        values: [first.values, second.values].concat(),
        steps: first.steps + second.steps,
        seen: seen.map(|(a, b)| Seen::new(inputs, [rows(a), rows(b)].concat())),
        behaviours: behaviours.map(|(a, b)| [a, b].concat()),
    }
}

/// The recipe of some individuals. What they draw goes by their index in the whole, which the
/// backend is told beside it.
fn part_of(whole: &Proposal, range: Range<usize>) -> Proposal {
    if range == (0..whole.individuals()) {
        return whole.clone();
    }
    let graphs = |graphs: &Graphs| Graphs { individuals: graphs.individuals[range.clone()].into() };
    match whole {
        Proposal::Gaussian(gaussian) => {
            Proposal::Gaussian(Gaussian { individuals: range.len(), ..gaussian.clone() })
        }
        Proposal::Explicit(Explicit { genomes, genes }) => {
            let genomes = genomes[range.start * genes..range.end * genes].into();
            Proposal::Explicit(Explicit { genomes, genes: *genes })
        }
        Proposal::Graphs(all) => Proposal::Graphs(graphs(all)),
        Proposal::Painted(Painted { graphs: all, substrate }) => {
            let (graphs, substrate) = (graphs(all), substrate.clone());
            Proposal::Painted(Painted { graphs, substrate })
        }
        Proposal::Offspring(_) => unreachable!("children are not parted"),
    }
}

impl Backend for Passes {
    fn name(&self) -> &'static str {
        self.gpu.name()
    }

    fn adapter(&self) -> String {
        self.gpu.adapter()
    }

    fn laid_out(&self) -> Option<Variant> {
        self.gpu.laid_out()
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
            self.whole = Some(Proposal::Explicit(Explicit { genomes, genes: self.gpu.genes() }));
            return Ok(());
        }
        self.whole = None;
        self.spawn_from(0, proposal)?;
        self.whole = (self.part.end < proposal.individuals()).then(|| proposal.clone());
        Ok(())
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        let whole = match &self.whole {
            Some(whole) => whole.clone(),
            // What is there may be too much to be scored at once.
            None => match (self.gpu.score(episodes), self.gpu.proposal()) {
                (Err(problem @ Error::OutOfMemory { .. }), Some(proposal)) => {
                    let (whole, count) = (proposal.clone(), proposal.individuals());
                    let whole = match whole {
                        Proposal::Offspring(_) => {
                            let (genomes, genes) = (self.gpu.genomes(count)?, self.gpu.genes());
                            Proposal::Explicit(Explicit { genomes: genomes.into(), genes })
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

    fn recombine(&mut self, weights: &Weights) -> Result<Moments> {
        let recombined = match &self.whole {
            Some(whole) => self.gpu.recombine_of(whole, weights),
            None => self.gpu.recombine(weights),
        };
        match (recombined, self.gpu.proposal()) {
            // The sums are made from the recipe: what it made may go, and come again.
            (Err(Error::OutOfMemory { .. }), Some(proposal)) => {
                let whole = self.whole.take().unwrap_or_else(|| proposal.clone());
                (self.part, self.whole) = (0..0, Some(whole.clone()));
                self.gpu.forget();
                self.gpu.recombine_of(&whole, weights)
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
                self.spawn_from(index / FEWEST * FEWEST, &whole)?;
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
            self.spawn_from(next, &whole)?;
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
        let most = self.most;
        let told = self.untold.take().map(|whole| {
            let passes = whole.div_ceil(most);
            format!(
                "{whole} individuals do not fit the memory of the GPU at once: they are made and \
                 scored in {passes} passes of {most}, with the same results; --population {most} \
                 fits in one"
            )
        });
        told.into_iter().collect()
    }
}
