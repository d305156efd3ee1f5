//! Rung 5, `shards`: a population has the same scores as a whole and in pieces, bit by bit.

use std::sync::Arc;

use super::episodes::RECURRENT;
use super::{Comparison, Implementation, Rung};
use crate::backend::{Episodes, ForwardBackend, Limits, Purpose, Scores};
use crate::error::Result;
use crate::network::{Activation, Network, Normalisation, ObservationSums};
use crate::population::{Crossover, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale};
use crate::task::{self, Kind, Task};

/// Limits so tight that even a small population is cut into pieces everywhere.
const TIGHT_LIMITS: Limits = Limits {
    binding_bytes: 70_000,
    buffer_bytes: 150_000,
    workgroups: 20,
    alignment: 256,
    workgroup_bytes: 16 << 10,
    work_per_dispatch: 3_000_000,
    loop_rounds: 3000,
    tile: None,
    subgroup: None,
};

/// Checks that a population has the same scores, bit by bit, as a whole and in pieces.
///
/// The CPU path has no shards; its pieces are threads.
pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    let pieces =
        [("cartpole", "8-8"), ("pendulum", "8-8"), ("xor", "8-8"), ("cartpole", RECURRENT)];
    pieces.into_iter().map(|(name, spec)| check_pieces(implementation, name, spec)).collect()
}

fn check_pieces(implementation: &dyn Implementation, name: &str, spec: &str) -> Result<Rung> {
    let task: Arc<dyn Task> = Arc::from(task::by_name(name)?);
    let network = Network::parse(spec, task.inputs(), task.outputs(), Activation::Tanh)?;
    let is_control = matches!(task.kind(), Kind::Control(_));
    let mut whole = implementation.backend(Arc::clone(&task), network.clone(), None)?;
    let mut pieces = implementation.backend(task, network.clone(), Some(TIGHT_LIMITS))?;
    let mut equal = Comparison::new("5 shards", format!("{name}, {spec}"), "equal bits");
    let inputs = network.inputs();
    let by = Normalisation { means: vec![0.05; inputs], scales: vec![3.0; inputs] };
    let by = is_control.then_some(&by);
    let expected = evaluate_generations(whole.as_mut(), network.parameters(), by)?;
    let single_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let single_thread = single_thread.expect("a single thread can be started");
    let found = single_thread
        .install(|| evaluate_generations(pieces.as_mut(), network.parameters(), by))?;
    for ((what, found), (_, expected)) in found.iter().zip(&expected) {
        equal.check_that(found.len() == expected.len(), || format!("{what}: the number of values"));
        for (i, (got, want)) in found.iter().zip(expected).enumerate() {
            let at = || format!("{what} {i}: got {got}, expected {want}");
            equal.check_that(got.to_bits() == want.to_bits(), at);
        }
    }
    Ok(equal.into_rung())
}

/// Evaluates two generations, and returns all their scores, sums and genes.
fn evaluate_generations(
    backend: &mut dyn ForwardBackend,
    genes: usize,
    by: Option<&Normalisation>,
) -> Result<Vec<(&'static str, Vec<f64>)>> {
    const POPULATION: usize = 330;
    let episodes = Episodes::new(5, Purpose::Verification, 6, 20);
    let gaussian = Gaussian {
        centre: vec![0.05; genes].into(),
        scale: Scale::Uniform(0.6),
        noise: NoiseKey { seed: 5, generation: 0 },
        individuals: POPULATION,
        mirrored: true,
    };
    backend.spawn(&Proposal::Gaussian(gaussian))?;
    let wide = |scores: &Scores| scores.values.iter().copied().map(f64::from).collect();
    let first = backend.score(&episodes)?;
    // Restarting episodes, too, must continue in the next dispatch.
    let restarting = Episodes { exact_steps: Some(90), step_limit: Some(25), count: 2, ..episodes };
    let again = backend.score(&restarting)?;
    let parents = (0..POPULATION).map(|i| Parents {
        first: (i * 31 % POPULATION) as u32,
        second: (i * 57 % POPULATION) as u32,
        mutates: 1,
    });
    let offspring = Offspring {
        parents: parents.collect(),
        crossover: Crossover::Uniform(0.5),
        mutation: 0.1,
        mutation_rate: 1.0,
        noise: NoiseKey { seed: 5, generation: 1 },
    };
    backend.spawn(&Proposal::Offspring(offspring))?;
    let second = backend.score(&episodes)?;
    let mut genomes = Vec::new();
    for individual in [0, 63, 64, 127, 128, 200, POPULATION - 1] {
        genomes.extend(backend.individual(individual)?.into_iter().map(f64::from));
    }
    by.iter().try_for_each(|by| backend.normalise(by))?;
    let normalised = backend.score(&episodes)?;
    let sums = normalised
        .observation_sums
        .iter()
        .flat_map(ObservationSums::rows)
        .flatten()
        .copied()
        .collect();
    Ok(vec![
        ("normalised score", wide(&normalised)),
        ("observation sum", sums),
        ("score of parent", wide(&first)),
        ("score with restarts", wide(&again)),
        ("score of child", wide(&second)),
        ("gene", genomes),
        ("steps", vec![first.steps as f64, second.steps as f64]),
    ])
}
