//! Noise made again: products and sums of a generation's noise, and genomes mixed from it.
//!
//! A generation has `sources` rows of standard normals, as long as a genome. No strategy keeps
//! them: whoever needs them makes them again from their key, some genes at a time, so that what a
//! thread touches stays in its caches, and memory holds nothing as large as the population but the
//! genomes themselves.
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
//! Everything is added up in double precision and in an order that depends neither on the number of
//! threads nor on the processor.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use std::sync::Arc;

use rayon::prelude::*;

use super::genewise::SPAN;
use crate::math::{Instructions, Vectorised, vectorised};
use crate::population::{Explicit, NoiseKey, Proposal};
use crate::random::{NORMAL_SLICES, NORMALS_A_STRETCH, Stream, normal_table};

/// Genes whose noise, of all sources, stays in a thread's cache.
const TILE: usize = 4 * NORMALS_A_STRETCH;
/// Sums that run side by side in a product, for the sake of the processor's vectors.
const LANES: usize = 16;
/// Vectors that a tile of noise is multiplied with at once.
const VECTORS: usize = 4;
/// Genomes that one thread writes together, so that the vectors are read once for all of them.
const ROWS: usize = 8;

/// The noise of a generation.
#[derive(Clone, Copy)]
pub(super) struct Noise {
    pub(super) key: NoiseKey,
    pub(super) sources: usize,
    pub(super) genes: usize,
}

/// How genomes are mixed from noise and vectors.
pub(super) struct Mixture<'a> {
    /// `f64[genes]`.
    pub(super) centre: &'a [f64],
    /// `f64[genes]`: what every deviation of a gene is multiplied with.
    pub(super) scale: &'a (dyn Fn(usize) -> f64 + Sync),
    /// `f64[count][genes]`.
    pub(super) vectors: &'a [&'a [f64]],
    /// `f64[sources][count]`.
    pub(super) shares: &'a [f64],
    /// What the noise itself is multiplied with.
    pub(super) own: f64,
    /// Whether individuals 2k and 2k + 1 stray from source k, with opposite signs.
    pub(super) mirrored: bool,
}

impl Noise {
    /// `f64[sources][count]`: the inner product of each source's noise with each vector.
    pub(super) fn products(&self, vectors: &[&[f64]]) -> Vec<f64> {
        let (noise, count) = (*self, vectors.len());
        self.over_spans(self.sources * count, |first| Products { noise, vectors, first })
    }

    /// `f64[sources]`: the squared length of each source's noise.
    pub(super) fn squares(&self) -> Vec<f64> {
        self.over_spans(self.sources, |first| Squares { noise: *self, first })
    }

    /// `f64[genes]` for each list of weights, `f64[sources]`: the sum of weight * noise.
    pub(super) fn sums<const K: usize>(&self, weights: [&[f64]; K]) -> [Vec<f64>; K] {
        self.over_stretches::<K, false>(weights)
    }

    /// `f64[genes]`: the sum of weight * noise^2.
    pub(super) fn sum_of_squares(&self, weights: &[f64]) -> Vec<f64> {
        let [sum] = self.over_stretches::<1, true>([weights]);
        sum
    }

    /// The population of a mixture, written out.
    pub(super) fn genomes(&self, mixture: &Mixture) -> Proposal {
        let individuals = if mixture.mirrored { 2 * self.sources } else { self.sources };
        // Allocated once: a vector would be copied into the shared memory.
        let mut genomes: Arc<[f32]> = std::iter::repeat_n(0.0, individuals * self.genes).collect();
        let rows = Arc::get_mut(&mut genomes).expect("nobody else has it yet");
        let write = |(group, rows)| {
            vectorised(Write { noise: *self, mixture, first: group * ROWS, rows });
        };
        if self.genes <= SPAN {
            rows.chunks_mut(ROWS * self.genes).enumerate().for_each(write);
        } else {
            rows.par_chunks_mut(ROWS * self.genes).enumerate().for_each(write);
        }
        Proposal::Explicit(Explicit { genomes, genes: self.genes })
    }

    /// Adds up, in order, what some work makes of the span that begins with each first gene.
    fn over_spans<W>(&self, length: usize, work: impl Fn(usize) -> W + Sync) -> Vec<f64>
    where
        W: Vectorised<Output = Vec<f64>>,
    {
        if self.genes <= SPAN {
            return vectorised(work(0));
        }
        let spans = (0..self.genes).into_par_iter().step_by(SPAN);
        let spans: Vec<Vec<f64>> = spans.map(|first| vectorised(work(first))).collect();
        let mut totals = vec![0.0; length];
        for span in spans {
            for (total, sum) in totals.iter_mut().zip(span) {
                *total += sum;
            }
        }
        totals
    }

