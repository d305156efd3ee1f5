//! `neat`: networks that start minimal and grow by mutation (neuroevolution of augmenting
//! topologies).
//!
//! Each gene, a connection, carries the number of the mutation that created it: its *innovation*.
//! Innovations align genomes of any topology, so that these can be crossed and compared. Similar
//! genomes form a *species*, and its members share their fitness. A new topology therefore competes
//! within its own species, and has time to find good weights.
//!
//! # One generation
//!
//! Every species is granted offspring in proportion to the mean shared fitness of its members. The
//! offspring are bred from its best members, by crossover and mutation or by mutation alone. New
//! connections and nodes receive innovations, equal ones the same. Then the offspring are sorted
//! into species.
//!
//! # What it recommends
//!
//! The best graph of the last generation. Its proposals are [`Graphs`].
//!
//! # Settings
//!
//! `paper=true` gives every setting that is not set the value of the paper; `settings.rs` lists
//! them. Our defaults differ where that solved more tasks in fewer evaluations;
//! `docs/src/neat-measurements.md` has the numbers. Where the paper is silent, we follow the
//! program that its authors published. Weights are the exception: under `paper=true` they are
//! drawn, perturbed and limited to 8, because some runs never end with that program's 2.5.
//!
//! # Ties
//!
//! A genome belongs to the first species, in order of birth, whose representative is within the
//! threshold. Of individuals of equal fitness the first ranks higher. Offspring that are left over
//! from rounding go to the largest fractions, and of equal fractions to the older species.
//!
//! # Source
//!
//! Stanley and Miikkulainen, "Evolving neural networks through augmenting topologies", Evolutionary
//! Computation 10(2), 2002: sections 3.1 (encoding), 3.2 (historical markings), 3.3 (speciation),
//! 3.4 (minimal structure), 4.1 (parameters).

mod crossover;
mod genome;
mod hyperparameters;
mod innovations;
mod mutation;
mod reproduction;
mod settings;
mod species;

pub use crossover::cross;
pub use genome::{compatibility_distance, has_path, minimal_genome};
pub use hyperparameters::{FitnessSharing, Hyperparameters, TieRule};
pub use innovations::Innovations;
pub use mutation::{StructuralMutation, mutate};
pub use species::Species;

pub(super) use settings::{COUNT, settings};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use reproduction::Breeder;

use super::entry::{Begin, Preset};
use super::state_limits::{StateLimits, are_positive};
use super::{Entry, Fitness, Recombination, Recommendation, Settings, Start, Strategy};
use crate::error::{Error, Result};
use crate::network::{Graph, Ports};
use crate::population::{Graphs, NoiseKey, Proposal};

pub(super) const ENTRY: Entry = Entry {
    name: "neat",
    summary: "evolves topology and weights of growing networks, in species (NEAT)",
    idea: "The search begins with networks that connect every input to every output and nothing \
           else. Each generation breeds the best members of every species: crossover aligns two \
           parents by the historical numbers of their connections, and mutation perturbs weights \
           and now and then adds a connection or a node. Similar networks form a species and share \
           its fitness, so a new structure has time to tune its weights before it must compete \
           with the best. The search thus tends to find small networks.",
    when: "Use it for small control tasks where the right topology is unknown, or where the task \
           needs a few recurrent connections. Avoid it for networks of more than a few hundred \
           connections, where layers with a fixed topology learn faster.",
    source: "Stanley and Miikkulainen 2002, Evolutionary Computation 10(2)",
    settings: &settings("tanh", "0"),
    default_population: Some(|_| 150),
    presets: &[Preset { key: "paper", value: "true", others: settings::PAPER }],
    non_negative: Some(("sharing", "fitness")),
    grow: Some(grow),
    ..Entry::of::<Neat>()
};

#[derive(Serialize, Deserialize)]
pub(super) struct Neat {
    hyperparameters: Hyperparameters,
    key: NoiseKey,
    individuals: Arc<[Arc<Graph>]>,
    /// The species in order of birth. Every individual is a member of one.
    species: Vec<Species>,
    /// The distance from a representative below which a genome joins its species. It is adjusted
    /// if a number of species is set.
    threshold: f64,
    /// The number of species born so far.
    births: u32,
    innovations: Innovations,
    /// The best fitness so far, and the generation that first had it.
    best_ever: f32,
    improved: u32,
    /// The generation of the last improvement or restart.
    progressed: u32,
    /// The graph that the search begins with.
    first_guess: Arc<Graph>,
    /// The best graph of the last generation; before the first, the first guess.
    best: Arc<Graph>,
}

