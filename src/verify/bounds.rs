//! Rung 5, `bounds`: no kernel has an index out of bounds.
//!
//! Kernels are compiled without runtime checks, so an index out of bounds would read or overwrite
//! other memory, and might never show in a result. This rung opens the device a second time, with
//! [index checks](crate::gpu::IndexCheck) in every kernel, and runs every kernel: each file of
//! `shaders/kernel/`, each kernel variant, each kind of layer, graphs, functions, data sets,
//! breeding, recombination and normalisation. Populations have one individual, or one less and one
//! more than a workgroup has invocations. Small dispatches make episodes and samples continue.
//!
//! Compilation takes most of the time. So networks are tiny, and a variant is not combined with
//! every task: a network and a task contribute their own text to a kernel, whatever the variant.

use std::sync::Arc;

use super::forward::{random_genomes, random_numbers, random_samples};
use super::steps::start_cases;
use super::{Comparison, Implementation, ProbeFunction, Rung, graphs};
use crate::backend::{Episodes, ForwardBackend, Limits, Metric, Purpose, WORKGROUP};
use crate::error::Result;
use crate::gpu::IndexCheck;
use crate::network::{Activation, Graph, Network, Normalisation, Phenotype, Precision, Substrate};
use crate::population::{
    CppnGenomes, Crossover, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale, Utilities,
};
use crate::task::{self, Kind, Task};

const NAME: &str = "5 bounds";
const CRITERION: &str = "every index below the length of its array";
/// The numbers of individuals or cases.
const SIZES: [usize; 3] = [1, WORKGROUP - 1, WORKGROUP + 1];
/// Limits that divide 65 individuals into two shards, and their episodes, samples and genes into
/// several dispatches.
const LIMITS: Limits = Limits {
    binding_bytes: 14_000,
    buffer_bytes: 30_000,
    workgroups: 20,
    alignment: 256,
    workgroup_bytes: 16 << 10,
    work_per_dispatch: 100_000,
    loop_rounds: 3000,
    tile: None,
    subgroup: None,
};
/// A network of dense layers for control tasks.
const DENSE: &str = "5-3";
/// Layers of every recurrent kind.
const RECURRENT: &str = "3:elman-2:gru";
/// Steps of an episode.
const STEPS: u32 = 12;
/// Variants that also normalise observations: one of each layout of bindings.
const NORMALISED: [&str; 2] = ["loop", "fused-8"];

/// A part of the work: a name, and a function that runs its kernels for a number of individuals or
/// cases.
type Work = (&'static str, fn(&dyn Implementation, usize) -> Result<()>);

const WORK: [Work; 9] = [
    ("probes", run_probes),
    ("populations", run_populations),
    ("painting", run_painting),
    ("samples", run_samples),
    ("functions", run_functions),
    ("layers and graphs", run_layers_and_graphs),
    ("steps", run_steps),
    ("behaviour", run_behaviour),
    ("variants", run_variants),
];

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    checks(implementation).collect()
}

/// Runs one part of the work after another. A planted fault needs only the first ones.
pub(super) fn checks(
    implementation: &dyn Implementation,
) -> impl Iterator<Item = Result<Rung>> + '_ {
    let (opened, problem) = match implementation.with_index_checks() {
        Ok(opened) => (opened, None),
        Err(problem) => (None, Some(Err(problem))),
    };
    let rungs = opened.into_iter().flat_map(|checked| {
        let mut before = Vec::new();
        WORK.iter().map(move |work| check_work(checked.as_ref(), work, &mut before))
    });
    problem.into_iter().chain(rungs)
}

/// Runs a part of the work, and checks the indices of the kernels that it compiled. `before` holds
/// the indices before it.
fn check_work(
    implementation: &dyn Implementation,
    &(name, run): &Work,
    before: &mut Vec<IndexCheck>,
) -> Result<Rung> {
    for size in SIZES {
        run(implementation, size)?;
    }
    let mut within = Comparison::new(NAME, name, CRITERION);
    let after = implementation.index_checks()?;
    let new = after.iter().enumerate().filter(|(place, check)| before.get(*place) != Some(check));
    for (_, check) in new {
        let IndexCheck { kernel, part, line, out_of_bounds } = check;
        within.check_that(out_of_bounds.is_none(), || {
            let index = out_of_bounds.unwrap_or_default();
            format!("kernel '{kernel}', {part}: index {index} is out of bounds in `{line}`")
        });
    }
    *before = after;
    Ok(within.into_rung())
}

fn run_probes(implementation: &dyn Implementation, size: usize) -> Result<()> {
    const INPUTS: usize = 3;
    let counters: Vec<[u32; 4]> = (0..size as u32).map(|k| [k, k, 0, 1]).collect();
    implementation.random_blocks(1, &counters)?;
    if let Some(function) = ProbeFunction::all().next() {
        implementation.function(function, &vec![0.5; size])?;
    }
    implementation.normalise(&normalisation(INPUTS), &vec![0.5; size * INPUTS])?;
    implementation.run_roofline(size)
}

