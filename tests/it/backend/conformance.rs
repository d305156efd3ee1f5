//! What every backend owes, asked of all three.

use std::sync::Arc;

use deme::backend::{Cpu, Episodes, ForwardBackend, Gpu, Metric, Purpose, Reference};
use deme::error::{Error, Result};
use deme::network::{Activation, Network};
use deme::population::{Crossover, ExplicitGenomes, Proposal, Utilities};
use deme::task::Task;

use super::{
    assert_same_genes, bits, explicit, few_steps, gaussian, genomes, named, network, offspring,
    recipes, spawn_all, tasks, weights,
};
use crate::gpu_device::on_gpu;

type Open<'a> = &'a dyn Fn(Arc<dyn Task>, Network) -> Box<dyn ForwardBackend>;

fn reference(task: Arc<dyn Task>, network: Network) -> Box<dyn ForwardBackend> {
    Box::new(Reference::new(task, network))
}

fn cpu(task: Arc<dyn Task>, network: Network) -> Box<dyn ForwardBackend> {
    Box::new(Cpu::new(task, network))
}

/// Asks the same of the reference, the CPU path and the GPU path.
macro_rules! owed {
    ($($debt:ident),* $(,)?) => {$(
        mod $debt {
            #[test]
            fn reference() {
                super::$debt(&super::reference);
            }
            #[test]
            fn cpu() {
                super::$debt(&super::cpu);
            }
            #[test]
            fn gpu() {
                super::on_gpu(|device| {
                    super::$debt(&|task, network| {
                        let gpu = super::Gpu::new(std::sync::Arc::clone(device), task, network);
                        Box::new(gpu.expect("a small network"))
                    });
                });
            }
        }
    )*};
}

owed!(
    refuses_what_makes_no_sense,
    a_refused_recipe_leaves_the_population,
    makes_what_recipes_say,
    counts_steps_exactly,
    nan_stays_with_its_individual,
    everyone_meets_the_same_episodes,
    scores_what_was_asked_for,
    remembers_nothing_of_other_episodes,
    refuses_to_remember_samples,
);

fn begun(open: Open, name: &str) -> (Box<dyn ForwardBackend>, usize) {
    let task = named(name);
    let network = network(task.as_ref());
    let genes = network.parameters();
    (open(task, network), genes)
}

#[track_caller]
fn refused<T>(result: Result<T>, words: &str) {
    match result {
        Ok(_) => panic!("it should be refused: {words}"),
        Err(Error::Invalid { .. }) if words.is_empty() => {}
        Err(error) => assert!(error.to_string().contains(words), "{error}"),
    }
}

fn refuses_what_makes_no_sense(open: Open) {
    let (mut backend, genes) = begun(open, "cartpole");
    let episodes = few_steps(1);
    let none = "a population spawned before this, got none";
    refused(backend.score(&episodes), none);
    refused(backend.recombine(&weights(4)), none);
    refused(backend.individual(0), "");
    let children = Proposal::Offspring(offspring(4, Crossover::None, 1));
    refused(backend.spawn(&children), "a population spawned before");

    backend.spawn(&Proposal::Gaussian(gaussian(genes, 4))).expect("a good recipe");
    refused(backend.score(&Episodes { count: 0, ..episodes }), "at least one");
    refused(backend.individual(4), "a number below 4, got 4");
    refused(backend.forward(), "a data set, got a control task");
    for wrong in [0, 3, 5] {
        let first = Utilities { first: vec![0.5; wrong], second: None };
        refused(backend.recombine(&first), "4 utilities, one for each individual");
        let second = Utilities { first: vec![0.5; 4], second: Some(vec![0.5; wrong]) };
        refused(backend.recombine(&second), "4 utilities, one for each individual");
    }
    let strangers = Proposal::Offspring(offspring(5, Crossover::None, 1));
    refused(backend.spawn(&strangers), "indices below 4");
    refused(backend.spawn(&Proposal::Gaussian(gaussian(genes + 1, 4))), "genes");

    backend.spawn(&children).expect("children of the population");
    refused(backend.recombine(&weights(4)), "a Gaussian or Explicit population, got children");
    refused(begun(open, "xor").0.forward(), none);
}

fn a_refused_recipe_leaves_the_population(open: Open) {
    let (mut backend, genes) = begun(open, "cartpole");
    let recipe = [
        Proposal::Explicit(explicit(genes, 70)),
        Proposal::Offspring(offspring(70, Crossover::Uniform(0.5), 1)),
    ];
    for kept in 1..=2 {
        spawn_all(backend.as_mut(), &recipe[..kept]);
        let before = genomes(backend.as_mut(), 70);
        refused(backend.spawn(&Proposal::Gaussian(gaussian(genes - 1, 4))), "genes");
        let strangers = Proposal::Offspring(offspring(71, Crossover::None, 1));
        refused(backend.spawn(&strangers), "indices below 70");
        assert_eq!(bits(&genomes(backend.as_mut(), 70)), bits(&before));
    }
}

