//! The fast CPU path: sixteen lanes per thread, on all cores.
//!
//! A Gaussian population is never stored: each individual is generated when it is scored. Offspring
//! are stored as rows of genes, because their own offspring will need them.
//!
//! The score of an individual depends on that individual alone, so results have the same bits for
//! any number of threads.

mod batch;
mod graph_rollout;
mod graphs;
mod population;
mod spawn;

use std::sync::Arc;

use rayon::prelude::*;

use self::batch::{WorkBatch, batch_size, episodes_side_by_side};
use self::population::Population;
use super::{Backend, Episodes, ForwardBackend, Metric, Scores, recombine_on_cpu};
use crate::error::{Error, Result};
use crate::math::InstructionSet;
use crate::network::{Network, Normalisation, Normaliser, ObservationSums, Samples, Workspace};
use crate::population::{Moments, Proposal, Utilities};
use crate::random::Counter;
use crate::task::{Assignment, DataScore, DataSet, Kind, Outcome, Simulation, Split, Task};

/// The fast CPU backend: for users without a GPU, and as a fair comparison for the GPU.
pub struct Cpu {
    task: Arc<dyn Task>,
    network: Network,
    population: Population,
    /// The samples of each split, if the task is a data set; `None` for a split that the training
    /// samples serve as.
    samples: Option<Arc<[Option<Samples>; 3]>>,
    normalisation: Option<Normalisation>,
}

impl Cpu {
    /// Creates a backend for networks of one architecture on one task.
    pub fn new(task: Arc<dyn Task>, network: Network) -> Self {
        let samples = match task.kind() {
            Kind::Control(_) | Kind::Function(_) => None,
            Kind::Data(data) => {
                let own = |split| (data.served_by(split) == split).then(|| data.samples(split));
                Some(Arc::new(Split::ALL.map(own)))
            }
        };
        let population = Population::new(&network, task.ports());
        Self { task, network, population, samples, normalisation: None }
    }

