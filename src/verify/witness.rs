//! Rung 6: steps recorded from the published environments, stored with the scripts that made them
//! (`make.py`, `make_carts.py` and `make_maze.py` in `tests/it/golden/`, and `NAME.witness.py` in
//! `worlds/`).
//!
//! The double-precision reference must repeat every recorded step, and so must the implementation
//! under test, from the recorded state rounded to single precision. A task may have more state than
//! was recorded. The reference computes that part from step to step; the recorded rewards depend on
//! it.

use std::sync::Arc;

use serde::Deserialize;

use super::recorded_steps::RecordedTransition;
use super::steps::UniformDraws;
use super::{Comparison, Implementation, Rung, StepCase};
use crate::error::Result;
use crate::task::{self, CollectedWorld, ControlShape, Dynamics, Kind, Simulation, Task, World};

/// Recorded trajectories of one environment.
#[derive(Deserialize)]
struct Recording {
    max_episode_steps: u32,
    reward_threshold: Option<f64>,
    start: StartStatistics,
    episodes: Vec<RecordedEpisode>,
}

/// Statistics of each number of the initial state, over many episodes.
#[derive(Deserialize)]
struct StartStatistics {
    low: Vec<f64>,
    high: Vec<f64>,
    mean: Vec<f64>,
    /// Standard deviations of normally distributed states, whose range means nothing.
    deviation: Option<Vec<f64>>,
    samples: u32,
}

/// One recorded episode.
#[derive(Deserialize)]
struct RecordedEpisode {
    start: Vec<f64>,
    actions: Vec<Vec<f64>>,
    states: Vec<Vec<f64>>,
    observations: Vec<Vec<f64>>,
    rewards: Vec<f64>,
    terminated: Vec<bool>,
}

/// One recorded step. `before` is the whole state, including numbers that were not recorded.
struct RecordedStep<'a> {
    before: Vec<f64>,
    action: &'a [f64],
    after: &'a [f64],
    observation: &'a [f64],
    reward: f64,
    terminated: bool,
}

/// The allowed error of the reference, as a share of the largest magnitude: two roundings. The
/// recorded environments store observations, and one of them states, in single precision.
const RECORDING_ERROR: f64 = 2.0 / 16_777_216.0;
/// The allowed error of the implementation under test. It starts from the recorded state rounded to
/// single precision, and a step may amplify that rounding: measured at most 30 units, for acrobot.
const STEP_ERROR: f64 = 96.0 / 16_777_216.0;
/// The distance between the extremes of many initial states and the ends of their range, as a share
/// of the range.
const START_EDGE: f64 = 0.01;
/// The allowed difference of two means or deviations, in standard errors.
const START_ERRORS: f64 = 5.0;

fn recording(name: &str) -> Option<Recording> {
    let text = match name {
        "cartpole" => include_str!("../../tests/it/golden/cartpole.json"),
        "mountaincar" => include_str!("../../tests/it/golden/mountaincar.json"),
        "mountaincar-continuous" => {
            include_str!("../../tests/it/golden/mountaincar-continuous.json")
        }
        "acrobot" => include_str!("../../tests/it/golden/acrobot.json"),
        "pendulum" => include_str!("../../tests/it/golden/pendulum.json"),
        "swingup" => include_str!("../../tests/it/golden/swingup.json"),
        "swingup-hard" => include_str!("../../tests/it/golden/swingup-hard.json"),
        "single-pole" => include_str!("../../tests/it/golden/single-pole.json"),
        "double-pole" => include_str!("../../tests/it/golden/double-pole.json"),
        "double-pole-hidden" => include_str!("../../tests/it/golden/double-pole-hidden.json"),
        "double-pole-long" => include_str!("../../tests/it/golden/double-pole-long.json"),
        "double-pole-starts" => include_str!("../../tests/it/golden/double-pole-starts.json"),
        "maze" => include_str!("../../tests/it/golden/maze.json"),
        _ => return None,
    };
    Some(serde_json::from_str(text).expect("the recorded data is well formed"))
}

