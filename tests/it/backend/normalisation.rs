//! Normalised observations and observation sums, on every backend.

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Gpu, Purpose, Reference, Scores};
use deme::network::{Activation, Network, Normalisation, ObservationSums};
use deme::population::{ExplicitGenomes, Proposal};
use deme::task::{Kind, Task};

use super::{bits, explicit, few_steps, network, task_by_name, tasks};
use crate::gpu_device::on_gpu;

fn normalisation(inputs: usize) -> Normalisation {
    Normalisation {
        means: (0..inputs).map(|k| 0.3 * (k as f32).sin()).collect(),
        scales: (0..inputs).map(|k| 1.5 + (k as f32).cos()).collect(),
    }
}

fn scored(backend: &mut dyn Backend, genes: usize, individuals: usize, count: u32) -> Scores {
    backend.spawn(&Proposal::Explicit(explicit(genes, individuals))).expect("a valid proposal");
    backend.score(&few_steps(count)).expect("a score")
}

fn rows(scores: &Scores) -> Vec<Vec<f64>> {
    scores.observation_sums.iter().flat_map(ObservationSums::rows).map(<[f64]>::to_vec).collect()
}

type Opener<'a> = &'a dyn Fn(Arc<dyn Task>, Network) -> Box<dyn Backend>;

/// The observation sums are those of the reference, on every control task.
fn sums_what_the_reference_sums(open: Opener) {
    const INDIVIDUALS: usize = 70;
    /// Rounding errors of few steps, in deviations.
    const AGREEMENT: f64 = 1e-4;
    let controls = tasks().into_iter().filter(|task| matches!(task.kind(), Kind::Control(_)));
    for task in controls {
        let (name, network) = (task.about().name.to_string(), network(task.as_ref()));
        let (genes, inputs) = (network.parameters(), network.inputs());
        let mut reference = Reference::new(Arc::clone(&task), network.clone());
        let mut backend = open(task, network);
        assert_eq!(
            scored(backend.as_mut(), genes, INDIVIDUALS, 2).observation_sums,
            None,
            "{name}"
        );
        for backend in [backend.as_mut(), &mut reference] {
            backend.normalise(&normalisation(inputs)).expect("as many inputs");
        }
        let expected = scored(&mut reference, genes, INDIVIDUALS, 2);
        let found = scored(backend.as_mut(), genes, INDIVIDUALS, 2);
        let steps: f64 = rows(&found).iter().map(|row| row[0]).sum();
        assert_eq!(steps, found.steps as f64, "{name}: every live step is counted, and no other");
        let mut differing = 0;
        for (got, want) in rows(&found).iter().zip(&rows(&expected)) {
            let alike =
                |k: usize| (got[k] - want[k]).abs() <= AGREEMENT * want[k].abs().max(want[0]);
            differing += usize::from(got[0] != want[0] || !(1..got.len()).all(alike));
        }
        assert_eq!((rows(&found).len(), rows(&expected).len()), (INDIVIDUALS, INDIVIDUALS));
        // A policy close to a decision boundary may choose another action.
        assert!(differing <= 2, "{name}: {differing} of {INDIVIDUALS}");
    }
}

#[test]
fn the_cpu_sums_what_the_reference_sums() {
    sums_what_the_reference_sums(&|task, network| Box::new(Cpu::new(task, network)));
}

#[test]
fn the_gpu_sums_what_the_reference_sums() {
    on_gpu(|device| {
        sums_what_the_reference_sums(&|task, network| {
            Box::new(Gpu::new(Arc::clone(device), task, network).expect("a small network"))
        });
    });
}

