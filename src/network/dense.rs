//! The sums of a dense layer, in tiles of outputs that stay in registers.

// The compiler keeps indexed loops over a tile in registers. A call that is not inlined, however
// small, uses the narrow vectors of the build and spills all registers.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::Layer;
use crate::math::{Mask, Real};

/// A genome, or one genome for each lane, that a forward pass reads.
pub trait WeightSource<R> {
    /// The stored form of a gene.
    type Gene: Copy;
    /// A slice of `count` consecutive genes.
    fn row(&self, first: usize, count: usize) -> &[Self::Gene];
    /// Converts a gene to a number for every lane.
    fn splat(gene: Self::Gene) -> R;
    /// True if an input that is zero in every lane may be left out of a sum: all genes are known
    /// to be finite, so that its products are zero.
    #[inline(always)]
    fn is_finite(&self) -> bool {
        false
    }
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

/// The fewest inputs of a layer for which it is worth finding those that are zero.
const SPARSE_INPUTS: usize = 64;

/// Computes a dense layer. Each sum takes its bias first, if there is one, and then the inputs in
/// order.
#[inline(always)]
pub(super) fn dense<R: Real, G: WeightSource<R> + ?Sized>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    target: &mut [R],
) {
    dense_of(layer, genome, source, 0..layer.inputs, target);
}

/// Computes a dense layer for observations, of which many may be zero in every lane, such as the
/// cells of a grid. Products with them are left out, which changes at most the sign of a zero.
/// `inputs` is a buffer for the numbers of the inputs that count.
#[inline(always)]
pub(super) fn sparse<R: Real, G: WeightSource<R> + ?Sized>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    inputs: &mut Vec<u32>,
    target: &mut [R],
) {
    if layer.inputs < SPARSE_INPUTS || !genome.is_finite() {
        return dense(layer, genome, source, target);
    }
    let zero = R::default();
    inputs.clear();
    for (input, &number) in source.iter().enumerate() {
        // NaN is no zero.
        if (!(number.at_least(zero) & zero.at_least(number))).any() {
            inputs.push(input as u32);
        }
    }
    if 4 * inputs.len() > 3 * layer.inputs {
        return dense(layer, genome, source, target);
    }
    dense_of(layer, genome, source, inputs.iter().map(|&input| input as usize), target);
}

/// Computes a dense layer from some of its inputs, in their order.
#[inline(always)]
fn dense_of<R: Real, G: WeightSource<R> + ?Sized>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    inputs: impl Iterator<Item = usize> + Clone,
    target: &mut [R],
) {
    let left =
        |output: usize, width: usize| R::ACCUMULATORS >= width && output + width <= layer.outputs;
    let mut output = 0;
    while left(output, 16) {
        output = tile::<R, G, 16>(layer, genome, source, inputs.clone(), target, output);
    }
    while left(output, 8) {
        output = tile::<R, G, 8>(layer, genome, source, inputs.clone(), target, output);
    }
    while left(output, 4) {
        output = tile::<R, G, 4>(layer, genome, source, inputs.clone(), target, output);
    }
    while left(output, 2) {
        output = tile::<R, G, 2>(layer, genome, source, inputs.clone(), target, output);
    }
    while left(output, 1) {
        output = tile::<R, G, 1>(layer, genome, source, inputs.clone(), target, output);
    }
    layer.activation.apply_all(&mut target[..layer.outputs]);
}

/// Computes the sums of `T` outputs from `output` on, and returns the index of the next one.
#[inline(always)]
fn tile<R: Real, G: WeightSource<R> + ?Sized, const T: usize>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    inputs: impl Iterator<Item = usize>,
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
    for input in inputs {
        // SAFETY: the assertions above ensure the bounds, and callers name inputs of the layer.
        let number = unsafe { *source.get_unchecked(input) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{LANES, Lanes};
    use crate::network::{Activation, Network};

    /// Genes of lanes, and whether they are known to be finite.
    struct Genes(Vec<Lanes>, bool);

    impl WeightSource<Lanes> for Genes {
        type Gene = Lanes;
        fn row(&self, first: usize, count: usize) -> &[Lanes] {
            &self.0[first..first + count]
        }
        fn splat(gene: Lanes) -> Lanes {
            gene
        }
        fn is_finite(&self) -> bool {
            self.1
        }
    }

    /// A number that depends on a position and a lane.
    fn number(position: usize, lane: usize) -> f32 {
        ((position * 37 + lane * 11) % 101) as f32 / 50.5 - 1.0
    }

    fn lanes(position: usize) -> Lanes {
        Lanes::new(std::array::from_fn(|lane| number(position, lane)))
    }

    #[test]
    fn leaving_out_zeros_changes_no_sum() {
        let network = Network::parse("none", 100, 7, Activation::Tanh).expect("a network");
        let layer = &network.layers()[0];
        let mut genes = Genes((0..layer.parameters()).map(lanes).collect(), true);
        // Input 5 counts in one lane only, and input 40 is NaN in another.
        let mut source = vec![Lanes::default(); 100];
        (source[3], source[99]) = (lanes(3), lanes(99));
        (source[5].0[2], source[40].0[7]) = (0.5, f32::NAN);
        let sums = |genes: &Genes| {
            let (mut inputs, mut some) = (Vec::new(), vec![Lanes::default(); 7]);
            let mut all = some.clone();
            sparse(layer, genes, &source, &mut inputs, &mut some);
            dense(layer, genes, &source, &mut all);
            let bits = |sums: &[Lanes]| -> Vec<[u32; LANES]> {
                sums.iter().map(|sum| sum.0.map(f32::to_bits)).collect()
            };
            (inputs, bits(&some), bits(&all))
        };
        let (inputs, some, all) = sums(&genes);
        assert_eq!(inputs, [3, 5, 40, 99]);
        assert_eq!(some, all);

        // An infinite gene makes the product with a zero NaN, so nothing is left out.
        genes.0[0].0[4] = f32::INFINITY;
        genes.1 = false;
        let (inputs, some, all) = sums(&genes);
        assert_eq!((inputs.len(), some), (0, all.clone()));
        assert!(f32::from_bits(all[0][4]).is_nan());
    }
}
