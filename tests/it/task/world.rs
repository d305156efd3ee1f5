//! Worlds: WGSL texts on the CPU against their Rust twins, and worlds of one's own.

use std::path::Path;
use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Gpu, Purpose, Reference};
use deme::network::{Activation, Initialisation, Network};
use deme::population::{ExplicitGenomes, Proposal};
use deme::task::{self, Kind, Simulation, Task, WORLD_TEMPLATE, World};
use deme::verify::{CpuImplementation, Ladder};

use crate::gpu_device::on_gpu;
use crate::verify::failures;

/// Returns the control tasks of the registry in Rust, each with the world of its WGSL text.
pub fn twins() -> impl Iterator<Item = (Arc<dyn Task>, Arc<World>)> {
    let has_twin = |task: &dyn Task| matches!(task.kind(), Kind::Control(one) if !one.is_world());
    let controls = task::all().into_iter().filter(move |task| has_twin(&**task));
    controls.map(|task| {
        let world = World::from_task(&*task, &[]).expect("a valid text");
        (Arc::from(task), Arc::new(world))
    })
}

/// Returns a control task without its type.
pub fn simulation(task: &dyn Task) -> &dyn Simulation {
    let Kind::Control(simulation) = task.kind() else { panic!("a control task") };
    simulation
}

/// Steps in which rounding errors stay small, also in a task whose episodes are chaotic.
const FEW_STEPS: u32 = 30;

/// Scores a few genomes on a backend.
fn scores(backend: &mut dyn Backend, network: &Network, episodes: &Episodes) -> Vec<f32> {
    let genomes = (0..5).flat_map(|seed| network.initialise(Initialisation::Xavier, seed));
    let proposal = Proposal::Explicit(ExplicitGenomes {
        genes: network.parameters(),
        genomes: genomes.collect::<Vec<f32>>().into(),
    });
    backend.spawn(&proposal).expect("genomes");
    backend.score(episodes).expect("scores").values
}

#[test]
fn populations_score_in_a_text_as_in_its_twin() {
    for (task, world) in twins() {
        let name = task.about().name.clone();
        let network = task.network("8", Activation::Tanh).expect("a network");
        let of = |count| Episodes::new(3, Purpose::Training, 0, count);
        let few = |count| Episodes { step_limit: Some(FEW_STEPS), ..of(count) };
        let restarting = Episodes { exact_steps: Some(2 * FEW_STEPS), ..few(1) };
        for episodes in [&few(1), &few(40), &restarting] {
            let expected = scores(&mut Cpu::new(task.clone(), network.clone()), &network, episodes);
            let found = scores(&mut Cpu::new(world.clone(), network.clone()), &network, episodes);
            for (found, expected) in found.iter().zip(&expected) {
                let limit = 1e-3 * expected.abs().max(1.0);
                assert!((found - expected).abs() <= limit, "{name}: {found}, not {expected}");
            }
        }
    }
}

#[test]
fn the_template_is_a_world() {
    let world = World::parse(WORLD_TEMPLATE, Path::new("swing.wgsl"), &[]).expect("a world");
    let world: Arc<dyn Task> = Arc::new(world);
    assert_eq!((world.inputs(), world.outputs(), world.step_limit()), (3, 1, 200));
    assert_eq!(world.about().name, "swing.wgsl");
    let network = world.network("8", Activation::Tanh).expect("a network");
    let all = Episodes::new(3, Purpose::Training, 0, 2);
    let episodes = Episodes { step_limit: Some(FEW_STEPS), ..all };
    let found = scores(&mut Cpu::new(world.clone(), network.clone()), &network, &episodes);
    let expected = scores(&mut Reference::new(world.clone(), network.clone()), &network, &episodes);
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-3, "{found}, not {expected}");
    }
}

#[test]
fn a_header_that_is_wrong_is_refused_with_its_line() {
    let refused = |from: &str, to: &str, expected: &str| {
        assert!(WORLD_TEMPLATE.contains(from), "{from}");
        let text = WORLD_TEMPLATE.replacen(from, to, 1);
        let error = match World::parse(&text, Path::new("swing.wgsl"), &[]) {
            Ok(_) => panic!("{to} is accepted"),
            Err(error) => error.to_string(),
        };
        assert!(error.starts_with("swing.wgsl"), "{error}");
        assert!(error.contains(expected), "{error}");
    };
    refused("state = 2", "state = -2", "swing.wgsl:10: ");
    refused("state = 2", "stat = 2", "unknown field `stat`");
    refused("state = 2", "state = 0", "state: expected 1 to 1024, got 0");
    refused("state = 2", "state = 3", "swing.wgsl:");
    refused("high = 2.0", "high = -2.0", "expected low < high, both below 3e38, got -2 and -2");
    refused("high = 2.0", "high = 1e39", "both below 3e38, got -2 and 1");
    refused("high = 2.0", "high = nan", "expected low < high");
    refused("step-limit = 200", "step-limit = 0", "expected 1 or more, got 0");
    refused("//! low = -2.0\n", "", "expected low and high");
    refused("fn task_start", "fn start", "expected the function task_start");
    refused("draws[0]", "draws[9]", "out of");
    refused("return false;", "loop { }", "swing.wgsl:");
}