    /// Creates another backend for the same network and task, with a population of its own. The
    /// samples, which may be large, are shared.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self {
            task: Arc::clone(&self.task),
            network: self.network.clone(),
            population: Population::new(&self.network, self.task.ports()),
            samples: self.samples.clone(),
            normalisation: None,
        }
    }

    /// The largest size of a population in bytes: the rows of offspring and of their parents, and
    /// some data for each individual.
    pub fn bytes(individuals: u64, genes: u64, are_offspring: bool) -> u64 {
        const BYTES_PER_INDIVIDUAL: u64 = 64;
        let genomes = if are_offspring { 2 * 4 * genes } else { 0 };
        individuals.saturating_mul(genomes.saturating_add(BYTES_PER_INDIVIDUAL))
    }

    fn samples(&self, split: Split) -> &Samples {
        let samples = self.samples.as_deref().expect("a data set has samples");
        let [training, validation, held_out] = samples;
        let own = match split {
            Split::Training => training,
            Split::Validation => validation,
            Split::HeldOut => held_out,
        };
        own.as_ref().or(training.as_ref()).expect("every data set has training samples")
    }

    /// Returns the outcomes of all work items, and a row of observation sums for each of them if
    /// observations are normalised. A work item is an individual, or one episode of it; work items
    /// are in the order of individuals.
    fn outcomes(
        &self,
        simulation: &dyn Simulation,
        episodes: &Episodes,
    ) -> Result<(Vec<Outcome>, Vec<f64>)> {
        let individuals = self.population.proposal()?.individuals();
        if let Some(graphs) = self.population.graphs() {
            return Ok(self.graph_outcomes(graphs, simulation, episodes));
        }
        let (source, genes) = (self.population.source()?, self.population.genes);
        let span = episodes.rollout_span(simulation.shape().step_limit);
        let count = episodes.count as usize;
        let side_by_side = episodes_side_by_side(individuals, count, genes);
        let items = if side_by_side { individuals * count } else { individuals };
        let mut outcomes = vec![Outcome::default(); items];
        let mut sums = vec![0.0; items * self.sum_words()];
        let group = if side_by_side { count } else { items };
        self.batches(&mut outcomes, &mut sums, group).into_par_iter().for_each(|batch| {
            let WorkBatch { first, outcomes, normaliser } = batch;
            let source = source.sequential(genes);
            if side_by_side {
                let mut genome = vec![0.0; genes];
                source.write(first / count, &mut genome);
                let first =
                    Counter { individual: (first % count) as u32, ..episodes.first_counter() };
                let assignment = Assignment::Episodes(&genome);
                simulation.rollout_lanes(
                    &self.network,
                    assignment,
                    first,
                    span,
                    outcomes,
                    normaliser,
                );
            } else {
                let genome = |item: usize, genome: &mut [f32]| source.write(first + item, genome);
                let assignment =
                    Assignment::Individuals { genome: &genome, episodes: episodes.count };
                simulation.rollout_lanes(
                    &self.network,
                    assignment,
                    episodes.first_counter(),
                    span,
                    outcomes,
                    normaliser,
                );
            }
        });
        Ok((outcomes, sums))
    }

    /// The number of observation sums of a work item: 0 if observations are not normalised.
    fn sum_words(&self) -> usize {
        self.normalisation.as_ref().map_or(0, |by| ObservationSums::row_length(by.means.len()))
    }

    /// Divides the work items into batches. Every `group` consecutive items form a group, and no
    /// batch has items of two groups.
    fn batches<'a>(
        &'a self,
        outcomes: &'a mut [Outcome],
        sums: &'a mut [f64],
        group: usize,
    ) -> Vec<WorkBatch<'a>> {
        let size = batch_size(outcomes.len());
        let (mut first, mut remaining) = (0, sums);
        let groups = outcomes.chunks_mut(group.max(1));
        let batches = groups.flat_map(|group| group.chunks_mut(size)).map(|outcomes| {
            let rows = outcomes.len() * self.sum_words();
            let (sums, others) = std::mem::take(&mut remaining).split_at_mut(rows);
            remaining = others;
            let normaliser =
                self.normalisation.as_ref().map(|by| Normaliser { normalisation: by, sums });
            first += outcomes.len();
            WorkBatch { first: first - outcomes.len(), outcomes, normaliser }
        });
        batches.collect()
    }

    fn evaluate_control(&self, simulation: &dyn Simulation, episodes: &Episodes) -> Result<Scores> {
        let individuals = self.population.proposal()?.individuals();
        let (outcomes, sums) = self.outcomes(simulation, episodes)?;
        let mean = |outcomes: &[Outcome]| {
            let sum: f64 = outcomes.iter().map(|outcome| outcome.reward).sum();
            (sum / f64::from(episodes.count)) as f32
        };
        let each = outcomes.len() / individuals.max(1);
        let numbers = simulation.shape().behaviour;
        let mean_behaviour = |outcomes: &[Outcome]| {
            let sum = |number: usize| outcomes.iter().map(|one| one.behaviour[number]).sum::<f64>();
            (0..numbers).map(|n| (sum(n) / f64::from(episodes.count)) as f32).collect::<Vec<_>>()
        };
        Ok(Scores {
            behaviours: episodes
                .behaviour
                .then(|| outcomes.chunks(each.max(1)).flat_map(mean_behaviour).collect()),
            values: outcomes.chunks(each.max(1)).map(mean).collect(),
            steps: outcomes.iter().map(|outcome| outcome.steps).sum(),
            observation_sums: self
                .normalisation
                .as_ref()
                .map(|by| ObservationSums::from_work_items(by, &sums, each)),
        })
    }

    fn evaluate_data(&self, data: &DataSet, episodes: &Episodes) -> Result<Scores> {
        let split = episodes.split();
        let of = |score: DataScore| match episodes.metric {
            Metric::Fitness => score.fitness as f32,
            Metric::Score => score.score as f32,
        };
        let (samples, weights) = (self.samples(split), data.error_weights(split));
        if let Some(graphs) = self.population.graphs() {
            let data_scores = graphs::data_scores(graphs, data, split, samples);
            return Ok(Scores::from_values(data_scores.map(of).collect(), episodes));
        }
        let values = self.each_individual(|genome, workspace| {
            of(data.evaluate_lanes(&self.network, genome, split, samples, &weights, workspace))
        })?;
        Ok(Scores::from_values(values, episodes))
    }

    /// Applies a function to the genome of every individual, and returns the results in order.
    fn each_individual<T: Send>(
        &self,
        of: impl Fn(&[f32], &mut Workspace) -> T + Sync,
    ) -> Result<Vec<T>> {
        let individuals = self.population.proposal()?.individuals();
        let (source, genes) = (self.population.source()?, self.population.genes);
        let size = batch_size(individuals);
        let blocks = (0..individuals.div_ceil(size)).into_par_iter().map(|block| {
            let source = source.sequential(genes);
            let (mut genome, mut workspace) = (vec![0.0; genes], Workspace::default());
            let block = block * size..((block + 1) * size).min(individuals);
            let one = |individual| {
                source.write(individual, &mut genome);
                of(&genome, &mut workspace)
            };
            block.map(one).collect::<Vec<T>>()
        });
        Ok(blocks.collect::<Vec<_>>().into_iter().flatten().collect())
    }
}