impl Begin for Neat {
    /// Begins a search of graphs with one output and as many inputs that each gene is the weight
    /// of a connection, from an input or from the bias.
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let ports = Ports { inputs: start.genes - 1, outputs: 1, ordered: false };
        Self::with_ports(settings, start, ports)
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let (now, population) = (self.key.generation, self.individuals.len());
        let ports = |graph: &Graph| (graph.inputs, graph.outputs);
        let is_graph = |graph: &Arc<Graph>| {
            graph.check().is_ok() && graph.outputs > 0 && ports(graph) == ports(&self.first_guess)
        };
        // After a restart, the best graph has innovations of the search before.
        let is_of_search = |graph: &Arc<Graph>| is_graph(graph) && self.innovations.include(graph);
        let graphs = self.individuals.iter().chain([&self.first_guess]);
        let members: usize = self.species.iter().map(|species| species.members.len()).sum();
        limits.allow(population, self.key)
            && self.hyperparameters.is_valid()
            && graphs.chain(self.species.iter().map(|one| &one.representative)).all(is_of_search)
            && is_graph(&self.best)
            && self.species.iter().all(|species| species.is_valid(population, now))
            && members == population
            && are_positive(&[self.threshold])
            && !self.best_ever.is_nan()
            && self.improved <= now
            && self.progressed <= now
            && self.births < u32::MAX / 2
    }
}

fn grow(settings: &Settings, start: Start, ports: Ports) -> Result<Box<dyn Strategy>> {
    Ok(Box::new(Neat::with_ports(settings, start, ports)?))
}

impl Neat {
    /// Begins a search of graphs with these ports.
    pub fn with_ports(settings: &Settings, start: Start, ports: Ports) -> Result<Self> {
        let connections = (ports.inputs + 1) * ports.outputs;
        if start.genes != connections {
            let expected =
                format!("{connections} weights, one for each connection of the minimal graph");
            return Err(Error::invalid("a strategy's first guess", expected, start.genes));
        }
        let hyperparameters = Hyperparameters::from_settings(settings, ports)?;
        let first_guess = Arc::new(minimal_genome(&hyperparameters, ports, &start.centre));
        let key = start.noise();
        let individuals =
            reproduction::first_generation(&hyperparameters, &first_guess, start.population, key);
        let mut neat = Self {
            threshold: hyperparameters.threshold,
            innovations: Innovations::after(&first_guess),
            hyperparameters,
            key,
            individuals,
            species: Vec::new(),
            births: 0,
            best_ever: f32::NEG_INFINITY,
            improved: 0,
            progressed: 0,
            best: Arc::clone(&first_guess),
            first_guess,
        };
        neat.speciate();
        Ok(neat)
    }

    /// Returns the individuals of this generation.
    pub fn graphs(&self) -> Graphs {
        Graphs { individuals: Arc::clone(&self.individuals) }
    }
}

impl Strategy for Neat {
    fn ask(&self) -> Proposal {
        Proposal::Graphs(self.graphs())
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.individuals.len())?;
        let contributions = self.hyperparameters.sharing.contributions(fitness)?;
        if let Some(best) = fitness.best() {
            self.best = Arc::clone(&self.individuals[fitness.order()[0]]);
            if best > self.best_ever {
                (self.best_ever, self.improved) = (best, self.key.generation);
                self.progressed = self.improved;
            }
        }
        let patience = self.hyperparameters.restart;
        if patience > 0 && self.key.generation - self.progressed >= patience {
            self.restart();
            return Ok(());
        }
        for species in &mut self.species {
            species.rank(fitness, self.key.generation);
        }
        let quotas = reproduction::quotas(
            &self.hyperparameters,
            &mut self.species,
            self.key.generation,
            &mut self.improved,
            fitness,
            &contributions,
        );
        self.key.generation += 1;
        let breeder = Breeder {
            hyperparameters: &self.hyperparameters,
            key: self.key,
            individuals: &self.individuals,
            species: &self.species,
            fitness,
        };
        let offspring = breeder.breed(&quotas, &mut self.innovations);
        for species in &mut self.species {
            species.choose_representative(&self.individuals, self.key);
        }
        self.individuals = offspring;
        self.speciate();
        self.adjust_threshold();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Graph(Arc::clone(&self.best))
    }

    fn step_size(&self) -> f64 {
        self.hyperparameters.weight_power
    }

    fn species(&self) -> Vec<(u32, u32)> {
        let size = |species: &Species| (species.number, species.members.len() as u32);
        self.species.iter().map(size).collect()
    }
}

impl Neat {
    /// Starts over from the first guess, with other random weights than before.
    fn restart(&mut self) {
        self.key.generation += 1;
        let (population, generation) = (self.individuals.len(), self.key.generation);
        self.individuals = reproduction::first_generation(
            &self.hyperparameters,
            &self.first_guess,
            population,
            self.key,
        );
        self.innovations = Innovations::after(&self.first_guess);
        self.threshold = self.hyperparameters.threshold;
        self.species.clear();
        (self.best_ever, self.improved) = (f32::NEG_INFINITY, generation);
        self.progressed = generation;
        self.speciate();
    }

    /// Sorts the individuals into species.
    fn speciate(&mut self) {
        let generation = self.key.generation;
        species::speciate(
            &mut self.species,
            &mut self.births,
            &self.individuals,
            &self.hyperparameters,
            self.threshold,
            generation,
        );
    }

    /// Moves the threshold by one step towards the number of species that was set.
    fn adjust_threshold(&mut self) {
        let Hyperparameters { species: target, threshold_step: step, .. } = self.hyperparameters;
        if target == 0 {
            return;
        }
        if self.species.len() > target {
            self.threshold += step;
        } else if self.species.len() < target {
            self.threshold = (self.threshold - step).max(step);
        }
    }
}
