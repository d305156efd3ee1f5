//! The fast CPU path: sixteen lanes a thread, all cores.
//!
//! A Gaussian population is never written out: each individual is made from the recipe when it is
//! scored. Children are, in rows, because their own children will need them.
//!
//! What an individual scores depends on nothing but the individual, so results have the same bits
//! for any number of threads.

mod graphs;
mod population;
mod spawn;

use std::sync::Arc;

use rayon::prelude::*;

use self::population::Population;
use super::{Backend, Episodes, Forward, Measure, Scores, recombine_on_cpu};
use crate::error::{Error, Result};
use crate::math::{LANES, Vectors};
use crate::network::{Network, Normalisation, Normaliser, Samples, Seen, Workspace};
use crate::population::{Moments, Proposal, Weights};
use crate::random::Place;
use crate::task::{Cast, DataSet, Kind, Outcome, Part, Simulation, Task, Verdict};

/// The backend for users without a GPU, and an honest opponent for the GPU.
pub struct Cpu {
    task: Arc<dyn Task>,
    network: Network,
    population: Population,
    /// Of a data set: the samples of the training part and of the held-out part.
    samples: Option<Arc<[Samples; 2]>>,
    normalisation: Option<Normalisation>,
}

impl Cpu {
    /// A backend for networks of this shape on this task.
    pub fn new(task: Arc<dyn Task>, network: Network) -> Self {
        let samples = match task.kind() {
            Kind::Control(_) | Kind::Function(_) => None,
            Kind::Data(data) => {
                Some(Arc::new([Part::Training, Part::HeldOut].map(|part| data.samples(part))))
            }
        };
        let population = Population::new(&network, task.ports());
        Self { task, network, population, samples, normalisation: None }
    }

    /// Another backend for the same networks on the same task, with a population of its own. What
    /// is large, the samples, they share.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            task: Arc::clone(&self.task),
            network: self.network.clone(),
            population: Population::new(&self.network, self.task.ports()),
            samples: self.samples.clone(),
            normalisation: None,
        }
    }

    /// Bytes that a population takes at most: children and their parents in rows, and what is
    /// kept of each individual beside its genome.
    pub fn bytes(individuals: u64, genes: u64, bred: bool) -> u64 {
        const BESIDE: u64 = 64;
        let genomes = if bred { 2 * 4 * genes } else { 0 };
        individuals.saturating_mul(genomes.saturating_add(BESIDE))
    }

    fn samples(&self, part: Part) -> &Samples {
        let [training, held_out] = self.samples.as_deref().expect("a data set has samples");
        match part {
            Part::Training => training,
            Part::HeldOut => held_out,
        }
    }

    /// The outcomes of all individuals, in order: one each, or one an episode of each; and where
    /// observations are normalised, a row of what was seen for each.
    fn outcomes(
        &self,
        simulation: &dyn Simulation,
        episodes: &Episodes,
    ) -> Result<(Vec<Outcome>, Vec<f64>)> {
        let individuals = self.population.proposal()?.individuals();
        if let Some(graphs) = self.population.graphs() {
            return Ok(self.graph_outcomes(graphs, simulation, episodes));
        }
        let (maker, genes) = (self.population.maker()?, self.population.genes);
        let span = episodes.span(simulation.shape().step_limit);
        let count = episodes.count as usize;
        let side_by_side = episodes_side_by_side(individuals, count, genes);
        let turns = if side_by_side { individuals * count } else { individuals };
        let mut outcomes = vec![Outcome::default(); turns];
        let mut seen = vec![0.0; turns * self.words_seen()];
        let together = if side_by_side { count } else { turns };
        self.crews(&mut outcomes, &mut seen, together).into_par_iter().for_each(|crew| {
            let Crew { first, outcomes, normaliser } = crew;
            let maker = maker.in_order(genes);
            if side_by_side {
                let mut genome = vec![0.0; genes];
                maker.write(first / count, &mut genome);
                let first = Place { individual: (first % count) as u32, ..episodes.first() };
                let cast = Cast::Episodes(&genome);
                simulation.turns(&self.network, cast, first, span, outcomes, normaliser);
            } else {
                let genome = |turn: usize, genome: &mut [f32]| maker.write(first + turn, genome);
                let cast = Cast::Individuals { genome: &genome, episodes: episodes.count };
                simulation.turns(&self.network, cast, episodes.first(), span, outcomes, normaliser);
            }
        });
        Ok((outcomes, seen))
    }

    /// Numbers that a turn sees; none where observations go in as they are.
    fn words_seen(&self) -> usize {
        self.normalisation.as_ref().map_or(0, |by| Seen::words(by.means.len()))
    }

    /// Turns in crews; so many turns stand together, and no crew has turns of two such groups.
    fn crews<'a>(
        &'a self,
        outcomes: &'a mut [Outcome],
        seen: &'a mut [f64],
        together: usize,
    ) -> Vec<Crew<'a>> {
        let size = crew(outcomes.len());
        let (mut first, mut left) = (0, seen);
        let groups = outcomes.chunks_mut(together.max(1));
        let crews = groups.flat_map(|group| group.chunks_mut(size)).map(|outcomes| {
            let rows = outcomes.len() * self.words_seen();
            let (seen, others) = std::mem::take(&mut left).split_at_mut(rows);
            left = others;
            let normaliser = self.normalisation.as_ref().map(|by| Normaliser { by, seen });
            first += outcomes.len();
            Crew { first: first - outcomes.len(), outcomes, normaliser }
        });
        crews.collect()
    }

    fn roll(&self, simulation: &dyn Simulation, episodes: &Episodes) -> Result<Scores> {
        let individuals = self.population.proposal()?.individuals();
        let (outcomes, seen) = self.outcomes(simulation, episodes)?;
        let mean = |outcomes: &[Outcome]| {
            let sum: f64 = outcomes.iter().map(|outcome| outcome.reward).sum();
            (sum / f64::from(episodes.count)) as f32
        };
        let each = outcomes.len() / individuals.max(1);
        let numbers = simulation.shape().behaviour;
        let did = |outcomes: &[Outcome]| {
            let sum = |number: usize| outcomes.iter().map(|one| one.behaviour[number]).sum::<f64>();
            (0..numbers).map(|n| (sum(n) / f64::from(episodes.count)) as f32).collect::<Vec<_>>()
        };
        Ok(Scores {
            behaviours: episodes
                .behaviour
                .then(|| outcomes.chunks(each.max(1)).flat_map(did).collect()),
            values: outcomes.chunks(each.max(1)).map(mean).collect(),
            steps: outcomes.iter().map(|outcome| outcome.steps).sum(),
            seen: self.normalisation.as_ref().map(|by| Seen::of_turns(by, &seen, each)),
        })
    }

    fn judge(&self, data: &DataSet, episodes: &Episodes) -> Result<Scores> {
        let part = episodes.part();
        let of = |verdict: Verdict| match episodes.measure {
            Measure::Fitness => verdict.fitness as f32,
            Measure::Score => verdict.score as f32,
        };
        let (samples, variance) = (self.samples(part), data.variance(part));
        if let Some(graphs) = self.population.graphs() {
            let verdicts = graphs::verdicts(graphs, data, part, samples);
            return Ok(Scores::of_values(verdicts.map(of).collect(), episodes));
        }
        let values = self.each_individual(|genome, workspace| {
            of(data.judge_lanes(&self.network, genome, part, samples, variance, workspace))
        })?;
        Ok(Scores::of_values(values, episodes))
    }

    /// Something of every individual, in order.
    fn each_individual<T: Send>(
        &self,
        of: impl Fn(&[f32], &mut Workspace) -> T + Sync,
    ) -> Result<Vec<T>> {
        let individuals = self.population.proposal()?.individuals();
        let (maker, genes) = (self.population.maker()?, self.population.genes);
        let crew = crew(individuals);
        let blocks = (0..individuals.div_ceil(crew)).into_par_iter().map(|block| {
            let maker = maker.in_order(genes);
            let (mut genome, mut workspace) = (vec![0.0; genes], Workspace::default());
            let block = block * crew..((block + 1) * crew).min(individuals);
            let one = |individual| {
                maker.write(individual, &mut genome);
                of(&genome, &mut workspace)
            };
            block.map(one).collect::<Vec<T>>()
        });
        Ok(blocks.collect::<Vec<_>>().into_iter().flatten().collect())
    }
}

