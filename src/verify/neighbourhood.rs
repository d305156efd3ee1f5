//! The neighbourhood of a state: how far a rounding of its numbers moves the results of a step, and
//! where they jump.

use super::StepCase;
use super::steps::{DISCONTINUITY, STEP_UNITS, UNIT, step, wide};
use crate::task::Dynamics;

/// The change of the state that measures the sensitivity of an observation, in units in the last
/// place.
const SENSITIVITY_UNITS: f64 = 2.0;
/// The magnitude of each number of a state for its roundings: 0 if it is whole in all cases.
pub(super) fn roundings(cases: &[StepCase], magnitudes: &[f64]) -> Vec<f64> {
    let is_whole = |n: usize| cases.iter().all(|case| case.state[n].fract() == 0.0);
    let numbers = cases.first().map_or(0, |case| case.state.len());
    (0..numbers).map(|n| if is_whole(n) { 0.0 } else { magnitudes[n] }).collect()
}

/// A number near a state: how much small changes of the state move it, and the values that it jumps
/// to where it is not continuous.
pub(super) struct Neighbourhood {
    /// The sum of the changes over all numbers of the state.
    pub sensitivity: f64,
    /// The values on the other sides of discontinuities.
    pub jumps: Vec<f64>,
}

impl Neighbourhood {
    /// Changes every number of a state by a few units in the last place of a magnitude. A change of
    /// the value by many limits is a jump.
    pub fn new(
        state: &[f64],
        magnitude: impl Fn(usize) -> f64,
        limit: f64,
        value: impl Fn(&[f64]) -> f64,
    ) -> Self {
        let here = value(state);
        let (mut sensitivity, mut jumps) = (0.0, Vec::new());
        for n in 0..state.len() {
            let mut largest = 0.0f64;
            for sign in [1.0, -1.0] {
                let mut moved = state.to_vec();
                moved[n] += sign * SENSITIVITY_UNITS * UNIT * magnitude(n);
                let there = value(&moved);
                match (there - here).abs() {
                    change if change > DISCONTINUITY * limit => jumps.push(there),
                    change => largest = largest.max(change),
                }
            }
            sensitivity += largest;
        }
        Self { sensitivity, jumps }
    }

    /// True if a result is close to the value on the other side of a discontinuity.
    pub fn has_jump_near(&self, got: f64, limit: f64) -> bool {
        self.jumps.iter().any(|jump| (jump - got).abs() <= limit)
    }
}

/// The neighbourhood of a number of the next state, or of the reward behind it.
pub(super) fn step_neighbourhood(
    reference: &dyn Dynamics<f64>,
    case: &StepCase,
    roundings: &[f64],
    number: usize,
    limit: f64,
) -> Neighbourhood {
    let state = wide(&case.state);
    let magnitude = |n: usize| roundings[n].min(state[n].abs());
    Neighbourhood::new(&state, magnitude, limit, |state| {
        let (next, reward) = reference.step(state, &wide(&case.action));
        next.get(number).copied().unwrap_or(reward)
    })
}

/// True if a result is the one on the other side of a discontinuity within a few roundings: a small
/// change of one number of the state then leads to all of its numbers.
pub(super) fn is_across_discontinuity(
    reference: &dyn Dynamics<f64>,
    case: &StepCase,
    magnitudes: &[f64],
    roundings: &[f64],
    got: &[f64],
) -> bool {
    let is_near = |other: &[f64]| {
        let mut numbers = other.iter().zip(got).zip(magnitudes);
        numbers.all(|((other, got), magnitude)| {
            (other - got).abs() <= DISCONTINUITY * STEP_UNITS * UNIT * magnitude
        })
    };
    let mut changes = (0..case.state.len()).flat_map(|n| {
        let by = 16.0 * UNIT * roundings[n].max(1e-3);
        let by = if roundings[n] == 0.0 { 0.0 } else { by };
        [(n, by), (n, -by)]
    });
    changes.any(|change| is_near(&step(reference, case, Some(change))))
}
