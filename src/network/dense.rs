//! The sums of a dense layer, in tiles of outputs that stay in registers.

// The compiler keeps indexed loops over a tile in registers. A call that is not inlined, however
// small, uses the narrow vectors of the build and spills all registers.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::Layer;
use crate::math::Real;

/// A genome, or one genome for each lane, that a forward pass reads.
pub trait WeightSource<R> {
    /// The stored form of a gene.
    type Gene: Copy;
    /// A slice of `count` consecutive genes.
    fn row(&self, first: usize, count: usize) -> &[Self::Gene];
    /// Converts a gene to a number for every lane.
    fn splat(gene: Self::Gene) -> R;
}

/// One individual for each lane, or one genome in `f64`.
impl<R: Real> WeightSource<R> for [R] {
    type Gene = R;
    #[inline(always)]
    fn row(&self, first: usize, count: usize) -> &[R] {
        &self[first..first + count]
    }
    #[inline(always)]
    fn splat(gene: R) -> R {
        gene
    }
}

/// One individual that all lanes share.
pub struct SharedGenome<'a>(pub &'a [f32]);

impl<R: Real> WeightSource<R> for SharedGenome<'_> {
    type Gene = f32;
    #[inline(always)]
    fn row(&self, first: usize, count: usize) -> &[f32] {
        &self.0[first..first + count]
    }
    #[inline(always)]
    fn splat(gene: f32) -> R {
        R::from_f64(f64::from(gene))
    }
}

/// Computes a dense layer. Each sum takes its bias first, if there is one, and then the inputs in
/// order.
#[inline(always)]
pub(super) fn dense<R: Real, G: WeightSource<R> + ?Sized>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    target: &mut [R],
) {
    let left =
        |output: usize, width: usize| R::ACCUMULATORS >= width && output + width <= layer.outputs;
    let mut output = 0;
    while left(output, 16) {
        output = tile::<R, G, 16>(layer, genome, source, target, output);
    }
    while left(output, 8) {
        output = tile::<R, G, 8>(layer, genome, source, target, output);
    }
    while left(output, 4) {
        output = tile::<R, G, 4>(layer, genome, source, target, output);
    }
    while left(output, 2) {
        output = tile::<R, G, 2>(layer, genome, source, target, output);
    }
    while left(output, 1) {
        output = tile::<R, G, 1>(layer, genome, source, target, output);
    }
    layer.activation.apply_all(&mut target[..layer.outputs]);
}

/// Computes the sums of `T` outputs from `output` on, and returns the index of the next one.
#[inline(always)]
fn tile<R: Real, G: WeightSource<R> + ?Sized, const T: usize>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    target: &mut [R],
    output: usize,
) -> usize {
    let target = &mut target[output..output + T];
    let mut sums = [R::default(); T];
    if layer.biased {
        let biases = genome.row(layer.first_bias() + output, T);
        for t in 0..T {
            sums[t] = G::splat(biases[t]);
        }
    }
    let weights = genome.row(layer.first_gene, layer.inputs * layer.outputs);
    assert!(weights.len() == layer.inputs * layer.outputs, "a weight for each input and output");
    assert!(source.len() == layer.inputs && output + T <= layer.outputs, "a tile of the layer");
    for (input, &number) in source.iter().enumerate() {
        // SAFETY: the assertions above ensure the bounds.
        let row = unsafe { weights.get_unchecked(input * layer.outputs + output..) };
        for t in 0..T {
            let weight = unsafe { *row.get_unchecked(t) };
            sums[t] = G::splat(weight).mul_add(number, sums[t]);
        }
    }
    for t in 0..T {
        target[t] = sums[t];
    }
    output + T
}