/// Turns that sixteen lanes share.
struct Crew<'a> {
    /// The first one's number.
    first: usize,
    outcomes: &'a mut [Outcome],
    normaliser: Option<Normaliser<'a>>,
}

/// Whether sixteen episodes of one individual, of so many genes, take less time than sixteen
/// individuals do.
///
/// Genomes of sixteen individuals that are larger than the first cache arrive more slowly than
/// they are multiplied; one individual's genes are read once for all lanes.
fn episodes_side_by_side(individuals: usize, episodes: usize, genes: usize) -> bool {
    const FIRST_CACHE: usize = 48 << 10;
    let far = genes * LANES * size_of::<f32>() > FIRST_CACHE;
    let passes = [individuals * episodes.div_ceil(LANES), individuals.div_ceil(LANES) * episodes];
    let cost_of_individuals = if far { 2 } else { 1 };
    passes[0] < cost_of_individuals * passes[1]
}

/// Turns that sixteen lanes share: many, so that no lane waits long for the last, but few enough
/// that every thread gets several crews.
fn crew(turns: usize) -> usize {
    const CREWS_A_THREAD: usize = 8;
    const MOST: usize = 1024;
    let even = turns / (rayon::current_num_threads() * CREWS_A_THREAD);
    even.next_multiple_of(LANES).clamp(LANES, MOST)
}

impl Backend for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn adapter(&self) -> String {
        let threads = rayon::current_num_threads();
        let s = if threads == 1 { "" } else { "s" };
        format!("{threads} thread{s}, {}", Vectors::in_use().name())
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
            Kind::Control(simulation) => self.roll(simulation, episodes),
            Kind::Data(data) => self.judge(data, episodes),
            Kind::Function(function) => {
                let values = self.each_individual(|genome, _| function.fitness(genome) as f32)?;
                Ok(Scores::of_values(values, episodes))
            }
        }
    }

    fn recombine(&mut self, weights: &Weights) -> Result<Moments> {
        recombine_on_cpu(self.population.proposal()?, weights)
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
        self.population.maker()?.write(index, &mut genome);
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
    pub fn forward_into(&mut self, outputs: &mut Vec<f32>) -> Result<()> {
        let Kind::Data(_) = self.task.kind() else { return Err(super::no_samples()) };
        self.task.check_network(&self.network)?;
        if let Some(graphs) = self.population.graphs() {
            *outputs = graphs::forward(graphs, self.samples(Part::Training));
            return Ok(());
        }
        // Who asks what networks say asks again: the population is written out once.
        let rows = self.population.write_out()?;
        let samples = self.samples(Part::Training);
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

    /// Makes every individual once, as scoring does, and keeps none.
    ///
    /// # Errors
    /// No population.
    pub fn make_every_individual(&self) -> Result<()> {
        self.each_individual(|genome, _| {
            std::hint::black_box(genome);
        })?;
        Ok(())
    }
}
