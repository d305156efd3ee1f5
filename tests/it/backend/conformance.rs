//! The contract of every backend, tested on all three.

use std::sync::Arc;

use deme::backend::{Cpu, Episodes, ForwardBackend, Gpu, Metric, Purpose, Reference};
use deme::error::{Error, Result};
use deme::network::{Activation, Network};
use deme::population::{Crossover, ExplicitGenomes, Proposal, Utilities};
use deme::task::Task;

use super::{
    assert_same_genes, bits, explicit, few_steps, gaussian, genomes, network, offspring, proposals,
    spawn_all, task_by_name, tasks, utilities,
};
use crate::gpu_device::on_gpu;

type Opener<'a> = &'a dyn Fn(Arc<dyn Task>, Network) -> Box<dyn ForwardBackend>;

fn reference(task: Arc<dyn Task>, network: Network) -> Box<dyn ForwardBackend> {
    Box::new(Reference::new(task, network))
}

fn cpu(task: Arc<dyn Task>, network: Network) -> Box<dyn ForwardBackend> {
    Box::new(Cpu::new(task, network))
}

/// Runs each test on the reference, the CPU path and the GPU path.
macro_rules! on_every_backend {
    ($($test:ident),* $(,)?) => {$(
        mod $test {
            #[test]
            fn reference() {
                super::$test(&super::reference);
            }
            #[test]
            fn cpu() {
                super::$test(&super::cpu);
            }
            #[test]
            fn gpu() {
                super::on_gpu(|device| {
                    super::$test(&|task, network| {
                        let gpu = super::Gpu::new(std::sync::Arc::clone(device), task, network);
                        Box::new(gpu.expect("a small network"))
                    });
                });
            }
        }
    )*};
}

on_every_backend!(
    refuses_invalid_input,
    keeps_the_population_after_a_refused_proposal,
    spawns_the_genomes_of_the_reference,
    counts_steps_exactly,
    nan_stays_with_its_individual,
    all_individuals_meet_the_same_episodes,
    scores_the_requested_metric,
    resets_hidden_states_between_episodes,
    refuses_recurrent_layers_for_data_sets,
);

/// A backend for a task, and the number of genes of its networks.
fn opened(open: Opener, name: &str) -> (Box<dyn ForwardBackend>, usize) {
    let task = task_by_name(name);
    let network = network(task.as_ref());
    let genes = network.parameters();
    (open(task, network), genes)
}

#[track_caller]
fn assert_refused<T>(result: Result<T>, words: &str) {
    match result {
        Ok(_) => panic!("not refused: {words}"),
        Err(Error::Invalid { .. }) if words.is_empty() => {}
        Err(error) => assert!(error.to_string().contains(words), "{error}"),
    }
}

fn refuses_invalid_input(open: Opener) {
    let (mut backend, genes) = opened(open, "cartpole");
    let episodes = few_steps(1);
    let none = "a population spawned before this, got none";
    assert_refused(backend.score(&episodes), none);
    assert_refused(backend.recombine(&utilities(4)), none);
    assert_refused(backend.individual(0), "");
    let children = Proposal::Offspring(offspring(4, Crossover::None, 1));
    assert_refused(backend.spawn(&children), "a population spawned before");

    backend.spawn(&Proposal::Gaussian(gaussian(genes, 4))).expect("a valid proposal");
    assert_refused(backend.score(&Episodes { count: 0, ..episodes }), "at least one");
    assert_refused(backend.individual(4), "a number below 4, got 4");
    assert_refused(backend.forward(), "a data set, got a control task");
    for wrong in [0, 3, 5] {
        let first = Utilities { first: vec![0.5; wrong], second: None };
        assert_refused(backend.recombine(&first), "4 utilities, one for each individual");
        let second = Utilities { first: vec![0.5; 4], second: Some(vec![0.5; wrong]) };
        assert_refused(backend.recombine(&second), "4 utilities, one for each individual");
    }
    let strangers = Proposal::Offspring(offspring(5, Crossover::None, 1));
    assert_refused(backend.spawn(&strangers), "indices below 4");
    assert_refused(backend.spawn(&Proposal::Gaussian(gaussian(genes + 1, 4))), "genes");

    backend.spawn(&children).expect("children of the population");
    assert_refused(
        backend.recombine(&utilities(4)),
        "a Gaussian or Explicit population, got children",
    );
    assert_refused(opened(open, "xor").0.forward(), none);
}

