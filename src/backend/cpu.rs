//! The fast CPU path: blocks of sixteen individuals, all cores.
//!
//! A Gaussian population is never written out: each block of individuals is made from the recipe
//! when it is scored. Children are, in the packed layout with sixteen lanes, because their own
//! children will need them.
//!
//! Blocks are independent and results are gathered in order, so they have the same bits for any
//! number of threads.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Backend, Episodes, Forward, Measure, Scores, recombine_on_cpu, spawn};
use crate::error::{Error, Result};
use crate::math::{LANES, Lanes, Real};
use crate::network::{Network, Scratch};
use crate::population::{Layout, Moments, Proposal, Weights};
use crate::random::Place;
use crate::task::{DataSet, Kind, Part, Simulation, Task};

/// The backend for users without a GPU, and an honest opponent for the GPU.
pub struct Cpu {
    task: Arc<dyn Task>,
    network: Network,
    proposal: Option<Proposal>,
    /// The population that children are bred from, where the recipe alone does not give it.
    packed: Vec<f32>,
}

impl Cpu {
    /// A backend for networks of this shape on this task.
    pub fn new(task: Arc<dyn Task>, network: Network) -> Self {
        Self { task, network, proposal: None, packed: Vec::new() }
    }

    /// Bytes that a population takes at most: what is packed, its parents, and what is kept of
    /// each individual beside its genome.
    pub fn bytes(individuals: u64, genes: u64, bred: bool) -> u64 {
        const BESIDE: u64 = 64;
        let genomes = if bred { 2 * 4 * genes } else { 0 };
        individuals.saturating_mul(genomes.saturating_add(BESIDE))
    }

    fn layout(&self, individuals: usize) -> Layout {
        Layout { individuals, genes: self.network.parameters(), lanes: LANES }
    }

    fn proposal(&self) -> Result<&Proposal> {
        self.proposal.as_ref().ok_or_else(super::no_population)
    }

    /// One genome of the last population.
    fn genome(&self, proposal: &Proposal, index: usize, genome: &mut [f32]) {
        if self.packed.is_empty() {
            spawn::genome(proposal, index, |_, _| f32::NAN, genome);
        } else {
            let layout = self.layout(proposal.individuals());
            for (gene, value) in genome.iter_mut().enumerate() {
                *value = self.packed[layout.word(index, gene)];
            }
        }
    }

    /// Sixteen genomes side by side; past the end of the population the last one is repeated.
    fn block(&self, proposal: &Proposal, first: usize) -> Vec<Lanes> {
        let mut block = vec![Lanes::default(); self.network.parameters()];
        let mut genome = vec![0.0; self.network.parameters()];
        for lane in 0..LANES {
            if first + lane < proposal.individuals() {
                self.genome(proposal, first + lane, &mut genome);
            }
            for (lanes, &gene) in block.iter_mut().zip(&genome) {
                lanes.0[lane] = gene;
            }
        }
        block
    }

    fn roll(&self, simulation: &dyn Simulation, episodes: &Episodes) -> Result<Scores> {
        let proposal = self.proposal()?;
        let individuals = proposal.individuals();
        let span = episodes.span(simulation.shape().step_limit);
        let score_block = |block: usize| {
            let genomes = self.block(proposal, block * LANES);
            let mut scratch = Scratch::of(&self.network);
            let (mut reward, mut steps) = (Lanes::of(0.0), [0u64; LANES]);
            for episode in 0..episodes.count {
                let first = Place { individual: episode, ..episodes.first() };
                let outcome =
                    simulation.rollout_lanes(&self.network, &genomes, first, span, &mut scratch);
                reward = reward + outcome.reward;
                for (sum, count) in steps.iter_mut().zip(outcome.steps.0) {
                    *sum += count as u64;
                }
            }
            (reward / Lanes::of(f64::from(episodes.count)), steps)
        };
        let blocks: Vec<_> =
            (0..individuals.div_ceil(LANES)).into_par_iter().map(score_block).collect();
        let mut values: Vec<f32> = blocks.iter().flat_map(|(mean, _)| mean.0).collect();
        values.truncate(individuals);
        let steps = blocks.iter().flat_map(|(_, steps)| *steps).take(individuals).sum();
        Ok(Scores { values, steps })
    }

    /// As [`Cpu::roll`] for one individual: its episodes stand side by side instead.
    fn roll_alone(&self, simulation: &dyn Simulation, episodes: &Episodes) -> Result<Scores> {
        let genomes = self.block(self.proposal()?, 0);
        let span = episodes.span(simulation.shape().step_limit);
        let play_block = |block: u32| {
            let first = Place { individual: block * LANES as u32, ..episodes.first() };
            let mut scratch = Scratch::of(&self.network);
            simulation.episodes_lanes(&self.network, &genomes, first, span, &mut scratch)
        };
        let blocks = episodes.count.div_ceil(LANES as u32);
        let outcomes: Vec<_> = (0..blocks).into_par_iter().map(play_block).collect();
        let played =
            outcomes.iter().flat_map(|outcome| outcome.reward.0.iter().zip(outcome.steps.0));
        let (mut reward, mut steps) = (0.0, 0);
        for (&episode, count) in played.take(episodes.count as usize) {
            reward += f64::from(episode);
            steps += count as u64;
        }
        Ok(Scores { values: vec![(reward / f64::from(episodes.count)) as f32], steps })
    }

