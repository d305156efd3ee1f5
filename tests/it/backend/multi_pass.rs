//! Populations larger than a device's memory, compared with the same populations in one piece.

use std::sync::Arc;

use deme::backend::{Backend, Gpu, MultiPassGpu, Variant};
use deme::error::Error;
use deme::gpu::{Device, Injection};
use deme::network::Normalisation;
use deme::population::{Crossover, Gaussian, Proposal};
use deme::task::{Kind, Task};

use super::{bits, explicit, few_steps, gaussian, network, offspring, task_by_name, utilities};
use crate::gpu_device::on_own_gpu;

const INDIVIDUALS: usize = 1000;

/// A backend with the whole population, and one on a device with limited memory.
fn pair(device: &Device, task: &Arc<dyn Task>, bytes: u64) -> (Gpu, MultiPassGpu) {
    let open = || {
        let device = Arc::new(device.reopen().expect("the same adapter"));
        let gpu = Gpu::new(Arc::clone(&device), Arc::clone(task), network(task.as_ref()));
        (device, gpu.expect("a small network"))
    };
    let (whole, (device, gpu)) = (open().1, open());
    device.inject(&[Injection::Memory { bytes: device.allocated_bytes() + bytes }]);
    (whole, MultiPassGpu::new(gpu))
}

/// Fails unless a generation has the same scores and genomes in passes as in one piece.
fn assert_same(whole: &mut Gpu, passes: &mut MultiPassGpu, proposal: &Proposal) {
    whole.spawn(proposal).expect("a valid proposal");
    passes.spawn(proposal).expect("a valid proposal");
    let expected = whole.score(&few_steps(2)).expect("a score");
    assert_eq!(passes.score(&few_steps(2)).expect("a score"), expected);
    let count = proposal.individuals();
    let expected = whole.genomes(count).expect("genomes");
    assert_eq!(bits(&passes.genomes(count).expect("genomes")), bits(&expected));
}

#[test]
fn scores_in_passes_equal_those_of_the_whole_population() {
    on_own_gpu(|device| {
        for (name, bytes) in [("cartpole", 150_000), ("maze", 150_000), ("xor", 20_000)] {
            let task = task_by_name(name);
            let network = network(task.as_ref());
            let genes = network.parameters();
            let (mut whole, mut passes) = pair(&device, &task, bytes);
            if let Kind::Control(_) = task.kind() {
                let inputs = network.inputs();
                let by = Normalisation { means: vec![0.1; inputs], scales: vec![0.8; inputs] };
                whole.normalise(&by).expect("as many inputs");
                passes.normalise(&by).expect("as many inputs");
            }
            let mirrored = Gaussian { mirrored: true, ..gaussian(genes, INDIVIDUALS) };
            let proposals = [
                Proposal::Gaussian(gaussian(genes, INDIVIDUALS)),
                Proposal::Gaussian(mirrored),
                Proposal::Explicit(explicit(genes, INDIVIDUALS)),
            ];
            for proposal in proposals {
                whole.spawn(&proposal).expect("a valid proposal");
                passes.spawn(&proposal).expect("a valid proposal");
                let mut episodes = few_steps(2);
                episodes.behaviour = task.behaviour() > 0;
                let expected = whole.score(&episodes).expect("a score");
                let found = passes.score(&episodes).expect("a score");
                assert_eq!(bits(&found.values), bits(&expected.values), "{name}");
                assert_eq!(found, expected, "{name}");
                for individual in [999, 0, 512, 63, 64] {
                    let expected = whole.individual(individual).expect("a genome");
                    let found = passes.individual(individual).expect("a genome");
                    assert_eq!(bits(&found), bits(&expected), "{name}, {individual}");
                }
                let expected = whole.genomes(777).expect("genomes");
                assert_eq!(bits(&passes.genomes(777).expect("genomes")), bits(&expected));
                let sums = passes.recombine(&utilities(INDIVIDUALS)).expect("moments");
                assert_eq!(sums, whole.recombine(&utilities(INDIVIDUALS)).expect("moments"));
                assert!(passes.individual(INDIVIDUALS).is_err());
                assert!(passes.genomes(INDIVIDUALS + 1).is_err());
            }
            let notes = passes.notes();
            assert!(notes.len() == 1 && notes[0].contains("passes of"), "{name}: {notes:?}");
        }
    });
}

