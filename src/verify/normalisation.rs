//! Rung 4, `normalisation`: single normalised observations, and their sums.
//!
//! The observations have small and large means and deviations; some of them are clipped.

use super::forward::UNIT;
use super::{Comparison, Implementation, Rung};
use crate::draw::number::counted;
use crate::error::Result;
use crate::network::Normalisation;
use crate::random::{Counter, Stream};

/// The numbers of inputs that are tested.
const INPUTS: [usize; 3] = [1, 3, 8];
const CASES: usize = 1000;
/// The allowed error in units in the last place: a difference, a product, and one more product for
/// squares, each rounded once.
const NORMALISATION_UNITS: f64 = 4.0;
/// Means of consecutive inputs, and their deviations.
const MEANS: [f32; 4] = [0.0, -3.3, 1000.1, 0.07];
const DEVIATIONS: [f32; 3] = [1.0, 0.013, 40.0];

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    checks(implementation).collect()
}

/// Checks one number of inputs after another.
pub(super) fn checks(
    implementation: &dyn Implementation,
) -> impl Iterator<Item = Result<Rung>> + '_ {
    INPUTS.into_iter().map(move |inputs| check_inputs(implementation, inputs))
}

fn check_inputs(implementation: &dyn Implementation, inputs: usize) -> Result<Rung> {
    let by = Normalisation {
        means: MEANS.into_iter().cycle().take(inputs).collect(),
        scales: DEVIATIONS.into_iter().cycle().take(inputs).map(f32::recip).collect(),
    };
    let observations = observations(&by);
    let found = implementation.normalise(&by, &observations)?;

    let limit = "4 units in the last place; equal at the clip";
    let mut errors = Comparison::new("4 normalisation", counted(inputs as u64, "inputs"), limit);
    let words = 3 * inputs;
    errors.check_that(found.len() == CASES * words, || format!("{} numbers", found.len()));
    for (case, (observation, found)) in
        observations.chunks(inputs).zip(found.chunks(words)).enumerate()
    {
        let mut expected: Vec<f64> = observation.iter().copied().map(f64::from).collect();
        let mut sums = vec![0.0; 2 * inputs];
        by.apply(&mut expected, &mut sums);
        expected.extend(sums);
        for (number, (&got, want)) in found.iter().zip(expected).enumerate() {
            let at = || format!("number {number} of case {case}, observation {observation:?}");
            errors.check(f64::from(got), want, NORMALISATION_UNITS * UNIT * want.abs(), at);
        }
    }
    Ok(errors.into_rung())
}

/// Normal numbers with the means and deviations of a normalisation. Some lie beyond its clip.
fn observations(by: &Normalisation) -> Vec<f32> {
    let stream = Stream::Verification;
    let counter = Counter { seed: 9, stream, generation: 0, individual: 0 };
    let normals = (0u32..).flat_map(|block| counter.normals(block));
    let inputs = by.means.len();
    let number = |(n, normal): (usize, f32)| {
        let wide = if n % 7 == 0 { 10.0 } else { 1.0 };
        by.means[n % inputs] + wide * normal / by.scales[n % inputs]
    };
    normals.take(CASES * inputs).enumerate().map(number).collect()
}