/// Generates, breeds, reads and recombines populations in each packed layout, and in half precision
/// in one of them.
fn run_populations(implementation: &dyn Implementation, size: usize) -> Result<()> {
    let (single, half) = (Precision::Single, Precision::Half);
    let layouts = [("cartpole", single), ("xor", single), ("xor", half)];
    let precisions = implementation.precisions();
    for (name, precision) in layouts.into_iter().filter(|(_, one)| precisions.contains(one)) {
        let task: Arc<dyn Task> = Arc::from(task::by_name(name)?);
        let network = task.network(DENSE, Activation::Tanh)?.with_precision(precision);
        let genes = network.parameters();
        let mut backend = implementation.backend(task, network, Some(LIMITS))?;
        // Mirrored individuals come in pairs.
        backend.spawn(&gaussian(genes, size + 1, true))?;
        recombine(backend.as_mut(), size + 1)?;
        backend.spawn(&gaussian(genes, size, false))?;
        recombine(backend.as_mut(), size)?;
        backend.genomes(size)?;
        for crossover in [Crossover::Uniform(0.3), Crossover::Blend(0.4)] {
            backend.spawn(&offspring(size, crossover))?;
            backend.individual(size - 1)?;
        }
    }
    Ok(())
}

/// Decodes genomes from CPPNs.
fn run_painting(implementation: &dyn Implementation, size: usize) -> Result<()> {
    let (inputs, outputs) = (6, 2);
    let network = Network::parse("7:nobias-3:elman", inputs, outputs, Activation::Tanh)?;
    let substrate = Arc::new(Substrate::for_network(&network, 0, 0.2, 3.0)?);
    let Proposal::Graphs(graphs) = graphs::population(Substrate::ports(), size) else {
        unreachable!("the population consists of graphs");
    };
    let task: Arc<dyn Task> = Arc::new(random_samples(inputs, outputs, 1));
    let mut backend = implementation.backend(task, network, Some(LIMITS))?;
    backend.spawn(&Proposal::Cppn(CppnGenomes { graphs, substrate }))
}

/// Evaluates data sets of every objective, the last one with every variant.
fn run_samples(implementation: &dyn Implementation, size: usize) -> Result<()> {
    let classes: Arc<dyn Task> = Arc::new(random_samples(3, 5, size));
    let regression: Arc<dyn Task> = Arc::new(random_numbers());
    for task in [Arc::from(task::by_name("xor")?), classes] {
        let network = task.network("3", Activation::Tanh)?;
        let genes = network.parameters();
        let mut backend = implementation.backend(Arc::clone(&task), network, Some(LIMITS))?;
        score_samples(backend.as_mut(), &gaussian(genes, size, false), task.as_ref())?;
    }
    for precision in Precision::ALL {
        let network = regression.network("3", Activation::Tanh)?.with_precision(precision);
        let variants = match precision {
            Precision::Single => implementation.variants(&regression, &network),
            Precision::Half if !implementation.precisions().contains(&precision) => Vec::new(),
            Precision::Half => implementation.tiles(&regression, &network),
        };
        for variant in variants {
            let proposal = gaussian(network.parameters(), size, false);
            score_samples(variant.open()?.as_mut(), &proposal, regression.as_ref())?;
        }
    }
    let network = regression.network("", Activation::Linear)?;
    let mut backend = implementation.backend(Arc::clone(&regression), network, Some(LIMITS))?;
    let proposal = graphs::population(regression.ports(), size);
    score_samples(backend.as_mut(), &proposal, regression.as_ref())
}

/// Evaluates functions with and without a rotation, whose genes need several dispatches.
fn run_functions(implementation: &dyn Implementation, size: usize) -> Result<()> {
    for name in ["rosenbrock-9-rotated-shifted", "ackley-9"] {
        let task: Arc<dyn Task> = Arc::from(task::by_name(name)?);
        let network = task.network("none", Activation::Tanh)?;
        let genes = network.parameters();
        let limits = Limits { work_per_dispatch: 64, loop_rounds: 64, ..LIMITS };
        let mut backend = implementation.backend(task, network, Some(limits))?;
        backend.spawn(&gaussian(genes, size, false))?;
        backend.score(&episodes())?;
    }
    Ok(())
}

/// Runs recurrent layers and graphs, step by step and in episodes.
fn run_layers_and_graphs(implementation: &dyn Implementation, size: usize) -> Result<()> {
    let task: Arc<dyn Task> = Arc::from(task::by_name("cartpole")?);
    let network = task.network(RECURRENT, Activation::Tanh)?;
    let (genes, state) = (network.parameters(), network.state_size());
    let cases = vec![0.1; size * (network.inputs() + state)];
    implementation.step_recurrent(&network, &vec![0.1; size * genes], &cases)?;
    let mut backend = implementation.backend(Arc::clone(&task), network, Some(LIMITS))?;
    score_episodes(backend.as_mut(), &random_genomes(genes, size))?;

    let Proposal::Graphs(population) = graphs::population(task.ports(), size) else {
        unreachable!("the population consists of graphs");
    };
    let first = &population.individuals[size.min(5) - 1];
    let same: Vec<Arc<Graph>> = vec![Arc::clone(first); size];
    let words = task.inputs() + Phenotype::compile(first)?.state_sources.len();
    implementation.step_graphs(&same, &vec![0.1; size * words])?;
    let network = task.network("", Activation::Linear)?;
    let mut backend = implementation.backend(task, network, Some(LIMITS))?;
    score_episodes(backend.as_mut(), &Proposal::Graphs(population))
}