impl Backend for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn adapter(&self) -> String {
        let threads = rayon::current_num_threads();
        let s = if threads == 1 { "" } else { "s" };
        format!("{threads} thread{s}, {}", InstructionSet::current().name())
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        super::check_normalisation(self.task.as_ref(), by)?;
        self.normalisation = Some(by.clone());
        Ok(())
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        self.population.spawn(proposal)
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        episodes.check()?;
        self.task.check_network(&self.network)?;
        match self.task.kind() {
            Kind::Control(simulation) => self.evaluate_control(simulation, episodes),
            Kind::Data(data) => self.evaluate_data(data, episodes),
            Kind::Function(function) => {
                let values = self.each_individual(|genome, _| function.fitness(genome) as f32)?;
                Ok(Scores::from_values(values, episodes))
            }
        }
    }

    fn recombine(&mut self, utilities: &Utilities) -> Result<Moments> {
        recombine_on_cpu(self.population.proposal()?, utilities)
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        let count = self.population.proposal()?.individuals();
        if let Some(graphs) = self.population.graphs() {
            return graphs.individual(index);
        }
        if index >= count {
            let expected = format!("a number below {count}");
            return Err(Error::invalid("an individual's index", expected, index));
        }
        let mut genome = vec![0.0; self.population.genes];
        self.population.source()?.write(index, &mut genome);
        Ok(genome)
    }
}

impl ForwardBackend for Cpu {
    fn forward(&mut self) -> Result<Vec<f32>> {
        let mut outputs = Vec::new();
        self.forward_into(&mut outputs)?;
        Ok(outputs)
    }
}

impl Cpu {
    /// Writes the outputs of [`ForwardBackend::forward`] into a vector that can be reused.
    ///
    /// # Errors
    /// Returns an error if there is no population, or if the task is not a data set.
    pub fn forward_into(&mut self, outputs: &mut Vec<f32>) -> Result<()> {
        let Kind::Data(_) = self.task.kind() else { return Err(super::no_samples()) };
        self.task.check_network(&self.network)?;
        if let Some(graphs) = self.population.graphs() {
            *outputs = graphs::forward(graphs, self.samples(Split::Training));
            return Ok(());
        }
        // Callers usually ask for the outputs several times, so the population is stored once.
        let rows = self.population.write_out()?;
        let samples = self.samples(Split::Training);
        let size = samples.count() * self.network.outputs();
        let genes = self.population.genes;
        outputs.resize(self.population.proposal()?.individuals() * size, 0.0);
        let individuals = outputs.par_chunks_mut(size.max(1)).zip(rows.par_chunks(genes));
        let individuals = individuals.enumerate();
        individuals.for_each_init(Workspace::default, |workspace, (index, (outputs, genome))| {
            let upcoming = rows[(index + 1) * genes..].chunks(genes).next().unwrap_or_default();
            self.network.forward_batch(genome, upcoming, samples, workspace, outputs);
        });
        Ok(())
    }

    /// Generates every individual once, as scoring does, and discards it. Benchmarks time this.
    ///
    /// # Errors
    /// Returns an error if there is no population.
    pub fn generate_individuals(&self) -> Result<()> {
        self.each_individual(|genome, _| {
            std::hint::black_box(genome);
        })?;
        Ok(())
    }
}
