//! Worlds: WGSL texts on the CPU against their Rust twins, and worlds of one's own.

use std::path::Path;
use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Purpose, Reference};
use deme::network::{Activation, Initialisation, Network};
use deme::population::{ExplicitGenomes, Proposal};
use deme::task::{self, Kind, Simulation, Task, WORLD_TEMPLATE, World};

/// Returns the control tasks of the registry, each with the world of its text.
pub fn twins() -> impl Iterator<Item = (Arc<dyn Task>, Arc<World>)> {
    let controls = task::all().into_iter().filter(|task| matches!(task.kind(), Kind::Control(_)));
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
    refused("high = 2.0", "high = -2.0", "expected low < high, got -2, -2");
    refused("step-limit = 200", "step-limit = 0", "expected 1 or more, got 0");
    refused("low = -2.0\n", "", "expected low and high");
    refused("fn task_start", "fn start", "expected the function task_start");
    refused("draws[0]", "draws[9]", "out of");
    refused("return false;", "loop { }", "swing.wgsl:");
}
