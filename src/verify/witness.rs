//! Rung 6: steps recorded from the published environments, stored with the script that made them
//! (`tests/it/golden/make.py`).
//!
//! The double-precision reference must repeat every recorded step, and the subject must too, from
//! the recorded state rounded to single precision.

use std::sync::Arc;

use serde::Deserialize;

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

/// One recorded step.
struct Step<'a> {
    before: &'a [f64],
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

fn golden(name: &str) -> Option<Golden> {
    let text = match name {
        "cartpole" => include_str!("../../tests/it/golden/cartpole.json"),
        "mountaincar" => include_str!("../../tests/it/golden/mountaincar.json"),
        "mountaincar-continuous" => {
            include_str!("../../tests/it/golden/mountaincar-continuous.json")
        }
        "acrobot" => include_str!("../../tests/it/golden/acrobot.json"),
        "pendulum" => include_str!("../../tests/it/golden/pendulum.json"),
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
    let steps: Vec<Step<'_>> = golden.episodes.iter().flat_map(steps).collect();
    Ok(vec![
        reference(&name, simulation, task.about().threshold, &golden, &steps),
        witnessed(&name, subject, task, simulation, &steps)?,
    ])
}

fn steps(episode: &Episode) -> impl Iterator<Item = Step<'_>> {
    (0..episode.states.len()).map(|t| Step {
        before: if t == 0 { &episode.start } else { &episode.states[t - 1] },
        action: &episode.actions[t],
        after: &episode.states[t],
        observation: &episode.observations[t],
        reward: episode.rewards[t],
        terminated: episode.terminated[t],
    })
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
        let (mut next, reward) = dynamics.step(step.before, step.action);
        let ends = dynamics.terminated(step.after);
        next.push(reward);
        for (n, got) in next.iter().enumerate() {
            let want = step.after.get(n).copied().unwrap_or(step.reward);
            errors.check(*got, want, RECORDED * scales[n], || format!("step {t}, number {n}"));
        }
        errors.holds(ends == step.terminated, || format!("step {t}, whether it ends"));
        for (n, got) in dynamics.observe(step.after).iter().enumerate() {
            let limit = RECORDED * got.abs().max(1.0) * 4.0;
            errors.check(*got, step.observation[n], limit, || format!("step {t}, observation {n}"));
        }
    }
    let shape = simulation.shape();
    errors.holds(shape.step_limit == golden.max_episode_steps, || "the step limit".into());
    if golden.reward_threshold.is_some() {
        errors.holds(threshold == golden.reward_threshold, || "the threshold".into());
    }
    let (zeros, ones) = (vec![0.0; shape.draws], vec![1.0; shape.draws]);
    let (low, high) = (dynamics.start(&zeros), dynamics.start(&ones));
    for n in 0..shape.state {
        let edge = START_EDGE * (high[n] - low[n]);
        let at = |what: &str| format!("{what} of start, number {n}");
        errors.check(low[n], golden.start.low[n], edge, || at("lowest"));
        errors.check(high[n], golden.start.high[n], edge, || at("highest"));
    }
    errors.rung()
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
        draws: vec![0.5; shape.draws],
        state: narrow(step.before),
        outputs: vec![0.0; shape.actions.outputs()],
        action: narrow(step.action),
    };
    let cases: Vec<Case> = steps.iter().map(case).collect();
    let found = subject.steps(task.as_ref(), simulation, &cases)?;
    let scales = scales(steps);
    for (t, (step, found)) in steps.iter().zip(&found).enumerate() {
        for (n, got) in found.next.iter().chain([&found.reward]).enumerate() {
            let want = step.after.get(n).copied().unwrap_or(step.reward);
            let limit = ROUNDED * scales[n];
            errors.check(f64::from(*got), want, limit, || format!("step {t}, number {n}"));
        }
        errors.holds(found.next_ends == step.terminated, || format!("step {t}, whether it ends"));
    }
    Ok(errors.rung())
}
