//! A world's file: read with and without settings, then described, played, drawn and composed.
#![no_main]

use std::panic;
use std::path::Path;

use deme::backend::Limits;
use deme::backend::kernels::Kernels;
use deme::network::{Activation, Network};
use deme::random::{Counter, Stream};
use deme::task::{
    Assignment, Body, Kind, Outcome, ParameterSetting, Simulation, Span, Task, World, parameters,
};
use deme_fuzz::{WORLD_DICTIONARY, mutate_text, save_seed, world_seeds, write};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

const FIRST: Counter = Counter { seed: 1, stream: Stream::Training, generation: 0, individual: 0 };

/// The limits of a small device.
const LIMITS: Limits = Limits {
    binding_bytes: 128 << 20,
    buffer_bytes: 256 << 20,
    workgroups: 65535,
    alignment: 256,
    workgroup_bytes: 16384,
    work_per_dispatch: 1 << 30,
    loop_rounds: 1 << 30,
    tile: None,
    subgroup: None,
};

/// The spans of the rollouts: short, and with episodes that begin again.
const SPANS: [Span; 2] = [Span::Episode(3), Span::Steps { count: 4, limit: 2 }];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_text(data, size, max_size, seed, &WORLD_DICTIONARY)
});

fuzz_target!(
    init: {
        forgive_the_parser();
        for (name, text) in world_seeds() {
            save_seed(&name, text.as_bytes());
        }
    },
    |file: &[u8]| {
        let path = write("world.wgsl", file);
        let Ok(world) = World::read(&path, &[]) else { return };
        use_world(&world);
        compose(&world);
        let text = std::str::from_utf8(file).expect("it was read");
        let Some(parameter) = parameters(text).into_iter().next() else { return };
        for high in [1.0, 2.0] {
            let range = [parameter.value, parameter.value * high];
            let setting = ParameterSetting { name: parameter.name.clone(), range };
            if let Ok(world) = World::read(&path, &[setting]) {
                use_world(&world);
            }
        }
    }
);

/// Lets a panic of the WGSL parser pass, because the library catches it and refuses the text.
fn forgive_the_parser() {
    let abort = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let file = info.location().map_or("", |location| location.file());
        let is_parser = Path::new(file)
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with("naga-"));
        if !is_parser {
            abort(info);
        }
    }));
}

fn use_world(world: &World) {
    let task: &dyn Task = world;
    let description = task.description();
    assert!(!description.input_heading.is_empty(), "a task has a description");
    let Kind::Control(simulation) = task.kind() else { panic!("a world is a control task") };
    let network = task.network("2", Activation::Tanh).expect("two units for any task");
    let genome: Vec<f32> = (0..network.parameters()).map(|gene| (gene as f32).sin()).collect();
    for span in SPANS {
        play(simulation, &network, &genome, span);
    }
    if let Some(picture) = simulation.picture() {
        draw(simulation, picture.body);
    }
}

/// Composes the kernel that plays a world.
fn compose(world: &World) {
    let network = (world as &dyn Task).network("2", Activation::Tanh).expect("two units");
    let kernels = Kernels::new(Some(world), &network, 1, &LIMITS, &[]).normalised();
    kernels.rollout().validate().expect("a world that was read is a kernel");
}

/// Plays in lanes, alone and among others, and in double precision.
fn play(simulation: &dyn Simulation, network: &Network, genome: &[f32], span: Span) {
    let outcomes = |count: usize| {
        let mut outcomes = vec![Outcome::default(); count];
        let episodes = Assignment::Episodes(genome);
        simulation.rollout_lanes(network, episodes, FIRST, span, &mut outcomes, None);
        outcomes
    };
    let (alone, among_others) = (outcomes(1)[0], outcomes(17)[0]);
    let is_same = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
    assert!(is_same(alone.reward, among_others.reward), "neighbours change a return");
    assert_eq!(alone.steps, among_others.steps, "neighbours change the length of an episode");
    let genome: Vec<f64> = genome.iter().copied().map(f64::from).collect();
    let reference = simulation.rollout(network, &genome, FIRST, span, None);
    assert!(reference.steps > 0, "an episode has a step");
}

fn draw(simulation: &dyn Simulation, body: Body) {
    let dynamics = simulation.reference().expect("a world has a reference");
    let state = dynamics.start(&simulation.shape().start_draws(FIRST));
    if let Body::World(drawing) = body {
        drawing.0.region();
        drawing.0.shapes(&state);
    }
}
