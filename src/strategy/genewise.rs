//! Genewise: vectors and sums over all genes of a very large genome, on every core.
//!
//! Genes are cut into spans whose length depends on nothing, and the sums of the spans are added up
//! in order; results therefore have the same bits for any number of threads. A genome of one span
//! is not worth a second thread.

use rayon::prelude::*;

/// Genes that one thread takes at once.
pub(super) const SPAN: usize = 1 << 13;

/// The sum of a term over all genes.
pub(super) fn sum(genes: usize, term: impl Fn(usize) -> f64 + Sync) -> f64 {
    let of_span = |first: usize| (first..(first + SPAN).min(genes)).map(&term).sum::<f64>();
    if genes <= SPAN {
        return of_span(0);
    }
    let spans: Vec<f64> = (0..genes).into_par_iter().step_by(SPAN).map(of_span).collect();
    spans.into_iter().sum()
}

/// A value for each gene.
pub(super) fn map(genes: usize, value: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    if genes <= SPAN {
        return (0..genes).map(value).collect();
    }
    (0..genes).into_par_iter().with_min_len(SPAN).map(&value).collect()
}

/// The least and the largest value over all genes; NaN where one of them is.
pub(super) fn range(genes: usize, value: impl Fn(usize) -> f64 + Sync) -> [f64; 2] {
    let of_span = |first: usize| {
        (first..(first + SPAN).min(genes)).map(|gene| [value(gene); 2]).fold(NONE, wider)
    };
    if genes <= SPAN {
        return of_span(0);
    }
    let spans: Vec<[f64; 2]> = (0..genes).into_par_iter().step_by(SPAN).map(of_span).collect();
    spans.into_iter().fold(NONE, wider)
}

/// The range of no value.
const NONE: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];

fn wider([a, b]: [f64; 2], [c, d]: [f64; 2]) -> [f64; 2] {
    if a.is_nan() || c.is_nan() { [f64::NAN; 2] } else { [a.min(c), b.max(d)] }
}
