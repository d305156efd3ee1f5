//! Rung 4, `forward`: single forward passes of networks of many shapes.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Comparison, Rung, Subject};
use crate::backend::{Backend, Forward, Reference};
use crate::error::Result;
use crate::network::{Activation, Network, Precision};
use crate::population::{Explicit, Proposal};
use crate::random::{Place, Stream};
use crate::task::{About, DataSet, Defaults, Objective, Task};

/// Networks: no hidden layer, one wide, odd widths, every activation, more inputs than lanes, more
/// connections than some devices count rounds of loops, and no biases.
const SHAPES: [&str; 11] = [
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
/// The first so many are tried in half precision too.
const HALVED: usize = 3;
const INDIVIDUALS: usize = 5;
/// Not a multiple of any lane or workgroup.
const SAMPLES: usize = 71;
/// Units in the last place, of the sum of the magnitudes that a unit adds up, by which an output
/// may be off; a sum of n terms in any order stays within n of them, and errors of several layers
/// add up.
pub(super) const FORWARD_UNITS: f64 = 16.0;
pub(super) const UNIT: f64 = 1.0 / 16_777_216.0;

pub(super) fn climb(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    for &precision in subject.precisions() {
        let shapes = if precision == Precision::Single { &SHAPES[..] } else { &SHAPES[..HALVED] };
        for shape in shapes {
            rungs.push(climb_one(subject, shape, precision)?);
        }
    }
    if !subject.precisions().contains(&Precision::Half) {
        rungs.iter_mut().for_each(|rung| rung.skip("f16, which the adapter does not compute in"));
    }
    Ok(rungs)
}

fn climb_one(subject: &dyn Subject, shape: &str, precision: Precision) -> Result<Rung> {
    let network = Network::parse_whole(shape, Activation::Tanh)?.with_precision(precision);
    let task: Arc<dyn Task> =
        Arc::new(random_samples(network.inputs(), network.outputs(), SAMPLES));
    let proposal = random_genomes(network.parameters(), INDIVIDUALS);
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    reference.spawn(&proposal)?;
    let expected = reference.forward()?;
    let mut backend = subject.backend(task, network.clone(), None)?;
    backend.spawn(&proposal)?;
    let found = backend.forward()?;

    let limit = "16 units in the last place of the largest output, times the layers";
    let name = format!("{shape}{}", precision.suffix());
    let mut errors = Comparison::new("4 forward", name, limit);
    let largest = expected.iter().fold(1.0f64, |largest, y| largest.max(f64::from(y.abs())));
    let limit = FORWARD_UNITS * UNIT * largest * network.layers().len() as f64;
    errors.holds(found.len() == expected.len(), || format!("{} outputs", found.len()));
    for (i, (&got, &want)) in found.iter().zip(&expected).enumerate() {
        let at = || {
            let outputs = network.outputs();
            let (individual, rest) = (i / (SAMPLES * outputs), i % (SAMPLES * outputs));
            format!("individual {individual}, sample {}, output {}", rest / outputs, rest % outputs)
        };
        errors.check(f64::from(got), f64::from(want), limit, at);
    }
    Ok(errors.rung())
}

/// A data set of normal features, without meaning.
pub fn random_samples(inputs: usize, outputs: usize, samples: usize) -> DataSet {
    let place = |individual: u32| Place {
        seed: 1,
        stream: Stream::Verification,
        generation: 1,
        individual,
    };
    let row = |sample: usize| {
        let normals = (0u32..).flat_map(move |block| place(sample as u32).normals(block));
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
                settings: &[],
            },
        },
        inputs,
        outputs,
        features: (0..samples).flat_map(row).collect(),
        targets: (0..samples).map(|sample| (sample % outputs) as f32).collect(),
        training: samples,
        objective: Objective::CrossEntropy,
        held_out_is_training: true,
        preparation: None,
    }
}

/// A data set of normal features and of normal numbers to predict, without meaning: no task of the
/// registry is a regression.
pub(super) fn random_numbers() -> DataSet {
    const INPUTS: usize = 7;
    const TRAINING: usize = 300;
    let samples = random_samples(INPUTS + 1, 1, TRAINING + SAMPLES);
    let rows = samples.features.chunks(INPUTS + 1);
    DataSet {
        about: About { name: Cow::Borrowed("a regression"), ..samples.about.clone() },
        inputs: INPUTS,
        features: rows.clone().flat_map(|row| &row[..INPUTS]).copied().collect(),
        targets: rows.map(|row| row[INPUTS]).collect(),
        training: TRAINING,
        objective: Objective::SquaredError,
        held_out_is_training: false,
        ..samples
    }
}

/// Genomes of normal weights of deviation 0.5.
pub(super) fn random_genomes(genes: usize, individuals: usize) -> Proposal {
    let genome = |individual: usize| {
        let place = Place {
            seed: 2,
            stream: Stream::Verification,
            generation: 2,
            individual: individual as u32,
        };
        (0u32..).flat_map(move |block| place.normals(block)).take(genes).map(|z| 0.5 * z)
    };
    let genomes: Vec<f32> = (0..individuals).flat_map(genome).collect();
    Proposal::Explicit(Explicit { genomes: genomes.into(), genes })
}
