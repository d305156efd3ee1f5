//! `cosyne`: weights that evolve in one subpopulation for each gene and are recombined into new
//! networks (cooperative synapse neuroevolution).
//!
//! Gene i of all individuals is subpopulation i. After a generation has been ranked, offspring of
//! its best networks replace the worst. Then marked weights of each subpopulation are shuffled
//! among each other, so that a weight is tried in other networks. By default all weights are
//! marked. To keep good networks together, a weight can be marked with probability
//!
//! ```text
//! 1 - ((f - f_min) / (f_max - f_min))^(1 / n)        n genes, f the fitness of its network
//! ```
//!
//! The best network then stays as it is, and all weights of the worst move. The strategy owns the
//! genomes and proposes them written out (Explicit), because no recipe expresses a permutation
//! within each gene.
//!
//! # Settings
//!
//! `parents` is the share of the networks that mate, the top quarter in the paper. Each of them
//! mates with one drawn from that share. Both offspring of a one-point crossover are kept, and at
//! most all networks but the parents are replaced. Their weights mutate with probability
//! `mutation-rate` by a step from a Cauchy distribution of scale `mutation-scale`. The first
//! weights are uniform within `initial-range` around the first guess, which is 0 in the paper. The
//! best range depends on the task: `xor` requires weights that saturate, a pole whose speed is
//! hidden weights of about 1.
//!
//! `permutation` selects the marked weights. With `all`, the default and the paper's simplest form,
//! every weight is marked. A good solution then lives on in the subpopulations alone, which stay
//! diverse for longest. With `fitness` the probability above applies. With `ranks` f is the number
//! of worse networks, plus half of the equal ones; one network that has failed badly then does not
//! stop all others from being permuted. The weights of offspring have the f of the networks that
//! they replace.
//!
//! Once subpopulations have converged, mutations of a few weights seldom find anything better. With
//! `restart`, which is not in the paper, a search starts over after that many generations without
//! improvement. It is of no use if each generation has other episodes.
//!
//! # Source
//!
//! Gomez, Schmidhuber and Miikkulainen, "Accelerated neural evolution through cooperatively
//! coevolved synapses", JMLR 9, 2008: Algorithm 1, and the probability of section 3.

use std::sync::Arc;

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::state_limits::{StateLimits, are_positive, are_shares};
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::Result;
use crate::population::{ExplicitGenomes, NoiseKey, Proposal};
use crate::random::{Stream, WORDS_PER_BLOCK};

pub(super) const ENTRY: Entry = Entry {
    name: "cosyne",
    summary: "permutes weights between networks, gene by gene (cooperative synapses)",
    idea: "Each weight of the network has its own subpopulation: the values of that gene in all \
           individuals. A generation replaces the worst networks by offspring of the best, \
           through crossover and heavy-tailed mutation. Then the values within each subpopulation \
           are shuffled between the networks. Every value is thus tested in many different \
           networks, which keeps the population diverse for long.",
    when: "Use it for small recurrent controllers, such as balancing poles without velocities. \
           Avoid it for large networks, where a shuffled combination of weights rarely works.",
    source: "Gomez, Schmidhuber and Miikkulainen 2008, JMLR 9",
    points: PointDefaults {
        population: Some(64),
        settings: &[Deviations("initial-range", 2.0), Deviations("mutation-scale", 0.05)],
    },
    settings: SETTINGS,
    written_bytes: 28,
    ..Entry::of::<Cosyne>()
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "parents",
        meaning: "share of the population, best first, that mates",
        default: "0.25",
        domain: Domain::PositiveShare,
    },
    Setting {
        key: "permutation",
        meaning: "weights that are shuffled between networks: all, or with a probability that \
                  falls with their network's fitness or rank",
        default: "all",
        domain: Domain::Word(&["all", "fitness", "ranks"]),
    },
    Setting {
        key: "mutation-rate",
        meaning: "probability that a weight of an offspring mutates",
        default: "0.3",
        domain: Domain::Share,
    },
    Setting {
        key: "mutation-scale",
        meaning: "scale of the Cauchy distribution of mutations; half of them are smaller",
        default: "0.3",
        domain: Domain::Positive,
    },
    Setting {
        key: "initial-range",
        meaning: "largest distance of a weight of the first generation from the first guess",
        default: "3",
        domain: Domain::Positive,
    },
    Setting {
        key: "restart",
        meaning: "generations without improvement after which the search restarts; 0 never does",
        default: "0",
        domain: Domain::Count(0, u32::MAX),
    },
];

/// The quantity that decides which weights are permuted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Permutation {
    Ranks,
    Fitness,
    All,
}

