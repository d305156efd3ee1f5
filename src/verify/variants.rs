//! Rung 5, `variants`: all kernel variants compute the same results.
//!
//! The choice of the autotuner must not change a run. The simplest variant is `loop`, which the
//! other rungs compare with the reference; this rung compares the others with it. All variants
//! perform the same operations, so equal bits are expected, as on Mesa's software adapter. But a
//! driver may fuse the products and sums of the same shader text in different ways.

use std::sync::Arc;

use super::implementation::VariantUnderTest;
use super::{Comparison, Implementation, Rung, forward};
use crate::backend::{Episodes, ForwardBackend, Metric, Purpose, Reference, Scores, Variant};
use crate::error::Result;
use crate::network::{Activation, Network, Normalisation, ObservationSums, Precision};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};
use crate::task::{self, DataSet, Kind, Split, Task};

/// Tasks and networks for control: widths that are and are not multiples of four, no biases, layers
/// wider than a stride, and layers as wide as a team.
const CONTROL: [(&str, &str); 3] =
    [("cartpole", "16-16"), ("pendulum", "5:relu-7:nobias-6:sin"), ("swingup", "64-64")];
/// Data sets and networks: one layer wider than the longest stride, and no hidden layers.
const DATA_SETS: [(&str, &str); 2] = [("digits", "130-7"), ("xor", "none")];
/// Networks for a regression.
const REGRESSION: [&str; 2] = ["12-5:gelu", "6-3"];
/// Individuals on control tasks, not a multiple of any block.
const CONTROL_INDIVIDUALS: usize = 70;
/// Individuals on data sets, not a multiple of any block.
const DATA_INDIVIDUALS: usize = 11;
/// The largest difference, as a share of the number or of 1: the effect of fusing products and sums
/// in different ways.
const AGREEMENT: f64 = 2e-5;
const CRITERION: &str = "equal to the loop variant, to 2e-5 of itself, or of 1";
/// Networks for tiles: one whose layers must all be copied first, and one with a layer that is
/// multiplied in place.
const TILED: [&str; 2] = ["6-3:sin:nobias", "8-8:relu"];
/// The largest difference of an output computed with tiles, as a share of the largest output.
/// Inputs and hidden outputs are rounded to half precision, whose unit is 2^-11; at most sixteen
/// such roundings accumulate.
const TILED_AGREEMENT: f64 = 16.0 / 2048.0;
const TILED_CRITERION: &str = "equal to the reference, to 16 units of f16 of the largest, or of 1";
/// The variant in registers.
const SUBGROUP: &str = Variant::Subgroup.name();
/// The variant on tensor cores.
const TENSOR: &str = Variant::Tensor.name();
/// Steps of an episode.
const STEPS: u32 = 25;

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    let mut rungs = check_few(implementation)?;
    let single = Precision::Single;
    for (name, spec) in CONTROL[1..].iter().chain(&DATA_SETS) {
        rungs.extend(check_network(
            implementation,
            &Arc::from(task::by_name(name)?),
            spec,
            single,
        )?);
    }
    let regression: Arc<dyn Task> = Arc::new(forward::random_numbers());
    rungs.extend(check_network(implementation, &regression, REGRESSION[1], single)?);
    for &precision in implementation.precisions().iter().filter(|&&p| p != single) {
        let (name, spec) = CONTROL[1];
        rungs.extend(check_network(
            implementation,
            &Arc::from(task::by_name(name)?),
            spec,
            precision,
        )?);
        rungs.extend(check_network(implementation, &regression, REGRESSION[1], precision)?);
    }
    rungs.extend(check_tiles(implementation, &regression, TILED[1])?);
    Ok(rungs)
}

/// Compares tiles with the reference, if the implementation supports half precision.
fn check_tiles(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
    spec: &str,
) -> Result<Option<Rung>> {
    let network = task.network(spec, Activation::Tanh)?.with_precision(Precision::Half);
    if !implementation.precisions().contains(&Precision::Half) {
        return Ok(None);
    }
    compare_tiles(task, &network, implementation.tiles(task, &network))
}

