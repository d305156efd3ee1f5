//! Rung 5: scores of whole episodes.
//!
//! Rounding errors accumulate in an episode, and a policy close to a decision boundary may choose
//! another action. So the limit is a share of individuals that may disagree. On data sets nothing
//! accumulates, and every individual must agree within a limit.

use std::sync::Arc;

use super::backend_pair::{BackendPair, INDIVIDUALS};
use super::returns::{
    SHORT, SHORT_AGREEMENT, SHORT_DISAGREEMENT, SHORT_NORMALISED, WHOLE, compare_returns,
};
use super::{Comparison, Implementation, Rung};
use crate::backend::{Backend, Episodes, Metric, Purpose};
use crate::error::Result;
use crate::task::{self, ControlShape, DataSet, Kind, Objective, Task};

/// Recurrent hidden layers.
pub(super) const RECURRENT: &str = "5:gru-4:elman";
/// The largest difference between equal accuracies, due to rounding.
const ACCURACY_ROUNDING: f64 = 1e-6;
/// Steps of a short episode.
const SHORT_STEPS: u32 = 40;
/// Largest number of steps of a whole episode, even if the task allows more.
const WHOLE_STEPS: u32 = 1000;

pub(super) fn check(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
) -> Result<Vec<Rung>> {
    let hidden = if matches!(task.kind(), Kind::Function(_)) { "none" } else { "8-8" };
    let mut pair = BackendPair::with_networks(implementation, task, hidden)?;
    let name = task.about().name.to_string();
    match task.kind() {
        Kind::Data(data) => {
            let mut graphs = BackendPair::with_graphs(implementation, task)?;
            let of_graphs = format!("{name}, graphs");
            Ok(vec![
                compare_samples(&mut pair, &name, data)?,
                compare_samples(&mut graphs, &of_graphs, data)?,
            ])
        }
        Kind::Function(_) => Ok(vec![compare_values(&mut pair, &name)?]),
        Kind::Control(simulation) => {
            let recurrent = BackendPair::with_networks(implementation, task, RECURRENT)?;
            let graphs = BackendPair::with_graphs(implementation, task)?;
            check_control(simulation.shape(), &name, pair, recurrent, graphs)
        }
    }
}

/// Compares the returns of feed-forward networks, recurrent networks and graphs on a control task.
fn check_control(
    shape: ControlShape,
    name: &str,
    mut pair: BackendPair,
    mut recurrent: BackendPair,
    mut graphs: BackendPair,
) -> Result<Vec<Rung>> {
    let limit = shape.step_limit.min(WHOLE_STEPS);
    let whole = Episodes::new(3, Purpose::Verification, 4, 2);
    let whole = Episodes { step_limit: Some(limit), ..whole };
    let short = Episodes { step_limit: Some(SHORT_STEPS), ..whole };
    let restarting = Episodes { exact_steps: Some(3 * SHORT_STEPS), count: 1, ..short };
    let often = Episodes { exact_steps: Some(SHORT_STEPS), ..restarting };
    let often = Episodes { step_limit: Some(SHORT_STEPS / 4), ..often };
    let steps = format!("{SHORT_STEPS} steps");
    let subject = |what: &str| format!("{name}, {what}");
    let mut rungs = vec![
        compare_returns(&mut pair, subject(&steps), &short, SHORT)?,
        compare_returns(&mut pair, subject("whole"), &whole, WHOLE)?,
        compare_returns(&mut pair, subject("restarting"), &restarting, WHOLE)?,
    ];
    let of_recurrent = |what: &str| subject(&format!("{RECURRENT}, {what}"));
    rungs.push(compare_returns(&mut recurrent, of_recurrent(&steps), &short, SHORT)?);
    rungs.push(compare_returns(&mut recurrent, of_recurrent("restarting"), &often, SHORT)?);
    pair.normalise(shape.observations, &short)?;
    for (what, episodes) in [("normalised", &short), ("normalised, restarting", &often)] {
        rungs.push(compare_returns(&mut pair, subject(what), episodes, SHORT_NORMALISED)?);
    }
    let of_graphs = |what: &str| subject(&format!("graphs, {what}"));
    rungs.push(compare_returns(&mut graphs, of_graphs(&steps), &short, SHORT)?);
    rungs.push(compare_returns(&mut graphs, of_graphs("restarting"), &often, SHORT)?);
    Ok(rungs)
}

