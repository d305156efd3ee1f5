//! Rung 6: steps recorded from the published environments, stored with the scripts that made them
//! (`make.py`, `make_carts.py` and `make_maze.py` in `tests/it/golden/`).
//!
//! The double-precision reference must repeat every recorded step, and the subject must too, from
//! the recorded state rounded to single precision. What a task remembers beside the recorded
//! numbers is the reference's own, carried from step to step; what it does shows in the recorded
//! rewards.

use std::sync::Arc;

use serde::Deserialize;

use super::steps::Draws;
use super::{Case, Comparison, Rung, Subject};
use crate::error::Result;
use crate::task::{Kind, Simulation, Task};

/// Trajectories of one environment.
#[derive(Deserialize)]
struct Golden {
    max_episode_steps: u32,
    reward_threshold: Option<f64>,
    start: Starts,
    episodes: Vec<Episode>,
}

/// The range of each number of a state over many starts.
#[derive(Deserialize)]
struct Starts {
    low: Vec<f64>,
    high: Vec<f64>,
    mean: Vec<f64>,
    /// Of normal starts, whose range says nothing.
    deviation: Option<Vec<f64>>,
    samples: u32,
}

#[derive(Deserialize)]
struct Episode {
    start: Vec<f64>,
    actions: Vec<Vec<f64>>,
    states: Vec<Vec<f64>>,
    observations: Vec<Vec<f64>>,
    rewards: Vec<f64>,
    terminated: Vec<bool>,
}

/// One recorded step; `before` is the whole state.
struct Step<'a> {
    before: Vec<f64>,
    action: &'a [f64],
    after: &'a [f64],
    observation: &'a [f64],
    reward: f64,
    terminated: bool,
}

/// The recorded environments hold their observations, and one of them its states, in single
/// precision: two roundings of the largest magnitude.
const RECORDED: f64 = 2.0 / 16_777_216.0;
/// A subject begins from the recorded state rounded to single precision, which a step may amplify:
/// measured at most 30 such units, for acrobot.
const ROUNDED: f64 = 96.0 / 16_777_216.0;
/// How close many starts come to the ends of their range, as a share of it.
const START_EDGE: f64 = 0.01;
/// How many standard errors two samples of starts may differ by.
const START_ERRORS: f64 = 5.0;

fn golden(name: &str) -> Option<Golden> {
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
    Some(serde_json::from_str(text).expect("the golden data is well formed"))
}

pub(super) fn climb(subject: &dyn Subject, task: &Arc<dyn Task>) -> Result<Vec<Rung>> {
    let Kind::Control(simulation) = task.kind() else { return Ok(Vec::new()) };
    let name = task.about().name.to_string();
    let Some(golden) = golden(&name) else {
        let mut none = Comparison::new("6 witness", name, "an outside witness");
        none.skip("nobody outside has this task");
        return Ok(vec![none.rung()]);
    };
    let steps: Vec<Step<'_>> =
        golden.episodes.iter().flat_map(|episode| steps(simulation, episode)).collect();
    Ok(vec![
        reference(&name, simulation, task.about().threshold, &golden, &steps),
        witnessed(&name, subject, task, simulation, &steps)?,
    ])
}

