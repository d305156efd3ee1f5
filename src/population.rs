//! Populations: the proposals that describe them, and their packed layout in memory.
//!
//! A strategy describes a population by a [`Proposal`] of a few kilobytes. A backend generates the
//! individuals where it scores them.
//!
//! # The packed layout
//!
//! All genomes are in one buffer of `f32` or `f16`, in blocks of `lanes` individuals. Within a
//! block, the values of one gene are adjacent, so that adjacent invocations on a device read
//! adjacent words:
//!
//! ```text
//!           block 0                                block 1
//!          ┌─────────────────────────────────────┬────────────────────── ..
//!  gene 0  │ i0 i1 i2 .. i(L-1)                  │ iL i(L+1) ..
//!  gene 1  │ i0 i1 i2 .. i(L-1)                  │
//!   ..     │                                     │       L = lanes
//!  gene G-1│ i0 i1 i2 .. i(L-1)                  │       G = genes
//!          └─────────────────────────────────────┴────────────────────── ..
//!  index of (individual i, gene g) = ((i / L) * S + g) * L + i % L          S = stride
//! ```
//!
//! With one lane, a block is a genome and the buffer is a row-major matrix. The last block may be
//! partly empty. The stride S is G in single precision. In half precision it is the next multiple
//! of eight, so that every row begins at a multiple of sixteen bytes.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::network::{Graph, Precision, Substrate};
use crate::random::{Counter, Stream};

/// The sizes of a packed population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The number of individuals.
    pub individuals: usize,
    /// The number of genes of an individual.
    pub genes: usize,
    /// The number of individuals in a block.
    pub lanes: usize,
    /// The precision in which genes are stored.
    pub precision: Precision,
}

impl Layout {
    /// The index in the buffer of a gene of an individual.
    pub fn index(&self, individual: usize, gene: usize) -> usize {
        (individual / self.lanes * self.stride() + gene) * self.lanes + individual % self.lanes
    }

    /// The rows of a block: the genes, with padding in half precision.
    pub fn stride(&self) -> usize {
        match self.precision {
            Precision::Single => self.genes,
            Precision::Half => self.genes.next_multiple_of(8),
        }
    }

    /// The number of blocks in the buffer.
    pub fn blocks(&self) -> usize {
        self.individuals.div_ceil(self.lanes)
    }

    /// The numbers of a block.
    pub fn block_numbers(&self) -> usize {
        self.stride() * self.lanes
    }

    /// The bytes of a block.
    pub fn block_bytes(&self) -> usize {
        self.block_numbers() * self.precision.bytes()
    }

    /// The bytes of the buffer.
    pub fn bytes(&self) -> usize {
        self.blocks() * self.block_bytes()
    }
}

/// The key of a population's noise: its random counter without stream, individual and block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoiseKey {
    /// The run's seed.
    pub seed: u64,
    /// The generation, counted from 0.
    pub generation: u32,
}

impl NoiseKey {
    /// The random counter of an individual.
    pub fn counter(&self, stream: Stream, individual: usize) -> Counter {
        let individual = individual as u32;
        Counter { seed: self.seed, stream, generation: self.generation, individual }
    }
}

/// The standard deviations of the perturbations around a centre.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// One standard deviation for all genes.
    Uniform(f32),
    /// A standard deviation for each gene.
    PerGene(Arc<[f32]>),
}

/// A Gaussian distribution around a centre: `genome = centre + scale * noise`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// The centre, `f32[genes]`.
    pub centre: Arc<[f32]>,
    /// The standard deviations.
    pub scale: Scale,
    /// The key of the noise.
    pub noise: NoiseKey,
    /// The number of individuals.
    pub individuals: usize,
    /// True if individuals 2k and 2k + 1 have the same noise with opposite signs. It is then the
    /// noise of individual k.
    pub mirrored: bool,
}

/// A crossover of two parents.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Crossover {
    /// The child is a copy of its first parent.
    None,
    /// Each gene comes from the second parent with this probability (Syswerda 1989).
    Uniform(f32),
    /// Each gene is uniform in the interval between the parents, extended on both sides by this
    /// fraction of its length (BLX-alpha, Eshelman and Schaffer 1993).
    Blend(f32),
}

/// Writes the crossover in words, such as `blend crossover 0.4`.
impl fmt::Display for Crossover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no crossover"),
            Self::Uniform(probability) => write!(f, "uniform crossover {probability}"),
            Self::Blend(extension) => write!(f, "blend crossover {extension}"),
        }
    }
}

