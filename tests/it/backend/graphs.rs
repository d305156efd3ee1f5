//! Populations of graphs on every backend: scores do not depend on the neighbours of a graph.

use std::sync::Arc;

use deme::backend::{
    Backend, Cpu, Episodes, ForwardBackend, Gpu, Limits, Purpose, Reference, Variant,
};
use deme::network::{Activation, Graph, Network, Phenotype, pack_phenotypes};
use deme::population::{Crossover, Graphs, Individual, Proposal, Utilities};
use deme::strategy::{self, Fitness, Settings, Start};
use deme::task::{Kind, Task};

use super::{
    DISAGREEMENT, assert_agree, bits, few_steps, gaussian, offspring, task_by_name, tasks,
};
use crate::gpu_device::on_gpu;

fn network(task: &dyn Task) -> Network {
    task.network("", Activation::Linear).expect("no hidden layers")
}

/// Graphs of many topologies for a task, evolved with an arbitrary fitness.
fn evolved_graphs(task: &dyn Task, individuals: usize) -> Vec<Arc<Graph>> {
    let settings =
        [("add-node", "0.5"), ("add-connection", "0.5"), ("recurrent", "0.4"), ("threshold", "2")];
    let mut all = Settings::default();
    settings.iter().for_each(|(key, value)| all.set(*key, *value));
    let genes = network(task).parameters();
    let start = Start { genes, centre: vec![0.0; genes], population: individuals, seed: 5 };
    let entry = strategy::by_name("neat").expect("it is in the registry");
    let mut strategy =
        entry.begin_for_network(&all, start, task.ports(), &network(task)).expect("good settings");
    for generation in 0..12u32 {
        let size = |i: usize| ((i as u32 * 7 + generation * 13) % 29) as f32;
        let values = (0..individuals).map(size).collect();
        strategy
            .tell(&Fitness::new(values), &mut |_| unreachable!("no recombination"))
            .expect("a generation");
    }
    match strategy.ask() {
        Proposal::Graphs(graphs) => graphs.individuals.to_vec(),
        other => panic!("graphs were expected, not {other:?}"),
    }
}

fn proposal(graphs: &[Arc<Graph>]) -> Proposal {
    Proposal::Graphs(Graphs { individuals: graphs.into() })
}

fn network_tasks() -> impl Iterator<Item = Arc<dyn Task>> {
    tasks().into_iter().filter(|task| !matches!(task.kind(), Kind::Function(_)))
}

#[test]
fn the_cpu_scores_graphs_as_the_reference_does() {
    const INDIVIDUALS: usize = 45;
    for task in network_tasks() {
        let graphs = evolved_graphs(task.as_ref(), INDIVIDUALS);
        let mut reference = Reference::new(Arc::clone(&task), network(task.as_ref()));
        reference.spawn(&proposal(&graphs)).expect("graphs of the task");
        let expected = reference.score(&few_steps(2)).expect("a score");
        let mut cpu = Cpu::new(Arc::clone(&task), network(task.as_ref()));
        cpu.spawn(&proposal(&graphs)).expect("graphs of the task");
        let found = cpu.score(&few_steps(2)).expect("a score");
        let name = &task.about().name;
        assert_agree(&found.values, &expected.values, DISAGREEMENT, name);
        if matches!(task.kind(), Kind::Data(_)) {
            let (found, expected) = (cpu.forward().unwrap(), reference.forward().unwrap());
            assert_agree(&found, &expected, 0.0, name);
        }
    }
}

