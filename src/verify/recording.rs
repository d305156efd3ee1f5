//! Rung 6 for worlds: recorded steps of another program, which the reference and the implementation
//! under test must repeat.
//!
//! Each step starts from a recorded state, so errors cannot accumulate.

use std::sync::Arc;

use super::neighbourhood::{self, UNIT};
use super::recorded_steps::RecordedTransition;
use super::steps;
use super::{Comparison, Implementation, Rung, StepCase};
use crate::error::Result;
use crate::task::{Simulation, Task};

/// The allowed error of a number, in units in the last place of its largest magnitude: the state is
/// rounded to single precision, and a step may amplify that rounding.
const UNITS: f64 = 96.0;

/// Compares the next states, rewards and ends with those that were recorded.
pub(super) fn check(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
    simulation: &dyn Simulation,
    recorded: &[RecordedTransition],
) -> Result<Vec<Rung>> {
    let limit = "96 units in the last place of the number's largest magnitude, or of the change \
                 that such an error of the state makes";
    let name = task.about().name.to_string();
    let shape = simulation.shape();
    let Some(reference) = simulation.reference() else { return Ok(Vec::new()) };
    let narrow = |numbers: &[f64]| numbers.iter().map(|&number| number as f32).collect::<Vec<_>>();
    let rows: Vec<Vec<f64>> = recorded
        .iter()
        .map(|step| step.next.iter().copied().chain([step.reward]).collect())
        .collect();
    let scales = steps::scales(&rows);
    let start = narrow(&shape.draw(|| 0.5));
    // Parameters that episodes draw are at the end of a state, and were not recorded.
    let parameters = reference.start(&shape.draw(|| 0.5))[shape.own_state()..].to_vec();
    let mut found: Vec<(Vec<f64>, bool)> = Vec::new();
    let (mut cases, mut states) = (Vec::new(), Vec::new());
    for step in recorded {
        let state = [&step.state[..], &parameters].concat();
        states.push(state.clone());
        let mut inputs = [&step.action[..], &step.draws].concat();
        if shape.has_step_number {
            inputs.push(0.0);
        }
        let (mut next, reward) = reference.step(&state, &inputs);
        let ends = reference.terminated(&next);
        next.truncate(shape.own_state());
        next.push(reward);
        found.push((next, ends));
        cases.push(StepCase {
            draws: start.clone(),
            state: narrow(&state),
            outputs: vec![0.0; shape.actions.outputs()],
            action: narrow(&inputs),
        });
    }
    let roundings = neighbourhood::roundings(&cases, &steps::scales(&states));
    let compare = |subject: String, found: &[(Vec<f64>, bool)]| {
        let mut errors = Comparison::new("6 witness", subject, limit);
        for (t, (numbers, ends)) in found.iter().enumerate() {
            for (n, (&got, &want)) in numbers.iter().zip(&rows[t]).enumerate() {
                let mut limit = UNITS * UNIT * scales[n];
                if (got - want).abs() > limit {
                    let near = neighbourhood::step_neighbourhood(
                        reference, &cases[t], &roundings, n, limit,
                    );
                    limit = limit.max(UNITS / 2.0 * near.sensitivity);
                }
                errors.check(got, want, limit, || format!("step {t}, number {n}"));
            }
            errors.check_that(*ends == recorded[t].done, || format!("step {t}, whether it ends"));
        }
        errors.into_rung()
    };
    let results = implementation.steps(task.as_ref(), simulation, &cases)?;
    let implemented = results.iter().map(|result| {
        let next = result.next[..shape.own_state()].iter().copied().chain([result.reward]);
        (next.map(f64::from).collect(), result.next_ends)
    });
    Ok(vec![
        compare(format!("reference of {name}"), &found),
        compare(name, &implemented.collect::<Vec<_>>()),
    ])
}
