//! `hyperneat`: graphs that generate the weights of a network of layers.
//!
//! A network of many connections is not searched weight by weight. [`neat`] evolves a small graph,
//! a *compositional pattern-producing network* (CPPN). Its inputs are the coordinates of the two
//! ends of a connection, and its output is the weight. Weights with similar or mirrored coordinates
//! are thus found together, and a genome of any length follows from a few genes.
//!
//! The network keeps its topology: `--network` gives its layers, and a [`Substrate`] their
//! coordinates. The backend decodes the [`CppnGenomes`] where they are scored, and the champion is
//! a genome like any other.
//!
//! # What it recommends
//!
//! The best individual of the last generation. Before the first, the first guess, which the search
//! does not use otherwise.
//!
//! # Settings
//!
//! The settings of `neat` apply to the CPPNs; `columns`, `weight-threshold` and `weight-scale`
//! apply to the weights that they generate. By default nodes draw their activations from all,
//! because a weight pattern needs repetition as well as gradients.
//!
//! # Source
//!
//! Stanley, D'Ambrosio and Gauci, "A hypercube-based encoding for evolving large-scale neural
//! networks", Artificial Life 15(2), 2009.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::neat::{self, Neat};
use super::state_limits::StateLimits;
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::Result;
use crate::network::{Network, Substrate};
use crate::population::{CppnGenomes, Proposal};

pub(super) const ENTRY: Entry = Entry {
    name: "hyperneat",
    summary: "evolves graphs that generate the weights of a network of layers (HyperNEAT)",
    idea: "The search evolves small graphs with NEAT, and each graph generates the weights of a \
           fixed network. For every connection the graph receives the coordinates of its two ends \
           and returns the weight. The weight is a function of the coordinates, so nearby and \
           mirrored connections get related weights. The number of genes to search thus does not \
           grow with the network.",
    when: "Use it where inputs have a geometry, such as images, or where symmetric weights are \
           likely. Avoid it for small networks without geometry, where a direct search of the \
           weights is simpler and faster.",
    source: "Stanley, D'Ambrosio and Gauci 2009, Artificial Life 15(2)",
    settings: &SETTINGS,
    written_bytes: WRITTEN_BYTES,
    default_population: Some(|_| 150),
    presets: neat::ENTRY.presets,
    non_negative: neat::ENTRY.non_negative,
    generate: Some(generate),
    ..Entry::of::<HyperNeat>()
};

/// Four bytes for the weight, and four for the output of the graph.
const WRITTEN_BYTES: u64 = 8;

const OWN: [Setting; 3] = [
    Setting {
        key: "columns",
        meaning: "columns of the grid on which the inputs lie, row by row; 0 places them on a line",
        default: "0",
        domain: Domain::Count(0, u32::MAX),
    },
    Setting {
        key: "weight-threshold",
        meaning: "magnitude of the graph's output up to which the weight is 0",
        default: "0.2",
        domain: Domain::ShareBelowOne,
    },
    Setting {
        key: "weight-scale",
        meaning: "weight for an output of 1",
        default: "3",
        domain: Domain::Positive,
    },
];

const SETTINGS: [Setting; OWN.len() + neat::COUNT] = {
    let mut all = [OWN[0]; OWN.len() + neat::COUNT];
    let (own, graphs) = all.split_at_mut(OWN.len());
    own.copy_from_slice(&OWN);
    graphs.copy_from_slice(&neat::settings("any", "0.05"));
    all
};

#[derive(Serialize, Deserialize)]
struct HyperNeat {
    cppns: Neat,
    substrate: Arc<Substrate>,
    first_guess: Vec<f32>,
    /// The best individual of the last generation.
    best: Option<usize>,
}

impl Begin for HyperNeat {
    /// Begins a search without a given network: the genes are the weights into one output, whose
    /// inputs lie on a line.
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let network = Network::with_parameters(start.genes);
        Self::for_network(settings, start, &network)
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let population = self.cppns.graphs().individuals.len();
        self.substrate.genes() == limits.genes
            && self.substrate.is_valid()
            && self.first_guess.len() == limits.genes
            && self.first_guess.iter().all(|gene| gene.is_finite())
            && self.cppns.is_valid(limits)
            && self.cppns.graphs().individuals[0].check_ports(Substrate::ports()).is_ok()
            && self.best.is_none_or(|best| best < population)
    }
}

impl HyperNeat {
    fn for_network(settings: &Settings, start: Start, network: &Network) -> Result<Self> {
        let substrate = Arc::new(Substrate::for_network(
            network,
            settings.count("columns"),
            settings.number("weight-threshold") as f32,
            settings.number("weight-scale") as f32,
        )?);
        let first_guess = start.centre;
        let ports = Substrate::ports();
        let genes = (ports.inputs + 1) * ports.outputs;
        let start = Start { genes, centre: vec![0.0; genes], ..start };
        let cppns = Neat::with_ports(settings, start, ports)?;
        Ok(Self { cppns, substrate, first_guess, best: None })
    }
}

fn generate(settings: &Settings, start: Start, network: &Network) -> Result<Box<dyn Strategy>> {
    Ok(Box::new(HyperNeat::for_network(settings, start, network)?))
}

impl Strategy for HyperNeat {
    fn ask(&self) -> Proposal {
        let substrate = Arc::clone(&self.substrate);
        Proposal::Cppn(CppnGenomes { graphs: self.cppns.graphs(), substrate })
    }

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        self.cppns.tell(fitness, recombine)?;
        if fitness.best().is_some() {
            self.best = Some(fitness.order()[0]);
        }
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        match self.best {
            Some(best) => Recommendation::Individual(best),
            None => Recommendation::Genome(self.first_guess.clone()),
        }
    }

    fn step_size(&self) -> f64 {
        self.cppns.step_size()
    }

    fn species(&self) -> Vec<(u32, u32)> {
        self.cppns.species()
    }
}
