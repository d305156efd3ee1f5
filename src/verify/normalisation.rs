//! Rung 4, `normalisation`: single observations, normalised, and what is summed of them.
//!
//! Observations lie around means near and far, in deviations large and small, and a few of them
//! beyond the clip.

use super::forward::UNIT;
use super::{Comparison, Rung, Subject};
use crate::error::Result;
use crate::network::Normalisation;
use crate::random::{Place, Stream};

/// Numbers in an observation.
const INPUTS: [usize; 3] = [1, 3, 8];
const CASES: usize = 1000;
/// Units in the last place: a difference, a product, and of the squares one product more, each
/// rounded once.
const NORMALISATION_UNITS: f64 = 4.0;
/// Means of neighbouring inputs, and their deviations.
const MEANS: [f32; 4] = [0.0, -3.3, 1000.1, 0.07];
const DEVIATIONS: [f32; 3] = [1.0, 0.013, 40.0];

pub(super) fn climb(subject: &dyn Subject) -> Result<Vec<Rung>> {
    INPUTS.into_iter().map(|inputs| climb_one(subject, inputs)).collect()
}

fn climb_one(subject: &dyn Subject, inputs: usize) -> Result<Rung> {
    let by = Normalisation {
        means: MEANS.into_iter().cycle().take(inputs).collect(),
        scales: DEVIATIONS.into_iter().cycle().take(inputs).map(f32::recip).collect(),
    };
    let observations = observations(&by);
    let found = subject.normalise(&by, &observations)?;

    let limit = "4 units in the last place; equal at the clip";
    let mut errors = Comparison::new("4 normalisation", format!("{inputs} inputs"), limit);
    let words = 3 * inputs;
    errors.holds(found.len() == CASES * words, || format!("{} numbers", found.len()));
    for (case, (seen, found)) in observations.chunks(inputs).zip(found.chunks(words)).enumerate() {
        let mut expected: Vec<f64> = seen.iter().copied().map(f64::from).collect();
        let mut sums = vec![0.0; 2 * inputs];
        by.apply(&mut expected, &mut sums);
        expected.extend(sums);
        for (number, (&got, want)) in found.iter().zip(expected).enumerate() {
            let at = || format!("number {number} of case {case}, {seen:?}");
            errors.check(f64::from(got), want, NORMALISATION_UNITS * UNIT * want.abs(), at);
        }
    }
    Ok(errors.rung())
}

/// Normal numbers in the deviations of a normalisation, a few of them twice as wide as its clip.
fn observations(by: &Normalisation) -> Vec<f32> {
    let stream = Stream::Verification;
    let place = Place { seed: 9, stream, generation: 0, individual: 0 };
    let normals = (0u32..).flat_map(|block| place.normals(block));
    let inputs = by.means.len();
    let number = |(n, normal): (usize, f32)| {
        let wide = if n % 7 == 0 { 10.0 } else { 1.0 };
        by.means[n % inputs] + wide * normal / by.scales[n % inputs]
    };
    normals.take(CASES * inputs).enumerate().map(number).collect()
}