#[derive(Serialize, Deserialize)]
struct Cosyne {
    centre: Vec<f32>,
    /// The genomes, `f32[individuals][genes]`; a column is a subpopulation.
    genomes: Arc<[f32]>,
    parents: usize,
    permutation: Permutation,
    mutation_rate: f64,
    mutation_scale: f64,
    initial_range: f64,
    noise: NoiseKey,
    /// The best individual of the last generation.
    best: Option<usize>,
    /// The number of generations without improvement after which the search restarts.
    patience: Option<u32>,
    /// The best fitness since the last restart, and the generation that reached it.
    record: Option<(f32, u32)>,
}

impl Begin for Cosyne {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let share = settings.number("parents");
        let permutation = match settings.word("permutation") {
            "ranks" => Permutation::Ranks,
            "fitness" => Permutation::Fitness,
            "all" => Permutation::All,
            other => unreachable!("permutation '{other}' has passed the check of its domain"),
        };
        // At least one network is replaced.
        let max_parents = start.population - 1;
        let (noise, initial_range) = (start.noise(), settings.number("initial-range"));
        let patience = settings.generations("restart");
        Ok(Self {
            parents: ((share * start.population as f64) as usize).clamp(1, max_parents),
            permutation,
            mutation_rate: settings.number("mutation-rate"),
            mutation_scale: settings.number("mutation-scale"),
            initial_range,
            genomes: uniform_genomes(&start.centre, initial_range, start.population, noise),
            centre: start.centre,
            noise,
            best: None,
            patience: (patience > 0).then_some(patience),
            record: None,
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let (genes, now) = (limits.genes, self.noise.generation);
        let finite = |genes: &[f32]| genes.iter().all(|gene| gene.is_finite());
        let is_record = |(best, since): (f32, u32)| !best.is_nan() && since <= now;
        self.centre.len() == genes
            && self.genomes.len().is_multiple_of(genes)
            && limits.allow(self.population(), self.noise)
            && finite(&self.centre)
            && finite(&self.genomes)
            && (1..self.population()).contains(&self.parents)
            && are_shares(&[self.mutation_rate])
            && are_positive(&[self.mutation_scale, self.initial_range])
            && self.best.is_none_or(|best| best < self.population())
            && self.record.is_none_or(is_record)
    }
}

/// Draws genomes uniformly around the first guess.
fn uniform_genomes(centre: &[f32], range: f64, population: usize, noise: NoiseKey) -> Arc<[f32]> {
    let genes = centre.len();
    let mut genomes = vec![0.0; population * genes];
    genomes.par_chunks_mut(genes).enumerate().for_each(|(individual, genome)| {
        let counter = noise.counter(Stream::Noise, individual);
        let blocks = genome.chunks_mut(WORDS_PER_BLOCK).zip(centre.chunks(WORDS_PER_BLOCK));
        for (block, (genes, guesses)) in blocks.enumerate() {
            let uniforms = counter.uniforms(block as u32);
            for ((gene, guess), uniform) in genes.iter_mut().zip(guesses).zip(uniforms) {
                *gene = (f64::from(*guess) + range * (2.0 * f64::from(uniform) - 1.0)) as f32;
            }
        }
    });
    genomes.into()
}

impl Strategy for Cosyne {
    fn ask(&self) -> Proposal {
        Proposal::Explicit(ExplicitGenomes {
            genomes: self.genomes.clone(),
            genes: self.centre.len(),
        })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population())?;
        self.noise.generation += 1;
        self.best = fitness.order().first().copied();
        if self.is_stuck(fitness) {
            let population = self.population();
            self.genomes =
                uniform_genomes(&self.centre, self.initial_range, population, self.noise);
            self.record = None;
            return Ok(());
        }
        let mut rows = self.sorted(fitness);
        self.replace_worst(&mut rows);
        self.permute(&mut rows, &self.probabilities(fitness));
        self.genomes = rows.into();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        match self.best {
            Some(best) => Recommendation::Individual(best),
            None => Recommendation::Genome(self.centre.clone()),
        }
    }

    fn step_size(&self) -> f64 {
        self.mutation_scale
    }
}

impl Cosyne {
    fn population(&self) -> usize {
        self.genomes.len() / self.centre.len()
    }

    /// Records the best fitness, and returns true if it has not improved for too long.
    fn is_stuck(&mut self, fitness: &Fitness) -> bool {
        let now = self.noise.generation;
        let best = fitness.best().unwrap_or(f32::NEG_INFINITY);
        let (record, since) = *self.record.get_or_insert((best, now));
        if best > record {
            self.record = Some((best, now));
            return false;
        }
        self.patience.is_some_and(|patience| now - since >= patience)
    }

    /// Returns all genomes, from best to worst.
    fn sorted(&self, fitness: &Fitness) -> Vec<f32> {
        let genes = self.centre.len();
        let mut rows = vec![0.0; self.genomes.len()];
        rows.par_chunks_mut(genes).zip(fitness.order()).for_each(|(row, &individual)| {
            row.copy_from_slice(&self.genomes[individual * genes..][..genes]);
        });
        rows
    }