    fn judge(&self, data: &DataSet, episodes: &Episodes) -> Result<Scores> {
        let proposal = self.proposal()?;
        let judge_one = |index: usize| {
            let mut genome = vec![0.0; self.network.parameters()];
            self.genome(proposal, index, &mut genome);
            let mut scratch = Scratch::of(&self.network);
            let verdict = data.judge_lanes(&self.network, &genome, episodes.part(), &mut scratch);
            match episodes.measure {
                Measure::Fitness => verdict.fitness as f32,
                Measure::Score => verdict.accuracy as f32,
            }
        };
        let values = (0..proposal.individuals()).into_par_iter().map(judge_one).collect();
        Ok(Scores { values, steps: 0 })
    }

    /// Writes children out; their parents are the last population.
    fn pack(&self, proposal: &Proposal) -> Vec<f32> {
        let last = self.proposal.as_ref();
        let layout = self.layout(proposal.individuals());
        let mut packed = vec![0.0; layout.words()];
        packed.par_chunks_mut(layout.block_words().max(1)).enumerate().for_each(
            |(block, words)| {
                let mut genome = vec![0.0; layout.genes];
                let first = block * LANES;
                for lane in 0..LANES.min(layout.individuals - first) {
                    spawn::genome(
                        proposal,
                        first + lane,
                        |parent, gene| self.gene_of(last, parent, gene),
                        &mut genome,
                    );
                    for (gene, &value) in genome.iter().enumerate() {
                        words[gene * LANES + lane] = value;
                    }
                }
            },
        );
        packed
    }

    fn gene_of(&self, last: Option<&Proposal>, parent: usize, gene: usize) -> f32 {
        let individuals = last.map_or(0, Proposal::individuals);
        self.packed[self.layout(individuals).word(parent, gene)]
    }
}

impl Backend for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn adapter(&self) -> String {
        format!("{} threads, {} lanes", rayon::current_num_threads(), LANES)
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        let previous = self.proposal.as_ref().map(Proposal::individuals);
        proposal.check(self.network.parameters(), previous)?;
        self.packed = match proposal {
            Proposal::Offspring(_) => {
                if self.packed.is_empty() {
                    let last = self.proposal()?.clone();
                    self.packed = self.pack(&last);
                }
                self.pack(proposal)
            }
            Proposal::Gaussian(_) | Proposal::Explicit(_) => Vec::new(),
        };
        self.proposal = Some(proposal.clone());
        Ok(())
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        match self.task.kind() {
            Kind::Control(simulation) if self.proposal()?.individuals() == 1 => {
                self.roll_alone(simulation, episodes)
            }
            Kind::Control(simulation) => self.roll(simulation, episodes),
            Kind::Data(data) => self.judge(data, episodes),
        }
    }

    fn recombine(&mut self, weights: &Weights) -> Result<Moments> {
        recombine_on_cpu(self.proposal()?, weights)
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        let proposal = self.proposal()?;
        let count = proposal.individuals();
        if index >= count {
            let expected = format!("a number below {count}");
            return Err(Error::invalid("an individual's index", expected, index));
        }
        let mut genome = vec![0.0; self.network.parameters()];
        self.genome(proposal, index, &mut genome);
        Ok(genome)
    }
}

impl Forward for Cpu {
    fn forward(&mut self) -> Result<Vec<f32>> {
        let mut outputs = Vec::new();
        self.forward_into(&mut outputs)?;
        Ok(outputs)
    }
}

impl Cpu {
    /// As [`Forward::forward`], into room that is used again.
    ///
    /// # Errors
    /// No population, or a control task.
    pub fn forward_into(&self, outputs: &mut Vec<f32>) -> Result<()> {
        let Kind::Data(data) = self.task.kind() else { return Err(super::no_samples()) };
        let proposal = self.proposal()?;
        let individuals = proposal.individuals();
        let size = data.part(Part::Training).len() * self.network.outputs();
        outputs.resize(individuals * size, 0.0);
        outputs.par_chunks_mut(size.max(1)).enumerate().for_each(|(index, outputs)| {
            let mut genome = vec![0.0; self.network.parameters()];
            self.genome(proposal, index, &mut genome);
            let mut scratch = Scratch::of(&self.network);
            data.forward_lanes(&self.network, &genome, &mut scratch, outputs);
        });
        Ok(())
    }

    /// Makes every individual once, block by block, as scoring does, and keeps none.
    ///
    /// # Errors
    /// No population.
    pub fn make_every_individual(&self) -> Result<()> {
        let proposal = self.proposal()?;
        let blocks = proposal.individuals().div_ceil(LANES);
        (0..blocks).into_par_iter().for_each(|block| {
            std::hint::black_box(self.block(proposal, block * LANES));
        });
        Ok(())
    }
}