#[test]
fn offspring_in_passes_equal_those_in_one_piece() {
    on_own_gpu(|device| {
        for (name, bytes) in [("cartpole", 150_000), ("xor", 60_000)] {
            let task = task_by_name(name);
            let genes = network(task.as_ref()).parameters();
            let (mut whole, mut passes) = pair(&device, &task, bytes);
            let gaussian_proposal = |individuals| Proposal::Gaussian(gaussian(genes, individuals));
            let bred = |individuals, crossover, generation| {
                Proposal::Offspring(offspring(individuals, crossover, generation))
            };
            let generations = [
                gaussian_proposal(70),
                bred(70, Crossover::Uniform(0.3), 1),
                gaussian_proposal(INDIVIDUALS),
                bred(INDIVIDUALS, Crossover::Blend(0.2), 2),
                bred(INDIVIDUALS, Crossover::Uniform(0.3), 3),
                // A population that fits the memory is evaluated in one piece again.
                gaussian_proposal(70),
                bred(70, Crossover::None, 4),
            ];
            let mut notes = Vec::new();
            for proposal in &generations {
                assert_same(&mut whole, &mut passes, proposal);
                notes.push(passes.notes().len());
            }
            // Offspring may need more and smaller passes than Gaussian populations.
            assert!(notes[2] == 1 && notes[3] <= 1, "{name}: {notes:?}");
            assert_eq!([&notes[..2], &notes[4..]].concat(), [0; 5], "{name}");
        }
    });
}

/// Offspring that fit the memory alone, but not together with their parents, are bred in passes.
#[test]
fn offspring_that_do_not_fit_together_with_their_parents_are_bred_in_passes() {
    on_own_gpu(|device| {
        let task = task_by_name("cartpole");
        let network = network(task.as_ref());
        // Memory for one and a half populations.
        let genome = 4 * network.parameters().next_multiple_of(8) as u64;
        let bytes = INDIVIDUALS as u64 * genome * 3 / 2;
        let (mut whole, mut passes) = pair(&device, &task, bytes);
        let genes = network.parameters();
        let parents = Proposal::Gaussian(gaussian(genes, INDIVIDUALS));
        for proposal in [
            parents,
            Proposal::Offspring(offspring(INDIVIDUALS, Crossover::Uniform(0.5), 1)),
            Proposal::Offspring(offspring(INDIVIDUALS, Crossover::Blend(0.1), 2)),
        ] {
            assert_same(&mut whole, &mut passes, &proposal);
        }
    });
}

/// A fused kernel never stores the parents; they are generated when offspring need them.
#[test]
fn offspring_of_a_population_that_was_never_stored_are_bred_in_passes() {
    on_own_gpu(|device| {
        let task = task_by_name("cartpole");
        let network = network(task.as_ref());
        let genes = network.parameters();
        let (mut whole, _) = pair(&device, &task, 150_000);
        let device = Arc::new(device.reopen().expect("the same adapter"));
        let fused = Gpu::new(Arc::clone(&device), Arc::clone(&task), network)
            .and_then(|gpu| gpu.with_variant(Variant::Fused(16)));
        device.inject(&[Injection::Memory { bytes: device.allocated_bytes() + 150_000 }]);
        let mut passes = MultiPassGpu::new(fused.expect("a small network"));
        let proposals = [
            Proposal::Gaussian(gaussian(genes, INDIVIDUALS)),
            Proposal::Offspring(offspring(INDIVIDUALS, Crossover::Uniform(0.5), 1)),
            Proposal::Offspring(offspring(INDIVIDUALS, Crossover::Blend(0.1), 2)),
            Proposal::Gaussian(gaussian(genes, INDIVIDUALS)),
        ];
        for proposal in &proposals {
            assert_same(&mut whole, &mut passes, proposal);
        }
    });
}

#[test]
fn a_genome_that_does_not_fit_is_refused() {
    on_own_gpu(|device| {
        let task = task_by_name("cartpole");
        let genes = network(task.as_ref()).parameters();
        let (_, mut passes) = pair(&device, &task, 4096);
        let error = passes.spawn(&Proposal::Gaussian(gaussian(genes, INDIVIDUALS)));
        let error = error.expect_err("not even a block fits");
        assert!(matches!(error, Error::OutOfMemory { .. }), "{error}");
        assert!(error.to_string().contains("--population"), "{error}");
    });
}
