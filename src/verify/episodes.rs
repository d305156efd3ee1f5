//! Rung 5: scores of whole episodes.
//!
//! Rounding errors accumulate in an episode, and a policy close to a decision boundary may choose
//! another action. So the limit is a share of individuals that may disagree. On data sets nothing
//! accumulates, and every individual must agree within a limit.

use std::sync::Arc;

use super::forward::random_genomes;
use super::{Comparison, Implementation, Rung, graphs};
use crate::backend::{Backend, Episodes, ForwardBackend, Metric, Purpose, Reference, Scores};
use crate::error::Result;
use crate::network::{Activation, Network, Normalisation, ObservationStatistics, ObservationSums};
use crate::population::Proposal;
use crate::task::{self, ControlShape, DataSet, Kind, Objective, Task};

/// Recurrent hidden layers.
pub(super) const RECURRENT: &str = "5:gru-4:elman";
/// Individuals, not a multiple of a block.
const INDIVIDUALS: usize = 150;
/// The difference between two scores below which they agree, as a share of the score or of 1. Over
/// the first steps it is little more than the rounding of a sum.
const SHORT_AGREEMENT: f64 = 2e-5;
/// The agreement of whole episodes, in which errors accumulate.
const WHOLE_AGREEMENT: f64 = 1e-3;
/// The largest share of individuals that may disagree over whole episodes. Measured: 8 % for
/// acrobot, whose double pendulum is chaotic; below 3 % for the other tasks.
const WHOLE_DISAGREEMENT: f64 = 0.15;
/// The largest share over the first steps, in which few errors accumulate.
const SHORT_DISAGREEMENT: f64 = 0.02;
/// The largest difference between equal accuracies, due to rounding.
const ACCURACY_ROUNDING: f64 = 1e-6;
/// Steps of a short episode.
const SHORT_STEPS: u32 = 40;
/// Largest number of steps of a whole episode, even if the task allows more.
const WHOLE_STEPS: u32 = 1000;

/// The limits of a comparison of returns.
#[derive(Clone, Copy)]
struct Tolerance {
    /// The difference below which two returns agree, as a share of the return or of 1.
    agreement: f64,
    /// The largest share of individuals that may disagree.
    disagreement: f64,
    /// The limits in words.
    words: &'static str,
}

const SHORT: Tolerance = Tolerance {
    agreement: SHORT_AGREEMENT,
    disagreement: SHORT_DISAGREEMENT,
    words: "at most 2 % of individuals whose return differs by over 2e-5 of itself",
};
const SHORT_NORMALISED: Tolerance = Tolerance {
    words: "at most 2 % of individuals whose return or observations differ by over 2e-5",
    ..SHORT
};
const WHOLE: Tolerance = Tolerance {
    agreement: WHOLE_AGREEMENT,
    disagreement: WHOLE_DISAGREEMENT,
    words: "at most 15 % of individuals whose return differs by over 1e-3 of itself",
};

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

/// The reference and the backend under test, with the same population.
struct BackendPair {
    reference: Reference,
    backend: Box<dyn ForwardBackend>,
    /// The normalisation of observations, if they are normalised.
    by: Option<Normalisation>,
}

impl BackendPair {
    /// Creates random networks with these hidden layers on both sides.
    fn with_networks(
        implementation: &dyn Implementation,
        task: &Arc<dyn Task>,
        spec: &str,
    ) -> Result<Self> {
        let network = task.network(spec, Activation::Tanh)?;
        let genomes = random_genomes(network.parameters(), INDIVIDUALS);
        Self::with_population(implementation, task, network, &genomes)
    }

    /// Creates random graphs on both sides.
    fn with_graphs(implementation: &dyn Implementation, task: &Arc<dyn Task>) -> Result<Self> {
        let network = task.network("", Activation::Linear)?;
        let genomes = graphs::population(task.ports(), INDIVIDUALS);
        Self::with_population(implementation, task, network, &genomes)
    }

    fn with_population(
        implementation: &dyn Implementation,
        task: &Arc<dyn Task>,
        network: Network,
        genomes: &Proposal,
    ) -> Result<Self> {
        let mut reference = Reference::new(Arc::clone(task), network.clone());
        let mut backend = implementation.backend(Arc::clone(task), network, None)?;
        reference.spawn(genomes)?;
        backend.spawn(genomes)?;
        Ok(Self { reference, backend, by: None })
    }

