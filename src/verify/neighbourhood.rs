//! The neighbourhood of a state: how far a rounding of its numbers moves the results of a step, and
//! where they jump.

use super::StepCase;
use crate::task::Dynamics;

/// The allowed error of a step, in units in the last place of the largest magnitude of each number
/// of the state. Measured on two processors and one software adapter: at most 24 for acrobot's
/// four-stage integrator, and below 6 for the other tasks.
pub(super) const STEP_UNITS: f64 = 12.0;
/// Half a unit in the last place of 1.0, in single precision.
pub(super) const UNIT: f64 = 1.0 / 16_777_216.0;
/// A difference of this many limits is a discontinuity, not a rounding error.
pub(super) const DISCONTINUITY: f64 = 1000.0;
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

/// The next state and reward of the reference, after a small change of one number of the state.
pub(super) fn step(
    reference: &dyn Dynamics<f64>,
    case: &StepCase,
    change: Option<(usize, f64)>,
) -> Vec<f64> {
    let mut state = wide(&case.state);
    if let Some((number, by)) = change {
        state[number] += by;
    }
    let (mut next, reward) = reference.step(&state, &wide(&case.action));
    next.push(reward);
    next
}

/// Numbers in double precision.
pub(super) fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}
