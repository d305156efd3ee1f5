//! `cosyne`: weights evolve in subpopulations, one a gene, and meet in ever new networks.
//!
//! Gene i of all individuals is subpopulation i. After a generation is ranked, children of its best
//! networks take the place of the worst ones; then, in every subpopulation on its own, marked
//! weights change places with each other, so that a weight is tried in other networks. All weights
//! are marked; or, where good networks are to stay together, a weight is with probability
//!
//! ```text
//! 1 - ((f - f_min) / (f_max - f_min))^(1 / n)        n genes, f the fitness of its network
//! ```
//!
//! and then the best network stays as it is and the weights of the worst all move. The genomes are
//! the strategy's own, and proposed as they are (Explicit): a permutation within each gene is no
//! recipe that a backend could follow.
//!
//! # Settings
//!
//! `parents` is the share of the networks that mate, the top quarter in the paper. Each mates with
//! one drawn from that share; both children of a one-point crossover are kept, and at most all but
//! the parents are replaced. Their weights mutate with probability `mutation-rate` by a step from a
//! Cauchy distribution of scale `mutation-scale`. The first weights are even within
//! `initial-range` around the first guess, where the paper's guess is 0. How wide is good depends
//! on the task: `xor` wants weights that saturate, a pole whose speed is hidden such of about 1.
//!
//! `permutation` says which weights are marked. With `all`, the default and the paper's simplest
//! form, that is every one: what has been found lives on in the subpopulations alone, which stay
//! varied for longest. With `fitness` it follows the probability above. With `ranks` f is the
//! number of networks that are worse, half of the equal ones included: then one network that has
//! failed badly does not keep all others from being permuted. A child's weights have the f of the
//! place they take.
//!
//! Where subpopulations have become the same everywhere, steps of a few weights seldom lead out of
//! what they have found. With `restart`, which is ours, a search whose fitness has not improved for
//! so many generations begins anew, as `neat` can; it is of no use where each generation meets
//! other episodes.
//!
//! # Source
//!
//! Gomez, Schmidhuber and Miikkulainen, "Accelerated neural evolution through cooperatively
//! coevolved synapses", JMLR 9, 2008: Algorithm 1, and the probability of section 3.

use std::sync::Arc;

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Strategy, save};
use crate::error::{Error, Result};
use crate::population::{Explicit, Moments, NoiseKey, Proposal, Weights};
use crate::random::{Generator, Stream, WORDS_A_BLOCK};

pub(super) const ENTRY: Entry = Entry {
    name: "cosyne",
    summary: "permutes weights between networks, gene by gene (cooperative synapses)",
    source: "Gomez, Schmidhuber and Miikkulainen 2008, JMLR 9",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 28,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<Cosyne>,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "parents",
        meaning: "share of the population that mates, above 0",
        default: "0.25",
        domain: Domain::Share,
    },
    Setting {
        key: "permutation",
        meaning: "which weights change networks: all, or the more the lower their fitness or rank",
        default: "all",
        domain: Domain::Word(&["all", "fitness", "ranks"]),
    },
    Setting {
        key: "mutation-rate",
        meaning: "probability that a weight of a child mutates",
        default: "0.3",
        domain: Domain::Share,
    },
    Setting {
        key: "mutation-scale",
        meaning: "scale of the Cauchy distribution of a mutation: half of all are smaller",
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
        meaning: "generations without improvement after which the search begins anew; 0 for never",
        default: "0",
        domain: Domain::Count(0),
    },
];

/// What the probability of a permutation follows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Permutation {
    Ranks,
    Fitness,
    All,
}

#[derive(Serialize, Deserialize)]
struct Cosyne {
    centre: Vec<f32>,
    /// `f32[individuals][genes]`: a column is a subpopulation.
    genomes: Arc<[f32]>,
    parents: usize,
    permutation: Permutation,
    mutation_rate: f64,
    mutation_scale: f64,
    initial_range: f64,
    noise: NoiseKey,
    /// The best of the generation that was told last.
    best: Option<usize>,
    /// Generations without improvement after which the search begins anew.
    patience: Option<u32>,
    /// The best fitness of this search, and the generation that reached it.
    record: Option<(f32, u32)>,
}

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    let share = settings.number("parents");
    if share <= 0.0 {
        return Err(Error::invalid("--set parents", "a share above 0", share));
    }
    let permutation = match settings.word("permutation") {
        "ranks" => Permutation::Ranks,
        "fitness" => Permutation::Fitness,
        "all" => Permutation::All,
        other => unreachable!("permutation '{other}' has passed the check of its domain"),
    };
    // A share of everybody would leave nobody to be replaced.
    let most = start.population - 1;
    let (noise, initial_range) = (start.noise(), settings.number("initial-range"));
    let patience = settings.generations("restart");
    Ok(Box::new(Cosyne {
        parents: ((share * start.population as f64) as usize).clamp(1, most),
        permutation,
        mutation_rate: settings.number("mutation-rate"),
        mutation_scale: settings.number("mutation-scale"),
        initial_range,
        genomes: even(&start.centre, initial_range, start.population, noise),
        centre: start.centre,
        noise,
        best: None,
        patience: (patience > 0).then_some(patience),
        record: None,
    }))
}

/// Weights drawn evenly around the first guess.
fn even(centre: &[f32], range: f64, population: usize, noise: NoiseKey) -> Arc<[f32]> {
    let genes = centre.len();
    let mut genomes = vec![0.0; population * genes];
    genomes.par_chunks_mut(genes).enumerate().for_each(|(individual, genome)| {
        let place = noise.place(Stream::Noise, individual);
        let blocks = genome.chunks_mut(WORDS_A_BLOCK).zip(centre.chunks(WORDS_A_BLOCK));
        for (block, (genes, guesses)) in blocks.enumerate() {
            let units = place.units(block as u32);
            for ((gene, guess), unit) in genes.iter_mut().zip(guesses).zip(units) {
                *gene = (f64::from(*guess) + range * (2.0 * f64::from(unit) - 1.0)) as f32;
            }
        }
    });
    genomes.into()
}

