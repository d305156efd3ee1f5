//! Rung 4, `recurrent`: single steps of recurrent networks. Each step starts from the hidden state
//! of the reference, so errors cannot accumulate.

use super::forward::{FORWARD_UNITS, UNIT, random_genomes};
use super::{Comparison, Implementation, Rung};
use crate::error::Result;
use crate::network::{Activation, Network, Scratch};
use crate::population::Proposal;
use crate::random::{Counter, Stream};

/// Network specs: each kind of cell alone and together, wide layers, another activation, and no
/// biases.
const SPECS: [&str; 6] = [
    "3-4:elman-2",
    "5-7:gru-3",
    "2-3:gru-5:elman:relu:nobias-6-2",
    "1-1:elman-1:gru-1",
    "4-3:gru:nobias-1:nobias",
    "9-33:gru-20:elman-4",
];
const INDIVIDUALS: usize = 11;
/// Steps of an episode. The hidden states settle long before its end.
const STEPS: usize = 25;

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    checks(implementation).collect()
}

/// Checks one spec after another. A planted fault needs only the first ones.
pub(super) fn checks(
    implementation: &dyn Implementation,
) -> impl Iterator<Item = Result<Rung>> + '_ {
    SPECS.iter().map(move |spec| check_spec(implementation, spec))
}

fn check_spec(implementation: &dyn Implementation, spec: &str) -> Result<Rung> {
    let network = Network::parse_whole(spec, Activation::Tanh)?;
    let Proposal::Explicit(individuals) = random_genomes(network.parameters(), INDIVIDUALS) else {
        unreachable!("random genomes are explicit");
    };
    let (mut genomes, mut cases, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    for (individual, genome) in individuals.genomes.chunks(network.parameters()).enumerate() {
        let wide: Vec<f64> = genome.iter().copied().map(f64::from).collect();
        let mut scratch = Scratch::for_network(&network);
        for step in 0..STEPS {
            let observation = observation(network.inputs(), individual, step);
            // Both sides start from a hidden state that single precision can represent.
            scratch
                .hidden_state()
                .iter_mut()
                .for_each(|number| *number = f64::from(*number as f32));
            genomes.extend_from_slice(genome);
            cases.extend_from_slice(&observation);
            cases.extend(scratch.hidden_state().iter().map(|&number| number as f32));
            let observation: Vec<f64> = observation.into_iter().map(f64::from).collect();
            expected.extend_from_slice(network.forward(&wide[..], &observation, &mut scratch));
            expected.extend_from_slice(scratch.hidden_state());
        }
    }
    let found = implementation.step_recurrent(&network, &genomes, &cases)?;

    let limit = "16 units in the last place of the largest number, times the layers";
    let mut errors = Comparison::new("4 recurrent", spec, limit);
    let largest = expected.iter().fold(1.0f64, |largest, y| largest.max(y.abs()));
    let limit = FORWARD_UNITS * UNIT * largest * network.layers().len() as f64;
    errors.check_that(found.len() == expected.len(), || format!("{} numbers", found.len()));
    for (i, (&got, &want)) in found.iter().zip(&expected).enumerate() {
        let at = || {
            let words = network.outputs() + network.state_size();
            let (case, number) = (i / words, i % words);
            format!("individual {}, step {}, number {number}", case / STEPS, case % STEPS)
        };
        errors.check(f64::from(got), want, limit, at);
    }
    Ok(errors.into_rung())
}

/// An observation of normal numbers, different at every step.
fn observation(inputs: usize, individual: usize, step: usize) -> Vec<f32> {
    let counter = Counter {
        seed: 3,
        stream: Stream::Verification,
        generation: step as u32,
        individual: individual as u32,
    };
    (0u32..).flat_map(|block| counter.normals(block)).take(inputs).collect()
}