    /// Replaces the worst genomes by offspring of the best.
    fn replace_worst(&self, rows: &mut [f32]) {
        let (genes, population) = (self.centre.len(), self.population());
        let children = (2 * self.parents).min(population - self.parents);
        let (old, young) = rows.split_at_mut((population - children) * genes);
        let parents = &old[..self.parents * genes];
        young.par_chunks_mut(genes).enumerate().for_each(|(child, genome)| {
            self.breed(child, parents, genome);
        });
    }

    /// Breeds one child. Children 2k and 2k + 1 are the two of parent k and one mate.
    fn breed(&self, child: usize, parents: &[f32], genome: &mut [f32]) {
        let genes = genome.len();
        let mut mating = self.noise.counter(Stream::Crossover, child / 2).generator();
        let mate = mating.random_range(0..self.parents);
        let point = mating.random_range(0..genes);
        let pair = [child / 2, mate];
        let [head, tail] = if child.is_multiple_of(2) { pair } else { [pair[1], pair[0]] };
        let row = |parent: usize| &parents[parent * genes..][..genes];
        genome[..point].copy_from_slice(&row(head)[..point]);
        genome[point..].copy_from_slice(&row(tail)[point..]);
        self.mutate(child, genome);
    }

    fn mutate(&self, child: usize, genome: &mut [f32]) {
        let gate = self.noise.counter(Stream::MutationMask, child);
        let steps = self.noise.counter(Stream::Noise, child);
        for (block, genes) in genome.chunks_mut(WORDS_PER_BLOCK).enumerate() {
            let (gates, uniforms) = (gate.uniforms(block as u32), steps.uniforms(block as u32));
            for (n, gene) in genes.iter_mut().enumerate() {
                if f64::from(gates[n]) < self.mutation_rate {
                    let step = self.mutation_scale * cauchy(uniforms[n]);
                    *gene = (f64::from(*gene) + step).clamp(-MAX_WEIGHT, MAX_WEIGHT) as f32;
                }
            }
        }
    }

    /// Returns the probability that a weight is marked, for each rank from best to worst.
    fn probabilities(&self, fitness: &Fitness) -> Vec<f64> {
        let last = (fitness.len() - 1) as f64;
        let merits = match self.permutation {
            Permutation::All => return vec![1.0; fitness.len()],
            Permutation::Ranks => {
                let worse = fitness.utilities(|rank| last - rank as f64);
                worse.into_iter().map(|worse| worse / last).collect()
            }
            Permutation::Fitness => relative_fitness(fitness),
        };
        let root = 1.0 / self.centre.len() as f64;
        fitness
            .order()
            .iter()
            .map(|&individual| 1.0 - libm::pow(merits[individual], root))
            .collect()
    }

    /// Marks weights at random, and shuffles the marked weights of each subpopulation.
    fn permute(&self, rows: &mut [f32], probabilities: &[f64]) {
        let (genes, population) = (self.centre.len(), probabilities.len());
        let columns: Vec<Vec<(usize, usize)>> = (0..genes)
            .into_par_iter()
            .map(|gene| {
                let mut generator = self.noise.counter(Stream::Selection, gene).generator();
                let is_marked = |&rank: &usize| generator.random_bool(probabilities[rank]);
                let marked: Vec<usize> = (0..population).filter(is_marked).collect();
                let mut sources = marked.clone();
                generator.shuffle(&mut sources);
                marked.into_iter().zip(sources).collect()
            })
            .collect();
        for (gene, column) in columns.into_iter().enumerate() {
            let sources = column.iter().map(|&(_, source)| rows[source * genes + gene]);
            let values: Vec<f32> = sources.collect();
            for ((target, _), value) in column.into_iter().zip(values) {
                rows[target * genes + gene] = value;
            }
        }
    }
}

/// The largest weight, since the steps of a Cauchy distribution are unbounded.
const MAX_WEIGHT: f64 = f32::MAX as f64;

/// Maps a uniform number in [0, 1) to the Cauchy distribution of scale 1.
fn cauchy(uniform: f32) -> f64 {
    // The middle of an interval of 2^-24 is neither 0 nor 1.
    let middle = f64::from(uniform) + 0.5 / 16_777_216.0;
    libm::tan(std::f64::consts::PI * (middle - 0.5))
}

/// Returns (f - f_min) / (f_max - f_min) of each individual. It is 0 for failed individuals, and
/// for all if their fitness is equal.
fn relative_fitness(fitness: &Fitness) -> Vec<f64> {
    let finite = |value: &f32| value.is_finite();
    let values = || fitness.values().iter().copied().filter(finite).map(f64::from);
    let [least, largest] = [values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max)];
    let relative = |&value: &f32| {
        let known = value.is_finite() && largest > least;
        if known { (f64::from(value) - least) / (largest - least) } else { 0.0 }
    };
    fitness.values().iter().map(relative).collect()
}