#[test]
fn the_gpu_scores_graphs_as_the_cpu_does() {
    on_gpu(|device| {
        for task in network_tasks() {
            let graphs = evolved_graphs(task.as_ref(), 70);
            let name = &task.about().name;
            let mut cpu = Cpu::new(Arc::clone(&task), network(task.as_ref()));
            cpu.spawn(&proposal(&graphs)).expect("graphs of the task");
            let mut gpu = Gpu::new(Arc::clone(device), Arc::clone(&task), network(task.as_ref()))
                .expect("a small network");
            gpu.spawn(&proposal(&graphs)).expect("graphs of the task");
            let (found, expected) = (gpu.score(&few_steps(2)), cpu.score(&few_steps(2)));
            assert_agree(&found.unwrap().values, &expected.unwrap().values, DISAGREEMENT, name);
            assert_eq!(gpu.individual(69).unwrap(), graphs[69].weights());
            if matches!(task.kind(), Kind::Data(_)) {
                assert_agree(&gpu.forward().unwrap(), &cpu.forward().unwrap(), 0.0, name);
            }
        }
    });
}

#[test]
fn graphs_replace_a_population_that_was_never_stored() {
    on_gpu(|device| {
        let task = task_by_name("cartpole");
        let graphs = proposal(&evolved_graphs(task.as_ref(), 70));
        let network = network(task.as_ref());
        let noise = Proposal::Gaussian(gaussian(network.parameters(), 33));
        let open = |variant| {
            let gpu = Gpu::new(Arc::clone(device), Arc::clone(&task), network.clone());
            gpu.and_then(|gpu| gpu.with_variant(variant)).expect("a small network")
        };
        let (mut fused, mut loops) = (open(Variant::Fused(8)), open(Variant::Loop));
        for proposal in [&noise, &graphs, &noise] {
            fused.spawn(proposal).expect("a valid proposal");
            loops.spawn(proposal).expect("a valid proposal");
            let expected = loops.score(&few_steps(2)).expect("a score");
            assert_eq!(fused.score(&few_steps(2)).expect("a score"), expected);
        }
    });
}

/// Limits so tight that a hundred graphs are cut into pieces, and that each invocation stores node
/// values in its own memory instead of workgroup memory.
const TIGHT_LIMITS: Limits = Limits {
    binding_bytes: 12_000,
    buffer_bytes: 12_000,
    workgroups: 20,
    alignment: 256,
    workgroup_bytes: 0,
    work_per_dispatch: 20_000,
    loop_rounds: 3000,
    tile: None,
    subgroup: None,
};

#[test]
fn shards_and_dispatches_have_the_same_bits() {
    on_gpu(|device| {
        for name in ["cartpole", "xor"] {
            let task = task_by_name(name);
            let graphs = evolved_graphs(task.as_ref(), 130);
            let opened = || {
                Gpu::new(Arc::clone(device), Arc::clone(&task), network(task.as_ref()))
                    .expect("a small network")
            };
            let score = |mut gpu: Gpu| {
                gpu.spawn(&proposal(&graphs)).expect("graphs of the task");
                gpu.score(&few_steps(3)).expect("a score")
            };
            let (whole, pieces) = (score(opened()), score(opened().with_limits(TIGHT_LIMITS)));
            assert_eq!(bits(&whole.values), bits(&pieces.values), "{name}");
            assert_eq!(whole.steps, pieces.steps);
        }
    });
}

#[test]
fn neighbours_and_threads_have_the_same_bits() {
    for name in ["cartpole", "double-pole-hidden", "xor"] {
        let task = task_by_name(name);
        let graphs = evolved_graphs(task.as_ref(), 100);
        let score = |graphs: &[Arc<Graph>], episodes: &Episodes, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut cpu = Cpu::new(Arc::clone(&task), network(task.as_ref()));
                cpu.spawn(&proposal(graphs)).expect("graphs of the task");
                cpu.score(episodes).expect("a score").values
            })
        };
        // With few episodes the lanes hold individuals, with many they hold episodes.
        for count in [1, 3, 40] {
            let episodes = few_steps(count);
            let all = score(&graphs, &episodes, 2);
            assert_eq!(bits(&score(&graphs, &episodes, 1)), bits(&all), "{name}");
            for individual in [0, 37, 99] {
                let alone = score(&graphs[individual..=individual], &episodes, 2);
                assert_eq!(bits(&alone), bits(&all[individual..=individual]), "{name}");
            }
        }
    }
}

