//! What individuals did: the same on every backend, and told only to who asks.

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Gpu, Limits, Purpose, Reference};
use deme::network::Network;
use deme::population::{ExplicitGenomes, Proposal};
use deme::task::Task;

use super::{FEW_STEPS, bits, explicit, few_steps, named, network, tasks};
use crate::gpu_device::on_gpu;

type Open<'a> = &'a dyn Fn(Arc<dyn Task>, Network) -> Box<dyn Backend>;

fn did(backend: &mut dyn Backend, genes: usize, individuals: usize, count: u32) -> Vec<f32> {
    backend.spawn(&Proposal::Explicit(explicit(genes, individuals))).expect("a good recipe");
    let scores = backend.score(&few_steps(count).with_behaviour()).expect("a score");
    scores.behaviours.expect("it was asked for")
}

/// The behaviours of every task, beside the reference's.
fn tells_what_the_reference_tells(open: Open) {
    const INDIVIDUALS: usize = 70;
    /// Rounding errors of few steps, in units of a map of 200.
    const AGREEING: f32 = 5e-3;
    let mut told = 0;
    for task in tasks() {
        let (name, numbers) = (task.about().name.to_string(), task.behaviour());
        let network = network(task.as_ref());
        let genes = network.parameters();
        let mut reference = Reference::new(Arc::clone(&task), network.clone());
        let mut backend = open(task, network);
        for count in [1, 3] {
            let expected = did(&mut reference, genes, INDIVIDUALS, count);
            let found = did(backend.as_mut(), genes, INDIVIDUALS, count);
            assert_eq!((found.len(), expected.len()), (INDIVIDUALS * numbers, found.len()));
            let pairs = found.iter().zip(&expected);
            let apart = pairs.filter(|(got, want)| (*got - *want).abs() > AGREEING).count();
            assert!(apart <= 2, "{name}: {apart} of {} differ", found.len());
            told += found.len();
        }
        assert_eq!(backend.score(&few_steps(1)).expect("a score").behaviours, None, "{name}");
    }
    assert_eq!(told, 2 * 2 * INDIVIDUALS, "the maze alone tells");
    let mut backend = open(named("maze"), network(named("maze").as_ref()));
    let genes = network(named("maze").as_ref()).parameters();
    backend.spawn(&Proposal::Explicit(explicit(genes, 2))).expect("a good recipe");
    let exact = Episodes { exact_steps: Some(9), ..few_steps(1).with_behaviour() };
    let message = backend.score(&exact).expect_err("no whole episodes").to_string();
    assert!(message.contains("whole episodes"), "{message}");
}

#[test]
fn the_cpu_tells_what_the_reference_tells() {
    tells_what_the_reference_tells(&|task, network| Box::new(Cpu::new(task, network)));
}

#[test]
fn the_gpu_tells_what_the_reference_tells() {
    on_gpu(|device| {
        tells_what_the_reference_tells(&|task, network| {
            Box::new(Gpu::new(Arc::clone(device), task, network).expect("a small network"))
        });
    });
}

/// The place that the reference reports is where its own steps lead.
#[test]
fn the_reference_tells_where_its_steps_end() {
    let task = named("maze");
    let network = network(task.as_ref());
    let genome = explicit(network.parameters(), 1);
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    let found = did(&mut reference, network.parameters(), 1, 1);
    let deme::task::Kind::Control(simulation) = task.kind() else { panic!("a control task") };
    let dynamics = simulation.reference();
    let wide: Vec<f64> = genome.genomes.iter().copied().map(f64::from).collect();
    let mut state = dynamics.start(&[]);
    let mut scratch = deme::network::Scratch::for_network(&network);
    for _ in 0..FEW_STEPS {
        let outputs = network.forward(&wide[..], &dynamics.observe(&state), &mut scratch);
        let mut action = [0.0; 2];
        simulation.shape().actions.decide(outputs, &mut action);
        state = dynamics.step(&state, &action).0;
    }
    assert_eq!(found, [state[0] as f32, state[1] as f32]);
    assert_ne!(found, [30.0, 20.0]);
}

/// Cut in shards and in groups of episodes, a population has done what it did whole.
#[test]
fn pieces_on_a_gpu_do_not_change_a_bit() {
    const SCANTY: Limits = Limits {
        binding_bytes: 70_000,
        buffer_bytes: 150_000,
        workgroups: 20,
        alignment: 256,
        workgroup_bytes: 16 << 10,
        work_per_dispatch: 300_000,
        loop_rounds: 3000,
        tile: None,
        subgroup: None,
    };
    on_gpu(|device| {
        let (task, shape) = (named("maze"), network(named("maze").as_ref()));
        let gpu = || Gpu::new(Arc::clone(device), Arc::clone(&task), shape.clone());
        let (mut whole, pieces) = (gpu().expect("a network"), gpu().expect("a network"));
        let mut pieces = pieces.with_limits(SCANTY);
        let of = |backend: &mut Gpu| {
            let genomes: Explicit = explicit(shape.parameters(), 330);
            backend.spawn(&Proposal::Explicit(genomes)).expect("a good recipe");
            let episodes = Episodes::new(3, Purpose::Training, 1, 20);
            let episodes = Episodes { step_limit: Some(20), ..episodes.with_behaviour() };
            backend.score(&episodes).expect("a score").behaviours.expect("asked for")
        };
        assert_eq!(bits(&of(&mut pieces)), bits(&of(&mut whole)));
    });
}