fn compare_samples(pair: &mut BackendPair, name: &str, data: &DataSet) -> Result<Rung> {
    let is_counted = data.objective != Objective::SquaredError;
    let limit = if is_counted {
        "fitness to 1e-5 of itself; accuracy equal, or off by one sample for 2 %"
    } else {
        "fitness and R^2 to 1e-5 of themselves, or of 1"
    };
    let mut errors = Comparison::new("5 episodes", name, limit);
    for purpose in [Purpose::Verification, Purpose::Validation, Purpose::HeldOut] {
        for metric in [Metric::Fitness, Metric::Score] {
            let episodes = Episodes { metric, ..Episodes::new(3, purpose, 4, 1) };
            let (expected, found) =
                (pair.reference.score(&episodes)?, pair.backend.score(&episodes)?);
            let one = 1.0 / data.indices(episodes.split()).len() as f64;
            let mut ties = 0;
            for (i, (&got, &want)) in found.values.iter().zip(&expected.values).enumerate() {
                let (got, want) = (f64::from(got), f64::from(want));
                let limit = match metric {
                    Metric::Fitness => 1e-5 * want.abs().max(1.0),
                    Metric::Score if !is_counted => 1e-5 * want.abs().max(1.0),
                    Metric::Score if (got - want).abs() > ACCURACY_ROUNDING => {
                        ties += 1;
                        ACCURACY_ROUNDING + one
                    }
                    Metric::Score => ACCURACY_ROUNDING,
                };
                let at = || format!("{} {} of individual {i}", purpose.name(), metric.name());
                errors.check(got, want, limit, at);
                // The accuracy must be a whole number of samples.
                let samples = got / one;
                let fraction = (samples - samples.round()).abs();
                if metric == Metric::Score && is_counted {
                    errors.check(fraction, 0.0, ACCURACY_ROUNDING / one, at);
                }
            }
            let share = f64::from(ties) / INDIVIDUALS as f64;
            errors.check(share, 0.0, SHORT_DISAGREEMENT, || format!("ties, {}", purpose.name()));
        }
    }
    Ok(errors.into_rung())
}

fn compare_values(pair: &mut BackendPair, name: &str) -> Result<Rung> {
    let limit = "a value to 2e-5 of itself, or of 1";
    let mut errors = Comparison::new("5 episodes", name, limit);
    let episodes = Episodes::new(3, Purpose::Verification, 4, 1);
    let (expected, found) = (pair.reference.score(&episodes)?, pair.backend.score(&episodes)?);
    errors
        .check_that(found.values.len() == expected.values.len(), || "the number of values".into());
    for (i, (&got, &want)) in found.values.iter().zip(&expected.values).enumerate() {
        let limit = SHORT_AGREEMENT * f64::from(want.abs()).max(1.0);
        errors.check(f64::from(got), f64::from(want), limit, || format!("individual {i}"));
    }
    Ok(errors.into_rung())
}

/// Checks networks so wide and episodes so long that an invocation needs more loop iterations than
/// some devices allow in a dispatch.
pub(super) fn check_long(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    let task: Arc<dyn Task> = Arc::from(task::by_name("pendulum")?);
    let mut pair = BackendPair::with_networks(implementation, &task, "48-48")?;
    let whole = Episodes::new(3, Purpose::Verification, 4, 1);
    Ok(vec![compare_returns(&mut pair, "pendulum, 48-48, whole".into(), &whole, WHOLE)?])
}
