//! Noise on demand: products and sums of a generation's noise, and genomes mixed from it.
//!
//! A generation has `sources` rows of standard normals, each as long as a genome. No strategy
//! stores them. These functions draw them again from their key, a few genes at a time: the working
//! set of a thread stays in its caches, and nothing but the genomes is as large as the population.
//!
//! # Shapes
//!
//! ```text
//! noise     f64[sources][genes]   never in memory        vectors   f64[count][genes]
//! products  f64[sources][count]   noise . vector
//! sums      f64[genes]            sum of weight * noise
//! genomes   f32[individuals][genes]
//!           centre + scale * (own * noise + sum over vectors of share * vector)
//! ```
//!
//! All sums are in double precision, and their order depends neither on the number of threads nor
//! on the processor.

// The compiler vectorises indexed loops over lanes.
#![allow(clippy::needless_range_loop)]

use std::sync::Arc;

use rayon::prelude::*;

use super::reduction::{SPAN, over_spans};
use crate::math::{Instructions, Matrix, SimdWork, run_simd};
use crate::population::{ExplicitGenomes, NoiseKey, Proposal};
use crate::random::{NORMAL_SLICES, NORMALS_PER_CHUNK, Stream, normal_table};

/// The number of genes whose noise stays in a thread's cache while all sources are processed.
const TILE: usize = 4 * NORMALS_PER_CHUNK;
/// The number of partial sums of a product, which fill the processor's vectors.
const LANES: usize = 16;
/// The number of vectors that a tile of noise is multiplied by at once.
const VECTORS: usize = 4;
/// The number of genomes that one thread writes together, so that vectors are read once for all.
const ROWS: usize = 8;

/// The noise of a generation.
#[derive(Clone, Copy)]
pub(super) struct Noise {
    pub(super) key: NoiseKey,
    pub(super) sources: usize,
    pub(super) genes: usize,
}

/// The recipe by which genomes are mixed from noise and vectors.
pub(super) struct NoiseMixture<'a> {
    /// The centre, `f64[genes]`.
    pub(super) centre: &'a [f64],
    /// The factor on the deviation of a gene.
    pub(super) scale: &'a (dyn Fn(usize) -> f64 + Sync),
    /// The vectors, `f64[count][genes]`.
    pub(super) vectors: &'a [&'a [f64]],
    /// The shares of the vectors, `f64[sources][count]`.
    pub(super) shares: &'a [f64],
    /// The factor on the noise.
    pub(super) own: f64,
    /// True if individuals 2k and 2k + 1 deviate by source k, with opposite signs.
    pub(super) mirrored: bool,
}

impl Noise {
    /// Returns the inner product of each source's noise with each vector, `f64[sources][count]`.
    pub(super) fn products(&self, vectors: &[&[f64]]) -> Vec<f64> {
        let (noise, count) = (*self, vectors.len());
        self.over_spans(self.sources * count, |first| Products { noise, vectors, first })
    }

    /// Returns the squared length of each source's noise, `f64[sources]`.
    pub(super) fn squares(&self) -> Vec<f64> {
        self.over_spans(self.sources, |first| Squares { noise: *self, first })
    }

    /// Returns the sum of weight * noise, `f64[genes]`, for each list of weights, `f64[sources]`.
    pub(super) fn sums<const K: usize>(&self, weights: [&[f64]; K]) -> [Vec<f64>; K] {
        self.over_chunks::<K, false>(weights)
    }

    /// Returns the sum of weight * noise^2, `f64[genes]`.
    pub(super) fn sum_of_squares(&self, weights: &[f64]) -> Vec<f64> {
        let [sum] = self.over_chunks::<1, true>([weights]);
        sum
    }

    /// Returns the population of a mixture, written out.
    pub(super) fn genomes(&self, mixture: &NoiseMixture) -> Proposal {
        let individuals = if mixture.mirrored { 2 * self.sources } else { self.sources };
        // Collecting into the `Arc` avoids the copy that converting a `Vec` would make.
        let mut genomes: Arc<[f32]> = std::iter::repeat_n(0.0, individuals * self.genes).collect();
        let rows = Arc::get_mut(&mut genomes).expect("the only owner");
        let write = |(group, rows)| {
            run_simd(Write { noise: *self, mixture, first: group * ROWS, rows });
        };
        if self.genes <= SPAN {
            rows.chunks_mut(ROWS * self.genes).enumerate().for_each(write);
        } else {
            rows.par_chunks_mut(ROWS * self.genes).enumerate().for_each(write);
        }
        Proposal::Explicit(ExplicitGenomes { genomes, genes: self.genes })
    }