pub(super) fn check(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
    recorded: Option<&[RecordedTransition]>,
) -> Result<Vec<Rung>> {
    let Kind::Control(simulation) = task.kind() else { return Ok(Vec::new()) };
    let name = task.about().name.to_string();
    if let Some(recorded) = recorded {
        return super::recording::check(implementation, task, simulation, recorded);
    }
    if let Some(text) = CollectedWorld::by_name(&name).and_then(|world| world.witness) {
        let path = format!("{name}.witness.csv");
        let steps =
            RecordedTransition::parse_csv(text.as_bytes(), path.as_ref(), &simulation.shape())?;
        return super::recording::check(implementation, task, simulation, &steps);
    }
    let Some(recording) = recording(&name) else {
        // A task of a user has a witness only if the user recorded one.
        if World::is_world(&**task) || task::names().all(|known| known != name) {
            return Ok(Vec::new());
        }
        let mut none = Comparison::new("6 witness", name, "an outside witness");
        none.skip("no published environment has this task");
        return Ok(vec![none.into_rung()]);
    };
    let Some(dynamics) = simulation.reference() else { return Ok(Vec::new()) };
    let shape = simulation.shape();
    let steps: Vec<RecordedStep<'_>> =
        recording.episodes.iter().flat_map(|episode| steps(&shape, dynamics, episode)).collect();
    Ok(vec![
        check_reference(&name, &shape, dynamics, task.about().threshold, &recording, &steps),
        check_implementation(&name, implementation, task, simulation, &steps)?,
    ])
}

fn steps<'a>(
    shape: &ControlShape,
    dynamics: &dyn Dynamics<f64>,
    episode: &'a RecordedEpisode,
) -> Vec<RecordedStep<'a>> {
    let recorded = |mut state: Vec<f64>, numbers: &[f64]| {
        state[..numbers.len()].copy_from_slice(numbers);
        state
    };
    let start = dynamics.start(&shape.draw(|| 0.5));
    let mut state = recorded(start, &episode.start);
    let step = |t: usize| {
        let (before, action) = (state.clone(), &episode.actions[t]);
        let after = &episode.states[t];
        state = recorded(dynamics.step(&before, action).0, after);
        RecordedStep {
            before,
            action,
            after,
            observation: &episode.observations[t],
            reward: episode.rewards[t],
            terminated: episode.terminated[t],
        }
    };
    (0..episode.states.len()).map(step).collect()
}

/// The recorded numbers of a state, followed by the reward.
fn with_reward<N: Copy>(next: &[N], recorded: &[f64], reward: N) -> Vec<N> {
    next[..recorded.len()].iter().copied().chain([reward]).collect()
}

