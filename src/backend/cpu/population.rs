//! The population of the fast CPU path: a proposal, and rows of genes if they are needed.

use std::cell::RefCell;
use std::sync::Arc;

use rayon::prelude::*;

use super::spawn;
use crate::backend::graphs::CompiledGraphs;
use crate::backend::{no_genomes, no_population};
use crate::error::Result;
use crate::math::{Instructions, LANES, Lanes, SimdWork, run_simd};
use crate::network::{COORDINATES_PER_GENE, Network, Ports, Precision, Samples, Substrate};
use crate::population::{CppnGenomes, ExplicitGenomes, Gaussian, Proposal};

/// A population of genomes of one length, or of graphs.
pub(super) struct Population {
    pub genes: usize,
    precision: Precision,
    ports: Ports,
    proposal: Option<Proposal>,
    /// `f32[individuals][genes]`: the stored genomes. A Gaussian population has none until
    /// [`Population::write_out`] stores them.
    rows: Option<Arc<[f32]>>,
    /// The compiled graphs, if the population consists of graphs.
    graphs: Option<CompiledGraphs>,
}

impl Population {
    /// Creates an empty population; [`spawn`](Self::spawn) fills it.
    pub fn new(network: &Network, ports: Ports) -> Self {
        let (genes, precision) = (network.parameters(), network.precision());
        Self { genes, precision, ports, proposal: None, rows: None, graphs: None }
    }

    /// The compiled graphs, if the population consists of graphs.
    pub fn graphs(&self) -> Option<&CompiledGraphs> {
        self.graphs.as_ref()
    }

    /// The proposal that the population was made from.
    ///
    /// # Errors
    /// Returns an error if there is no population yet.
    pub fn proposal(&self) -> Result<&Proposal> {
        self.proposal.as_ref().ok_or_else(no_population)
    }

    /// Replaces the population. Offspring are stored, because their own offspring will be bred from
    /// them.
    ///
    /// # Errors
    /// Returns an error if the proposal does not fit the network.
    pub fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        proposal.check(self.genes, self.proposal.as_ref().and_then(Proposal::parents))?;
        let graphs = match proposal {
            Proposal::Graphs(graphs) => Some(CompiledGraphs::compile(graphs, self.ports)?),
            _ => None,
        };
        self.rows = match proposal {
            Proposal::Gaussian(_) | Proposal::Graphs(_) => None,
            Proposal::Explicit(ExplicitGenomes { genomes, .. }) => Some(self.rounded(genomes)),
            Proposal::Cppn(cppns) => Some(self.rounded(&decode(cppns)?)),
            Proposal::Offspring(offspring) => {
                let parents = self.write_out()?;
                let (genes, precision) = (self.genes, self.precision);
                Some(rows(offspring.parents.len(), genes, |child, genome| {
                    spawn::breed(offspring, child, &parents, genome);
                    precision.round_all(genome);
                }))
            }
        };
        self.graphs = graphs;
        self.proposal = Some(proposal.clone());
        Ok(())
    }

    /// Rounds genomes to the precision in which genes are stored.
    fn rounded(&self, genomes: &Arc<[f32]>) -> Arc<[f32]> {
        match self.precision {
            Precision::Single => Arc::clone(genomes),
            precision => genomes.iter().map(|&gene| precision.round(gene)).collect(),
        }
    }

    /// Returns the whole population in rows, and keeps the rows for the next call.
    ///
    /// # Errors
    /// Returns an error if there is no population yet.
    pub fn write_out(&mut self) -> Result<Arc<[f32]>> {
        if let Some(rows) = &self.rows {
            return Ok(Arc::clone(rows));
        }
        let individuals = self.proposal()?.individuals();
        let source = self.source()?;
        let written = rows(individuals, self.genes, |individual, genome| {
            source.write(individual, genome);
        });
        self.rows = Some(Arc::clone(&written));
        Ok(written)
    }

    /// Returns the source that genomes are read from.
    ///
    /// # Errors
    /// Returns an error if there is no population yet, or if it consists of graphs.
    pub fn source(&self) -> Result<GenomeSource<'_>> {
        let proposal = self.proposal()?;
        Ok(match (&self.rows, proposal) {
            (Some(rows), _) => GenomeSource::Rows(rows),
            (None, Proposal::Gaussian(gaussian)) => {
                GenomeSource::Gaussian(gaussian, self.precision)
            }
            (None, Proposal::Graphs(_)) => return Err(no_genomes()),
            (None, _) => unreachable!("only a Gaussian population is not written out"),
        })
    }
}

