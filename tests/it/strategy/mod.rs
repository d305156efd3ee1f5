//! Strategies, each by what its paper promises, and all of them by what every strategy owes.

mod ars;
mod breeding;
mod cem;
mod cloud;
mod cma_es;
mod conformance;
mod cosyne;
mod cr_fm_nes;
mod criteria;
mod crossover;
mod cumulation;
mod fitness;
mod functions;
mod ga;
mod genewise;
mod genome;
mod hyperneat;
mod innovations;
mod landscape;
mod lm_ma_es;
mod mutation;
mod natural;
mod neat;
mod noise;
mod novelty;
mod openai_es;
mod optimiser;
mod pgpe;
mod plateau;
mod random_search;
mod reproduction;
mod restarts;
mod rules;
mod save;
mod schedule;
mod sep_cma_es;
mod settings;
mod simple_ga;
mod snes;
mod species;
mod stop;
mod witness;
mod xnes;

use std::sync::Arc;

use deme::backend::{Backend, Reference};
use deme::error::{Error, Result};
use deme::network::{Activation, Network};
use deme::population::Proposal;
use deme::strategy::{self, Fitness, Settings, Start, Strategy};
use deme::task;

/// Genes of [`network`].
const GENES: usize = 17;

/// A network small enough for the reference: two inputs, four hidden, one output.
fn network() -> Network {
    Network::parse("4", 2, 1, Activation::Tanh).unwrap()
}

/// A start away from every optimum of these tests.
fn start(population: usize, seed: u64) -> Start {
    Start { genes: GENES, centre: vec![1.0; GENES], population, seed }
}

/// Settings from pairs.
fn settings(pairs: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    pairs.iter().for_each(|(key, value)| settings.set(*key, *value));
    settings
}

/// A strategy of the registry, begun.
fn begin(name: &str, pairs: &[(&str, &str)], start: Start) -> Result<Box<dyn Strategy>> {
    strategy::named(name)?.begin(&settings(pairs), start)
}

/// What an [`Error::Invalid`] complains of.
#[track_caller]
fn complaint<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Invalid { what, .. }) => what,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("no error"),
    }
}

/// Where proposals become genomes: the reference backend, whose task is never played.
struct Arena {
    backend: Reference,
}

impl Arena {
    fn new() -> Self {
        Self { backend: Reference::new(Arc::new(task::xor()), network()) }
    }

    /// The genomes of a proposal; children are bred from the proposal before it. Of graphs, which
    /// fit no network of layers, they are the weights.
    fn genomes(&mut self, proposal: &Proposal) -> Vec<Vec<f32>> {
        if let Proposal::Graphs(graphs) = proposal {
            proposal.check(GENES, None).unwrap();
            return graphs.individuals.iter().map(|graph| graph.weights()).collect();
        }
        self.backend.spawn(proposal).unwrap();
        (0..proposal.individuals()).map(|i| self.backend.individual(i).unwrap()).collect()
    }

    /// Tells a strategy the fitness of the population that was made last.
    fn tell(&mut self, strategy: &mut dyn Strategy, values: Vec<f32>) {
        let fitness = Fitness::new(values);
        let weights = strategy.weights(&fitness);
        let moments = weights.map(|weights| self.backend.recombine(&weights).unwrap());
        strategy.tell(&fitness, moments.as_ref()).unwrap();
    }

    /// One generation on a function of index and genome; the fitness that came of it.
    fn generation(
        &mut self,
        strategy: &mut dyn Strategy,
        score: impl Fn(usize, &[f32]) -> f32,
    ) -> Vec<f32> {
        let genomes = self.genomes(&strategy.ask());
        let values: Vec<f32> =
            genomes.iter().enumerate().map(|(i, genome)| score(i, genome)).collect();
        self.tell(strategy, values.clone());
        values
    }
}

/// Minus the squared distance from the origin.
fn sphere(genome: &[f32]) -> f32 {
    -genome.iter().map(|x| x * x).sum::<f32>()
}
