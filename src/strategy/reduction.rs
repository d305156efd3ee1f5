//! Reductions over all genes of a very large genome, on every core.
//!
//! Genes are split into spans of fixed length, and the results of the spans are combined in order.
//! Sums therefore have the same bits for any number of threads. A genome of a single span runs on
//! the calling thread.

use std::ops::Range;

use rayon::prelude::*;

/// The number of genes in a span, the work of one thread.
pub(super) const SPAN: usize = 1 << 13;

/// Returns the sum of a term over all genes.
pub(super) fn sum(genes: usize, term: impl Fn(usize) -> f64 + Sync) -> f64 {
    over_spans(genes, &|span| span.map(&term).sum::<f64>()).into_iter().sum()
}

/// Returns a value for each gene.
pub(super) fn map(genes: usize, value: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let mut values = vec![0.0; genes];
    fill(&mut values, &|first, values| {
        for (gene, number) in (first..).zip(values) {
            *number = value(gene);
        }
    });
    values
}

/// Returns the smallest and the largest value over all genes; both are NaN if any value is.
pub(super) fn range(genes: usize, value: impl Fn(usize) -> f64 + Sync) -> [f64; 2] {
    let spans = over_spans(genes, &|span| span.map(|gene| [value(gene); 2]).fold(EMPTY, union));
    spans.into_iter().fold(EMPTY, union)
}

/// Returns the result of some work on each span of genes, in order. The work is a trait object, so
/// that the code of the thread pool is compiled once for a type of result.
pub(super) fn over_spans<T: Send>(
    genes: usize,
    work: &(dyn Fn(Range<usize>) -> T + Sync),
) -> Vec<T> {
    let span = |first: usize| work(first..(first + SPAN).min(genes));
    if genes <= SPAN {
        return vec![span(0)];
    }
    (0..genes).into_par_iter().step_by(SPAN).map(span).collect()
}

/// Writes the numbers of each span, given its first gene.
fn fill(numbers: &mut [f64], write: &(dyn Fn(usize, &mut [f64]) + Sync)) {
    if numbers.len() <= SPAN {
        return write(0, numbers);
    }
    let spans = numbers.par_chunks_mut(SPAN).enumerate();
    spans.for_each(|(span, numbers)| write(span * SPAN, numbers));
}

/// The range of no values.
const EMPTY: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];

/// Returns the smallest range that contains both.
fn union([a, b]: [f64; 2], [c, d]: [f64; 2]) -> [f64; 2] {
    if a.is_nan() || c.is_nan() { [f64::NAN; 2] } else { [a.min(c), b.max(d)] }
}