/// Checks one network of each kind, which is enough to catch a planted fault.
pub(super) fn check_few(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    let regression: Arc<dyn Task> = Arc::new(forward::random_numbers());
    let (name, spec) = CONTROL[0];
    let control = Arc::from(task::by_name(name)?);
    for (task, spec) in [(&control, spec), (&regression, REGRESSION[0])] {
        rungs.extend(check_network(implementation, task, spec, Precision::Single)?);
    }
    rungs.extend(check_tiles(implementation, &regression, TILED[0])?);
    Ok(rungs)
}

/// Compares all variants for one network. Returns `None` if there is only one variant.
fn check_network(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
    spec: &str,
    precision: Precision,
) -> Result<Option<Rung>> {
    let network = task.network(spec, Activation::Tanh)?.with_precision(precision);
    let mut variants = implementation.variants(task, &network).into_iter();
    let Some(simplest) = variants.next() else { return Ok(None) };
    compare(task, &network, &simplest, variants.collect())
}

/// Compares one variant with the simplest, for one network on one task. Returns `None` if it is the
/// simplest itself.
pub(super) fn check_variant(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
    network: &Network,
    name: &str,
) -> Result<Option<Rung>> {
    let is_meant = |variant: &VariantUnderTest<'_>| variant.name == name;
    if name == TENSOR {
        let variants = implementation.tiles(task, network).into_iter().filter(is_meant);
        return compare_tiles(task, network, variants.collect());
    }
    let mut variants = implementation.variants(task, network).into_iter();
    let Some(simplest) = variants.next() else { return Ok(None) };
    compare(task, network, &simplest, variants.filter(is_meant).collect())
}

/// Compares variants with the simplest one. Returns `None` if there are no others.
fn compare(
    task: &Arc<dyn Task>,
    network: &Network,
    simplest: &VariantUnderTest<'_>,
    variants: Vec<VariantUnderTest<'_>>,
) -> Result<Option<Rung>> {
    if variants.is_empty() {
        return Ok(None);
    }
    let mut same = Comparison::new("5 variants", subject_name(task, network), CRITERION);
    let expected = evaluate(simplest.open()?.as_mut(), task.as_ref(), network)?;
    let is_missing = !variants.iter().any(|variant| variant.name == SUBGROUP);
    if variants.len() > 1 && is_missing && matches!(task.kind(), Kind::Control(_)) {
        same.skip("the adapter has no subgroups of one size whose registers hold this network");
    }
    for variant in variants {
        let found = evaluate(variant.open()?.as_mut(), task.as_ref(), network)?;
        compare_results(&mut same, variant.name, &found, &expected, |want, _| {
            AGREEMENT * want.abs().max(1.0)
        });
    }
    Ok(Some(same.into_rung()))
}

/// Compares variants with tiles with the reference. Returns `None` if there are no tiles.
fn compare_tiles(
    task: &Arc<dyn Task>,
    network: &Network,
    variants: Vec<VariantUnderTest<'_>>,
) -> Result<Option<Rung>> {
    if variants.is_empty() {
        return Ok(None);
    }
    let mut reference = Reference::new(Arc::clone(task), network.clone());
    let expected = evaluate(&mut reference, task.as_ref(), network)?;
    let mut near = Comparison::new(
        "5 variants",
        format!("{}, tiles", subject_name(task, network)),
        TILED_CRITERION,
    );
    if !variants.iter().any(|variant| variant.name == TENSOR) {
        near.skip("the adapter has no tensor cores");
    }
    for variant in variants {
        let found = evaluate(variant.open()?.as_mut(), task.as_ref(), network)?;
        compare_results(&mut near, variant.name, &found, &expected, |_, largest| {
            TILED_AGREEMENT * largest
        });
    }
    Ok(Some(near.into_rung()))
}

