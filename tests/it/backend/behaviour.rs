//! Behaviours of individuals: the same on every backend, and returned only on request.

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Gpu, Limits, Purpose, Reference};
use deme::network::Network;
use deme::population::{ExplicitGenomes, Proposal};
use deme::task::Task;

use super::{FEW_STEPS, bits, explicit, few_steps, network, task_by_name, tasks};
use crate::gpu_device::on_gpu;

type Opener<'a> = &'a dyn Fn(Arc<dyn Task>, Network) -> Box<dyn Backend>;

fn behaviours(backend: &mut dyn Backend, genes: usize, individuals: usize, count: u32) -> Vec<f32> {
    backend.spawn(&Proposal::Explicit(explicit(genes, individuals))).expect("a valid proposal");
    let scores = backend.score(&few_steps(count).with_behaviour()).expect("a score");
    scores.behaviours.expect("it was asked for")
}

/// The behaviours are those of the reference, on every task.
fn returns_the_behaviours_of_the_reference(open: Opener) {
    const INDIVIDUALS: usize = 70;
    /// Rounding errors of few steps, in units of a map of 200.
    const AGREEMENT: f32 = 5e-3;
    let mut total = 0;
    for task in tasks() {
        let (name, numbers) = (task.about().name.to_string(), task.behaviour());
        let network = network(task.as_ref());
        let genes = network.parameters();
        let mut reference = Reference::new(Arc::clone(&task), network.clone());
        let mut backend = open(task, network);
        for count in [1, 3] {
            let expected = behaviours(&mut reference, genes, INDIVIDUALS, count);
            let found = behaviours(backend.as_mut(), genes, INDIVIDUALS, count);
            assert_eq!((found.len(), expected.len()), (INDIVIDUALS * numbers, found.len()));
            let pairs = found.iter().zip(&expected);
            let differing = pairs.filter(|(got, want)| (*got - *want).abs() > AGREEMENT).count();
            assert!(differing <= 2, "{name}: {differing} of {} differ", found.len());
            total += found.len();
        }
        assert_eq!(backend.score(&few_steps(1)).expect("a score").behaviours, None, "{name}");
    }
    assert_eq!(total, 2 * 2 * INDIVIDUALS, "only the maze has behaviours");
    let mut backend = open(task_by_name("maze"), network(task_by_name("maze").as_ref()));
    let genes = network(task_by_name("maze").as_ref()).parameters();
    backend.spawn(&Proposal::Explicit(explicit(genes, 2))).expect("a valid proposal");
    let exact = Episodes { exact_steps: Some(9), ..few_steps(1).with_behaviour() };
    let message = backend.score(&exact).expect_err("no whole episodes").to_string();
    assert!(message.contains("whole episodes"), "{message}");
}

#[test]
fn the_cpu_returns_the_behaviours_of_the_reference() {
    returns_the_behaviours_of_the_reference(&|task, network| Box::new(Cpu::new(task, network)));
}

#[test]
fn the_gpu_returns_the_behaviours_of_the_reference() {
    on_gpu(|device| {
        returns_the_behaviours_of_the_reference(&|task, network| {
            Box::new(Gpu::new(Arc::clone(device), task, network).expect("a small network"))
        });
    });
}

/// The reported position is the one where the steps of the reference end.
#[test]
fn the_behaviour_in_the_maze_is_the_last_position() {
    let task = task_by_name("maze");
    let network = network(task.as_ref());
    let genome = explicit(network.parameters(), 1);
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    let found = behaviours(&mut reference, network.parameters(), 1, 1);
    let deme::task::Kind::Control(simulation) = task.kind() else { panic!("a control task") };
    let dynamics = simulation.reference().expect("dynamics");
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

/// A population cut into shards and groups of episodes has the same behaviours as a whole.
#[test]
fn pieces_on_a_gpu_have_the_same_bits() {
    const TIGHT_LIMITS: Limits = Limits {
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
        let (task, shape) = (task_by_name("maze"), network(task_by_name("maze").as_ref()));
        let gpu = || Gpu::new(Arc::clone(device), Arc::clone(&task), shape.clone());
        let (mut whole, pieces) = (gpu().expect("a network"), gpu().expect("a network"));
        let mut pieces = pieces.with_limits(TIGHT_LIMITS);
        let of = |backend: &mut Gpu| {
            let genomes: ExplicitGenomes = explicit(shape.parameters(), 330);
            backend.spawn(&Proposal::Explicit(genomes)).expect("a valid proposal");
            let episodes = Episodes::new(3, Purpose::Training, 1, 20);
            let episodes = Episodes { step_limit: Some(20), ..episodes.with_behaviour() };
            backend.score(&episodes).expect("a score").behaviours.expect("asked for")
        };
        assert_eq!(bits(&of(&mut pieces)), bits(&of(&mut whole)));
    });
}
