//! `neat`: networks that begin as small as can be, and grow by mutation (neuroevolution of
//! augmenting topologies).
//!
//! Every gene, a connection, bears the number of the mutation that made it: its *innovation*. By
//! it genomes are aligned, whatever their topologies, and so can be crossed and compared. Genomes
//! that are alike make a *species*; individuals share what its mean fitness earns, so that a new
//! topology competes with its own kind until its weights had time to be found.
//!
//! A generation: the fitness is told; every species is given as many children as its share; they
//! are bred from its best, by crossover and mutation or mutation alone; new connections and nodes
//! are given innovations, equal ones the same; and the children are sorted into species.
//!
//! # What it recommends
//!
//! The best graph of the last generation. Its proposals are [`Graphs`].
//!
//! # Settings
//!
//! `paper=true` makes everything that is not set the paper's, as `rules.rs` lists it. Ours differ
//! where that solved more tasks in fewer evaluations; `docs/neat.md` has the numbers. Where the
//! paper says nothing, we follow the program that its authors published with it, but for weights,
//! which are drawn, moved and kept within 8: with that program's 2.5 some runs never end.
//!
//! # Ties
//!
//! A genome belongs to the first species, in order of birth, that it is compatible with. Of
//! individuals of equal fitness the first is the better. Children that are left over when shares
//! are rounded go to the largest fractions, and where these are equal to the older species.
//!
//! # Source
//!
//! Stanley and Miikkulainen, "Evolving neural networks through augmenting topologies", Evolutionary
//! Computation 10(2), 2002: sections 3.1 (encoding), 3.2 (historical markings), 3.3 (speciation),
//! 3.4 (minimal structure), 4.1 (parameters).

mod crossover;
mod genome;
mod innovations;
mod mutation;
mod reproduction;
mod rules;
mod species;

pub use crossover::cross;
pub use genome::{distance, first_genome, has_path};
pub use innovations::Innovations;
pub use mutation::{Growth, Mutation, mutate};
pub use rules::{Rules, Sharing, Ties};
pub use species::Species;

pub(super) use rules::{COUNT, ENTRY, settings};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Fitness, Recommendation, Settings, Start, Strategy};
use crate::error::{Error, Result};
use crate::network::{Graph, Ports};
use crate::population::{Graphs, Moments, NoiseKey, Proposal, Weights};

#[derive(Serialize, Deserialize)]
pub(super) struct Neat {
    rules: Rules,
    key: NoiseKey,
    individuals: Arc<[Arc<Graph>]>,
    /// In order of birth; every individual is a member of one.
    species: Vec<Species>,
    /// How far apart a genome and a representative may be; it moves where it is dynamic.
    threshold: f64,
    /// Species that were ever born.
    births: u32,
    innovations: Innovations,
    /// The best fitness of all generations, and the generation that had it first.
    best_ever: f32,
    improved: u32,
    /// The same, or the generation in which the search began anew.
    progressed: u32,
    /// What it begins with.
    guess: Arc<Graph>,
    /// The best of the generation that was told last; before that, the first guess.
    best: Arc<Graph>,
}

/// A search over graphs of one output and as many inputs that each gene stands for a connection
/// from one of them, or from the bias: what is meant where nothing says more.
fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    let ports = Ports { inputs: start.genes - 1, outputs: 1, ordered: false };
    grow(settings, start, ports)
}

fn grow(settings: &Settings, start: Start, ports: Ports) -> Result<Box<dyn Strategy>> {
    Ok(Box::new(Neat::of(settings, start, ports)?))
}

impl Neat {
    /// A search of graphs with these ports.
    pub fn of(settings: &Settings, start: Start, ports: Ports) -> Result<Self> {
        let connections = (ports.inputs + 1) * ports.outputs;
        if start.genes != connections {
            let expected = format!("{connections} weights, one a connection of the first graph");
            return Err(Error::invalid("a strategy's first guess", expected, start.genes));
        }
        let rules = Rules::of(settings, ports)?;
        let guess = Arc::new(first_genome(&rules, ports, &start.centre));
        let key = NoiseKey { seed: start.seed, generation: 0 };
        let individuals = reproduction::first_generation(&rules, &guess, start.population, key);
        let mut neat = Neat {
            threshold: rules.threshold,
            innovations: Innovations::behind(&guess),
            rules,
            key,
            individuals,
            species: Vec::new(),
            births: 0,
            best_ever: f32::NEG_INFINITY,
            improved: 0,
            progressed: 0,
            best: Arc::clone(&guess),
            guess,
        };
        neat.sort();
        Ok(neat)
    }

    /// The individuals of this generation.
    pub fn graphs(&self) -> Graphs {
        Graphs { individuals: Arc::clone(&self.individuals) }
    }
}

impl Strategy for Neat {
    fn ask(&self) -> Proposal {
        Proposal::Graphs(self.graphs())
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.individuals.len())?;
        let shares = self.rules.sharing.shares(fitness)?;
        if let Some(best) = fitness.best() {
            self.best = Arc::clone(&self.individuals[fitness.order()[0]]);
            if best > self.best_ever {
                (self.best_ever, self.improved) = (best, self.key.generation);
                self.progressed = self.improved;
            }
        }
        let patience = self.rules.restart;
        if patience > 0 && self.key.generation - self.progressed >= patience {
            self.begin_anew();
            return Ok(());
        }
        for species in &mut self.species {
            species.rank(fitness, self.key.generation);
        }
        let quotas = reproduction::quotas(self, fitness, &shares);
        self.key.generation += 1;
        let children = reproduction::breed(self, &quotas, fitness);
        for species in &mut self.species {
            species.choose_representative(&self.individuals, self.key);
        }
        self.individuals = children;
        self.sort();
        self.move_threshold();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Graph(Arc::clone(&self.best))
    }

    fn spread(&self) -> f64 {
        self.rules.weight_power
    }

    fn species(&self) -> Vec<(u32, u32)> {
        let size = |species: &Species| (species.number, species.members.len() as u32);
        self.species.iter().map(size).collect()
    }
}

impl Neat {
    /// Forgets all but the first guess, and draws other weights than at the beginning.
    fn begin_anew(&mut self) {
        self.key.generation += 1;
        let (population, generation) = (self.individuals.len(), self.key.generation);
        self.individuals =
            reproduction::first_generation(&self.rules, &self.guess, population, self.key);
        self.innovations = Innovations::behind(&self.guess);
        self.threshold = self.rules.threshold;
        self.species.clear();
        (self.best_ever, self.improved) = (f32::NEG_INFINITY, generation);
        self.progressed = generation;
        self.sort();
    }

    /// Sorts the individuals into species.
    fn sort(&mut self) {
        let generation = self.key.generation;
        species::sort(
            &mut self.species,
            &mut self.births,
            &self.individuals,
            &self.rules,
            self.threshold,
            generation,
        );
    }

    /// Moves the threshold towards as many species as are wanted.
    fn move_threshold(&mut self) {
        let (wanted, step) = (self.rules.species, self.rules.threshold_step);
        if wanted == 0 {
            return;
        }
        if self.species.len() > wanted {
            self.threshold += step;
        } else if self.species.len() < wanted {
            self.threshold = (self.threshold - step).max(step);
        }
    }
}