    /// Runs some work on each span of genes, given its first gene, and adds up the results in
    /// order.
    fn over_spans<W>(&self, length: usize, work: impl Fn(usize) -> W + Sync) -> Vec<f64>
    where
        W: SimdWork<Output = Vec<f64>>,
    {
        let spans = over_spans(self.genes, &|span| run_simd(work(span.start)));
        let mut totals = vec![0.0; length];
        for span in spans {
            for (total, sum) in totals.iter_mut().zip(span) {
                *total += sum;
            }
        }
        totals
    }

    fn over_chunks<const K: usize, const SQUARED: bool>(
        &self,
        weights: [&[f64]; K],
    ) -> [Vec<f64>; K] {
        let work = |chunk| run_simd(WeightedSums::<K, SQUARED> { noise: *self, weights, chunk });
        let chunks = 0..self.genes.div_ceil(NORMALS_PER_CHUNK);
        let chunks: Vec<[[f64; NORMALS_PER_CHUNK]; K]> = if self.genes <= SPAN {
            chunks.map(work).collect()
        } else {
            chunks.into_par_iter().map(work).collect()
        };
        std::array::from_fn(|k| {
            let genes = chunks.iter().flat_map(|sums| &sums[k]);
            genes.take(self.genes).copied().collect()
        })
    }

    /// The normals of a source, for a chunk of genes.
    #[inline(always)]
    fn chunk(
        &self,
        table: &[f32; NORMAL_SLICES],
        source: usize,
        chunk: usize,
    ) -> [f32; NORMALS_PER_CHUNK] {
        self.key.counter(Stream::Noise, source).chunk_normals(table, chunk as u32)
    }
}

/// Returns the inner product of each pair of vectors, `f64[count][count]`.
pub(super) fn gram(vectors: &[&[f64]]) -> Vec<f64> {
    let count = vectors.len();
    let Some(genes) = vectors.first().map(|vector| vector.len()) else {
        return Vec::new();
    };
    let none = Noise { key: NoiseKey { seed: 0, generation: 0 }, sources: 0, genes };
    let mut gram = none.over_spans(count * count, |first| Gram { vectors, first });
    for i in 0..count {
        for l in 0..i {
            gram[l * count + i] = gram[i * count + l];
        }
    }
    gram
}

/// Computes products over one span of genes.
struct Products<'a> {
    noise: Noise,
    vectors: &'a [&'a [f64]],
    first: usize,
}

impl SimdWork for Products<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<f64> {
        let Self { noise, vectors, first } = self;
        let table = normal_table();
        let mut products = vec![0.0; noise.sources * vectors.len()];
        let mut tile = [0.0; TILE];
        let end = (first + SPAN).min(noise.genes);
        for gene in (first..end).step_by(TILE) {
            let genes = TILE.min(end - gene);
            for source in 0..noise.sources {
                for chunk in 0..genes.div_ceil(NORMALS_PER_CHUNK) {
                    let at = chunk * NORMALS_PER_CHUNK;
                    let normals = noise.chunk(table, source, (gene + at) / NORMALS_PER_CHUNK);
                    for n in 0..NORMALS_PER_CHUNK {
                        tile[at + n] = f64::from(normals[n]);
                    }
                }
                let sums = &mut products[source * vectors.len()..][..vectors.len()];
                add_products(&tile[..genes], vectors, gene, sums);
            }
        }
        products
    }
}

/// Computes products of vectors with each other over one span of genes, the lower triangle only.
struct Gram<'a> {
    vectors: &'a [&'a [f64]],
    first: usize,
}

impl SimdWork for Gram<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<f64> {
        let Self { vectors, first } = self;
        let count = vectors.len();
        let mut gram = vec![0.0; count * count];
        let end = (first + SPAN).min(vectors[0].len());
        for gene in (first..end).step_by(TILE) {
            let genes = gene..(gene + TILE).min(end);
            for i in 0..count {
                let sums = &mut gram[i * count..][..=i];
                add_products(&vectors[i][genes.clone()], &vectors[..=i], gene, sums);
            }
        }
        gram
    }
}

/// Adds to each sum the product of a tile and the same genes of a vector.
#[inline(always)]
fn add_products(tile: &[f64], vectors: &[&[f64]], gene: usize, sums: &mut [f64]) {
    let mut v = 0;
    while v + VECTORS <= vectors.len() {
        let products = products::<VECTORS>(tile, vectors, v, gene);
        for n in 0..VECTORS {
            sums[v + n] += products[n];
        }
        v += VECTORS;
    }
    while v < vectors.len() {
        sums[v] += products::<1>(tile, vectors, v, gene)[0];
        v += 1;
    }
}