/// The genomes of every recipe are the reference's.
fn makes_what_recipes_say(open: Open) {
    const INDIVIDUALS: usize = 130;
    for name in ["cartpole", "xor"] {
        let (mut backend, genes) = begun(open, name);
        let (mut reference, _) = begun(&reference, name);
        for (kind, proposals) in recipes(genes, INDIVIDUALS) {
            spawn_all(backend.as_mut(), &proposals);
            spawn_all(reference.as_mut(), &proposals);
            let found = genomes(backend.as_mut(), INDIVIDUALS);
            let expected = genomes(reference.as_mut(), INDIVIDUALS);
            assert_same_genes(&found, &expected, &format!("{kind} of {name}"));
        }
    }
}

fn counts_steps_exactly(open: Open) {
    for task in tasks().into_iter().filter(|task| task.step_limit() > 0) {
        let network = network(task.as_ref());
        let genes = network.parameters();
        let mut backend = open(Arc::clone(&task), network);
        for individuals in [1, 17, 66] {
            backend.spawn(&Proposal::Gaussian(gaussian(genes, individuals))).expect("a recipe");
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
    let (mut backend, genes) = begun(open, "pendulum");
    backend.spawn(&Proposal::Gaussian(gaussian(genes, 5))).expect("a recipe");
    assert_eq!(backend.score(&few_steps(2)).expect("a score").steps, 5 * 2 * 30);
}

fn nan_stays_with_its_individual(open: Open) {
    const INDIVIDUALS: usize = 70;
    for name in ["cartpole", "pendulum", "xor", "digits"] {
        let (mut backend, genes) = begun(open, name);
        let healthy = explicit(genes, INDIVIDUALS);
        backend.spawn(&Proposal::Explicit(healthy.clone())).expect("a good recipe");
        let expected = backend.score(&few_steps(2)).expect("a score").values;
        for (sick, value) in [(0, f32::NAN), (33, f32::INFINITY), (69, f32::NAN)] {
            let mut genomes = healthy.genomes.to_vec();
            genomes[sick * genes..][..genes].fill(value);
            let genomes = ExplicitGenomes { genomes: genomes.into(), genes };
            backend.spawn(&Proposal::Explicit(genomes)).expect("a good recipe");
            let found = backend.score(&few_steps(2)).expect("a score").values;
            assert_eq!(found.len(), INDIVIDUALS);
            for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let same = found.to_bits() == expected.to_bits();
                assert!(same || i == sick, "{name}: {i} is {found} beside {value} of {sick}");
            }
        }
    }
}

/// The same genome has the same fitness wherever it stands; another seed, generation or purpose
/// has other episodes.
fn everyone_meets_the_same_episodes(open: Open) {
    const INDIVIDUALS: usize = 130;
    let (mut backend, genes) = begun(open, "pendulum");
    let genomes: Arc<[f32]> = explicit(genes, 1).genomes.repeat(INDIVIDUALS).into();
    backend.spawn(&Proposal::Explicit(ExplicitGenomes { genomes, genes })).expect("a good recipe");
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

/// Of a data set: fitness and accuracy, of the training part and of the held-out part.
fn scores_what_was_asked_for(open: Open) {
    let (mut backend, genes) = begun(open, "digits");
    backend.spawn(&Proposal::Explicit(explicit(genes, 3))).expect("a good recipe");
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

/// Recurrent networks score the same whatever was scored before, alone or beside others.
fn remembers_nothing_of_other_episodes(open: Open) {
    let task = named("pendulum");
    let network = Network::parse("3:elman-2:gru", task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a good spec");
    let genes = network.parameters();
    let genomes = explicit(genes, 20);
    let mut backend = open(Arc::clone(&task), network.clone());
    backend.spawn(&Proposal::Explicit(genomes.clone())).expect("a good recipe");
    let restarting = Episodes { exact_steps: Some(30), step_limit: Some(7), ..few_steps(2) };
    for episodes in [few_steps(1), few_steps(17), restarting] {
        let all = backend.score(&episodes).expect("a score").values;
        assert_eq!(bits(&backend.score(&episodes).expect("a score").values), bits(&all));
        for individual in [0, 19] {
            let genomes = genomes.genomes[individual * genes..][..genes].into();
            let mut alone = open(Arc::clone(&task), network.clone());
            alone.spawn(&Proposal::Explicit(ExplicitGenomes { genomes, genes })).expect("a recipe");
            let found = alone.score(&episodes).expect("a score").values;
            assert_eq!(bits(&found), bits(&all[individual..=individual]), "{episodes:?}");
        }
    }
    // Steps that restart are the episodes one after another.
    let restarting = Episodes { exact_steps: Some(20), step_limit: Some(10), ..few_steps(1) };
    let found = backend.score(&restarting).expect("a score").values;
    let two = Episodes { step_limit: Some(10), ..few_steps(2) };
    let expected = backend.score(&two).expect("a score").values;
    for (found, mean) in found.iter().zip(expected) {
        approx::assert_relative_eq!(*found, 2.0 * mean, max_relative = 1e-5);
    }
}

fn refuses_to_remember_samples(open: Open) {
    for name in ["xor", "digits"] {
        let task = named(name);
        let network = Network::parse("3:gru", task.inputs(), task.outputs(), Activation::Tanh);
        let network = network.expect("a good spec");
        let genomes = explicit(network.parameters(), 2);
        let mut backend = open(task, network);
        backend.spawn(&Proposal::Explicit(genomes)).expect("a good recipe");
        refused(backend.score(&few_steps(1)), "no recurrent layers for a data set");
        refused(backend.forward(), "no recurrent layers for a data set");
    }
}
