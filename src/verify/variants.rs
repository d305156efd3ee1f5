//! Rung 5, `variants`: kernels that are laid out in other ways give what the plainest give.
//!
//! Whatever a tuner chooses, a run should not change. The plainest is `loop`, which the other rungs
//! hold against the reference. Networks are the same operations in every variant, so that bits are
//! expected to be equal, as they are on Mesa's software adapter; tasks are the same text, of which
//! a driver may round a sum of products in two ways.

use std::sync::Arc;

use super::subject::Way;
use super::{Comparison, Rung, Subject, forward};
use crate::backend::{Episodes, Forward, Measure, Purpose, Reference, Scores, Variant};
use crate::error::Result;
use crate::network::{Activation, Network, Normalisation, Precision, Seen};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};
use crate::task::{self, DataSet, Kind, Part, Task};

/// Networks that divide among four outputs and among none, without biases, wider than a stride, and
/// as wide as a team.
const PLAYERS: [(&str, &str); 3] =
    [("cartpole", "16-16"), ("pendulum", "5:relu-7:nobias-6:sin"), ("swingup", "64-64")];
/// Several layers, one of them wider than the longest stride, and none; and of a regression.
const JUDGED: [(&str, &str); 2] = [("digits", "130-7"), ("xor", "none")];
const PREDICTING: [&str; 2] = ["12-5:gelu", "6-3"];
/// Individuals that play, and that are judged; not a multiple of anything.
const PLAYING: usize = 70;
const JUDGING: usize = 11;
/// By how much of itself, or of 1, a number may be off: no more than steps of the same text may
/// come to where a driver joins their products and sums in two ways.
const AGREEING: f64 = 2e-5;
const LIMIT: &str = "as with loops, to 2e-5 of itself, or of 1";
/// Networks whose layers are all copied first, and of which one is multiplied where it stands.
const TILED: [&str; 2] = ["6-3:sin:nobias", "8-8:relu"];
/// By how much of the largest of all an output of tiles may be off: what goes in and what hidden
/// layers give is rounded to half precision, whose unit is 2^-11, and sixteen such units come
/// together at most.
const TILED_AGREEING: f64 = 16.0 / 2048.0;
const TILES_LIMIT: &str = "as the reference, to 16 units of f16 of the largest, or of 1";
/// The variant in registers.
const SUBGROUP: &str = Variant::Subgroup.name();
/// The variant on tensor cores.
const TENSOR: &str = Variant::Tensor.name();
/// Steps of an episode.
const STEPS: u32 = 25;

pub(super) fn climb(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let mut rungs = climb_few(subject)?;
    let single = Precision::Single;
    for (name, spec) in PLAYERS[1..].iter().chain(&JUDGED) {
        rungs.extend(climb_one(subject, &Arc::from(task::named(name)?), spec, single)?);
    }
    let regression: Arc<dyn Task> = Arc::new(forward::random_numbers());
    rungs.extend(climb_one(subject, &regression, PREDICTING[1], single)?);
    for &precision in subject.precisions().iter().filter(|&&p| p != single) {
        let (name, spec) = PLAYERS[1];
        rungs.extend(climb_one(subject, &Arc::from(task::named(name)?), spec, precision)?);
        rungs.extend(climb_one(subject, &regression, PREDICTING[1], precision)?);
    }
    rungs.extend(climb_tiles(subject, &regression, TILED[1])?);
    Ok(rungs)
}

/// Tiles against the reference; none where there are none.
fn climb_tiles(subject: &dyn Subject, task: &Arc<dyn Task>, spec: &str) -> Result<Option<Rung>> {
    let network = task.network(spec, Activation::Tanh)?.with_precision(Precision::Half);
    if !subject.precisions().contains(&Precision::Half) {
        return Ok(None);
    }
    compare_tiles(task, &network, subject.tiles(task, &network))
}

/// One network of each kind: as many as a fault needs to be caught.
pub(super) fn climb_few(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    let regression: Arc<dyn Task> = Arc::new(forward::random_numbers());
    let (name, spec) = PLAYERS[0];
    let player = Arc::from(task::named(name)?);
    for (task, spec) in [(&player, spec), (&regression, PREDICTING[0])] {
        rungs.extend(climb_one(subject, task, spec, Precision::Single)?);
    }
    rungs.extend(climb_tiles(subject, &regression, TILED[0])?);
    Ok(rungs)
}

/// None where there is but one way.
fn climb_one(
    subject: &dyn Subject,
    task: &Arc<dyn Task>,
    spec: &str,
    precision: Precision,
) -> Result<Option<Rung>> {
    let network = task.network(spec, Activation::Tanh)?.with_precision(precision);
    let mut ways = subject.variants(task, &network).into_iter();
    let Some(plainest) = ways.next() else { return Ok(None) };
    compare(task, &network, &plainest, ways.collect())
}

/// One variant with this network on this task; none where it is the plainest.
pub(super) fn climb_variant(
    subject: &dyn Subject,
    task: &Arc<dyn Task>,
    network: &Network,
    variant: &str,
) -> Result<Option<Rung>> {
    let is_meant = |way: &Way<'_>| way.name == variant;
    if variant == TENSOR {
        let ways = subject.tiles(task, network).into_iter().filter(is_meant);
        return compare_tiles(task, network, ways.collect());
    }
    let mut ways = subject.variants(task, network).into_iter();
    let Some(plainest) = ways.next() else { return Ok(None) };
    compare(task, network, &plainest, ways.filter(is_meant).collect())
}

