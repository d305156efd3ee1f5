//! The GPU backend compared with the CPU backend, on the adapter of the tests.

use std::sync::Arc;

use deme::backend::plan::ShardPlan;
use deme::backend::{Backend, Cpu, Episodes, ForwardBackend, Gpu, Limits, Purpose};
use deme::gpu::Device;
use deme::network::{Activation, Network, Precision};
use deme::population::{Crossover, Layout, Proposal};
use deme::task::{Kind, Task};

use super::{
    DISAGREEMENT, POPULATIONS, assert_agree, assert_same_genes, assert_same_sums, bits, explicit,
    few_steps, gaussian, genomes, network, offspring, proposals, spawn_all, task_by_name, tasks,
    utilities,
};
use crate::gpu_device::on_gpu;

/// Opens the GPU backend and the CPU backend, and returns the number of genes too.
fn pair(device: &Arc<Device>, task: &Arc<dyn Task>) -> (Gpu, Cpu, usize) {
    pair_in(Precision::Single, device, task)
}

/// Opens both backends with genes in a precision.
fn pair_in(precision: Precision, device: &Arc<Device>, task: &Arc<dyn Task>) -> (Gpu, Cpu, usize) {
    let network = network(task.as_ref()).with_precision(precision);
    let genes = network.parameters();
    let gpu = Gpu::new(Arc::clone(device), Arc::clone(task), network.clone());
    (gpu.expect("a small network"), Cpu::new(Arc::clone(task), network), genes)
}

/// The packed layout of a population for a control task.
fn packed(individuals: usize, genes: usize) -> Layout {
    Layout { individuals, genes, lanes: 64, precision: Precision::Single }
}

#[test]
fn genomes_in_half_precision_equal_those_of_the_cpu() {
    on_gpu(|device| {
        for name in ["cartpole", "xor", "sphere"] {
            let (mut gpu, mut cpu, genes) = pair_in(Precision::Half, device, &task_by_name(name));
            for (kind, proposals) in proposals(genes, 66) {
                let what = format!("{name}, {kind}");
                spawn_all(&mut gpu, &proposals);
                spawn_all(&mut cpu, &proposals);
                let (found, expected) = (genomes(&mut gpu, 66), genomes(&mut cpu, 66));
                assert!(found.iter().any(|gene| *gene != 0.0), "{what}");
                for (found, expected) in found.into_iter().zip(expected) {
                    assert_eq!(Precision::Half.round(found), found, "{what}");
                    // Half precision is rounded from single precision, which may differ in the last
                    // bit.
                    let near = 9.765_625e-4 * expected.abs() + 6.1e-5;
                    assert!((found - expected).abs() <= near, "{what}: {found}, not {expected}");
                }
                let all = gpu.genomes(66).expect("as many as there are");
                let one = gpu.individual(65).expect("the last one");
                assert_eq!(bits(&all[65 * genes..]), bits(&one), "{what}");
            }
        }
    });
}

/// The tasks that are also tested in half precision: one of each kind.
const IN_HALF_PRECISION: [&str; 3] = ["cartpole", "xor", "sphere"];

#[test]
fn every_task_and_every_proposal_score_as_on_the_cpu() {
    on_gpu(|device| {
        let precisions = [Precision::Single, Precision::Half];
        let of_all = |task| precisions.map(|precision| (task, precision));
        let is_tested = |task: &Arc<dyn Task>, precision| {
            precision == Precision::Single
                || IN_HALF_PRECISION.contains(&task.about().name.as_ref())
        };
        let tasks = tasks();
        let pairs = tasks.iter().flat_map(of_all);
        for (task, precision) in pairs.filter(|&(task, p)| is_tested(task, p)) {
            let (mut gpu, mut cpu, genes) = pair_in(precision, device, task);
            for (kind, proposals) in proposals(genes, 66) {
                spawn_all(&mut gpu, &proposals);
                spawn_all(&mut cpu, &proposals);
                let what = format!("{}, {kind}, {}", task.about().name, precision.name());
                let found = gpu.score(&few_steps(2)).expect("a score");
                let expected = cpu.score(&few_steps(2)).expect("a score");
                assert_agree(&found.values, &expected.values, DISAGREEMENT, &what);
            }
        }
    });
}

#[test]
fn populations_of_any_size_are_spawned_and_scored_as_on_the_cpu() {
    on_gpu(|device| {
        for name in ["cartpole", "xor"] {
            let (mut gpu, mut cpu, genes) = pair(device, &task_by_name(name));
            for individuals in POPULATIONS {
                for (kind, proposals) in proposals(genes, individuals) {
                    spawn_all(&mut gpu, &proposals);
                    spawn_all(&mut cpu, &proposals);
                    let what = format!("{name}, {individuals} individuals, {kind}");
                    let made = genomes(&mut cpu, individuals);
                    assert_same_genes(&genomes(&mut gpu, individuals), &made, &what);
                    let found = gpu.score(&few_steps(1)).expect("a score");
                    let expected = cpu.score(&few_steps(1)).expect("a score");
                    assert_agree(&found.values, &expected.values, DISAGREEMENT, &what);
                }
            }
        }
    });
}