/// Runs single steps of every control task.
fn run_steps(implementation: &dyn Implementation, size: usize) -> Result<()> {
    for task in task::all() {
        if let Kind::Control(simulation) = task.kind() {
            let cases = start_cases(simulation, size);
            implementation.steps(task.as_ref(), simulation, &cases)?;
        }
    }
    Ok(())
}

/// Runs episodes of a task that defines a behaviour, for novelty.
fn run_behaviour(implementation: &dyn Implementation, size: usize) -> Result<()> {
    let task: Arc<dyn Task> = Arc::from(task::by_name("maze")?);
    let network = task.network("3", Activation::Tanh)?;
    let genes = network.parameters();
    let mut backend = implementation.backend(task, network, Some(LIMITS))?;
    backend.spawn(&gaussian(genes, size, false))?;
    backend.score(&episodes().with_behaviour())?;
    Ok(())
}

/// Runs episodes with every kernel variant, some of them with normalised observations too.
fn run_variants(implementation: &dyn Implementation, size: usize) -> Result<()> {
    let task: Arc<dyn Task> = Arc::from(task::by_name("cartpole")?);
    let network = task.network(DENSE, Activation::Tanh)?;
    for variant in implementation.variants(&task, &network) {
        let mut backend = variant.open()?;
        score_episodes(backend.as_mut(), &gaussian(network.parameters(), size, false))?;
        if NORMALISED.contains(&variant.name) {
            backend.normalise(&normalisation(network.inputs()))?;
            backend.score(&episodes())?;
        }
    }
    Ok(())
}

/// Scores whole episodes, and episodes that restart.
fn score_episodes(backend: &mut dyn ForwardBackend, proposal: &Proposal) -> Result<()> {
    backend.spawn(proposal)?;
    backend.score(&episodes())?;
    let (step_limit, exact_steps) = (Some(STEPS / 3), Some(STEPS));
    backend.score(&Episodes { step_limit, exact_steps, ..episodes() })?;
    Ok(())
}

/// Scores every split, and computes the outputs.
fn score_samples(
    backend: &mut dyn ForwardBackend,
    proposal: &Proposal,
    task: &dyn Task,
) -> Result<()> {
    let Kind::Data(data) = task.kind() else { return Ok(()) };
    backend.spawn(proposal)?;
    for (purpose, metric) in [
        (Purpose::Verification, Metric::Fitness),
        (Purpose::Validation, Metric::Score),
        (Purpose::HeldOut, Metric::Score),
    ] {
        let episodes = Episodes { metric, ..Episodes::new(3, purpose, 4, 1) };
        if !data.indices(episodes.split()).is_empty() {
            backend.score(&episodes)?;
        }
    }
    backend.forward()?;
    Ok(())
}

fn recombine(backend: &mut dyn ForwardBackend, individuals: usize) -> Result<()> {
    let first = vec![0.5; individuals];
    backend.recombine(&Utilities { second: Some(first.clone()), first })?;
    Ok(())
}

/// Three short episodes, not a multiple of any number of episodes that run side by side.
fn episodes() -> Episodes {
    Episodes { step_limit: Some(STEPS), ..Episodes::new(5, Purpose::Verification, 6, 3) }
}

fn normalisation(inputs: usize) -> Normalisation {
    Normalisation { means: vec![0.05; inputs], scales: vec![3.0; inputs] }
}

/// A Gaussian population; a mirrored one has a scale for each gene.
fn gaussian(genes: usize, individuals: usize, mirrored: bool) -> Proposal {
    let scale =
        if mirrored { Scale::PerGene(vec![0.4; genes].into()) } else { Scale::Uniform(0.6) };
    Proposal::Gaussian(Gaussian {
        centre: vec![0.05; genes].into(),
        scale,
        noise: NoiseKey { seed: 5, generation: 0 },
        individuals,
        mirrored,
    })
}

fn offspring(individuals: usize, crossover: Crossover) -> Proposal {
    let parents = |i: usize| Parents {
        first: (i * 31 % individuals) as u32,
        second: (i * 57 % individuals) as u32,
        mutates: 1,
    };
    Proposal::Offspring(Offspring {
        parents: (0..individuals).map(parents).collect(),
        crossover,
        mutation: 0.1,
        mutation_rate: 0.5,
        noise: NoiseKey { seed: 5, generation: 1 },
    })
}