/// Holds ways to the plainest; none where there are no others.
fn compare(
    task: &Arc<dyn Task>,
    network: &Network,
    plainest: &Way<'_>,
    ways: Vec<Way<'_>>,
) -> Result<Option<Rung>> {
    if ways.is_empty() {
        return Ok(None);
    }
    let mut same = Comparison::new("5 variants", name(task, network), LIMIT);
    let expected = everything(plainest.open()?.as_mut(), task.as_ref(), network)?;
    let is_missing = !ways.iter().any(|way| way.name == SUBGROUP);
    if ways.len() > 1 && is_missing && matches!(task.kind(), Kind::Control(_)) {
        same.skip("no subgroups of one size whose registers hold this network");
    }
    for way in ways {
        let found = everything(way.open()?.as_mut(), task.as_ref(), network)?;
        each(&mut same, way.name, &found, &expected, |want, _| AGREEING * want.abs().max(1.0));
    }
    Ok(Some(same.rung()))
}

/// Holds tiles to the reference; none where there are none.
fn compare_tiles(
    task: &Arc<dyn Task>,
    network: &Network,
    ways: Vec<Way<'_>>,
) -> Result<Option<Rung>> {
    if ways.is_empty() {
        return Ok(None);
    }
    let mut reference = Reference::new(Arc::clone(task), network.clone());
    let expected = everything(&mut reference, task.as_ref(), network)?;
    let mut near =
        Comparison::new("5 variants", format!("{}, tiles", name(task, network)), TILES_LIMIT);
    if !ways.iter().any(|way| way.name == TENSOR) {
        near.skip("the adapter lists no tiles of tensor cores");
    }
    for way in ways {
        let found = everything(way.open()?.as_mut(), task.as_ref(), network)?;
        each(&mut near, way.name, &found, &expected, |_, largest| TILED_AGREEING * largest);
    }
    Ok(Some(near.rung()))
}

/// Holds all that was found to what was expected, with a limit of that and of its largest number.
fn each(
    same: &mut Comparison,
    way: &str,
    found: &[(&str, Vec<f64>)],
    expected: &[(&str, Vec<f64>)],
    limit: impl Fn(f64, f64) -> f64,
) {
    for ((what, found), (_, expected)) in found.iter().zip(expected) {
        same.holds(found.len() == expected.len(), || format!("{way}, {what}: how many"));
        let largest = expected.iter().fold(1.0f64, |largest, number| largest.max(number.abs()));
        for (i, (got, want)) in found.iter().zip(expected).enumerate() {
            same.check(*got, *want, limit(*want, largest), || format!("{way}, {what} {i}"));
        }
    }
}

/// The task and the network, and what genes are kept in.
fn name(task: &Arc<dyn Task>, network: &Network) -> String {
    format!("{}, {network}{}", task.about().name, network.precision().suffix())
}

/// What can be seen of a population.
fn everything(
    backend: &mut dyn Forward,
    task: &dyn Task,
    network: &Network,
) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let data = match task.kind() {
        Kind::Data(data) => Some(data),
        Kind::Control(_) | Kind::Function(_) => None,
    };
    let scale = |gene: usize| 0.5 + 0.1 * (gene % 3) as f32;
    backend.spawn(&Proposal::Gaussian(Gaussian {
        centre: vec![0.05; network.parameters()].into(),
        scale: Scale::PerGene((0..network.parameters()).map(scale).collect()),
        noise: NoiseKey { seed: 5, generation: 0 },
        individuals: if data.is_some() { JUDGING } else { PLAYING },
        mirrored: data.is_none(),
    }))?;
    match data {
        Some(data) => is_judged(backend, data),
        None => plays(backend, network.inputs()),
    }
}

/// Episodes alone, more than a team plays at once, and those that restart; and what is seen.
fn plays(backend: &mut dyn Forward, inputs: usize) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let score = |backend: &mut dyn Forward, count, exact_steps: Option<u32>| {
        let step_limit = Some(if exact_steps.is_some() { STEPS / 3 } else { STEPS });
        let episodes = Episodes::new(5, Purpose::Verification, 6, count);
        backend.score(&Episodes { step_limit, exact_steps, ..episodes })
    };
    let alone = score(backend, 1, None)?;
    let many = score(backend, 18, None)?;
    let restarting = score(backend, 18, Some(STEPS))?;
    backend.normalise(&Normalisation { means: vec![0.05; inputs], scales: vec![3.0; inputs] })?;
    let normalised = score(backend, 18, None)?;
    let seen = normalised.seen.iter().flat_map(Seen::rows).flatten().copied().collect();
    let wide = |scores: &Scores| scores.values.iter().copied().map(f64::from).collect();
    Ok(vec![
        ("one episode", wide(&alone)),
        ("18 episodes", wide(&many)),
        ("restarting episodes", wide(&restarting)),
        ("normalised episodes", wide(&normalised)),
        ("what was seen", seen),
        ("steps", vec![alone.steps as f64, many.steps as f64, restarting.steps as f64]),
    ])
}

/// Judgements of the parts that have samples, and outputs.
fn is_judged(backend: &mut dyn Forward, data: &DataSet) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let mut score = |purpose, measure| -> Result<Vec<f64>> {
        let episodes = Episodes { measure, ..Episodes::new(3, purpose, 4, 1) };
        Ok(backend.score(&episodes)?.values.into_iter().map(f64::from).collect())
    };
    let fitness = score(Purpose::Verification, Measure::Fitness)?;
    let held_out = match data.part(Part::HeldOut).is_empty() {
        true => Vec::new(),
        false => score(Purpose::HeldOut, Measure::Score)?,
    };
    let outputs = backend.forward()?.into_iter().map(f64::from).collect();
    Ok(vec![("fitness", fitness), ("held-out score", held_out), ("output", outputs)])
}