fn keeps_the_population_after_a_refused_proposal(open: Opener) {
    let (mut backend, genes) = opened(open, "cartpole");
    let generations = [
        Proposal::Explicit(explicit(genes, 70)),
        Proposal::Offspring(offspring(70, Crossover::Uniform(0.5), 1)),
    ];
    for count in 1..=2 {
        spawn_all(backend.as_mut(), &generations[..count]);
        let before = genomes(backend.as_mut(), 70);
        assert_refused(backend.spawn(&Proposal::Gaussian(gaussian(genes - 1, 4))), "genes");
        let strangers = Proposal::Offspring(offspring(71, Crossover::None, 1));
        assert_refused(backend.spawn(&strangers), "indices below 70");
        assert_eq!(bits(&genomes(backend.as_mut(), 70)), bits(&before));
    }
}

/// The genomes of every proposal are those of the reference.
fn spawns_the_genomes_of_the_reference(open: Opener) {
    const INDIVIDUALS: usize = 130;
    for name in ["cartpole", "xor"] {
        let (mut backend, genes) = opened(open, name);
        let (mut reference, _) = opened(&reference, name);
        for (kind, proposals) in proposals(genes, INDIVIDUALS) {
            spawn_all(backend.as_mut(), &proposals);
            spawn_all(reference.as_mut(), &proposals);
            let found = genomes(backend.as_mut(), INDIVIDUALS);
            let expected = genomes(reference.as_mut(), INDIVIDUALS);
            assert_same_genes(&found, &expected, &format!("{kind} of {name}"));
        }
    }
}

fn counts_steps_exactly(open: Opener) {
    for task in tasks().into_iter().filter(|task| task.step_limit() > 0) {
        let network = network(task.as_ref());
        let genes = network.parameters();
        let mut backend = open(Arc::clone(&task), network);
        for individuals in [1, 17, 66] {
            backend
                .spawn(&Proposal::Gaussian(gaussian(genes, individuals)))
                .expect("a valid proposal");
            for (steps, count) in [(1, 1), (37, 1), (41, 3)] {
                let episodes = Episodes { exact_steps: Some(steps), ..few_steps(count) };
                let scores = backend.score(&episodes).expect("a score");
                let expected = individuals as u64 * u64::from(steps * count);
                assert_eq!(scores.steps, expected, "{}", task.about().name);
                assert_eq!(scores.values.len(), individuals);
            }
        }
    }
    // An episode of the pendulum never ends early.
    let (mut backend, genes) = opened(open, "pendulum");
    backend.spawn(&Proposal::Gaussian(gaussian(genes, 5))).expect("a valid proposal");
    assert_eq!(backend.score(&few_steps(2)).expect("a score").steps, 5 * 2 * 30);
}

fn nan_stays_with_its_individual(open: Opener) {
    const INDIVIDUALS: usize = 70;
    for name in ["cartpole", "pendulum", "xor", "digits"] {
        let (mut backend, genes) = opened(open, name);
        let valid = explicit(genes, INDIVIDUALS);
        backend.spawn(&Proposal::Explicit(valid.clone())).expect("a valid proposal");
        let expected = backend.score(&few_steps(2)).expect("a score").values;
        for (faulty, value) in [(0, f32::NAN), (33, f32::INFINITY), (69, f32::NAN)] {
            let mut genomes = valid.genomes.to_vec();
            genomes[faulty * genes..][..genes].fill(value);
            let genomes = ExplicitGenomes { genomes: genomes.into(), genes };
            backend.spawn(&Proposal::Explicit(genomes)).expect("a valid proposal");
            let found = backend.score(&few_steps(2)).expect("a score").values;
            assert_eq!(found.len(), INDIVIDUALS);
            for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let same = found.to_bits() == expected.to_bits();
                assert!(same || i == faulty, "{name}: {i} is {found} with {value} in {faulty}");
            }
        }
    }
}

