//! Populations that are never written: whoever plays them makes them.

use std::sync::Arc;

use deme::backend::{Backend, Gpu, Limits, Variant};
use deme::gpu::Device;
use deme::network::{Normalisation, Precision};
use deme::population::{Crossover, Gaussian, Proposal};
use deme::task::Task;

use super::{bits, few_steps, gaussian, named, network, offspring, recipes, spawn_all, weights};
use crate::gpu_device::{on_gpu, on_own_gpu};

const INDIVIDUALS: usize = 200;

/// A backend whose teams make their genomes, and one whose teams read them.
fn pair(device: &Arc<Device>, task: &Arc<dyn Task>, precision: Precision) -> (Gpu, Gpu) {
    let open = |variant| {
        let network = network(task.as_ref()).with_precision(precision);
        let gpu = Gpu::new(Arc::clone(device), Arc::clone(task), network);
        gpu.and_then(|gpu| gpu.with_variant(variant)).expect("a small network")
    };
    (open(Variant::Fused(16)), open(Variant::Team(16)))
}

#[test]
fn a_population_that_is_not_written_is_the_same_one() {
    on_gpu(|device| {
        let cases = [("cartpole", Precision::Single), ("pendulum", Precision::Half)];
        for (name, precision) in cases {
            let task = named(name);
            let (mut fused, mut team) = pair(device, &task, precision);
            let inputs = network(task.as_ref()).inputs();
            let by = Normalisation { means: vec![0.1; inputs], scales: vec![0.8; inputs] };
            let genes = network(task.as_ref()).parameters();
            for normalised in [false, true] {
                if normalised {
                    fused.normalise(&by).expect("as many inputs");
                    team.normalise(&by).expect("as many inputs");
                }
                // Children of noise, and genomes by hand, are among them.
                for (kind, proposals) in recipes(genes, INDIVIDUALS) {
                    let what = format!("{name}, {kind}, normalised: {normalised}");
                    spawn_all(&mut fused, &proposals);
                    spawn_all(&mut team, &proposals);
                    let found = fused.score(&few_steps(3)).expect("a score");
                    assert_eq!(found, team.score(&few_steps(3)).expect("a score"), "{what}");
                    let found = fused.genomes(INDIVIDUALS).expect("genomes");
                    let expected = team.genomes(INDIVIDUALS).expect("genomes");
                    assert_eq!(bits(&found), bits(&expected), "{what}");
                    for index in [0, 77, INDIVIDUALS - 1] {
                        let found = fused.individual(index).expect("a genome");
                        assert_eq!(bits(&found), bits(&expected[index * genes..][..genes]));
                    }
                }
            }
            fused.spawn(&Proposal::Gaussian(gaussian(genes, INDIVIDUALS))).expect("a recipe");
            team.spawn(&Proposal::Gaussian(gaussian(genes, INDIVIDUALS))).expect("a recipe");
            let sums = fused.recombine(&weights(INDIVIDUALS)).expect("moments");
            assert_eq!(sums, team.recombine(&weights(INDIVIDUALS)).expect("moments"));
            assert!(fused.individual(INDIVIDUALS).is_err());
            assert!(fused.genomes(INDIVIDUALS + 1).is_err());
        }
    });
}

#[test]
fn one_that_plays_in_several_shards_is_the_same_one() {
    on_gpu(|device| {
        let task = named("cartpole");
        let genes = network(task.as_ref()).parameters();
        let (mut whole, _) = pair(device, &task, Precision::Single);
        let (pieces, _) = pair(device, &task, Precision::Single);
        // Eight words are kept of an individual: 64 of them fit, and no more.
        let limits = Limits { binding_bytes: 64 * 8 * 4 + 4, ..pieces.limits() };
        let mut pieces = pieces.with_limits(limits);
        let mirrored = Gaussian { mirrored: true, ..gaussian(genes, INDIVIDUALS) };
        let mut bound = [0; 2];
        for recipe in [gaussian(genes, INDIVIDUALS), mirrored] {
            let proposal = Proposal::Gaussian(recipe);
            let score = |gpu: &mut Gpu| {
                gpu.spawn(&proposal).expect("a recipe");
                let before = device.resource_counts().groups;
                let scores = gpu.score(&few_steps(2)).expect("a score");
                (scores, device.resource_counts().groups - before)
            };
            let (expected, as_a_whole) = score(&mut whole);
            let (found, in_pieces) = score(&mut pieces);
            assert_eq!(found, expected);
            bound = [bound[0] + as_a_whole, bound[1] + in_pieces];
        }
        assert!(bound[1] > bound[0], "bindings as a whole, and in pieces: {bound:?}");
    });
}

#[test]
fn it_takes_no_memory_for_genomes() {
    on_own_gpu(|device| {
        const MANY: usize = 20_000;
        let device = Arc::new(device);
        let task = named("cartpole");
        let genes = network(task.as_ref()).parameters();
        let (mut fused, mut team) = pair(&device, &task, Precision::Single);
        let proposal = Proposal::Gaussian(gaussian(genes, MANY));
        let held_by = |gpu: &mut Gpu| {
            let before = device.allocated_bytes();
            gpu.spawn(&proposal).expect("a recipe");
            device.allocated_bytes() - before
        };
        let genomes = (4 * MANY * genes) as u64;
        assert!(held_by(&mut fused) < genomes / 100);
        assert!(held_by(&mut team) >= genomes);
        let child = Proposal::Offspring(offspring(MANY, Crossover::None, 1));
        fused.spawn(&child).expect("its parents are made for it");
    });
}
