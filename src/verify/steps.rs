//! Rung 4, `steps`: single steps of control tasks, each begun from a state of the reference, so
//! that errors cannot compound.
//!
//! States come from random episodes of the reference, from a box around them (so that walls, speed
//! limits and ends are met), and from both sides of the boundary between states that end an episode
//! and states that do not.

use std::sync::Arc;

use super::{Case, Comparison, Found, Rung, Subject};
use crate::error::Result;
use crate::random::{Place, Stream};
use crate::task::{Actions, Dynamics, Kind, Shape, Simulation, Task};

/// Units in the last place, of the largest magnitude that a number of the state takes, by which a
/// single step may be off. Measured on two processors and one software adapter: at most 24, for
/// acrobot's four-stage integrator; the others stay below 6.
const STEP_UNITS: f64 = 12.0;
/// The same for starts, observations and decisions.
const GLANCE_UNITS: f64 = 8.0;
/// Where a task's eyes are sharp, as at the end of a wall, the last place of a state decides what
/// is seen: an observation may be off by so many times what so many units move it by. Of one that
/// copies the state that is no more than is allowed anyway.
const SIGHT_TIMES: f64 = 4.0;
const SIGHT_UNITS: f64 = 2.0;
/// Half a unit in the last place of 1.0, in single precision.
const UNIT: f64 = 1.0 / 16_777_216.0;
/// A jump: a difference so many times the limit is no rounding error.
const JUMP: f64 = 1000.0;
/// Cases of each kind.
const CASES: u32 = 3000;

pub(super) fn climb(subject: &dyn Subject, task: &Arc<dyn Task>) -> Result<Vec<Rung>> {
    let Kind::Control(simulation) = task.kind() else { return Ok(Vec::new()) };
    let cases = cases(simulation);
    let found = subject.steps(task.as_ref(), simulation, &cases)?;
    let name = task.about().name.to_string();
    Ok(vec![compare(&name, simulation.reference(), simulation.shape().actions, &cases, &found)])
}

fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

/// The largest magnitude of each number over all rows.
fn scales(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut scales = vec![0.0f64; rows[0].len()];
    for row in rows {
        for (scale, number) in scales.iter_mut().zip(row) {
            *scale = scale.max(number.abs());
        }
    }
    scales
}

fn compare(
    name: &str,
    reference: &dyn Dynamics<f64>,
    actions: Actions,
    cases: &[Case],
    found: &[Found],
) -> Rung {
    let limit = "12 units in the last place of the number's largest magnitude; 8 for glances";
    let mut errors = Comparison::new("4 steps", name, limit);
    let expected: Vec<Vec<f64>> = cases.iter().map(|case| stepped(reference, case, None)).collect();
    let reach = scales(&expected);
    for (i, (case, found)) in cases.iter().zip(found).enumerate() {
        let at = |what: &str, n: usize| format!("{what} {n} of case {i}, {case:?}");
        let state = wide(&case.state);
        let mut glance = |what: &str, found: &[f32], expected: &[f64]| {
            for (n, (&got, &want)) in found.iter().zip(expected).enumerate() {
                let mut limit = GLANCE_UNITS * UNIT * want.abs().max(1.0);
                let got = f64::from(got);
                if what == OBSERVATION && (got - want).abs() > limit {
                    limit = limit.max(SIGHT_TIMES * sharpness(reference, &state, &reach, n));
                }
                errors.check(got, want, limit, || at(what, n));
            }
        };
        glance("start", &found.start, &reference.start(&wide(&case.draws)));
        glance(OBSERVATION, &found.observation, &reference.observe(&state));
        let mut decision = vec![0.0; actions.size()];
        actions.decide(&wide(&case.outputs), &mut decision);
        glance("decision", &found.decision, &decision);

        let mut got = wide(&found.next);
        got.push(f64::from(found.reward));
        for (n, (&got, &want)) in got.iter().zip(&expected[i]).enumerate() {
            let limit = STEP_UNITS * UNIT * reach[n];
            // At a jump, such as a wall, both sides are right.
            let beyond = || other_side(reference, case, &reach, n, got, want, limit);
            let want =
                if (got - want).abs() > JUMP * limit { beyond().unwrap_or(want) } else { want };
            errors.check(got, want, limit, || at("next state and reward", n));
        }
        let ends = reference.terminated(&wide(&found.next));
        errors.holds(found.next_ends == ends, || at("whether the next state ends", 0));
        let ends = reference.terminated(&state);
        errors.holds(found.state_ends == ends, || at("whether the state ends", 0));
    }
    errors.rung()
}

