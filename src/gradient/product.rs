//! The product of two matrices, in tiles that stay in registers.
//!
//! One kernel serves all three products of backpropagation, because the left factor is read through
//! two strides: the forward pass multiplies activations by weights, the backward pass multiplies
//! slopes by transposed weights, and the gradient multiplies transposed activations by slopes. Each
//! sum takes its terms in order, so the result does not depend on tiles or threads.

// The compiler keeps indexed loops over a tile in registers.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use rayon::prelude::*;

use crate::math::{Instructions, Lanes, Real, SimdWork, run_simd};

/// The fewest multiplications for which threads are worth their start.
const PARALLEL: usize = 1 << 21;

/// A left factor `[rows][inner]`: the number of a row and an inner index is
/// `numbers[row * row_stride + inner * inner_stride]`.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    pub numbers: &'a [f32],
    pub row_stride: usize,
    pub inner_stride: usize,
}

/// A product `target[rows][vectors] = start + left[rows][inner] * right[inner][vectors]`.
pub(super) struct Product<'a> {
    pub left: Factor<'a>,
    pub inner: usize,
    /// `[inner][vectors]`.
    pub right: &'a [Lanes],
    pub vectors: usize,
    /// `[vectors]`, the first term of every row; empty for zeros.
    pub start: &'a [Lanes],
    /// `[rows][vectors]`.
    pub target: &'a mut [Lanes],
    /// A buffer for the left factor.
    pub panel: &'a mut Vec<f32>,
}

impl Product<'_> {
    /// Computes the product.
    pub fn compute(self) {
        run_simd(self);
    }
}

impl SimdWork for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        // As many rows and vectors as fit the registers together.
        match I::ACCUMULATORS {
            24.. => in_tiles::<I, 8, 3>(self),
            6.. => in_tiles::<I, 6, 1>(self),
            _ => in_tiles::<I, 2, 1>(self),
        }
    }
}

/// Computes a product in tiles of `T` rows and `W` vectors.
#[inline(always)]
fn in_tiles<I: Instructions, const T: usize, const W: usize>(product: Product<'_>) {
    let Product { left, inner, right, vectors, start, target, panel } = product;
    let rows = target.len() / vectors;
    panel.clear();
    panel.resize(rows.next_multiple_of(T) * inner, 0.0);
    for (tile, panel) in panel.chunks_exact_mut(T * inner).enumerate() {
        for row in 0..T.min(rows - tile * T) {
            let first = (tile * T + row) * left.row_stride;
            for k in 0..inner {
                panel[k * T + row] = left.numbers[first + k * left.inner_stride];
            }
        }
    }
    let rows_of = |(panel, target)| Rows::<T, W> { panel, inner, right, vectors, start, target };
    // Some tiles at a time, so that the columns of the right factor stay in the cache.
    const GROUP: usize = 8;
    let panels = panel.chunks(GROUP * T * inner);
    if rows * inner * vectors * crate::math::LANES < PARALLEL {
        for (panel, target) in panels.zip(target.chunks_mut(GROUP * T * vectors)) {
            I::call(rows_of((panel, target)));
        }
        return;
    }
    let tiles = panel.par_chunks(T * inner).zip(target.par_chunks_mut(T * vectors));
    tiles.for_each(|tile| I::call(rows_of(tile)));
}

/// Some rows of a product, whose left factor is in panels `[tiles][inner][T]`.
struct Rows<'a, const T: usize, const W: usize> {
    panel: &'a [f32],
    inner: usize,
    right: &'a [Lanes],
    vectors: usize,
    start: &'a [Lanes],
    target: &'a mut [Lanes],
}

impl<const T: usize, const W: usize> SimdWork for Rows<'_, T, W> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { panel, inner, right, vectors, start, target } = self;
        let right: &[Lanes<I>] = bytemuck::cast_slice(right);
        let start: &[Lanes<I>] = bytemuck::cast_slice(start);
        let target: &mut [Lanes<I>] = bytemuck::cast_slice_mut(target);
        let mut first = 0;
        while first < vectors {
            let wide = first + W <= vectors;
            let tiles = panel.chunks_exact(T * inner).zip(target.chunks_mut(T * vectors));
            for (panel, target) in tiles {
                let at = Position { first, vectors };
                match wide {
                    true => tile::<I, T, W>(panel, right, start, at, target),
                    false => tile::<I, T, 1>(panel, right, start, at, target),
                }
            }
            first += if wide { W } else { 1 };
        }
    }
}

/// The position of a tile among the vectors of a row.
#[derive(Clone, Copy)]
struct Position {
    first: usize,
    vectors: usize,
}

/// Computes a tile. Rows beyond the end of `target` are dropped.
#[inline(always)]
fn tile<I: Instructions, const T: usize, const W: usize>(
    panel: &[f32],
    right: &[Lanes<I>],
    start: &[Lanes<I>],
    Position { first, vectors }: Position,
    target: &mut [Lanes<I>],
) {
    let mut sums = [[Lanes::<I>::default(); W]; T];
    if !start.is_empty() {
        for w in 0..W {
            for t in 0..T {
                sums[t][w] = start[first + w];
            }
        }
    }
    for (left, right) in panel.chunks_exact(T).zip(right.chunks_exact(vectors)) {
        let right = &right[first..first + W];
        for t in 0..T {
            let left = Lanes::splat(left[t]);
            for w in 0..W {
                sums[t][w] = left.mul_add(right[w], sums[t][w]);
            }
        }
    }
    for (t, row) in target.chunks_exact_mut(vectors).enumerate() {
        for w in 0..W {
            row[first + w] = sums[t][w];
        }
    }
}