/// The largest magnitude of each number of a state, followed by that of the reward.
fn scales(steps: &[RecordedStep<'_>]) -> Vec<f64> {
    let mut scales = vec![0.0f64; steps[0].after.len() + 1];
    for step in steps {
        for (scale, number) in scales.iter_mut().zip(step.after.iter().chain([&step.reward])) {
            *scale = scale.max(number.abs());
        }
    }
    scales
}

fn check_reference(
    name: &str,
    shape: &ControlShape,
    dynamics: &dyn Dynamics<f64>,
    threshold: Option<f64>,
    recording: &Recording,
    steps: &[RecordedStep<'_>],
) -> Rung {
    let limit = "two roundings to single precision, in which some numbers were recorded";
    let mut errors = Comparison::new("6 witness", format!("reference of {name}"), limit);
    let scales = scales(steps);
    for (t, step) in steps.iter().enumerate() {
        let (next, reward) = dynamics.step(&step.before, step.action);
        let after = [step.after, &next[step.after.len()..]].concat();
        let ends = dynamics.terminated(&after);
        for (n, got) in with_reward(&next, step.after, reward).iter().enumerate() {
            let want = step.after.get(n).copied().unwrap_or(step.reward);
            errors
                .check(*got, want, RECORDING_ERROR * scales[n], || format!("step {t}, number {n}"));
        }
        errors.check_that(ends == step.terminated, || format!("step {t}, whether it ends"));
        for (n, got) in dynamics.observe(&after).iter().enumerate() {
            let limit = RECORDING_ERROR * got.abs().max(1.0) * 4.0;
            errors.check(*got, step.observation[n], limit, || format!("step {t}, observation {n}"));
        }
    }
    errors.check_that(shape.step_limit == recording.max_episode_steps, || "the step limit".into());
    if recording.reward_threshold.is_some() {
        errors.check_that(threshold == recording.reward_threshold, || "the threshold".into());
    }
    check_starts(&mut errors, shape, dynamics, &recording.start);
    errors.into_rung()
}

/// Compares initial states: means and deviations of normally distributed ones, and lowest and
/// highest values of all others.
fn check_starts(
    errors: &mut Comparison,
    shape: &ControlShape,
    dynamics: &dyn Dynamics<f64>,
    recording: &StartStatistics,
) {
    let at = |what: &str, n: usize| format!("{what} of start, number {n}");
    let Some(deviation) = &recording.deviation else {
        let last = shape.starts.map_or(1.0, |starts| f64::from(starts - 1));
        let low = dynamics.start(&vec![0.0; shape.draws]);
        let high = dynamics.start(&vec![last; shape.draws]);
        for n in 0..recording.low.len() {
            let edge = START_EDGE * (high[n] - low[n]) + RECORDING_ERROR;
            errors.check(low[n], recording.low[n], edge, || at("lowest", n));
            errors.check(high[n], recording.high[n], edge, || at("highest", n));
        }
        return;
    };
    let mut draw = UniformDraws::new(2);
    let own: Vec<Vec<f64>> =
        (0..recording.samples).map(|_| dynamics.start(&shape.draw(|| draw.uniform()))).collect();
    let count = f64::from(recording.samples);
    for n in 0..deviation.len() {
        let mean = own.iter().map(|start| start[n]).sum::<f64>() / count;
        let squares = own.iter().map(|start| (start[n] - mean).powi(2)).sum::<f64>();
        // The standard error of a difference of two means; that of two deviations is smaller.
        let error = START_ERRORS * deviation[n] * (2.0 / count).sqrt();
        errors.check(mean, recording.mean[n], error, || at("mean", n));
        let found = (squares / count).sqrt();
        errors.check(found, deviation[n], error / 2f64.sqrt(), || at("deviation", n));
    }
}

fn check_implementation(
    name: &str,
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
    simulation: &dyn Simulation,
    steps: &[RecordedStep<'_>],
) -> Result<Rung> {
    let limit = "96 units in the last place of the number's largest magnitude";
    let mut errors = Comparison::new("6 witness", name, limit);
    let shape = simulation.shape();
    let narrow = |numbers: &[f64]| numbers.iter().map(|&number| number as f32).collect();
    let case = |step: &RecordedStep<'_>| StepCase {
        draws: shape.draw(|| 0.5).into_iter().map(|number| number as f32).collect(),
        state: narrow(&step.before),
        outputs: vec![0.0; shape.actions.outputs()],
        action: narrow(step.action),
    };
    let cases: Vec<StepCase> = steps.iter().map(case).collect();
    let found = implementation.steps(task.as_ref(), simulation, &cases)?;
    let scales = scales(steps);
    for (t, (step, found)) in steps.iter().zip(&found).enumerate() {
        for (n, got) in with_reward(&found.next, step.after, found.reward).iter().enumerate() {
            let want = step.after.get(n).copied().unwrap_or(step.reward);
            let limit = STEP_ERROR * scales[n];
            errors.check(f64::from(*got), want, limit, || format!("step {t}, number {n}"));
        }
        errors.check_that(found.next_ends == step.terminated, || {
            format!("step {t}, whether it ends")
        });
    }
    Ok(errors.into_rung())
}