    fn over_stretches<const K: usize, const SQUARED: bool>(
        &self,
        weights: [&[f64]; K],
    ) -> [Vec<f64>; K] {
        let work = |stretch| vectorised(Sums::<K, SQUARED> { noise: *self, weights, stretch });
        let stretches = 0..self.genes.div_ceil(NORMALS_A_STRETCH);
        let stretches: Vec<[[f64; NORMALS_A_STRETCH]; K]> = if self.genes <= SPAN {
            stretches.map(work).collect()
        } else {
            stretches.into_par_iter().map(work).collect()
        };
        std::array::from_fn(|k| {
            let genes = stretches.iter().flat_map(|sums| &sums[k]);
            genes.take(self.genes).copied().collect()
        })
    }

    /// The normals of a source, for a stretch of genes.
    #[inline(always)]
    fn stretch(
        &self,
        table: &[f32; NORMAL_SLICES],
        source: usize,
        stretch: usize,
    ) -> [f32; NORMALS_A_STRETCH] {
        self.key.place(Stream::Noise, source).stretch_normals(table, stretch as u32)
    }
}

/// `f64[count][count]`: the inner product of each vector with each.
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

/// The products of one span of genes.
struct Products<'a> {
    noise: Noise,
    vectors: &'a [&'a [f64]],
    first: usize,
}

impl Vectorised for Products<'_> {
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
                for stretch in 0..genes.div_ceil(NORMALS_A_STRETCH) {
                    let at = stretch * NORMALS_A_STRETCH;
                    let normals = noise.stretch(table, source, (gene + at) / NORMALS_A_STRETCH);
                    for n in 0..NORMALS_A_STRETCH {
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

/// The products of vectors with each other, for one span of genes; the lower triangle.
struct Gram<'a> {
    vectors: &'a [&'a [f64]],
    first: usize,
}

impl Vectorised for Gram<'_> {
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

/// Adds to each sum the product of a tile with the same genes of a vector.
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

/// The products of a tile with `N` vectors from one on; each is summed alike, whatever `N`.
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

/// The squared lengths of one span of genes.
struct Squares {
    noise: Noise,
    first: usize,
}

impl Vectorised for Squares {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<f64> {
        let Self { noise, first } = self;
        let table = normal_table();
        let mut squares = vec![0.0; noise.sources];
        let end = (first + SPAN).min(noise.genes);
        for source in 0..noise.sources {
            for gene in (first..end).step_by(NORMALS_A_STRETCH) {
                let normals = noise.stretch(table, source, gene / NORMALS_A_STRETCH);
                for n in 0..NORMALS_A_STRETCH.min(end - gene) {
                    squares[source] += f64::from(normals[n]) * f64::from(normals[n]);
                }
            }
        }
        squares
    }
}

/// The weighted sums of all sources' noise, or of its square, for one stretch of genes.
struct Sums<'a, const K: usize, const SQUARED: bool> {
    noise: Noise,
    weights: [&'a [f64]; K],
    stretch: usize,
}

impl<const K: usize, const SQUARED: bool> Vectorised for Sums<'_, K, SQUARED> {
    type Output = [[f64; NORMALS_A_STRETCH]; K];

    #[inline(always)]
    fn run<I: Instructions>(self) -> Self::Output {
        let table = normal_table();
        let mut sums = [[0.0; NORMALS_A_STRETCH]; K];
        for source in 0..self.noise.sources {
            let normals = self.noise.stretch(table, source, self.stretch);
            for k in 0..K {
                let weight = self.weights[k][source];
                for n in 0..NORMALS_A_STRETCH {
                    let normal = f64::from(normals[n]);
                    let term = if SQUARED { normal * normal } else { normal };
                    sums[k][n] += weight * term;
                }
            }
        }
        sums
    }
}

/// Some genomes of a mixture, from one on.
struct Write<'a, 'b> {
    noise: Noise,
    mixture: &'a Mixture<'a>,
    first: usize,
    rows: &'b mut [f32],
}

impl Vectorised for Write<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { noise, mixture, first, rows } = self;
        let (table, count) = (normal_table(), mixture.vectors.len());
        let mut scales = [0.0; NORMALS_A_STRETCH];
        for gene in (0..noise.genes).step_by(NORMALS_A_STRETCH) {
            let genes = NORMALS_A_STRETCH.min(noise.genes - gene);
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
                let normals = noise.stretch(table, source, gene / NORMALS_A_STRETCH);
                let mut steps = [0.0; NORMALS_A_STRETCH];
                for n in 0..NORMALS_A_STRETCH {
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
