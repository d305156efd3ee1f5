//! Kernel variants: the ways to map networks onto the invocations of a device.
//!
//! All variants compute the same result, so the autotuner may pick the fastest. Every variant but
//! `tensor` adds the terms of a sum in the same order, each by one fused multiply-add. On Mesa's
//! software adapter they give the same bits, as a test checks. Rung 5 of verification compares each
//! variant with `loop`, and `tensor` with the reference.
//!
//! # The ladder
//!
//! In this list, P is the number of genes and E the number of episodes that run side by side. A
//! step is one step of one individual in one episode. All variants take 2 P floating-point
//! operations per step for the network, plus those of the task. A word has four bytes; reads count
//! as requested, although caches may serve them. No variant has been measured on hardware yet.
//!
//! - `loop`: one invocation runs one individual in one episode. Layers are loops, and neighbouring
//!   invocations read neighbouring words. It reads P words of weights per step from memory,
//!   coalesced. It supports every network.
//! - `unrolled`: like `loop`, but the outputs of every layer are written out. Their sums stay in
//!   registers, and each input is read once for all of them. It reads P words per step from memory,
//!   coalesced. It supports dense layers of up to [`UNROLLED_OUTPUTS`] outputs.
//! - `team-8` to `team-64`: a team of 8 to 64 invocations runs one individual in up to 16 episodes
//!   at once. If the genome fits workgroup memory, it is read once per dispatch and stays there. A
//!   step reads P / E words from workgroup memory, or from global memory if the genome does not
//!   fit. On a data set, `team-64` takes 32 samples at once, and reads a weight once for four of
//!   them. It supports dense layers.
//! - `fused-8` to `fused-64`: like `team-8` to `team-64`, but the population is never written. At
//!   the beginning of a dispatch, each team generates its genome in workgroup memory from the
//!   recipe. That takes P / 8 blocks of Philox, and 2 P words (3 P with a scale per gene) of tables
//!   that all teams read. An ordinary team instead reads P words that spawning wrote before.
//!   Genomes take no memory, so the population is limited only by the states of its episodes. It
//!   supports dense layers whose genome fits workgroup memory. Offspring and explicit genomes run
//!   as in teams.
//! - `subgroup`: the invocations of a subgroup run one individual in one episode. Each holds the
//!   weights of some outputs in registers, so the genome is read once per dispatch. Signals pass
//!   from layer to layer by broadcasts: one for each multiply-add of an invocation if a layer is no
//!   wider than the subgroup, one for every two if it is twice as wide. A step reads no memory and
//!   meets no barrier. It supports dense layers whose weights fit the registers, on devices whose
//!   subgroups all have one size.
//! - `tensor`: a workgroup runs one individual on E samples of a data set, up to 64. Its subgroups
//!   multiply tiles of 8 x 8 or 16 x 16 numbers of half precision on tensor cores, and sum in
//!   single precision. It reads P / 2 words of weights for E samples; layers whose tiles would not
//!   be aligned are copied first. It supports dense layers in half precision, on adapters that list
//!   such tiles. It is the only variant that rounds inputs and hidden signals to half precision, so
//!   it runs only on request, and after a self-test that compares it with sums computed number by
//!   number.
//!
//! Genes in half precision ([`Precision::Half`](crate::network::Precision)) halve the words of
//! weights in every variant. All other arithmetic stays the same.
//!
//! # Open questions for hardware
//!
//! `benches/gpu.sh` verifies and measures in one run; the targets are in `benches/peers/gpu.toml`.
//! These questions have no answer yet:
//!
//! - Which variant is the fastest for which network, and which share of the device's peak does it
//!   reach?
//! - Are tiles correct on tensor cores? Mesa, which computes them in software, agrees.
//! - Are signals between layers faster in workgroup memory, where `loop` and `unrolled` keep them
//!   if they fit, or in private memory? The compiler's handling of private memory decides.
//! - Are broadcasts between registers (`subgroup`) faster than workgroup memory (`team-32`)? Does a
//!   driver reconverge a subgroup after a branch, as Mesa's does? Broadcasts rely on that.
//! - Is it faster to generate the noise in every dispatch (`fused-N`) than to write genes once and
//!   read them in every dispatch? The autotuner compares whole generations.
//!
//! # How to add a variant
//!
//! Add a variant to the enum and a row to the table below, and a case to the thread mappings of
//! control tasks and of data sets (`thread_mapping.rs`). The kernel itself is a file in `kernels/`,
//! and its WGSL is in `shaders/kernel/`. The command line, the autotuner, verification and
//! benchmarks read the table, and ask the thread mapping which networks a variant supports.

