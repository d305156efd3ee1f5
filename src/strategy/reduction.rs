//! Reductions over all genes of a very large genome, on every core.
//!
//! Genes are split into spans of fixed length, and the results of the spans are combined in order.
//! Sums therefore have the same bits for any number of threads. A genome of a single span runs on
//! the calling thread.

use rayon::prelude::*;

/// The number of genes in a span, the work of one thread.
pub(super) const SPAN: usize = 1 << 13;

/// Returns the sum of a term over all genes.
pub(super) fn sum(genes: usize, term: impl Fn(usize) -> f64 + Sync) -> f64 {
    let of_span = |first: usize| (first..(first + SPAN).min(genes)).map(&term).sum::<f64>();
    if genes <= SPAN {
        return of_span(0);
    }
    let spans: Vec<f64> = (0..genes).into_par_iter().step_by(SPAN).map(of_span).collect();
    spans.into_iter().sum()
}

/// Returns a value for each gene.
pub(super) fn map(genes: usize, value: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    if genes <= SPAN {
        return (0..genes).map(value).collect();
    }
    (0..genes).into_par_iter().with_min_len(SPAN).map(&value).collect()
}

/// Returns the smallest and the largest value over all genes; both are NaN if any value is.
pub(super) fn range(genes: usize, value: impl Fn(usize) -> f64 + Sync) -> [f64; 2] {
    let of_span = |first: usize| {
        (first..(first + SPAN).min(genes)).map(|gene| [value(gene); 2]).fold(EMPTY, union)
    };
    if genes <= SPAN {
        return of_span(0);
    }
    let spans: Vec<[f64; 2]> = (0..genes).into_par_iter().step_by(SPAN).map(of_span).collect();
    spans.into_iter().fold(EMPTY, union)
}

/// The range of no values.
const EMPTY: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];

/// Returns the smallest range that contains both.
fn union([a, b]: [f64; 2], [c, d]: [f64; 2]) -> [f64; 2] {
    if a.is_nan() || c.is_nan() { [f64::NAN; 2] } else { [a.min(c), b.max(d)] }
}
