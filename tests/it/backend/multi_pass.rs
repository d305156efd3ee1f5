//! Populations that are larger than a device's memory, against the same ones in one piece.

use std::sync::Arc;

use deme::backend::{Backend, Gpu, MultiPassGpu, Variant};
use deme::error::Error;
use deme::gpu::{Device, Injection};
use deme::network::Normalisation;
use deme::population::{Crossover, Gaussian, Proposal};
use deme::task::{Kind, Task};

use super::{bits, explicit, few_steps, gaussian, named, network, offspring, weights};
use crate::gpu_device::on_own_gpu;

const INDIVIDUALS: usize = 1000;

/// A backend with everything in one piece, and one on a device that has room for so many bytes.
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

/// A generation has the same scores and genomes in passes as in one piece.
fn assert_same(whole: &mut Gpu, passes: &mut MultiPassGpu, proposal: &Proposal) {
    whole.spawn(proposal).expect("a recipe");
    passes.spawn(proposal).expect("a recipe");
    let expected = whole.score(&few_steps(2)).expect("a score");
    assert_eq!(passes.score(&few_steps(2)).expect("a score"), expected);
    let count = proposal.individuals();
    let expected = whole.genomes(count).expect("genomes");
    assert_eq!(bits(&passes.genomes(count).expect("genomes")), bits(&expected));
}

#[test]
fn passes_score_as_the_whole_does() {
    on_own_gpu(|device| {
        for (name, bytes) in [("cartpole", 150_000), ("maze", 150_000), ("xor", 20_000)] {
            let task = named(name);
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
                whole.spawn(&proposal).expect("a recipe");
                passes.spawn(&proposal).expect("a recipe");
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
                let sums = passes.recombine(&weights(INDIVIDUALS)).expect("moments");
                assert_eq!(sums, whole.recombine(&weights(INDIVIDUALS)).expect("moments"));
                assert!(passes.individual(INDIVIDUALS).is_err());
                assert!(passes.genomes(INDIVIDUALS + 1).is_err());
            }
            let notes = passes.notes();
            assert!(notes.len() == 1 && notes[0].contains("passes of"), "{name}: {notes:?}");
        }
    });
}

#[test]
fn children_are_bred_in_passes_as_in_one_piece() {
    on_own_gpu(|device| {
        for (name, bytes) in [("cartpole", 150_000), ("xor", 60_000)] {
            let task = named(name);
            let genes = network(task.as_ref()).parameters();
            let (mut whole, mut passes) = pair(&device, &task, bytes);
            let cloud = |individuals| Proposal::Gaussian(gaussian(genes, individuals));
            let bred = |individuals, crossover, generation| {
                Proposal::Offspring(offspring(individuals, crossover, generation))
            };
            let generations = [
                cloud(70),
                bred(70, Crossover::Uniform(0.3), 1),
                cloud(INDIVIDUALS),
                bred(INDIVIDUALS, Crossover::Blend(0.2), 2),
                bred(INDIVIDUALS, Crossover::Uniform(0.3), 3),
                // A population that fits again is in one piece again.
                cloud(70),
                bred(70, Crossover::None, 4),
            ];
            let mut told = Vec::new();
            for proposal in &generations {
                assert_same(&mut whole, &mut passes, proposal);
                told.push(passes.notes().len());
            }
            // Children may take more and smaller passes than noise.
            assert!(told[2] == 1 && told[3] <= 1, "{name}: {told:?}");
            assert_eq!([&told[..2], &told[4..]].concat(), [0; 5], "{name}");
        }
    });
}

/// As many as fit beside their parents are bred at once; those that do not, in parts.
#[test]
fn children_that_fit_alone_but_not_beside_their_parents_are_bred_in_passes() {
    on_own_gpu(|device| {
        let task = named("cartpole");
        let network = network(task.as_ref());
        // Room for a population and a half, and for what is beside it.
        let genome = 4 * network.parameters().next_multiple_of(8) as u64;
        let bytes = INDIVIDUALS as u64 * genome * 3 / 2;
        let (mut whole, mut passes) = pair(&device, &task, bytes);
        let genes = network.parameters();
        let cloud = Proposal::Gaussian(gaussian(genes, INDIVIDUALS));
        for proposal in [
            cloud,
            Proposal::Offspring(offspring(INDIVIDUALS, Crossover::Uniform(0.5), 1)),
            Proposal::Offspring(offspring(INDIVIDUALS, Crossover::Blend(0.1), 2)),
        ] {
            assert_same(&mut whole, &mut passes, &proposal);
        }
    });
}

/// Its parents stand nowhere until children need them.
#[test]
fn children_of_a_population_that_was_never_written_are_bred_in_passes() {
    on_own_gpu(|device| {
        let task = named("cartpole");
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
        let task = named("cartpole");
        let genes = network(task.as_ref()).parameters();
        let (_, mut passes) = pair(&device, &task, 4096);
        let error = passes.spawn(&Proposal::Gaussian(gaussian(genes, INDIVIDUALS)));
        let error = error.expect_err("not even a block fits");
        assert!(matches!(error, Error::OutOfMemory { .. }), "{error}");
        assert!(error.to_string().contains("--population"), "{error}");
    });
}