/// A world with everything: numbers of an action of three kinds, draws and the number of a step, a
/// drawn parameter, and names that kernels have too.
const FULL: &str = r#"
//! summary = "everything at once"
//! state = 3
//! draws = 2
//! step-draws = 5
//! step-limit = 25
//! [[observations]]
//! name = "x"
//! count = 3
//! [[actions]]
//! name = "push"
//! choices = ["left", "stay", "right"]
//! [[actions]]
//! name = "gain"
//! low = 0.5
//! high = 2.5
//! [[actions]]
//! name = "raw"
//! [parameters]
//! pull = [0.1, 0.4]
const PULL: f32 = 0.2; // 1/step
const LANES: u32 = 2u;
const WORKGROUP: f32 = 0.3;
fn dispatch_group(x: f32) -> f32 { return x * f32(LANES) / 2.0; }
fn task_start(draws: Draws) -> State { return State(draws[0], draws[1] - 0.5, 0.0); }
fn task_observe(state: State) -> Observation {
    return Observation(state[0], state[1], PULL * state[2]);
}
fn task_step(state: State, action: Action) -> Step {
    let push = (action[0] - 1.0) * action[1] * 0.1;
    let noise = dispatch_group(WORKGROUP * (step_draws[4] - 0.5));
    let x = state[0] * (1.0 - PULL) + push + noise + 0.001 * step_number;
    let y = state[1] + 0.05 * action[2] * step_draws[0];
    return Step(State(x, clamp(y, -3.0, 3.0), step_number), -abs(x) - abs(y));
}
fn task_terminated(state: State) -> bool { return abs(state[0]) > 4.0; }
"#;

#[test]
fn a_world_scores_the_same_on_every_backend() {
    let world = World::parse(FULL, Path::new("full.wgsl"), &[]).expect("a world");
    let shape = world.shape();
    assert_eq!((shape.own_state(), shape.state, shape.draws), (3, 4, 3));
    assert_eq!((shape.actions.outputs(), shape.step_inputs()), (5, 9));
    let world: Arc<dyn Task> = Arc::new(world);
    let network = world.network("8", Activation::Tanh).expect("a network");
    for (count, exact_steps) in [(1, None), (40, None), (1, Some(60))] {
        let episodes = Episodes { exact_steps, ..Episodes::new(3, Purpose::Training, 0, count) };
        let near = |found: Vec<f32>, expected: &[f32]| {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() <= 1e-3, "{found}, not {expected}");
            }
        };
        let mut reference = Reference::new(world.clone(), network.clone());
        let expected = scores(&mut reference, &network, &episodes);
        assert!(expected.windows(2).any(|pair| pair[0] != pair[1]), "{expected:?}");
        near(scores(&mut Cpu::new(world.clone(), network.clone()), &network, &episodes), &expected);
        on_gpu(|device| {
            let mut gpu = Gpu::new(Arc::clone(device), world.clone(), network.clone());
            let gpu = gpu.as_mut().expect("kernels");
            near(scores(gpu, &network, &episodes), &expected);
        });
    }
}

#[test]
fn a_world_climbs_the_ladder_and_faults_in_its_text_are_caught() {
    let world: Arc<dyn Task> =
        Arc::new(World::parse(FULL, Path::new("full.wgsl"), &[]).expect("a world"));
    let ladder = Ladder::for_own_tasks([world]);
    let report = ladder.run(&CpuImplementation::default()).expect("the processor");
    assert_eq!(failures(&report.rungs), Vec::<String>::new());
    let faults = report.rungs.iter().find(|rung| rung.subject.contains("faults in its text"));
    assert!(faults.expect("faults").checked > 15);
}

#[test]
fn draws_of_a_step_are_for_steps_only() {
    let text = FULL.replace("draws[1] - 0.5", "step_draws[1] - 0.5");
    let error = World::parse(&text, Path::new("full.wgsl"), &[]).map(|_| ()).expect_err("refused");
    assert!(error.to_string().contains("expected step_draws in task_step only"), "{error}");
}