/// What is compared that may be sharp.
const OBSERVATION: &str = "observation";

/// By how much a number of the observation moves when each of the state moves by a few units in the
/// last place of its largest magnitude.
fn sharpness(reference: &dyn Dynamics<f64>, state: &[f64], reach: &[f64], number: usize) -> f64 {
    let here = reference.observe(state)[number];
    let moved = |n: usize, by: f64| {
        let mut state = state.to_vec();
        state[n] += by;
        (reference.observe(&state)[number] - here).abs()
    };
    let by = |n: usize| SIGHT_UNITS * UNIT * reach[n];
    (0..state.len()).map(|n| moved(n, by(n)).max(moved(n, -by(n)))).sum()
}

/// The reference's next state and reward, after moving one number of the state a little.
fn stepped(reference: &dyn Dynamics<f64>, case: &Case, nudge: Option<(usize, f64)>) -> Vec<f64> {
    let mut state = wide(&case.state);
    if let Some((number, by)) = nudge {
        state[number] += by;
    }
    let (mut next, reward) = reference.step(&state, &wide(&case.action));
    next.push(reward);
    next
}

/// What the reference gives on the other side of a jump, if there is one within a few roundings.
fn other_side(
    reference: &dyn Dynamics<f64>,
    case: &Case,
    reach: &[f64],
    number: usize,
    got: f64,
    want: f64,
    limit: f64,
) -> Option<f64> {
    let nudges = (0..case.state.len()).flat_map(|n| {
        let by = 16.0 * UNIT * reach[n].max(1e-3);
        [(n, by), (n, -by)]
    });
    nudges
        .map(|nudge| stepped(reference, case, Some(nudge))[number])
        .filter(|other| (other - want).abs() > JUMP * limit)
        .min_by(|a, b| (a - got).abs().total_cmp(&(b - got).abs()))
        .filter(|other| (other - got).abs() <= JUMP * limit)
        .map(|_| got)
}

fn cases(simulation: &dyn Simulation) -> Vec<Case> {
    let (shape, reference) = (simulation.shape(), simulation.reference());
    let mut draw = Draws::new(1);
    let episodes = episodes(reference, &shape, &mut draw);
    let bounds = bounds(&episodes);
    let mut states: Vec<Vec<f64>> = (0..CASES)
        .map(|_| episodes[(draw.unit() * episodes.len() as f64) as usize].clone())
        .collect();
    let boxed: Vec<Vec<f64>> = (0..CASES)
        .map(|_| bounds.iter().map(|(low, high)| low + (high - low) * draw.unit()).collect())
        .collect();
    states.extend(boxed);
    states.extend(boundary(reference, &states));
    states
        .into_iter()
        .map(|state| Case {
            draws: shape.draw(|| draw.unit()).into_iter().map(|number| number as f32).collect(),
            state: state.into_iter().map(|number| number as f32).collect(),
            outputs: (0..shape.actions.outputs()).map(|_| draw.output()).collect(),
            action: draw.action(shape.actions).into_iter().map(|number| number as f32).collect(),
        })
        .collect()
}

/// A box around states: a quarter larger than what they reach to one side or the other, but a
/// number that is never below zero, such as an age, stays so.
fn bounds(states: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let reach = scales(states).into_iter().enumerate();
    let bound = |(n, reach): (usize, f64)| {
        let is_signed = states.iter().any(|state| state[n] < 0.0);
        (if is_signed { -1.25 * reach } else { 0.0 }, 1.25 * reach)
    };
    reach.map(bound).collect()
}