impl Strategy for Cosyne {
    fn ask(&self) -> Proposal {
        Proposal::Explicit(Explicit { genomes: self.genomes.clone(), genes: self.centre.len() })
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.population())?;
        self.noise.generation += 1;
        self.best = fitness.order().first().copied();
        if self.is_stuck(fitness) {
            let population = self.population();
            self.genomes = even(&self.centre, self.initial_range, population, self.noise);
            self.record = None;
            return Ok(());
        }
        let mut rows = self.sorted(fitness);
        self.recombine(&mut rows);
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

    fn spread(&self) -> f64 {
        self.mutation_scale
    }
}

impl Cosyne {
    fn population(&self) -> usize {
        self.genomes.len() / self.centre.len()
    }

    /// Takes note of the best fitness, and says whether it has been the same for too long.
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

    /// All genomes, from best to worst.
    fn sorted(&self, fitness: &Fitness) -> Vec<f32> {
        let genes = self.centre.len();
        let mut rows = vec![0.0; self.genomes.len()];
        rows.par_chunks_mut(genes).zip(fitness.order()).for_each(|(row, &individual)| {
            row.copy_from_slice(&self.genomes[individual * genes..][..genes]);
        });
        rows
    }

    /// Puts children of the best in the place of the worst.
    fn recombine(&self, rows: &mut [f32]) {
        let (genes, population) = (self.centre.len(), self.population());
        let children = (2 * self.parents).min(population - self.parents);
        let (old, young) = rows.split_at_mut((population - children) * genes);
        let parents = &old[..self.parents * genes];
        young.par_chunks_mut(genes).enumerate().for_each(|(child, genome)| {
            self.conceive(child, parents, genome);
        });
    }

    /// One child: children 2k and 2k + 1 are the two that parent k has with one mate.
    fn conceive(&self, child: usize, parents: &[f32], genome: &mut [f32]) {
        let genes = genome.len();
        let mut mating = self.noise.place(Stream::Crossover, child / 2).generator();
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
        let gate = self.noise.place(Stream::Gate, child);
        let steps = self.noise.place(Stream::Noise, child);
        for (block, genes) in genome.chunks_mut(WORDS_A_BLOCK).enumerate() {
            let (gates, units) = (gate.units(block as u32), steps.units(block as u32));
            for (n, gene) in genes.iter_mut().enumerate() {
                if f64::from(gates[n]) < self.mutation_rate {
                    let step = self.mutation_scale * cauchy(units[n]);
                    *gene = (f64::from(*gene) + step).clamp(-LARGEST, LARGEST) as f32;
                }
            }
        }
    }

    /// The probability that a weight is marked, for each place from best to worst.
    fn probabilities(&self, fitness: &Fitness) -> Vec<f64> {
        let last = (fitness.len() - 1) as f64;
        let merits = match self.permutation {
            Permutation::All => return vec![1.0; fitness.len()],
            Permutation::Ranks => {
                let worse = fitness.utilities(|place| last - place as f64);
                worse.into_iter().map(|worse| worse / last).collect()
            }
            Permutation::Fitness => shares(fitness),
        };
        let root = 1.0 / self.centre.len() as f64;
        let places = fitness.order().iter();
        places.map(|&individual| 1.0 - libm::pow(merits[individual], root)).collect()
    }

    /// Shuffles, in every subpopulation on its own, the weights that a draw marks.
    fn permute(&self, rows: &mut [f32], probabilities: &[f64]) {
        let (genes, population) = (self.centre.len(), probabilities.len());
        let columns: Vec<Vec<(usize, usize)>> = (0..genes)
            .into_par_iter()
            .map(|gene| {
                let mut generator = self.noise.place(Stream::Selection, gene).generator();
                let marked = |&place: &usize| generator.random_bool(probabilities[place]);
                let marked: Vec<usize> = (0..population).filter(marked).collect();
                let sources = shuffled(marked.clone(), &mut generator);
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

/// What no weight grows beyond: a Cauchy step now and then is a very large one.
const LARGEST: f64 = f32::MAX as f64;

/// A draw from the Cauchy distribution of scale 1, from a uniform in [0, 1).
fn cauchy(unit: f32) -> f64 {
    // In the middle of its interval of 2^-24, a uniform is neither 0 nor 1.
    let middle = f64::from(unit) + 0.5 / 16_777_216.0;
    libm::tan(std::f64::consts::PI * (middle - 0.5))
}

/// (f - f_min) / (f_max - f_min) of each individual: 0 for all where they are equal, and for those
/// that have failed.
fn shares(fitness: &Fitness) -> Vec<f64> {
    let finite = |value: &f32| value.is_finite();
    let values = || fitness.values().iter().copied().filter(finite).map(f64::from);
    let [least, largest] = [values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max)];
    let share = |&value: &f32| {
        let known = value.is_finite() && largest > least;
        if known { (f64::from(value) - least) / (largest - least) } else { 0.0 }
    };
    fitness.values().iter().map(share).collect()
}

/// Fisher and Yates' shuffle.
fn shuffled(mut items: Vec<usize>, generator: &mut Generator) -> Vec<usize> {
    for last in (1..items.len()).rev() {
        items.swap(last, generator.random_range(0..=last));
    }
    items
}