use crate::backend::plan::WORKGROUP;
use crate::error::{self, Result};
use crate::task::Kind;

/// The most outputs of an unrolled layer. Mesa's software adapter compiled two such layers in 1.9
/// s, and two layers of twice as many outputs in 6.8 s.
pub const UNROLLED_OUTPUTS: usize = 32;

/// The number of individuals in a packed block, for control tasks and functions.
const CONTROL_LANES: usize = WORKGROUP;

/// A way to map networks onto the invocations of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// One invocation runs an individual in an episode, or on a sample; layers are loops.
    Loop,
    /// Like `Loop`, with the outputs of layers written out.
    Unrolled,
    /// A team of this many invocations runs an individual.
    Team(usize),
    /// A team of this many invocations generates the genome of an individual and runs it.
    Fused(usize),
    /// A subgroup runs an individual, whose genome is in its registers.
    Subgroup,
    /// Tensor cores multiply layers by tiles.
    Tensor,
}

/// Defines the list of variants and their names from one table.
macro_rules! variants {
    ($($name:literal: $variant:ident $(($threads:literal))?,)*) => {
        impl Variant {
            /// All variants, the plainest first.
            pub const ALL: [Self; [$($name,)*].len()] = [$(Self::$variant $(($threads))?,)*];

            /// The name of the variant on the command line.
            ///
            /// # Panics
            /// Panics if a team has a size that is not in [`Variant::ALL`].
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant $(($threads))? => $name,)*
                    Self::Team(_) | Self::Fused(_) => panic!("no variant has a team of this size"),
                }
            }
        }
    };
}

variants! {
    "loop": Loop,
    "unrolled": Unrolled,
    "team-8": Team(8),
    "team-16": Team(16),
    "team-32": Team(32),
    "team-64": Team(64),
    "fused-8": Fused(8),
    "fused-16": Fused(16),
    "fused-32": Fused(32),
    "fused-64": Fused(64),
    "subgroup": Subgroup,
    "tensor": Tensor,
}

impl Variant {
    /// Finds a variant by its name.
    ///
    /// # Errors
    /// Returns [`Error::Unknown`](crate::error::Error::Unknown) with the known names.
    pub fn by_name(name: &str) -> Result<Self> {
        error::by_name("variant", name, Self::ALL, |variant| variant.name())
    }

    /// The fused counterpart of this variant, if it has one.
    pub(super) fn fused(self) -> Option<Self> {
        match self {
            Self::Team(threads) => Some(Self::Fused(threads)),
            _ => None,
        }
    }

    /// Returns true if the variant computes the same result as `loop`.
    pub fn is_exact(self) -> bool {
        self != Self::Tensor
    }

    /// The number of individuals in a block of the packed population: those that read the same gene
    /// side by side.
    pub(super) fn lanes(self, kind: Kind<'_>) -> usize {
        match (self, kind) {
            (_, Kind::Data(_)) => 1,
            (Self::Team(_) | Self::Fused(_) | Self::Subgroup, Kind::Control(_)) => 1,
            (_, Kind::Control(_) | Kind::Function(_)) => CONTROL_LANES,
        }
    }
}