/// The states of random episodes, ended ones included.
fn episodes(reference: &dyn Dynamics<f64>, shape: &Shape, draw: &mut Draws) -> Vec<Vec<f64>> {
    const EPISODES: usize = 48;
    const STEPS: usize = 150;
    const HOLD: usize = 12;
    let mut states = Vec::new();
    for _ in 0..EPISODES {
        let mut state = reference.start(&shape.draw(|| draw.unit()));
        let mut action = draw.action(shape.actions);
        for step in 0..STEPS {
            states.push(state.clone());
            if reference.terminated(&state) {
                break;
            }
            if step % HOLD == HOLD - 1 {
                action = draw.action(shape.actions);
            }
            state = reference.step(&state, &action).0;
        }
    }
    states
}

/// States close to the boundary between those that end an episode and those that do not.
fn boundary(reference: &dyn Dynamics<f64>, states: &[Vec<f64>]) -> Vec<Vec<f64>> {
    const PAIRS: usize = 400;
    const HALVINGS: u32 = 50;
    const ASIDE: [f64; 4] = [-1e-4, -1e-5, 1e-5, 1e-4];
    let (mut ended, going): (Vec<_>, Vec<_>) =
        states.iter().cloned().partition(|state| reference.terminated(state));
    ended.extend(far_ends(reference, &going));
    if ended.is_empty() || going.is_empty() {
        return Vec::new();
    }
    let between = |a: &[f64], b: &[f64], share: f64| -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| a + share * (b - a)).collect()
    };
    let mut near = Vec::new();
    for pair in 0..PAIRS {
        let (a, b) = (&going[pair * 7 % going.len()], &ended[pair * 11 % ended.len()]);
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if reference.terminated(&between(a, b, middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        near.extend(ASIDE.map(|aside| between(a, b, high + aside)));
    }
    near
}

/// States that end an episode because one number alone is far out: a limit that random episodes
/// hardly ever reach has a boundary too.
fn far_ends(reference: &dyn Dynamics<f64>, going: &[Vec<f64>]) -> Vec<Vec<f64>> {
    const EACH: usize = 40;
    const FARTHEST: f64 = 100.0;
    let Some(first) = going.first() else { return Vec::new() };
    let mut ended = Vec::new();
    for number in 0..first.len() {
        for (state, sign) in going.iter().step_by(7).take(EACH).zip([1.0, -1.0].iter().cycle()) {
            let mut state = state.clone();
            let mut out = state[number].abs().max(0.1);
            while out < FARTHEST && !reference.terminated(&state) {
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

/// Uniform draws in order.
pub(super) struct Draws {
    place: Place,
    next: usize,
}

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        let stream = Stream::Verification;
        Self { place: Place { seed, stream, generation: 0, individual: 0 }, next: 0 }
    }

    /// A uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        let unit = self.place.units((self.next / 4) as u32)[self.next % 4];
        self.next += 1;
        f64::from(unit)
    }

    /// An even number from -2 to 2.
    pub(super) fn number(&mut self) -> f32 {
        (4.0 * self.unit() - 2.0) as f32
    }

    /// An output of a network: mostly small, now and then huge, or a tie at zero.
    fn output(&mut self) -> f32 {
        let magnitude = match (self.unit() * 8.0) as u32 {
            0 => 0.0,
            1 => 100.0,
            _ => 2.0,
        };
        (magnitude * (2.0 * self.unit() - 1.0)) as f32
    }

    /// An action, forces a half beyond their limits included.
    fn action(&mut self, actions: Actions) -> Vec<f64> {
        match actions {
            Actions::Choice(count) => vec![(self.unit() * count as f64).floor()],
            Actions::Force { count, limit } => (0..count)
                .map(|_| f64::from((1.5 * limit * (2.0 * self.unit() - 1.0)) as f32))
                .collect(),
        }
    }
}
