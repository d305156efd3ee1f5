//! `hyperneat`: graphs that paint the weights of a network of layers.
//!
//! A network of many connections is not searched weight by weight: [`neat`] grows a small graph, a
//! *compositional pattern-producing network*, which is shown where the two ends of a connection
//! are, and says how strong it is. So weights that are near each other, or mirror each other, are
//! found together, and a genome of any length is the picture of a few genes.
//!
//! The network stays as it is: `--network` says its layers. Their coordinates are those of a
//! [`Substrate`]; individuals are [`Painted`], where they are scored, and the champion is a genome
//! like any other.
//!
//! # What it recommends
//!
//! The best individual of the last generation; before that, the first guess, which it does not
//! search from otherwise.
//!
//! # Settings
//!
//! Those of `neat`, which are about the painting graphs, and `columns`, `weight-threshold` and
//! `weight-scale`, which are about what they paint. Nodes draw their activations from all by
//! default, for a picture needs repetition as well as gradients.
//!
//! # Source
//!
//! Stanley, D'Ambrosio and Gauci, "A hypercube-based encoding for evolving large-scale neural
//! networks", Artificial Life 15(2), 2009.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::neat::{self, Neat};
use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Strategy, save};
use crate::error::Result;
use crate::network::{Network, Substrate};
use crate::population::{Moments, Painted, Proposal, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "hyperneat",
    summary: "graphs that paint the weights of a network of layers",
    source: "Stanley, D'Ambrosio and Gauci 2009, Artificial Life 15(2)",
    settings: &SETTINGS,
    breeds: false,
    written_bytes: WRITTEN_BYTES,
    population: Some(|_| 150),
    preset: neat::ENTRY.preset,
    grows: None,
    paints: Some(paint),
    begin,
    resume: save::resume::<HyperNeat>,
};

/// What was painted, and what the graphs answered.
const WRITTEN_BYTES: u64 = 8;

const OWN: [Setting; 3] = [
    Setting {
        key: "columns",
        meaning: "columns of the picture that the inputs are; 0 where they stand on a line",
        default: "0",
        domain: Domain::Count(0),
    },
    Setting {
        key: "weight-threshold",
        meaning: "answer up to which there is no connection, below 1",
        default: "0.2",
        domain: Domain::Share,
    },
    Setting {
        key: "weight-scale",
        meaning: "weight of the connection that an answer of 1 paints",
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
    painters: Neat,
    substrate: Arc<Substrate>,
    first_guess: Vec<f32>,
    /// The best of the generation that was told last.
    best: Option<usize>,
}

/// A search of points: their genes stand on a line, all with one target.
fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    let network = Network::of_parameters(start.genes);
    paint(settings, start, &network)
}

fn paint(settings: &Settings, start: Start, network: &Network) -> Result<Box<dyn Strategy>> {
    let substrate = Arc::new(Substrate::of(
        network,
        settings.count("columns"),
        settings.number("weight-threshold") as f32,
        settings.number("weight-scale") as f32,
    )?);
    let first_guess = start.centre;
    let ports = Substrate::ports();
    let genes = (ports.inputs + 1) * ports.outputs;
    let painters = Neat::of(settings, Start { genes, centre: vec![0.0; genes], ..start }, ports)?;
    Ok(Box::new(HyperNeat { painters, substrate, first_guess, best: None }))
}

impl Strategy for HyperNeat {
    fn ask(&self) -> Proposal {
        let substrate = Arc::clone(&self.substrate);
        Proposal::Painted(Painted { graphs: self.painters.graphs(), substrate })
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        self.painters.tell(fitness, moments)?;
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

    fn spread(&self) -> f64 {
        self.painters.spread()
    }

    fn species(&self) -> Vec<(u32, u32)> {
        self.painters.species()
    }
}