/// Equal genomes have the same fitness at every index. Another seed, generation or purpose has
/// other episodes.
fn all_individuals_meet_the_same_episodes(open: Opener) {
    const INDIVIDUALS: usize = 130;
    let (mut backend, genes) = opened(open, "pendulum");
    let genomes: Arc<[f32]> = explicit(genes, 1).genomes.repeat(INDIVIDUALS).into();
    backend
        .spawn(&Proposal::Explicit(ExplicitGenomes { genomes, genes }))
        .expect("a valid proposal");
    let mut met = Vec::new();
    let base = few_steps(2);
    let others = [
        base,
        Episodes { seed: base.seed + 1, ..base },
        Episodes { generation: base.generation + 1, ..base },
        Episodes { purpose: Purpose::Validation, ..base },
        Episodes { purpose: Purpose::HeldOut, ..base },
        Episodes { purpose: Purpose::Benchmark, ..base },
        Episodes { purpose: Purpose::Verification, ..base },
        Episodes { count: 3, ..base },
    ];
    for episodes in others {
        let values = backend.score(&episodes).expect("a score").values;
        assert!(values.iter().all(|value| value.to_bits() == values[0].to_bits()));
        assert!(!met.contains(&values[0].to_bits()), "{episodes:?} were met before");
        met.push(values[0].to_bits());
        let again = backend.score(&episodes).expect("a score").values;
        assert_eq!(bits(&again), bits(&values));
    }
}

/// A data set has a fitness and an accuracy on each of its splits.
fn scores_the_requested_metric(open: Opener) {
    let (mut backend, genes) = opened(open, "digits");
    backend.spawn(&Proposal::Explicit(explicit(genes, 3))).expect("a valid proposal");
    let mut score = |purpose, metric| {
        let episodes = Episodes { metric, ..Episodes::new(1, purpose, 0, 1) };
        let scores = backend.score(&episodes).expect("a score");
        assert_eq!(scores.steps, 0);
        scores.values
    };
    let accuracy = score(Purpose::HeldOut, Metric::Score);
    assert!(accuracy.iter().all(|share| (0.0..=1.0).contains(share)));
    assert_ne!(accuracy, score(Purpose::Validation, Metric::Score));
    let fitness = score(Purpose::Training, Metric::Fitness);
    assert!(fitness.iter().all(|&fitness| fitness < 0.0));
    assert_ne!(fitness, score(Purpose::HeldOut, Metric::Fitness));
    assert_eq!(fitness, score(Purpose::Benchmark, Metric::Fitness));
}

/// The score of a recurrent network does not depend on earlier scores or on other individuals.
fn resets_hidden_states_between_episodes(open: Opener) {
    let task = task_by_name("pendulum");
    let network = Network::parse("3:elman-2:gru", task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a good spec");
    let genes = network.parameters();
    let genomes = explicit(genes, 20);
    let mut backend = open(Arc::clone(&task), network.clone());
    backend.spawn(&Proposal::Explicit(genomes.clone())).expect("a valid proposal");
    let restarting = Episodes { exact_steps: Some(30), step_limit: Some(7), ..few_steps(2) };
    for episodes in [few_steps(1), few_steps(17), restarting] {
        let all = backend.score(&episodes).expect("a score").values;
        assert_eq!(bits(&backend.score(&episodes).expect("a score").values), bits(&all));
        for individual in [0, 19] {
            let genomes = genomes.genomes[individual * genes..][..genes].into();
            let mut alone = open(Arc::clone(&task), network.clone());
            alone
                .spawn(&Proposal::Explicit(ExplicitGenomes { genomes, genes }))
                .expect("a valid proposal");
            let found = alone.score(&episodes).expect("a score").values;
            assert_eq!(bits(&found), bits(&all[individual..=individual]), "{episodes:?}");
        }
    }
    // Restarting episodes are the episodes one after another.
    let restarting = Episodes { exact_steps: Some(20), step_limit: Some(10), ..few_steps(1) };
    let found = backend.score(&restarting).expect("a score").values;
    let two = Episodes { step_limit: Some(10), ..few_steps(2) };
    let expected = backend.score(&two).expect("a score").values;
    for (found, mean) in found.iter().zip(expected) {
        approx::assert_relative_eq!(*found, 2.0 * mean, max_relative = 1e-5);
    }
}

fn refuses_recurrent_layers_for_data_sets(open: Opener) {
    for name in ["xor", "digits"] {
        let task = task_by_name(name);
        let network = Network::parse("3:gru", task.inputs(), task.outputs(), Activation::Tanh);
        let network = network.expect("a good spec");
        let genomes = explicit(network.parameters(), 2);
        let mut backend = open(task, network);
        backend.spawn(&Proposal::Explicit(genomes)).expect("a valid proposal");
        assert_refused(backend.score(&few_steps(1)), "no recurrent layers");
        assert_refused(backend.forward(), "no recurrent layers");
    }
}
