//! Rung 4, `steps`: single steps of control tasks. Each step starts from a state of the reference,
//! so errors cannot accumulate.
//!
//! The states come from random episodes of the reference, from a box around those states (which
//! includes walls, speed limits and ended episodes), and from both sides of the boundary between
//! states that end an episode and states that do not.

use std::sync::Arc;

use super::neighbourhood::{
    DISCONTINUITY, Neighbourhood, STEP_UNITS, UNIT, is_across_discontinuity, roundings, step,
    step_neighbourhood, wide,
};
use super::{Comparison, Implementation, Rung, StepCase, StepResult, repetition};
use crate::error::Result;
use crate::random::{Counter, Stream};
use crate::task::{ActionPart, Actions, ControlShape, Dynamics, Kind, Simulation, Task, World};

/// The allowed error of initial states, observations and decisions, in units in the last place.
const OBSERVATION_UNITS: f64 = 8.0;
/// The allowed error of an observation that is sensitive to the state, as at the end of a wall:
/// this many times the change of the observation when the state changes by [`SENSITIVITY_UNITS`].
/// For an observation that copies the state, that is no more than [`OBSERVATION_UNITS`].
const SENSITIVITY_FACTOR: f64 = 4.0;
/// Cases of each kind of state.
const CASES: u32 = 3000;
/// The largest count of numbers, in states and observations, of the cases of a kind.
const MOST_NUMBERS: usize = 500_000;

pub(super) fn check(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
) -> Result<Vec<Rung>> {
    let Kind::Control(simulation) = task.kind() else { return Ok(Vec::new()) };
    let shape = simulation.shape();
    let Some(reference) = simulation.reference() else {
        return Ok(vec![repetition::check(&task.about().name, simulation)]);
    };
    let cases = cases(&shape, reference);
    let found = implementation.steps(task.as_ref(), simulation, &cases)?;
    let mut rungs = vec![compare(task, reference, shape.actions, &cases, &found, None)];
    // The CPU path runs the Rust text of a built-in task. Its WGSL text is checked too, in lanes.
    if implementation.name() == "cpu" && task.has_wgsl() && !World::is_world(&**task) {
        let world: Arc<dyn Task> = Arc::new(World::from_task(&**task, &[])?);
        if let Kind::Control(text) = world.kind() {
            let found = implementation.steps(world.as_ref(), text, &cases)?;
            let mut rung = compare(task, reference, shape.actions, &cases, &found, None);
            rung.subject += ", its text in lanes";
            rungs.push(rung);
        }
    }
    Ok(rungs)
}

/// The largest magnitude of each number over all rows.
pub(super) fn scales(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut scales = vec![0.0f64; rows[0].len()];
    for row in rows {
        for (scale, number) in scales.iter_mut().zip(row) {
            *scale = scale.max(number.abs());
        }
    }
    scales
}

/// Compares results with the reference, up to a number of failures if there is one.
pub(super) fn compare(
    task: &Arc<dyn Task>,
    reference: &dyn Dynamics<f64>,
    actions: Actions,
    cases: &[StepCase],
    found: &[StepResult],
    most_failures: Option<u64>,
) -> Rung {
    let name = task.about().name.as_ref();
    let limit = "12 units in the last place of the number's largest magnitude; 8 for observations";
    let mut errors = Comparison::new("4 steps", name, limit);
    let expected: Vec<Vec<f64>> = cases.iter().map(|case| step(reference, case, None)).collect();
    // A whole number is not rounded, so a case next to it proves nothing.
    let magnitudes: Vec<f64> = scales(&expected);
    let roundings = roundings(cases, &magnitudes);
    for (i, (case, found)) in cases.iter().zip(found).enumerate() {
        if most_failures.is_some_and(|most| errors.failed() >= most) {
            break;
        }
        let at = |what: &str, n: usize| format!("{what} {n} of case {i}, {case}");
        let state = wide(&case.state);
        let mut compare_numbers = |what: &str, found: &[f32], expected: &[f64]| {
            for (n, (&got, &want)) in found.iter().zip(expected).enumerate() {
                let mut limit = OBSERVATION_UNITS * UNIT * want.abs().max(1.0);
                let (got, mut want) = (f64::from(got), want);
                if what == OBSERVATION && (got - want).abs() > limit {
                    let observed = |state: &[f64]| reference.observe(state)[n];
                    let near = Neighbourhood::new(&state, |n| roundings[n], limit, observed);
                    if near.has_jump_near(got, DISCONTINUITY * limit) {
                        want = got;
                    }
                    limit = limit.max(SENSITIVITY_FACTOR * near.sensitivity);
                }
                errors.check(got, want, limit, || at(what, n));
            }
        };
        compare_numbers("start", &found.start, &reference.start(&wide(&case.draws)));
        compare_numbers(OBSERVATION, &found.observation, &reference.observe(&state));
        let mut decision = vec![0.0; actions.size()];
        actions.decide(&wide(&case.outputs), &mut decision);
        compare_numbers("decision", &found.decision, &decision);

        let mut got = wide(&found.next);
        got.push(f64::from(found.reward));
        let is_far = |n: usize| {
            (got[n] - expected[i][n]).abs() > DISCONTINUITY * STEP_UNITS * UNIT * magnitudes[n]
        };
        // At a discontinuity, such as a wall, the results on both of its sides are correct.
        let is_across = (0..got.len()).any(is_far)
            && is_across_discontinuity(reference, case, &magnitudes, &roundings, &got);
        for (n, (&number, &want)) in got.iter().zip(&expected[i]).enumerate() {
            let limit = STEP_UNITS * UNIT * magnitudes[n];
            let want = if is_across && is_far(n) { number } else { want };
            let got = number;
            // A step may amplify the rounding of its state, such as the sine of a large angle.
            let limit = match (got - want).abs() > limit {
                true => {
                    let near = step_neighbourhood(reference, case, &roundings, n, limit);
                    limit.max(SENSITIVITY_FACTOR * near.sensitivity)
                }
                false => limit,
            };
            errors.check(got, want, limit, || at("next state and reward", n));
        }
        let ends = reference.terminated(&wide(&found.next));
        errors.check_that(found.next_ends == ends, || at("whether the next state ends", 0));
        let ends = reference.terminated(&state);
        errors.check_that(found.state_ends == ends, || at("whether the state ends", 0));
    }
    errors.into_rung()
}

