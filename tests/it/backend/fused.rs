//! Fused kernels: they generate genomes from the recipe, and the population is never written.

use std::sync::Arc;

use deme::backend::{Backend, Gpu, Limits, Variant};
use deme::gpu::Device;
use deme::network::{Normalisation, Precision};
use deme::population::{Crossover, Gaussian, Proposal};
use deme::task::Task;

use super::{
    bits, few_steps, gaussian, network, offspring, proposals, spawn_all, task_by_name, utilities,
};
use crate::gpu_device::{on_gpu, on_own_gpu};

const INDIVIDUALS: usize = 200;

/// Opens a backend whose teams generate genomes, and one whose teams load them.
fn pair(device: &Arc<Device>, task: &Arc<dyn Task>, precision: Precision) -> (Gpu, Gpu) {
    let open = |variant| {
        let network = network(task.as_ref()).with_precision(precision);
        let gpu = Gpu::new(Arc::clone(device), Arc::clone(task), network);
        gpu.and_then(|gpu| gpu.with_variant(variant)).expect("a small network")
    };
    (open(Variant::Fused(16)), open(Variant::Team(16)))
}

#[test]
fn a_generated_population_equals_a_packed_one() {
    on_gpu(|device| {
        let cases = [("cartpole", Precision::Single), ("pendulum", Precision::Half)];
        for (name, precision) in cases {
            let task = task_by_name(name);
            let (mut fused, mut team) = pair(device, &task, precision);
            let inputs = network(task.as_ref()).inputs();
            let normalisation =
                Normalisation { means: vec![0.1; inputs], scales: vec![0.8; inputs] };
            let genes = network(task.as_ref()).parameters();
            for normalised in [false, true] {
                if normalised {
                    fused.normalise(&normalisation).expect("as many inputs");
                    team.normalise(&normalisation).expect("as many inputs");
                }
                // The proposals include offspring of noise, and explicit genomes.
                for (kind, proposals) in proposals(genes, INDIVIDUALS) {
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
            fused
                .spawn(&Proposal::Gaussian(gaussian(genes, INDIVIDUALS)))
                .expect("a valid proposal");
            team.spawn(&Proposal::Gaussian(gaussian(genes, INDIVIDUALS)))
                .expect("a valid proposal");
            let sums = fused.recombine(&utilities(INDIVIDUALS)).expect("moments");
            assert_eq!(sums, team.recombine(&utilities(INDIVIDUALS)).expect("moments"));
            assert!(fused.individual(INDIVIDUALS).is_err());
            assert!(fused.genomes(INDIVIDUALS + 1).is_err());
        }
    });
}

#[test]
fn shards_do_not_change_the_scores() {
    on_gpu(|device| {
        let task = task_by_name("cartpole");
        let genes = network(task.as_ref()).parameters();
        let (mut whole, _) = pair(device, &task, Precision::Single);
        let (pieces, _) = pair(device, &task, Precision::Single);
        // An individual's episode takes eight words, so a binding holds 64 individuals.
        let limits = Limits { binding_bytes: 64 * 8 * 4 + 4, ..pieces.limits() };
        let mut pieces = pieces.with_limits(limits);
        let mirrored = Gaussian { mirrored: true, ..gaussian(genes, INDIVIDUALS) };
        let mut groups = [0; 2];
        for recipe in [gaussian(genes, INDIVIDUALS), mirrored] {
            let proposal = Proposal::Gaussian(recipe);
            let score = |gpu: &mut Gpu| {
                gpu.spawn(&proposal).expect("a valid proposal");
                let before = device.resource_counts().groups;
                let scores = gpu.score(&few_steps(2)).expect("a score");
                (scores, device.resource_counts().groups - before)
            };
            let (expected, as_a_whole) = score(&mut whole);
            let (found, in_pieces) = score(&mut pieces);
            assert_eq!(found, expected);
            groups = [groups[0] + as_a_whole, groups[1] + in_pieces];
        }
        assert!(groups[1] > groups[0], "bind groups as a whole, and in pieces: {groups:?}");
    });
}

#[test]
fn genomes_take_no_memory() {
    on_own_gpu(|device| {
        const MANY: usize = 20_000;
        let device = Arc::new(device);
        let task = task_by_name("cartpole");
        let genes = network(task.as_ref()).parameters();
        let (mut fused, mut team) = pair(&device, &task, Precision::Single);
        let proposal = Proposal::Gaussian(gaussian(genes, MANY));
        let allocated_by = |gpu: &mut Gpu| {
            let before = device.allocated_bytes();
            gpu.spawn(&proposal).expect("a valid proposal");
            device.allocated_bytes() - before
        };
        let genomes = (4 * MANY * genes) as u64;
        assert!(allocated_by(&mut fused) < genomes / 100);
        assert!(allocated_by(&mut team) >= genomes);
        let child = Proposal::Offspring(offspring(MANY, Crossover::None, 1));
        fused.spawn(&child).expect("its parents are generated first");
    });
}