    /// Normalises observations on both sides, by the observations of the reference in `episodes`.
    fn normalise(&mut self, inputs: usize, episodes: &Episodes) -> Result<()> {
        let first = Normalisation::identity(inputs);
        let mut statistics = ObservationStatistics::new(inputs);
        self.reference.normalise(&first)?;
        if let Some(sums) = self.reference.score(episodes)?.observation_sums {
            statistics.merge(&first, &sums);
        }
        let by = statistics.normalisation();
        self.reference.normalise(&by)?;
        self.backend.normalise(&by)?;
        self.by = Some(by);
        Ok(())
    }
}

fn compare_returns(
    pair: &mut BackendPair,
    subject: String,
    episodes: &Episodes,
    tolerance: Tolerance,
) -> Result<Rung> {
    // A behaviour is defined for whole episodes only.
    let episodes = &Episodes { behaviour: episodes.exact_steps.is_none(), ..*episodes };
    let expected = pair.reference.score(episodes)?;
    let found = pair.backend.score(episodes)?;
    let mut errors = Comparison::new("5 episodes", subject, tolerance.words);
    let behaviours =
        [&found, &expected].map(|scores| scores.behaviours.as_deref().unwrap_or_default());
    errors.check_that(behaviours[0].len() == behaviours[1].len(), || {
        "the number of behaviours".into()
    });
    let rows = |scores: &Scores| -> Vec<Vec<f64>> {
        scores
            .observation_sums
            .iter()
            .flat_map(ObservationSums::rows)
            .map(<[f64]>::to_vec)
            .collect()
    };
    let sums = (rows(&found), rows(&expected));
    errors.check_that(sums.0.len() == sums.1.len(), || "the number of observation sums".into());
    let disagrees = |&i: &usize| {
        let (got, want) = (found.values[i], expected.values[i]);
        let difference = f64::from(got - want).abs();
        let agrees = difference <= tolerance.agreement * f64::from(want.abs()).max(1.0);
        let sums = pair.by.as_ref().zip(sums.0.get(i).zip(sums.1.get(i)));
        let numbers = behaviours[1].len() / INDIVIDUALS;
        let behaviours = behaviours.map(|all| &all[i * numbers..][..numbers]);
        !agrees
            || !is_same_behaviour(behaviours, tolerance.agreement)
            || sums.is_some_and(|(by, sums)| !observation_sums_agree(by, sums, tolerance.agreement))
    };
    let all = 0..found.values.len().min(expected.values.len());
    let count = all.clone().filter(disagrees).count();
    let first = all.clone().find(disagrees);
    let at = || match first {
        None => "no individual".into(),
        Some(i) => {
            let (got, want) = (found.values[i], expected.values[i]);
            format!(
                "share that differs, {count} of {INDIVIDUALS}, first individual {i} with {got} \
                 instead of {want}"
            )
        }
    };
    errors.check(count as f64 / INDIVIDUALS as f64, 0.0, tolerance.disagreement, at);
    errors
        .check_that(found.values.len() == expected.values.len(), || "the number of returns".into());
    // Steps differ only if returns differ, and by a whole episode at most.
    let longest = expected.steps.max(found.steps) / u64::from(episodes.count);
    let limit = (count as u64 * longest) as f64;
    errors.check(found.steps as f64, expected.steps as f64, limit, || "steps in all".into());
    Ok(errors.into_rung())
}

/// True if two behaviours agree: each number to a share of itself, or of 1.
fn is_same_behaviour([got, want]: [&[f32]; 2], agreement: f64) -> bool {
    let alike = |(got, want): (&f32, &f32)| {
        let (got, want) = (f64::from(*got), f64::from(*want));
        (got - want).abs() <= agreement * want.abs().max(1.0)
    };
    got.iter().zip(want).all(alike)
}

/// True if two rows of observation sums agree: equal steps, and sums that agree to a share of
/// themselves, or of the sum if every observation were one deviation.
fn observation_sums_agree(
    by: &Normalisation,
    (got, want): (&Vec<f64>, &Vec<f64>),
    agreement: f64,
) -> bool {
    let (inputs, steps) = (by.means.len(), want[0]);
    let alike = |k: usize| {
        let deviation = 1.0 / f64::from(by.scales[k]);
        let (first, second) = (1 + k, 1 + inputs + k);
        let squares = want[second].max(steps * deviation * deviation);
        (got[first] - want[first]).abs() <= agreement * (steps * squares).sqrt()
            && (got[second] - want[second]).abs() <= agreement * squares
    };
    got[0] == steps && (0..inputs).all(alike)
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