/// The parents of one child, as indices into the previous population.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable, Serialize, Deserialize,
)]
#[repr(C)]
pub struct Parents {
    /// The first parent.
    pub first: u32,
    /// The second parent. It equals the first one if there is no crossover.
    pub second: u32,
    /// 1 if the child mutates, 0 if it is the exact result of the crossover.
    pub mutates: u32,
}

/// The children of the previous population.
#[derive(Clone, Debug, PartialEq)]
pub struct Offspring {
    /// The parents of each child.
    pub parents: Arc<[Parents]>,
    /// The crossover. A child whose parents are equal is a copy of them.
    pub crossover: Crossover,
    /// The standard deviation of a mutation.
    pub mutation: f32,
    /// The probability that a gene of a mutating child mutates.
    pub mutation_rate: f32,
    /// The key of the draws of crossover and mutation.
    pub noise: NoiseKey,
}

/// Genomes that the strategy computed itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplicitGenomes {
    /// The genomes, `f32[individuals][genes]`, row-major.
    pub genomes: Arc<[f32]>,
    /// The number of genes of a genome.
    pub genes: usize,
}

/// Graphs: individuals of any topology, which backends compile and pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Graphs {
    /// The graph of each individual, all with equal inputs and outputs.
    pub individuals: Arc<[Arc<Graph>]>,
}

/// Genomes that are decoded by CPPNs (HyperNEAT). Each gene is the output of its individual's graph
/// for the two ends of the connection.
#[derive(Clone, Debug, PartialEq)]
pub struct CppnGenomes {
    /// The graph of each individual, with six inputs and one output.
    pub graphs: Graphs,
    /// The coordinates of the genes, and the scale from outputs to weights.
    pub substrate: Arc<Substrate>,
}

/// One individual.
#[derive(Clone, Debug, PartialEq)]
pub enum Individual {
    /// The genome of a network of layers.
    Genome(Vec<f32>),
    /// A graph.
    Graph(Arc<Graph>),
}

impl Individual {
    /// The parameters: the genome, or the weights of the enabled connections of a graph.
    pub fn parameters(&self) -> Vec<f32> {
        match self {
            Self::Genome(genome) => genome.clone(),
            Self::Graph(graph) => graph.weights(),
        }
    }

    /// The graph, if the individual is one.
    pub fn graph(&self) -> Option<&Arc<Graph>> {
        match self {
            Self::Genome(_) => None,
            Self::Graph(graph) => Some(graph),
        }
    }

    /// The proposal of a population with this individual alone.
    pub fn to_proposal(&self) -> Proposal {
        match self {
            Self::Genome(genome) => {
                let (genomes, genes) = (Arc::from(&genome[..]), genome.len());
                Proposal::Explicit(ExplicitGenomes { genomes, genes })
            }
            Self::Graph(graph) => Proposal::Graphs(Graphs { individuals: [graph.clone()].into() }),
        }
    }
}

/// A description of a population, from which a backend generates it.
#[derive(Clone, Debug, PartialEq)]
pub enum Proposal {
    /// A Gaussian distribution around a centre.
    Gaussian(Gaussian),
    /// The children of the previous population.
    Offspring(Offspring),
    /// Genomes that the strategy computed itself.
    Explicit(ExplicitGenomes),
    /// Graphs.
    Graphs(Graphs),
    /// Genomes that are decoded by CPPNs.
    Cppn(CppnGenomes),
}

impl Proposal {
    /// The number of individuals.
    pub fn individuals(&self) -> usize {
        match self {
            Self::Gaussian(gaussian) => gaussian.individuals,
            Self::Offspring(offspring) => offspring.parents.len(),
            Self::Explicit(explicit) => explicit.genomes.len() / explicit.genes.max(1),
            Self::Graphs(graphs) => graphs.individuals.len(),
            Self::Cppn(genomes) => genomes.graphs.individuals.len(),
        }
    }

    /// The number of individuals that can be parents of [`Offspring`]; `None` for graphs, which
    /// have no genomes.
    pub fn parents(&self) -> Option<usize> {
        (!matches!(self, Self::Graphs(_))).then(|| self.individuals())
    }

    /// Checks the proposal against the number of genes of the network, and against the number of
    /// parents in the previous population.
    ///
    /// # Errors
    /// Returns an error if a length does not fit, a deviation is negative or not finite, a
    /// probability is not from 0 to 1, a parent does not exist, or a graph is invalid.
    pub fn check(&self, genes: usize, previous: Option<usize>) -> Result<()> {
        match self {
            Self::Gaussian(gaussian) => gaussian.check(genes),
            Self::Offspring(offspring) => offspring.check(previous),
            Self::Explicit(explicit) => explicit.check(genes),
            Self::Graphs(graphs) => graphs.check(),
            Self::Cppn(genomes) => genomes.check(genes),
        }
    }
}