/// The name of the values that may be sensitive to the state.
const OBSERVATION: &str = "observation";

/// All that a task computes in each case: next state, reward and ends, start and observation.
pub(super) fn results(reference: &dyn Dynamics<f64>, cases: &[StepCase]) -> Vec<Vec<u64>> {
    let all = cases.iter().map(|case| {
        let state = wide(&case.state);
        let mut numbers = step(reference, case, None);
        let ends = reference.terminated(&numbers[..state.len()]);
        numbers.extend(reference.start(&wide(&case.draws)));
        numbers.extend(reference.observe(&state));
        numbers.extend([ends, reference.terminated(&state)].map(f64::from));
        numbers.into_iter().map(f64::to_bits).collect()
    });
    all.collect()
}

pub(super) fn cases(shape: &ControlShape, reference: &dyn Dynamics<f64>) -> Vec<StepCase> {
    let mut draw = UniformDraws::new(1);
    let episodes = episodes(reference, shape, &mut draw);
    let bounds = bounds(&episodes);
    let numbers = shape.state + shape.observations;
    let count = CASES.min((MOST_NUMBERS / numbers) as u32);
    let mut states: Vec<Vec<f64>> = (0..count)
        .map(|_| episodes[(draw.uniform() * episodes.len() as f64) as usize].clone())
        .collect();
    let boxed: Vec<Vec<f64>> = (0..count)
        .map(|_| bounds.iter().map(|(low, high)| low + (high - low) * draw.uniform()).collect())
        .collect();
    states.extend(boxed);
    states.extend(boundary(reference, &states));
    // Numbers that are whole in all episodes stay so.
    for n in (0..shape.state).filter(|&n| episodes.iter().all(|state| state[n].fract() == 0.0)) {
        states.iter_mut().for_each(|state| state[n] = state[n].round());
    }
    states
        .into_iter()
        .map(|state| StepCase {
            draws: shape.draw(|| draw.uniform()).into_iter().map(|number| number as f32).collect(),
            state: state.into_iter().map(|number| number as f32).collect(),
            outputs: (0..shape.actions.outputs()).map(|_| draw.output()).collect(),
            action: draw.step_inputs(shape).into_iter().map(|number| number as f32).collect(),
        })
        .collect()
}

/// Returns cases that begin at the start of an episode. A task without a reference has none.
pub(super) fn start_cases(simulation: &dyn Simulation, count: usize) -> Vec<StepCase> {
    let shape = simulation.shape();
    let Some(reference) = simulation.reference() else { return Vec::new() };
    let narrow = |numbers: &[f64]| numbers.iter().map(|&number| number as f32).collect();
    let mut draw = UniformDraws::new(1);
    let mut case = || {
        let draws = shape.draw(|| draw.uniform());
        StepCase {
            state: narrow(&reference.start(&draws)),
            draws: narrow(&draws),
            outputs: (0..shape.actions.outputs()).map(|_| draw.output()).collect(),
            action: narrow(&draw.step_inputs(&shape)),
        }
    };
    (0..count).map(|_| case()).collect()
}

/// A box around states, a quarter larger than their largest magnitudes. A number that is never
/// negative, such as a time, stays so.
fn bounds(states: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let magnitudes = scales(states).into_iter().enumerate();
    let bound = |(n, magnitude): (usize, f64)| {
        let is_signed = states.iter().any(|state| state[n] < 0.0);
        (if is_signed { -1.25 * magnitude } else { 0.0 }, 1.25 * magnitude)
    };
    magnitudes.map(bound).collect()
}

