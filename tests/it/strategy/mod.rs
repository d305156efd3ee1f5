//! Strategies: each against its paper, and all of them against the rules of the trait.

mod adam;
mod ars;
mod cem;
mod cma_es;
mod conformance;
mod cosyne;
mod cr_fm_nes;
mod crossover;
mod descent;
mod diagonal_gaussian;
mod entry;
mod few_genes;
mod fitness;
mod functions;
mod ga;
mod genome;
mod hyperneat;
mod hyperparameters;
mod innovations;
mod landscape;
mod lm_ma_es;
mod mutation;
mod natural_gradient;
mod neat;
mod noise;
mod novelty;
mod offspring;
mod openai_es;
mod optimiser;
mod pgpe;
mod plateau;
mod ppo;
mod random_search;
mod recombination;
mod reduction;
mod registry;
mod reproduction;
mod restarts;
mod restricted_gaussian;
mod save;
mod schedule;
mod sep_cma_es;
mod settings;
mod sgd;
mod simple_ga;
mod snes;
mod species;
mod state_limits;
mod step_size;
mod stop_reason;
mod termination;
mod witness;
mod xnes;

use std::sync::Arc;

use deme::backend::{Backend, Reference};
use deme::error::{Error, Result};
use deme::network::{Activation, Network};
use deme::population::{Moments, Proposal, Utilities};
use deme::strategy::{self, Entry, Fitness, Settings, Start, Strategy};
use deme::task;

/// Returns the strategies that learn from fitness alone.
pub fn evolution_strategies() -> Vec<&'static Entry> {
    strategy::all().iter().filter(|entry| !entry.follows_gradient()).collect()
}

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

/// Builds settings from pairs.
fn settings(pairs: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    pairs.iter().for_each(|(key, value)| settings.set(*key, *value));
    settings
}

/// Begins a strategy of the registry.
fn begin(name: &str, pairs: &[(&str, &str)], start: Start) -> Result<Box<dyn Strategy>> {
    strategy::by_name(name)?.begin(&settings(pairs), start)
}

/// Returns the subject of an [`Error::Invalid`].
#[track_caller]
fn complaint<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Invalid { what, .. }) => what,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("no error"),
    }
}

/// A recombination for strategies that never request one.
fn no_recombination(_: &Utilities) -> Result<Moments> {
    panic!("this strategy needs no moments")
}

/// Tells a strategy a fitness, with prepared moments.
fn tell_moments(strategy: &mut dyn Strategy, fitness: &Fitness, moments: &Moments) -> Result<()> {
    strategy.tell(fitness, &mut |_| Ok(moments.clone()))
}

/// Returns the utilities with which a strategy requests a recombination. The recombination fails,
/// so the strategy stays as it was.
fn requested_utilities(strategy: &mut dyn Strategy, values: &[f32]) -> Utilities {
    let mut requested = None;
    let result = strategy.tell(&Fitness::new(values.to_vec()), &mut |utilities| {
        requested = Some(utilities.clone());
        Err(Error::invalid("a recombination", "none", "one"))
    });
    assert_eq!(complaint(result), "a recombination");
    requested.expect("a request")
}

/// The place where proposals become genomes: the reference backend, whose task is never played.
struct Arena {
    backend: Reference,
}

impl Arena {
    fn new() -> Self {
        Self { backend: Reference::new(Arc::new(task::xor()), network()) }
    }

    /// Returns the genomes of a proposal; children are bred from the proposal before it. The
    /// genomes of graphs are their weights, since they fit no network of layers.
    fn genomes(&mut self, proposal: &Proposal) -> Vec<Vec<f32>> {
        if let Proposal::Graphs(graphs) = proposal {
            proposal.check(GENES, None).unwrap();
            return graphs.individuals.iter().map(|graph| graph.weights()).collect();
        }
        self.backend.spawn(proposal).unwrap();
        (0..proposal.individuals()).map(|i| self.backend.individual(i).unwrap()).collect()
    }

    /// Tells a strategy the fitness of the population that was spawned last.
    fn tell(&mut self, strategy: &mut dyn Strategy, values: Vec<f32>) {
        let fitness = Fitness::new(values);
        strategy.tell(&fitness, &mut |utilities| self.backend.recombine(utilities)).unwrap();
    }

    /// Runs one generation on a function of index and genome, and returns the fitness.
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