/// Decodes the genomes of a population of CPPNs: one weight for each connection of the substrate.
fn decode(cppns: &CppnGenomes) -> Result<Arc<[f32]>> {
    let compiled = CompiledGraphs::compile(&cppns.graphs, Substrate::ports())?;
    let substrate = &cppns.substrate;
    let samples = Samples::new(substrate.coordinates(), substrate.genes(), COORDINATES_PER_GENE);
    let mut outputs = super::graphs::forward(&compiled, &samples);
    let genomes = outputs.par_chunks_mut(substrate.genes().max(1));
    genomes.for_each(|outputs| run_simd(CppnWeights { substrate, outputs }));
    Ok(outputs.into())
}

/// Converts the outputs of a CPPN to weights, in place.
struct CppnWeights<'a> {
    substrate: &'a Substrate,
    outputs: &'a mut [f32],
}

impl SimdWork for CppnWeights<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        for outputs in self.outputs.chunks_mut(LANES) {
            let mut lanes = [0.0; LANES];
            lanes[..outputs.len()].copy_from_slice(outputs);
            let weights = self.substrate.weight(Lanes::<I>::new(lanes));
            outputs.copy_from_slice(&weights.0[..outputs.len()]);
        }
    }
}

fn rows(individuals: usize, genes: usize, write: impl Fn(usize, &mut [f32]) + Sync) -> Arc<[f32]> {
    // The rows are allocated in the `Arc`: a vector would have to be copied into it.
    let mut rows: Arc<[f32]> = std::iter::repeat_n(0.0, individuals * genes).collect();
    let unshared = Arc::get_mut(&mut rows).expect("the rows are not shared yet");
    let chunks = unshared.par_chunks_mut(genes.max(1)).enumerate();
    chunks.for_each(|(individual, genome)| write(individual, genome));
    rows
}

/// A source of genomes.
#[derive(Clone, Copy)]
pub(super) enum GenomeSource<'a> {
    Gaussian(&'a Gaussian, Precision),
    Rows(&'a [f32]),
}

impl<'a> GenomeSource<'a> {
    /// Writes the genome of an individual.
    pub fn write(&self, individual: usize, genome: &mut [f32]) {
        match self {
            Self::Gaussian(gaussian, precision) => {
                spawn::perturb(gaussian, individual, genome);
                precision.round_all(genome);
            }
            Self::Rows(rows) => {
                genome.copy_from_slice(&rows[individual * genome.len()..][..genome.len()]);
            }
        }
    }

    /// Returns a source that is fastest if individuals are read in order.
    pub fn sequential(self, genes: usize) -> SequentialGenomes<'a> {
        SequentialGenomes { source: self, odd: RefCell::new((usize::MAX, vec![0.0; genes])) }
    }
}

/// A source of genomes in order. In a mirrored population it generates the two genomes of a pair
/// together, because they share their noise.
pub(super) struct SequentialGenomes<'a> {
    source: GenomeSource<'a>,
    /// The second individual of the last pair, and its genome.
    odd: RefCell<(usize, Vec<f32>)>,
}

impl SequentialGenomes<'_> {
    /// Writes the genome of an individual.
    pub fn write(&self, individual: usize, genome: &mut [f32]) {
        let GenomeSource::Gaussian(gaussian, precision) = self.source else {
            return self.source.write(individual, genome);
        };
        let mut odd = self.odd.borrow_mut();
        if gaussian.mirrored && individual.is_multiple_of(2) {
            odd.0 = individual + 1;
            spawn::perturb_pair(gaussian, individual / 2, genome, &mut odd.1);
            precision.round_all(genome);
            precision.round_all(&mut odd.1);
        } else if odd.0 == individual {
            genome.copy_from_slice(&odd.1);
        } else {
            self.source.write(individual, genome);
        }
    }
}