fn steps<'a>(simulation: &dyn Simulation, episode: &'a Episode) -> Vec<Step<'a>> {
    let dynamics = simulation.reference();
    let recorded = |mut state: Vec<f64>, numbers: &[f64]| {
        state[..numbers.len()].copy_from_slice(numbers);
        state
    };
    let begun = dynamics.start(&simulation.shape().draw(|| 0.5));
    let mut state = recorded(begun, &episode.start);
    let step = |t: usize| {
        let (before, action) = (state.clone(), &episode.actions[t]);
        let after = &episode.states[t];
        state = recorded(dynamics.step(&before, action).0, after);
        Step {
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

/// The numbers of a state that were recorded, and the reward behind them.
fn with_reward<N: Copy>(next: &[N], recorded: &[f64], reward: N) -> Vec<N> {
    next[..recorded.len()].iter().copied().chain([reward]).collect()
}

/// The largest magnitude of each number of a state, and of the reward behind them.
fn scales(steps: &[Step<'_>]) -> Vec<f64> {
    let mut scales = vec![0.0f64; steps[0].after.len() + 1];
    for step in steps {
        for (scale, number) in scales.iter_mut().zip(step.after.iter().chain([&step.reward])) {
            *scale = scale.max(number.abs());
        }
    }
    scales
}

fn reference(
    name: &str,
    simulation: &dyn Simulation,
    threshold: Option<f64>,
    golden: &Golden,
    steps: &[Step<'_>],
) -> Rung {
    let limit = "two single-precision roundings, in which the witness keeps some numbers";
    let mut errors = Comparison::new("6 witness", format!("reference of {name}"), limit);
    let dynamics = simulation.reference();
    let scales = scales(steps);
    for (t, step) in steps.iter().enumerate() {
        let (next, reward) = dynamics.step(&step.before, step.action);
        let after = [step.after, &next[step.after.len()..]].concat();
        let ends = dynamics.terminated(&after);
        for (n, got) in with_reward(&next, step.after, reward).iter().enumerate() {
            let want = step.after.get(n).copied().unwrap_or(step.reward);
            errors.check(*got, want, RECORDED * scales[n], || format!("step {t}, number {n}"));
        }
        errors.holds(ends == step.terminated, || format!("step {t}, whether it ends"));
        for (n, got) in dynamics.observe(&after).iter().enumerate() {
            let limit = RECORDED * got.abs().max(1.0) * 4.0;
            errors.check(*got, step.observation[n], limit, || format!("step {t}, observation {n}"));
        }
    }
    let shape = simulation.shape();
    errors.holds(shape.step_limit == golden.max_episode_steps, || "the step limit".into());
    if golden.reward_threshold.is_some() {
        errors.holds(threshold == golden.reward_threshold, || "the threshold".into());
    }
    starts(&mut errors, simulation, &golden.start);
    errors.rung()
}

/// Compares where starts lie: of normal ones mean and deviation, of all others lowest and highest.
fn starts(errors: &mut Comparison, simulation: &dyn Simulation, golden: &Starts) {
    let (shape, dynamics) = (simulation.shape(), simulation.reference());
    let at = |what: &str, n: usize| format!("{what} of start, number {n}");
    let Some(deviation) = &golden.deviation else {
        let last = shape.starts.map_or(1.0, |starts| f64::from(starts - 1));
        let low = dynamics.start(&vec![0.0; shape.draws]);
        let high = dynamics.start(&vec![last; shape.draws]);
        for n in 0..golden.low.len() {
            let edge = START_EDGE * (high[n] - low[n]) + RECORDED;
            errors.check(low[n], golden.low[n], edge, || at("lowest", n));
            errors.check(high[n], golden.high[n], edge, || at("highest", n));
        }
        return;
    };
    let mut draw = Draws::new(2);
    let own: Vec<Vec<f64>> =
        (0..golden.samples).map(|_| dynamics.start(&shape.draw(|| draw.unit()))).collect();
    let count = f64::from(golden.samples);
    for n in 0..deviation.len() {
        let mean = own.iter().map(|start| start[n]).sum::<f64>() / count;
        let squares = own.iter().map(|start| (start[n] - mean).powi(2)).sum::<f64>();
        // The standard error of a mean, and of a normal's deviation, for the difference of two.
        let error = START_ERRORS * deviation[n] * (2.0 / count).sqrt();
        errors.check(mean, golden.mean[n], error, || at("mean", n));
        let found = (squares / count).sqrt();
        errors.check(found, deviation[n], error / 2f64.sqrt(), || at("deviation", n));
    }
}

fn witnessed(
    name: &str,
    subject: &dyn Subject,
    task: &Arc<dyn Task>,
    simulation: &dyn Simulation,
    steps: &[Step<'_>],
) -> Result<Rung> {
    let limit = "96 units in the last place of the number's largest magnitude";
    let mut errors = Comparison::new("6 witness", name, limit);
    let shape = simulation.shape();
    let narrow = |numbers: &[f64]| numbers.iter().map(|&number| number as f32).collect();
    let case = |step: &Step<'_>| Case {
        draws: shape.draw(|| 0.5).into_iter().map(|number| number as f32).collect(),
        state: narrow(&step.before),
        outputs: vec![0.0; shape.actions.outputs()],
        action: narrow(step.action),
    };
    let cases: Vec<Case> = steps.iter().map(case).collect();
    let found = subject.steps(task.as_ref(), simulation, &cases)?;
    let scales = scales(steps);
    for (t, (step, found)) in steps.iter().zip(&found).enumerate() {
        for (n, got) in with_reward(&found.next, step.after, found.reward).iter().enumerate() {
            let want = step.after.get(n).copied().unwrap_or(step.reward);
            let limit = ROUNDED * scales[n];
            errors.check(f64::from(*got), want, limit, || format!("step {t}, number {n}"));
        }
        errors.holds(found.next_ends == step.terminated, || format!("step {t}, whether it ends"));
    }
    Ok(errors.rung())
}