/// Compares the results of a variant with the expected results. The limit of a number depends on
/// the number and on the largest number of its kind.
fn compare_results(
    same: &mut Comparison,
    variant: &str,
    found: &[(&str, Vec<f64>)],
    expected: &[(&str, Vec<f64>)],
    limit: impl Fn(f64, f64) -> f64,
) {
    for ((what, found), (_, expected)) in found.iter().zip(expected) {
        same.check_that(found.len() == expected.len(), || {
            format!("{variant}, {what}: the number of values")
        });
        let largest = expected.iter().fold(1.0f64, |largest, number| largest.max(number.abs()));
        for (i, (got, want)) in found.iter().zip(expected).enumerate() {
            same.check(*got, *want, limit(*want, largest), || format!("{variant}, {what} {i}"));
        }
    }
}

/// The names of the task, the network and the precision of its genes.
fn subject_name(task: &Arc<dyn Task>, network: &Network) -> String {
    format!("{}, {network}{}", task.about().name, network.precision().suffix())
}

/// Evaluates a population in every way that its task allows.
fn evaluate(
    backend: &mut dyn ForwardBackend,
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
        individuals: if data.is_some() { DATA_INDIVIDUALS } else { CONTROL_INDIVIDUALS },
        mirrored: data.is_none(),
    }))?;
    match data {
        Some(data) => evaluate_data(backend, data),
        None => evaluate_control(backend, network.inputs()),
    }
}

/// Evaluates single episodes, more episodes than a team runs at once, restarting episodes, and
/// normalised ones with their observation sums.
fn evaluate_control(
    backend: &mut dyn ForwardBackend,
    inputs: usize,
) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let score = |backend: &mut dyn ForwardBackend, count, exact_steps: Option<u32>| {
        let step_limit = Some(if exact_steps.is_some() { STEPS / 3 } else { STEPS });
        let episodes = Episodes::new(5, Purpose::Verification, 6, count);
        backend.score(&Episodes { step_limit, exact_steps, ..episodes })
    };
    let alone = score(backend, 1, None)?;
    let many = score(backend, 18, None)?;
    let restarting = score(backend, 18, Some(STEPS))?;
    backend.normalise(&Normalisation { means: vec![0.05; inputs], scales: vec![3.0; inputs] })?;
    let normalised = score(backend, 18, None)?;
    let sums = normalised
        .observation_sums
        .iter()
        .flat_map(ObservationSums::rows)
        .flatten()
        .copied()
        .collect();
    let wide = |scores: &Scores| scores.values.iter().copied().map(f64::from).collect();
    Ok(vec![
        ("one episode", wide(&alone)),
        ("18 episodes", wide(&many)),
        ("restarting episodes", wide(&restarting)),
        ("normalised episodes", wide(&normalised)),
        ("observation sum", sums),
        ("steps", vec![alone.steps as f64, many.steps as f64, restarting.steps as f64]),
    ])
}

/// Evaluates the splits that have samples, and returns the outputs too.
fn evaluate_data(
    backend: &mut dyn ForwardBackend,
    data: &DataSet,
) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let mut score = |purpose, metric| -> Result<Vec<f64>> {
        let episodes = Episodes { metric, ..Episodes::new(3, purpose, 4, 1) };
        Ok(backend.score(&episodes)?.values.into_iter().map(f64::from).collect())
    };
    let fitness = score(Purpose::Verification, Metric::Fitness)?;
    let validation = score(Purpose::Validation, Metric::Score)?;
    let held_out = match data.indices(Split::HeldOut).is_empty() {
        true => Vec::new(),
        false => score(Purpose::HeldOut, Metric::Score)?,
    };
    let outputs = backend.forward()?.into_iter().map(f64::from).collect();
    Ok(vec![
        ("fitness", fitness),
        ("validation score", validation),
        ("held-out score", held_out),
        ("output", outputs),
    ])
}