#[test]
fn a_recipe_and_its_explicit_genomes_have_the_same_bits() {
    on_gpu(|device| {
        let task = task_by_name("cartpole");
        let (mut recipe, _, genes) = pair(device, &task);
        let (mut written, _, _) = pair(device, &task);
        for (kind, proposals) in proposals(genes, 66) {
            spawn_all(&mut recipe, &proposals);
            let all = (0..66).flat_map(|i| recipe.individual(i).expect("a genome"));
            let explicit = deme::population::ExplicitGenomes { genomes: all.collect(), genes };
            written.spawn(&Proposal::Explicit(explicit)).expect("genomes");
            let found = recipe.score(&few_steps(2)).expect("a score");
            let expected = written.score(&few_steps(2)).expect("a score");
            assert_eq!(bits(&found.values), bits(&expected.values), "{kind}");
        }
    });
}

#[test]
fn recombination_equals_that_of_the_cpu() {
    on_gpu(|device| {
        let (mut gpu, mut cpu, genes) = pair(device, &task_by_name("cartpole"));
        for individuals in POPULATIONS {
            for (kind, proposals) in proposals(genes, individuals) {
                if matches!(proposals.last(), Some(Proposal::Offspring(_))) {
                    continue;
                }
                spawn_all(&mut gpu, &proposals);
                spawn_all(&mut cpu, &proposals);
                let found = gpu.recombine(&utilities(individuals)).expect("moments");
                let expected = cpu.recombine(&utilities(individuals)).expect("moments");
                // A utility is at most 1, and a normal or its square at most 20.
                let magnitude = 20.0 * individuals as f64;
                assert_same_sums(&found.first, &expected.first, magnitude, kind);
                let (found, expected) = (found.second, expected.second);
                let (found, expected) = (found.expect("both"), expected.expect("both"));
                assert_same_sums(&found, &expected, magnitude, kind);
            }
        }
    });
}

#[test]
fn outputs_equal_those_of_the_cpu() {
    on_gpu(|device| {
        let (mut gpu, mut cpu, genes) = pair(device, &task_by_name("digits"));
        let proposal = [Proposal::Explicit(explicit(genes, 3))];
        spawn_all(&mut gpu, &proposal);
        spawn_all(&mut cpu, &proposal);
        let (found, expected) = (gpu.forward(), cpu.forward());
        let (found, expected) = (found.expect("outputs"), expected.expect("outputs"));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            // The sums have 64 products of magnitude below 2, and 7 products.
            approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-4);
        }
    });
}

/// Limits so narrow that a population needs several shards, buffers, groups of episodes, dispatches
/// of steps and rows of workgroups.
const NARROW: Limits = Limits {
    binding_bytes: 20_000,
    buffer_bytes: 45_000,
    workgroups: 20,
    alignment: 256,
    workgroup_bytes: 16 << 10,
    work_per_dispatch: 500_000,
    loop_rounds: 3000,
    tile: None,
    subgroup: None,
};

#[test]
fn shards_and_dispatches_do_not_change_the_bits() {
    on_gpu(|device| {
        const INDIVIDUALS: usize = 200;
        for task in ["cartpole", "pendulum", "xor", "digits"].map(task_by_name) {
            let (mut whole, _, genes) = pair(device, &task);
            // A binding holds at least one genome.
            let binding_bytes = NARROW.binding_bytes.max(4 * genes as u64).next_multiple_of(4);
            let limits = Limits { binding_bytes, buffer_bytes: 2 * binding_bytes, ..NARROW };
            let mut pieces = pair(device, &task).0.with_limits(limits);
            let plan = ShardPlan::new(packed(INDIVIDUALS, genes), &limits).expect("a genome fits");
            assert!(plan.shards.len() > 1, "{} shards", plan.shards.len());
            let kinds = ["mirrored, per gene", "explicit", "grandchildren"];
            let proposals = proposals(genes, INDIVIDUALS).into_iter();
            for (kind, proposals) in proposals.filter(|(kind, _)| kinds.contains(kind)) {
                spawn_all(&mut whole, &proposals);
                spawn_all(&mut pieces, &proposals);
                let what = format!("{}, {kind}", task.about().name);
                let expected = genomes(&mut whole, INDIVIDUALS);
                assert_eq!(bits(&genomes(&mut pieces, INDIVIDUALS)), bits(&expected), "{what}");
                let exact = Episodes { exact_steps: Some(45), ..few_steps(7) };
                for episodes in [few_steps(7), exact] {
                    let found = pieces.score(&episodes).expect("a score");
                    let expected = whole.score(&episodes).expect("a score");
                    assert_eq!(bits(&found.values), bits(&expected.values), "{what}");
                    assert_eq!(found.steps, expected.steps, "{what}");
                }
            }
            if let Kind::Data(_) = task.kind() {
                let (found, expected) = (pieces.forward(), whole.forward());
                assert_eq!(found.expect("outputs"), expected.expect("outputs"));
            }
        }
    });
}