/// Returns the products of a tile and `N` vectors, from a first one on. The order of each sum does
/// not depend on `N`.
#[inline(always)]
fn products<const N: usize>(
    tile: &[f64],
    vectors: &[&[f64]],
    first: usize,
    gene: usize,
) -> [f64; N] {
    let mut slices = [tile; N];
    for n in 0..N {
        slices[n] = &vectors[first + n][gene..gene + tile.len()];
    }
    let mut sums = [[0.0; LANES]; N];
    let whole = tile.len() / LANES * LANES;
    for at in (0..whole).step_by(LANES) {
        for n in 0..N {
            for l in 0..LANES {
                sums[n][l] += tile[at + l] * slices[n][at + l];
            }
        }
    }
    let mut products = [0.0; N];
    for n in 0..N {
        for at in whole..tile.len() {
            sums[n][at - whole] += tile[at] * slices[n][at];
        }
        for l in 0..LANES {
            products[n] += sums[n][l];
        }
    }
    products
}

/// Computes squared lengths over one span of genes.
struct Squares {
    noise: Noise,
    first: usize,
}

impl SimdWork for Squares {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<f64> {
        let Self { noise, first } = self;
        let table = normal_table();
        let mut squares = vec![0.0; noise.sources];
        let end = (first + SPAN).min(noise.genes);
        for source in 0..noise.sources {
            for gene in (first..end).step_by(NORMALS_PER_CHUNK) {
                let normals = noise.chunk(table, source, gene / NORMALS_PER_CHUNK);
                for n in 0..NORMALS_PER_CHUNK.min(end - gene) {
                    squares[source] += f64::from(normals[n]) * f64::from(normals[n]);
                }
            }
        }
        squares
    }
}

/// The weighted sums of all sources' noise, or of its square, for one chunk of genes.
struct WeightedSums<'a, const K: usize, const SQUARED: bool> {
    noise: Noise,
    weights: [&'a [f64]; K],
    chunk: usize,
}

impl<const K: usize, const SQUARED: bool> SimdWork for WeightedSums<'_, K, SQUARED> {
    type Output = [[f64; NORMALS_PER_CHUNK]; K];

    #[inline(always)]
    fn run<I: Instructions>(self) -> Self::Output {
        let table = normal_table();
        let mut sums = [[0.0; NORMALS_PER_CHUNK]; K];
        for source in 0..self.noise.sources {
            let normals = self.noise.chunk(table, source, self.chunk);
            for k in 0..K {
                let weight = self.weights[k][source];
                for n in 0..NORMALS_PER_CHUNK {
                    let normal = f64::from(normals[n]);
                    let term = if SQUARED { normal * normal } else { normal };
                    sums[k][n] += weight * term;
                }
            }
        }
        sums
    }
}

/// Writes some genomes of a mixture, from a first one on.
struct Write<'a, 'b> {
    noise: Noise,
    mixture: &'a NoiseMixture<'a>,
    first: usize,
    rows: &'b mut [f32],
}

impl SimdWork for Write<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { noise, mixture, first, rows } = self;
        let (table, count) = (normal_table(), mixture.vectors.len());
        let mut scales = [0.0; NORMALS_PER_CHUNK];
        for gene in (0..noise.genes).step_by(NORMALS_PER_CHUNK) {
            let genes = NORMALS_PER_CHUNK.min(noise.genes - gene);
            for n in 0..genes {
                scales[n] = (mixture.scale)(gene + n);
            }
            for row in 0..rows.len() / noise.genes {
                let individual = first + row;
                let (source, sign) = if mixture.mirrored {
                    (individual / 2, if individual.is_multiple_of(2) { 1.0 } else { -1.0 })
                } else {
                    (individual, 1.0)
                };
                let normals = noise.chunk(table, source, gene / NORMALS_PER_CHUNK);
                let mut steps = [0.0; NORMALS_PER_CHUNK];
                for n in 0..NORMALS_PER_CHUNK {
                    steps[n] = mixture.own * f64::from(normals[n]);
                }
                for v in 0..count {
                    let share = mixture.shares[source * count + v];
                    let vector = &mixture.vectors[v][gene..gene + genes];
                    for n in 0..genes {
                        steps[n] += share * vector[n];
                    }
                }
                let target = &mut rows[row * noise.genes + gene..][..genes];
                for n in 0..genes {
                    let step = sign * scales[n] * steps[n];
                    target[n] = (mixture.centre[gene + n] + step) as f32;
                }
            }
        }
    }
}

/// Draws standard normals, `genes` x `individuals`, with one column for each individual.
pub(super) fn noise_matrix(key: &NoiseKey, genes: usize, individuals: usize) -> Matrix {
    let mut numbers = Vec::with_capacity(genes * individuals);
    for individual in 0..individuals {
        let counter = key.counter(Stream::Noise, individual);
        let normals = (0..).flat_map(|block| counter.normals(block));
        numbers.extend(normals.take(genes).map(f64::from));
    }
    Matrix::from_columns(genes, numbers)
}