#[test]
fn graphs_that_do_not_fit_are_refused_by_index() {
    let (cartpole, xor) = (task_by_name("cartpole"), task_by_name("xor"));
    let mut graphs = evolved_graphs(xor.as_ref(), 4);
    graphs[2] = evolved_graphs(cartpole.as_ref(), 4)[0].clone();
    for backend in [true, false] {
        let network = network(xor.as_ref());
        let mut backend: Box<dyn Backend> = if backend {
            Box::new(Cpu::new(Arc::clone(&xor), network))
        } else {
            Box::new(Reference::new(Arc::clone(&xor), network))
        };
        let error = backend.spawn(&proposal(&graphs)).unwrap_err().to_string();
        assert!(error.contains("of individual 2"), "{error}");
        backend.spawn(&proposal(&graphs[..2])).expect("graphs of the task");
        // Graphs can neither be recombined nor have offspring here.
        let utilities = Utilities { first: vec![1.0; 2], second: None };
        assert!(backend.recombine(&utilities).is_err());
        let children = Proposal::Offspring(offspring(2, Crossover::None, 1));
        assert!(backend.spawn(&children).is_err());
        assert!(backend.individual(2).is_err());
        assert_eq!(backend.individual(1).unwrap(), graphs[1].weights());
    }
}

#[test]
fn a_population_of_one_individual_is_scored() {
    let task = task_by_name("xor");
    let graph = evolved_graphs(task.as_ref(), 2)[0].clone();
    let individual = Individual::Graph(graph.clone());
    assert_eq!(individual.parameters(), graph.weights());
    let mut cpu = Cpu::new(Arc::clone(&task), network(task.as_ref()));
    cpu.spawn(&individual.to_proposal()).unwrap();
    let alone = cpu.score(&Episodes::new(1, Purpose::Training, 0, 1)).unwrap();
    assert_eq!(alone.values.len(), 1);
}

/// The bytes of packed graphs after some generations of a search, and of one matrix for each graph
/// that is as wide as the largest graph.
fn packed_and_padded(generations: u32) -> (usize, usize) {
    let task = task_by_name("double-pole-hidden");
    let genes = network(task.as_ref()).parameters();
    let start = Start { genes, centre: vec![0.0; genes], population: 1000, seed: 1 };
    let entry = strategy::by_name("neat").expect("it is in the registry");
    let begun =
        entry.begin_for_network(&Settings::default(), start, task.ports(), &network(task.as_ref()));
    let mut strategy = begun.expect("good settings");
    let mut cpu = Cpu::new(Arc::clone(&task), network(task.as_ref()));
    for generation in 0..generations {
        cpu.spawn(&strategy.ask()).expect("graphs of the task");
        let episodes = Episodes::new(1, Purpose::Training, generation, 1);
        let scores = cpu.score(&episodes).expect("a score");
        strategy
            .tell(&Fitness::new(scores.values), &mut |_| unreachable!("no recombination"))
            .expect("a generation");
    }
    let Proposal::Graphs(graphs) = strategy.ask() else { panic!("graphs were expected") };
    let compiled = graphs.individuals.iter().map(|graph| Phenotype::compile(graph).expect("sound"));
    let packed = 4 * pack_phenotypes(&compiled.collect::<Vec<_>>()).expect("small graphs").len();
    // A padded matrix has a weight for each pair of nodes.
    let nodes = |graph: &Arc<Graph>| graph.inputs as usize + 1 + graph.nodes.len();
    let widest = graphs.individuals.iter().map(nodes).max().expect("at least one graph");
    (packed, 4 * widest * widest * graphs.individuals.len())
}

/// The numbers are in `docs/src/neat-measurements.md`.
#[test]
fn packed_graphs_take_a_fraction_of_padded_matrices() {
    let (packed, padded) = packed_and_padded(100);
    assert!(5 * packed <= padded, "{packed} bytes packed, {padded} padded");
}
