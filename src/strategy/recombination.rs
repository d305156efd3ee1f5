//! Recombination: the weighted sums of a generation's noise, which a strategy requests from the
//! backend that holds the population.
//!
//! A strategy names a utility for each individual and receives the [`Moments`]: for each gene the
//! sum of utility * noise and, on request, of utility * noise^2. The sums are at most two genomes
//! long for a population of any size, so the population itself never leaves its backend.
//!
//! # Errors
//!
//! The functions here pass on the error of the recombination, and refuse moments whose length is
//! not the number of genes.

use crate::error::{Error, Result};
use crate::population::{Moments, Utilities};

/// A function that recombines the generation at hand: from utilities to the moments of its noise.
///
/// [`crate::backend::Backend::recombine`] is one, and so is [`crate::backend::recombine_on_cpu`].
pub type Recombination<'a> = dyn FnMut(&Utilities) -> Result<Moments> + 'a;

/// Returns the sums of utility * noise, `f64[genes]`.
pub(super) fn first_moment(
    recombine: &mut Recombination<'_>,
    utilities: Vec<f32>,
    genes: usize,
) -> Result<Vec<f64>> {
    let moments = recombine(&Utilities { first: utilities, second: None })?;
    expect_length(moments.first, genes, "sums")
}

/// Returns the sums of utility * noise and of utility * noise^2, each `f64[genes]`.
pub(super) fn both_moments(
    recombine: &mut Recombination<'_>,
    utilities: Vec<f32>,
    genes: usize,
) -> Result<[Vec<f64>; 2]> {
    let second = Some(utilities.clone());
    let moments = recombine(&Utilities { first: utilities, second })?;
    let Some(squares) = moments.second else {
        return Err(Error::invalid(SUBJECT, "sums of squared noise as well", "none"));
    };
    let first = expect_length(moments.first, genes, "sums")?;
    Ok([first, expect_length(squares, genes, "sums of squares")?])
}

const SUBJECT: &str = "the moments of a generation";

fn expect_length(sums: Vec<f64>, genes: usize, what: &str) -> Result<Vec<f64>> {
    if sums.len() == genes {
        return Ok(sums);
    }
    Err(Error::invalid(SUBJECT, format!("{genes} {what}, one for each gene"), sums.len()))
}
