//! The population of the fast CPU path: a recipe, and rows where the recipe alone does not do.

use std::cell::RefCell;
use std::sync::Arc;

use rayon::prelude::*;

use super::spawn;
use crate::backend::graphs::Compiled;
use crate::backend::{no_genomes, no_population};
use crate::error::Result;
use crate::math::{Instructions, LANES, Lanes, Vectorised, vectorised};
use crate::network::{Network, PLACE, Ports, Precision, Samples, Substrate};
use crate::population::{Explicit, Gaussian, Painted, Proposal};

/// A population of individuals of so many genes, or of graphs.
pub(super) struct Population {
    pub genes: usize,
    precision: Precision,
    ports: Ports,
    proposal: Option<Proposal>,
    /// `f32[individuals][genes]` of children, and of anything that was asked for in rows.
    rows: Option<Arc<[f32]>>,
    /// Of graphs.
    graphs: Option<Compiled>,
}

impl Population {
    /// None yet.
    pub fn new(network: &Network, ports: Ports) -> Self {
        let (genes, precision) = (network.parameters(), network.precision());
        Self { genes, precision, ports, proposal: None, rows: None, graphs: None }
    }

    /// The graphs that it consists of, if it does.
    pub fn graphs(&self) -> Option<&Compiled> {
        self.graphs.as_ref()
    }

    /// The recipe it was made from.
    ///
    /// # Errors
    /// There is none yet.
    pub fn proposal(&self) -> Result<&Proposal> {
        self.proposal.as_ref().ok_or_else(no_population)
    }

    /// Makes another in its place; children are written out, because their own children will be
    /// bred from them.
    ///
    /// # Errors
    /// A recipe that does not fit.
    pub fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        proposal.check(self.genes, self.proposal.as_ref().and_then(Proposal::parents))?;
        let graphs = match proposal {
            Proposal::Graphs(graphs) => Some(Compiled::of(graphs, self.ports)?),
            _ => None,
        };
        self.rows = match proposal {
            Proposal::Gaussian(_) | Proposal::Graphs(_) => None,
            Proposal::Explicit(Explicit { genomes, .. }) => Some(self.kept(genomes)),
            Proposal::Painted(painted) => Some(self.kept(&paint(painted)?)),
            Proposal::Offspring(offspring) => {
                let parents = self.write_out()?;
                let (genes, precision) = (self.genes, self.precision);
                Some(rows(offspring.parents.len(), genes, |child, genome| {
                    spawn::breed(offspring, child, &parents, genome);
                    precision.keep(genome);
                }))
            }
        };
        self.graphs = graphs;
        self.proposal = Some(proposal.clone());
        Ok(())
    }

    /// What is kept of genomes.
    fn kept(&self, genomes: &Arc<[f32]>) -> Arc<[f32]> {
        match self.precision {
            Precision::Single => Arc::clone(genomes),
            precision => genomes.iter().map(|&gene| precision.kept(gene)).collect(),
        }
    }

    /// The whole population in rows, kept for whoever asks again.
    ///
    /// # Errors
    /// There is none yet.
    pub fn write_out(&mut self) -> Result<Arc<[f32]>> {
        if let Some(rows) = &self.rows {
            return Ok(Arc::clone(rows));
        }
        let individuals = self.proposal()?.individuals();
        let maker = self.maker()?;
        let written = rows(individuals, self.genes, |individual, genome| {
            maker.write(individual, genome);
        });
        self.rows = Some(Arc::clone(&written));
        Ok(written)
    }

    /// What writes one individual after another.
    ///
    /// # Errors
    /// There is no population yet, or it is one of graphs.
    pub fn maker(&self) -> Result<Maker<'_>> {
        let proposal = self.proposal()?;
        Ok(match (&self.rows, proposal) {
            (Some(rows), _) => Maker::Rows(rows),
            (None, Proposal::Gaussian(gaussian)) => Maker::Recipe(gaussian, self.precision),
            (None, Proposal::Graphs(_)) => return Err(no_genomes()),
            (None, _) => unreachable!("only a Gaussian population is not written out"),
        })
    }
}

/// Genomes in rows, painted: what every graph says of every place, as a weight.
fn paint(painted: &Painted) -> Result<Arc<[f32]>> {
    let compiled = Compiled::of(&painted.graphs, Substrate::ports())?;
    let substrate = &painted.substrate;
    let places = Samples::new(substrate.places(), substrate.genes(), PLACE);
    let mut answers = super::graphs::forward(&compiled, &places);
    let genomes = answers.par_chunks_mut(substrate.genes().max(1));
    genomes.for_each(|answers| vectorised(Weighing { substrate, answers }));
    Ok(answers.into())
}

/// Makes weights of answers, in place.
struct Weighing<'a> {
    substrate: &'a Substrate,
    answers: &'a mut [f32],
}

impl Vectorised for Weighing<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        for answers in self.answers.chunks_mut(LANES) {
            let mut lanes = [0.0; LANES];
            lanes[..answers.len()].copy_from_slice(answers);
            let weights = self.substrate.weight(Lanes::<I>::new(lanes));
            answers.copy_from_slice(&weights.0[..answers.len()]);
        }
    }
}

fn rows(individuals: usize, genes: usize, write: impl Fn(usize, &mut [f32]) + Sync) -> Arc<[f32]> {
    // Made where it stays: a vector would be copied as a whole.
    let mut rows: Arc<[f32]> = std::iter::repeat_n(0.0, individuals * genes).collect();
    let unshared = Arc::get_mut(&mut rows).expect("nobody else has it yet");
    let chunks = unshared.par_chunks_mut(genes.max(1)).enumerate();
    chunks.for_each(|(individual, genome)| write(individual, genome));
    rows
}

/// Where genomes come from.
#[derive(Clone, Copy)]
pub(super) enum Maker<'a> {
    Recipe(&'a Gaussian, Precision),
    Rows(&'a [f32]),
}

impl<'a> Maker<'a> {
    /// Writes one genome.
    pub fn write(&self, individual: usize, genome: &mut [f32]) {
        match self {
            Self::Recipe(gaussian, precision) => {
                spawn::stray(gaussian, individual, genome);
                precision.keep(genome);
            }
            Self::Rows(rows) => {
                genome.copy_from_slice(&rows[individual * genome.len()..][..genome.len()]);
            }
        }
    }

    /// A writer that individuals are asked of in order.
    pub fn in_order(self, genes: usize) -> InOrder<'a> {
        InOrder { maker: self, odd: RefCell::new((usize::MAX, vec![0.0; genes])) }
    }
}

/// Writes genomes; where pairs share their noise, the second one is made with the first.
pub(super) struct InOrder<'a> {
    maker: Maker<'a>,
    /// An individual that was made with its twin, and its genome.
    odd: RefCell<(usize, Vec<f32>)>,
}

impl InOrder<'_> {
    /// Writes one genome.
    pub fn write(&self, individual: usize, genome: &mut [f32]) {
        let Maker::Recipe(gaussian, precision) = self.maker else {
            return self.maker.write(individual, genome);
        };
        let mut odd = self.odd.borrow_mut();
        if gaussian.mirrored && individual.is_multiple_of(2) {
            odd.0 = individual + 1;
            spawn::stray_pair(gaussian, individual / 2, genome, &mut odd.1);
            precision.keep(genome);
            precision.keep(&mut odd.1);
        } else if odd.0 == individual {
            genome.copy_from_slice(&odd.1);
        } else {
            self.maker.write(individual, genome);
        }
    }
}