#[test]
fn children_find_their_parents_across_shards() {
    on_gpu(|device| {
        const INDIVIDUALS: usize = 1000;
        let task = task_by_name("cartpole");
        let (gpu, mut cpu, genes) = pair(device, &task);
        let mut gpu = gpu.with_limits(NARROW);
        let bred = |crossover, generation| {
            Proposal::Offspring(offspring(INDIVIDUALS, crossover, generation))
        };
        let proposals = [
            Proposal::Gaussian(gaussian(genes, INDIVIDUALS)),
            bred(Crossover::Uniform(0.5), 1),
            bred(Crossover::Blend(0.1), 2),
            bred(Crossover::None, 3),
        ];
        for proposal in proposals {
            gpu.spawn(&proposal).expect("a valid proposal");
            cpu.spawn(&proposal).expect("a valid proposal");
            let made = genomes(&mut cpu, INDIVIDUALS);
            assert_same_genes(&genomes(&mut gpu, INDIVIDUALS), &made, "a generation");
        }
    });
}

/// The population has 202 MB, and many devices bind at most 128 MiB at once.
#[test]
fn a_population_larger_than_a_binding_scores_as_on_the_cpu() {
    on_gpu(|device| {
        const INDIVIDUALS: usize = 131_072;
        const STEPS: u32 = 20;
        /// The share of poles that may fall a step later because of rounding; none did so far.
        const FALLING: f64 = 1e-4;
        let task = task_by_name("cartpole");
        let network = Network::parse("16-16", 4, 2, Activation::Tanh).expect("a good spec");
        let genes = network.parameters();
        assert_eq!(genes, 386);
        let gpu = Gpu::new(Arc::clone(device), Arc::clone(&task), network.clone());
        let gpu = gpu.expect("a small network");
        let allowed = gpu.limits();
        let binding_bytes = allowed.binding_bytes.min(128 << 20);
        let limits = Limits { binding_bytes, ..allowed };
        let plan = ShardPlan::new(packed(INDIVIDUALS, genes), &limits).expect("a genome fits");
        assert!(plan.shards.len() >= 2);
        let mut gpu = gpu.with_limits(limits);
        let mut cpu = Cpu::new(task, network);
        let proposal = Proposal::Gaussian(gaussian(genes, INDIVIDUALS));
        gpu.spawn(&proposal).expect("a valid proposal");
        cpu.spawn(&proposal).expect("a valid proposal");
        let whole = Episodes::new(1, Purpose::Training, 0, 1);
        let episodes = Episodes { step_limit: Some(STEPS), ..whole };
        let found = gpu.score(&episodes).expect("a score");
        let expected = cpu.score(&episodes).expect("a score");
        assert_agree(&found.values, &expected.values, FALLING, "individual by individual");
        assert!(expected.values.iter().any(|&value| value < STEPS as f32), "no pole fell");
        let ends = plan.shards.iter().flat_map(|s| [s.first, s.first + s.individuals - 1]);
        for individual in ends {
            let made = cpu.individual(individual).expect("a genome");
            let found = gpu.individual(individual).expect("a genome");
            assert_same_genes(&found, &made, &format!("individual {individual}"));
        }
        let found = gpu.recombine(&utilities(INDIVIDUALS)).expect("moments").first;
        let expected = cpu.recombine(&utilities(INDIVIDUALS)).expect("moments").first;
        // The factors are the mean magnitudes of a sine and of a normal.
        let magnitude = 0.64 * 0.8 * INDIVIDUALS as f64;
        assert_same_sums(&found, &expected, magnitude, "sums");
    });
}

#[test]
fn layers_that_are_too_wide_for_the_kernels_are_refused() {
    on_gpu(|device| {
        let task = task_by_name("xor");
        let network = Network::parse("2049", 2, 1, Activation::Tanh).expect("a good spec");
        let mut gpu = Gpu::new(Arc::clone(device), task, network.clone()).expect("no kernel yet");
        gpu.spawn(&Proposal::Gaussian(gaussian(network.parameters(), 2)))
            .expect("a valid proposal");
        let refused = gpu.score(&few_steps(1)).expect_err("too wide").to_string();
        assert!(refused.contains("2049") && refused.contains("2048"), "{refused}");
        let refused = gpu.forward().expect_err("too wide").to_string();
        assert!(refused.contains("2048"), "{refused}");
    });
}