/// The sums of the reference are those of single steps, added one by one.
#[test]
fn the_reference_sums_what_networks_observe() {
    let task = task_by_name("cartpole");
    let Kind::Control(simulation) = task.kind() else { panic!("a control task") };
    let network = network(task.as_ref());
    let (genes, by) = (network.parameters(), normalisation(4));
    let mut reference = Reference::new(Arc::clone(&task), network);
    reference.normalise(&by).expect("as many inputs");
    let one = Episodes { step_limit: Some(1), ..few_steps(3) };
    reference.spawn(&Proposal::Explicit(explicit(genes, 1))).expect("a valid proposal");
    let found = rows(&reference.score(&one).expect("a score")).remove(0);
    let mut expected = [3.0; 9];
    expected[1..].fill(0.0);
    for episode in 0..3 {
        let counter = deme::random::Counter { individual: episode, ..one.first_counter() };
        let draws: Vec<f64> = counter.uniforms(0).map(f64::from).into();
        let observation = simulation
            .reference()
            .expect("dynamics")
            .observe(&simulation.reference().expect("dynamics").start(&draws));
        for (k, x) in observation.into_iter().enumerate() {
            let centred = x - f64::from(by.means[k]);
            expected[1 + k] += centred;
            expected[5 + k] += centred * centred;
        }
    }
    approx::assert_relative_eq!(found[..], expected[..], max_relative = 1e-12);
}

/// A linear layer of normalised observations equals a linear layer of observations with other
/// weights.
#[test]
fn networks_receive_normalised_observations() {
    let task = task_by_name("cartpole");
    let network = Network::parse("none", 4, 2, Activation::Tanh).expect("a good spec");
    // Deviations so large that nothing is clipped.
    let by = Normalisation { means: vec![0.4, -0.2, 0.1, 0.3], scales: vec![0.5, 0.25, 0.5, 0.25] };
    let genome = explicit(10, 1).genomes.to_vec();
    let mut other = genome.clone();
    for (k, (mean, scale)) in by.means.iter().zip(&by.scales).enumerate() {
        for o in 0..2 {
            other[2 * k + o] = genome[2 * k + o] * scale;
            other[8 + o] -= genome[2 * k + o] * scale * mean;
        }
    }
    let episodes = Episodes::new(2, Purpose::Verification, 0, 20);
    let score = |genome: Vec<f32>, by: Option<&Normalisation>| {
        let mut reference = Reference::new(Arc::clone(&task), network.clone());
        by.iter().for_each(|by| reference.normalise(by).expect("as many inputs"));
        let genomes = ExplicitGenomes { genomes: genome.into(), genes: 10 };
        reference.spawn(&Proposal::Explicit(genomes)).expect("a valid proposal");
        reference.score(&episodes).expect("a score").values[0]
    };
    let normalised = score(genome.clone(), Some(&by));
    assert_eq!(normalised, score(other, None));
    assert_ne!(normalised, score(genome, None), "normalisation has no effect");
}

#[test]
fn observation_sums_do_not_depend_on_threads() {
    let task = task_by_name("cartpole");
    let observation = |threads: usize, individuals: usize, episodes: u32| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let network = network(task.as_ref());
            let genes = network.parameters();
            let mut cpu = Cpu::new(Arc::clone(&task), network);
            cpu.normalise(&normalisation(4)).expect("as many inputs");
            let scores = scored(&mut cpu, genes, individuals, episodes);
            let words: Vec<u64> = rows(&scores).into_iter().flatten().map(f64::to_bits).collect();
            assert_eq!(words.len(), individuals * 9);
            (bits(&scores.values), words)
        })
    };
    // The lanes hold individuals in one case, and episodes of an individual in the other.
    for (individuals, episodes) in [(300, 3), (2, 100)] {
        let alone = observation(1, individuals, episodes);
        for threads in [2, 3] {
            assert_eq!(observation(threads, individuals, episodes), alone, "{threads} threads");
        }
    }
}

fn refuses_tasks_without_observations(open: Opener) {
    let refused = |name: &str, inputs: usize, word: &str| {
        let task = task_by_name(name);
        let network = network(task.as_ref());
        let result = open(task, network).normalise(&normalisation(inputs));
        let message = result.expect_err("an invalid normalisation").to_string();
        assert!(message.contains(word), "{message}");
    };
    refused("xor", 2, "a control task");
    refused("sphere", 10, "a control task");
    refused("cartpole", 5, "4 means and scales");
}

#[test]
fn tasks_without_observations_are_refused() {
    refuses_tasks_without_observations(&|task, network| Box::new(Reference::new(task, network)));
    refuses_tasks_without_observations(&|task, network| Box::new(Cpu::new(task, network)));
    on_gpu(|device| {
        refuses_tasks_without_observations(&|task, network| {
            Box::new(Gpu::new(Arc::clone(device), task, network).expect("a small network"))
        });
    });
}
