//! Rung 4, `forward`: single forward passes of networks of many shapes.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Comparison, Implementation, Rung};
use crate::backend::{Backend, ForwardBackend, Reference};
use crate::error::Result;
use crate::network::{Activation, Network, Precision};
use crate::population::{ExplicitGenomes, Proposal};
use crate::random::{Counter, Stream};
use crate::task::{About, DataSet, Defaults, Objective, Task};

/// Network specs: two hidden layers, no hidden layer, one unit, odd widths, every activation, more
/// inputs than lanes, more connections than some devices allow loop iterations, and no biases.
const SPECS: [&str; 11] = [
    "4-16-16-2",
    "3-1",
    "1-1-1",
    "37-50:relu-3",
    "7-5:sigmoid-6:linear-9:tanh-4",
    "6-11:gelu-8:silu-5:sin-9:softsign-3",
    "64-32-10",
    "130-3-2",
    "300-300-2",
    "6-8:nobias-1:nobias",
    "5-19:relu:nobias-7-33:nobias",
];
/// The number of specs that are checked in half precision too.
const HALF_PRECISION_SPECS: usize = 3;
const INDIVIDUALS: usize = 5;
/// Samples, not a multiple of any number of lanes or invocations.
const SAMPLES: usize = 71;
/// The allowed error of an output for each layer, in units in the last place of the largest output.
/// The error of a sum of n terms in any order is below n units, and the errors of layers add up.
pub(super) const FORWARD_UNITS: f64 = 16.0;
/// Half a unit in the last place of 1, in single precision.
pub(super) const UNIT: f64 = 1.0 / 16_777_216.0;

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    checks(implementation).collect()
}

/// Checks one spec after another. A planted fault needs only the first ones.
pub(super) fn checks(
    implementation: &dyn Implementation,
) -> impl Iterator<Item = Result<Rung>> + '_ {
    let precisions = implementation.precisions();
    let specs = |precision| match precision {
        Precision::Single => &SPECS[..],
        Precision::Half => &SPECS[..HALF_PRECISION_SPECS],
    };
    let pairs = precisions
        .iter()
        .flat_map(move |&precision| specs(precision).iter().map(move |&spec| (spec, precision)));
    pairs.map(move |(spec, precision)| {
        let mut rung = check_spec(implementation, spec, precision)?;
        if !precisions.contains(&Precision::Half) {
            rung.skip("the adapter does not support f16");
        }
        Ok(rung)
    })
}

fn check_spec(
    implementation: &dyn Implementation,
    spec: &str,
    precision: Precision,
) -> Result<Rung> {
    let network = Network::parse_whole(spec, Activation::Tanh)?.with_precision(precision);
    let task: Arc<dyn Task> =
        Arc::new(random_samples(network.inputs(), network.outputs(), SAMPLES));
    let proposal = random_genomes(network.parameters(), INDIVIDUALS);
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    reference.spawn(&proposal)?;
    let expected = reference.forward()?;
    let mut backend = implementation.backend(task, network.clone(), None)?;
    backend.spawn(&proposal)?;
    let found = backend.forward()?;

    let limit = "16 units in the last place of the largest output, times the layers";
    let name = format!("{spec}{}", precision.suffix());
    let mut errors = Comparison::new("4 forward", name, limit);
    let largest = expected.iter().fold(1.0f64, |largest, y| largest.max(f64::from(y.abs())));
    let limit = FORWARD_UNITS * UNIT * largest * network.layers().len() as f64;
    errors.check_that(found.len() == expected.len(), || format!("{} outputs", found.len()));
    for (i, (&got, &want)) in found.iter().zip(&expected).enumerate() {
        let at = || {
            let outputs = network.outputs();
            let (individual, rest) = (i / (SAMPLES * outputs), i % (SAMPLES * outputs));
            format!("individual {individual}, sample {}, output {}", rest / outputs, rest % outputs)
        };
        errors.check(f64::from(got), f64::from(want), limit, at);
    }
    Ok(errors.into_rung())
}

/// Creates a data set of normal features without meaning.
pub fn random_samples(inputs: usize, outputs: usize, samples: usize) -> DataSet {
    let counter = |individual: u32| Counter {
        seed: 1,
        stream: Stream::Verification,
        generation: 1,
        individual,
    };
    let row = |sample: usize| {
        let normals = (0u32..).flat_map(move |block| counter(sample as u32).normals(block));
        normals.take(inputs)
    };
    DataSet {
        about: About {
            name: Cow::Borrowed("samples"),
            summary: Cow::Borrowed("normal features, without meaning"),
            source: Cow::Borrowed("this project"),
            threshold: None,
            defaults: Defaults {
                strategy: "random-search",
                network: "",
                population: 2,
                generations: 1,
                episodes: 1,
                normalise_observations: false,
                settings: &[],
            },
        },
        inputs,
        outputs,
        features: (0..samples).flat_map(row).collect(),
        targets: (0..samples).map(|sample| (sample % outputs) as f32).collect(),
        training: samples,
        validation: 0,
        objective: Objective::CrossEntropy,
        held_out_is_training: true,
        feature_labels: Vec::new(),
        output_labels: Vec::new(),
        preprocessing: None,
    }
}

/// Creates a regression of several normal targets on normal features, without meaning. Each target
/// has a deviation of its own. No task of the registry is a regression.
pub(super) fn random_numbers() -> DataSet {
    const INPUTS: usize = 7;
    const DEVIATIONS: [f32; 3] = [1.0, 0.5, 3.0];
    const OUTPUTS: usize = DEVIATIONS.len();
    const TRAINING: usize = 300;
    const VALIDATION: usize = 70;
    let samples = random_samples(INPUTS + OUTPUTS, OUTPUTS, TRAINING + VALIDATION + SAMPLES);
    let rows = samples.features.chunks(INPUTS + OUTPUTS);
    let targets =
        |row: &[f32]| (0..OUTPUTS).map(|k| DEVIATIONS[k] * row[INPUTS + k]).collect::<Vec<f32>>();
    DataSet {
        about: About { name: Cow::Borrowed("a regression"), ..samples.about.clone() },
        inputs: INPUTS,
        features: rows.clone().flat_map(|row| &row[..INPUTS]).copied().collect(),
        targets: rows.flat_map(targets).collect(),
        training: TRAINING,
        validation: VALIDATION,
        objective: Objective::SquaredError,
        held_out_is_training: false,
        ..samples
    }
}

/// Creates genomes of normal weights with a standard deviation of 0.5.
pub(super) fn random_genomes(genes: usize, individuals: usize) -> Proposal {
    let genome = |individual: usize| {
        let counter = Counter {
            seed: 2,
            stream: Stream::Verification,
            generation: 2,
            individual: individual as u32,
        };
        (0u32..).flat_map(move |block| counter.normals(block)).take(genes).map(|z| 0.5 * z)
    };
    let genomes: Vec<f32> = (0..individuals).flat_map(genome).collect();
    Proposal::Explicit(ExplicitGenomes { genomes: genomes.into(), genes })
}