/// The states of random episodes, including the states that end them.
fn episodes(
    reference: &dyn Dynamics<f64>,
    shape: &ControlShape,
    draw: &mut UniformDraws,
) -> Vec<Vec<f64>> {
    const EPISODES: usize = 48;
    const STEPS: usize = 150;
    const HOLD: usize = 12;
    let mut states = Vec::new();
    for _ in 0..EPISODES {
        let mut state = reference.start(&shape.draw(|| draw.uniform()));
        let mut action = draw.step_inputs(shape);
        for step in 0..STEPS {
            states.push(state.clone());
            if reference.terminated(&state) {
                break;
            }
            if step % HOLD == HOLD - 1 {
                action = draw.step_inputs(shape);
            }
            let mut inputs = action.clone();
            if shape.has_step_number {
                inputs[shape.step_inputs() - 1] = step as f64;
            }
            state = reference.step(&state, &inputs).0;
        }
    }
    states
}

/// States close to the boundary between those that end an episode and those that do not.
fn boundary(reference: &dyn Dynamics<f64>, states: &[Vec<f64>]) -> Vec<Vec<f64>> {
    const PAIRS: usize = 400;
    const HALVINGS: u32 = 50;
    const OFFSETS: [f64; 4] = [-1e-4, -1e-5, 1e-5, 1e-4];
    let (mut ended, running): (Vec<_>, Vec<_>) =
        states.iter().cloned().partition(|state| reference.terminated(state));
    ended.extend(extreme_ends(reference, &running));
    if ended.is_empty() || running.is_empty() {
        return Vec::new();
    }
    let between = |a: &[f64], b: &[f64], share: f64| -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| a + share * (b - a)).collect()
    };
    let mut near = Vec::new();
    for pair in 0..PAIRS {
        let (a, b) = (&running[pair * 7 % running.len()], &ended[pair * 11 % ended.len()]);
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if reference.terminated(&between(a, b, middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        near.extend(OFFSETS.map(|offset| between(a, b, high + offset)));
    }
    near
}

/// States that end an episode because a single number is extreme. They reveal limits that random
/// episodes hardly ever reach.
fn extreme_ends(reference: &dyn Dynamics<f64>, running: &[Vec<f64>]) -> Vec<Vec<f64>> {
    const EACH: usize = 40;
    const LARGEST: f64 = 100.0;
    let Some(first) = running.first() else { return Vec::new() };
    let mut ended = Vec::new();
    for number in 0..first.len() {
        for (state, sign) in running.iter().step_by(7).take(EACH).zip([1.0, -1.0].iter().cycle()) {
            let mut state = state.clone();
            let mut out = state[number].abs().max(0.1);
            while out < LARGEST && !reference.terminated(&state) {
                out *= 1.5;
                state[number] = sign * out;
            }
            if reference.terminated(&state) {
                ended.push(state);
            }
        }
    }
    ended
}

/// A sequence of uniform random numbers.
pub(super) struct UniformDraws {
    counter: Counter,
    next: usize,
}

impl UniformDraws {
    pub(super) fn new(seed: u64) -> Self {
        let stream = Stream::Verification;
        Self { counter: Counter { seed, stream, generation: 0, individual: 0 }, next: 0 }
    }

    /// The next number, in [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        let uniform = self.counter.uniforms((self.next / 4) as u32)[self.next % 4];
        self.next += 1;
        f64::from(uniform)
    }

    /// A number between -2 and 2.
    pub(super) fn number(&mut self) -> f32 {
        (4.0 * self.uniform() - 2.0) as f32
    }

    /// An output of a network: usually small, sometimes large, sometimes exactly zero.
    fn output(&mut self) -> f32 {
        let magnitude = match (self.uniform() * 8.0) as u32 {
            0 => 0.0,
            1 => 100.0,
            _ => 2.0,
        };
        (magnitude * (2.0 * self.uniform() - 1.0)) as f32
    }

    /// The inputs of a step besides the state: an action, its uniforms, and its number. Numbers
    /// with a range exceed it by a quarter of its length at each end.
    fn step_inputs(&mut self, shape: &ControlShape) -> Vec<f64> {
        let mut inputs: Vec<f64> = shape
            .actions
            .parts()
            .iter()
            .map(|part| match *part {
                ActionPart::Choice { count } => (self.uniform() * count as f64).floor(),
                ActionPart::Range { low, high } => {
                    let share = 1.5 * self.uniform() - 0.25;
                    f64::from((low + (high - low) * share) as f32)
                }
                ActionPart::Output => f64::from(self.number()),
            })
            .collect();
        inputs.extend((0..shape.step_draws).map(|_| self.uniform()));
        if shape.has_step_number {
            inputs.push((self.uniform() * f64::from(shape.step_limit.min(1 << 20))).floor());
        }
        inputs
    }
}
