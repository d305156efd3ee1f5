//! The schedule of lanes: what a lane plays does not depend on its neighbours.

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Purpose};
use deme::network::{Activation, Initialisation, Network};
use deme::population::{ExplicitGenomes, Proposal};
use deme::task::Task;

use super::world::twins;

/// Scores the networks of some seeds, and returns the score of each and all steps.
fn scores(task: &Arc<dyn Task>, network: &Network, seeds: std::ops::Range<u64>) -> (Vec<f32>, u64) {
    let genomes = seeds.flat_map(|seed| network.initialise(Initialisation::Xavier, seed));
    let genomes = genomes.collect::<Vec<f32>>().into();
    let mut backend = Cpu::new(task.clone(), network.clone());
    let proposal = Proposal::Explicit(ExplicitGenomes { genes: network.parameters(), genomes });
    backend.spawn(&proposal).expect("genomes");
    let scores = backend.score(&Episodes::new(5, Purpose::Training, 1, 3)).expect("scores");
    (scores.values, scores.steps)
}

#[test]
fn an_individual_scores_alike_alone_and_among_many() {
    for (task, world) in twins() {
        // Episodes of a hundred thousand steps would take minutes.
        if task.step_limit() > 1_000 {
            continue;
        }
        let world: Arc<dyn Task> = world;
        let network = task.network("4", Activation::Tanh).expect("a network");
        for task in [&task, &world] {
            let (all, steps) = scores(task, &network, 0..70);
            let parts = [0..1, 1..20, 20..70].map(|seeds| scores(task, &network, seeds));
            let together: Vec<f32> = parts.iter().flat_map(|(values, _)| values.clone()).collect();
            assert_eq!(all, together, "{}", task.about().name);
            assert_eq!(steps, parts.iter().map(|(_, steps)| steps).sum::<u64>());
        }
    }
}