impl Gaussian {
    fn check(&self, genes: usize) -> Result<()> {
        expect_length("a Gaussian proposal's centre", genes, self.centre.len())?;
        if let Scale::PerGene(scale) = &self.scale {
            expect_length("a Gaussian proposal's scale", genes, scale.len())?;
        }
        let scales = match &self.scale {
            Scale::Uniform(scale) => std::slice::from_ref(scale),
            Scale::PerGene(scale) => scale,
        };
        if let Some(bad) = scales.iter().find(|scale| !(scale.is_finite() && **scale >= 0.0)) {
            return Err(Error::invalid("a Gaussian proposal's scale", "a finite number >= 0", bad));
        }
        if self.mirrored && self.individuals % 2 == 1 {
            let expected = "an even number of individuals with mirrored sampling";
            return Err(Error::invalid("a Gaussian proposal", expected, self.individuals));
        }
        Ok(())
    }
}

impl Offspring {
    fn check(&self, previous: Option<usize>) -> Result<()> {
        let Some(previous) = previous else {
            let expected = "a population spawned before";
            return Err(Error::invalid("an Offspring proposal", expected, "none"));
        };
        let missing = |parents: &&Parents| parents.first.max(parents.second) as usize >= previous;
        if let Some(bad) = self.parents.iter().find(missing) {
            let expected = format!("indices below {previous}");
            let got = format!("{bad:?}");
            return Err(Error::invalid("an Offspring proposal's parents", expected, got));
        }
        let finite = |value: f32| value.is_finite() && value >= 0.0;
        let probability = |value: f32| (0.0..=1.0).contains(&value);
        let (crosses, amount) = match self.crossover {
            Crossover::None => (true, 0.0),
            Crossover::Uniform(rate) => (probability(rate), rate),
            Crossover::Blend(alpha) => (finite(alpha), alpha),
        };
        let checks = [
            ("mutation", finite(self.mutation), "a finite number >= 0", self.mutation),
            (
                "mutation rate",
                probability(self.mutation_rate),
                "a number from 0 to 1",
                self.mutation_rate,
            ),
            ("crossover", crosses, "a rate from 0 to 1, or a finite number >= 0", amount),
        ];
        match checks.into_iter().find(|(_, fits, _, _)| !fits) {
            None => Ok(()),
            Some((what, _, expected, got)) => {
                let what = format!("an Offspring proposal's {what}");
                Err(Error::invalid(what, expected, got))
            }
        }
    }
}

impl ExplicitGenomes {
    fn check(&self, genes: usize) -> Result<()> {
        expect_length("an Explicit proposal's genes", genes, self.genes)?;
        if !self.genomes.len().is_multiple_of(genes) {
            let expected = format!("a multiple of {genes} numbers");
            return Err(Error::invalid("an Explicit proposal", expected, self.genomes.len()));
        }
        Ok(())
    }
}

impl Graphs {
    fn check(&self) -> Result<()> {
        for (index, graph) in self.individuals.iter().enumerate() {
            graph.check().map_err(|error| error.with_individual(index))?;
        }
        Ok(())
    }
}

impl CppnGenomes {
    fn check(&self, genes: usize) -> Result<()> {
        expect_length("a CPPN proposal's substrate", genes, self.substrate.genes())?;
        self.graphs.check()
    }
}

fn expect_length(what: &str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(Error::invalid(what, counted(expected as u64, "genes"), got))
}

/// The utilities of a recombination: the weight of each individual in the update.
#[derive(Clone, Debug, PartialEq)]
pub struct Utilities {
    /// The weights of the noise.
    pub first: Vec<f32>,
    /// The weights of the squared noise, if the strategy needs them.
    pub second: Option<Vec<f32>>,
}

/// The result of a recombination, at most two genomes long for any population.
///
/// The noise of an individual of a Gaussian proposal is what was drawn for it, including the sign
/// of mirrored pairs. For an Explicit proposal, it is the genome itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// `f64[genes]`: the sum over individuals of utility * noise.
    pub first: Vec<f64>,
    /// `f64[genes]`: the sum over individuals of utility * noise^2.
    pub second: Option<Vec<f64>>,
}
