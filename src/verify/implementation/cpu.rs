//! The fast CPU path under test.

use std::sync::Arc;

use super::{Implementation, PlantedFault, RandomBlock, StepCase, StepResult};
use crate::backend::{Backend, Cpu, Episodes, ForwardBackend, Limits, Scores};
use crate::error::Result;
use crate::gpu::ShaderSource;
use crate::math::{InstructionSet, Instructions, LANES, Lanes, Mask, Real, SimdWork, run_simd};
use crate::network::{Graph, GraphLanes, Network, Normalisation, Phenotype, Scratch};
use crate::population::{Moments, Proposal, Utilities};
use crate::random::{self, WORDS_PER_BLOCK};
use crate::task::{ProbeInput, Simulation, Task};
use crate::verify::ProbeFunction;

/// A fault in the CPU path, planted on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CpuFault {
    /// One bit of every random word is flipped.
    RandomBit,
    /// Functions are off by one part in ten thousand.
    Function,
    /// States after a step are off by one part in a thousand of the step.
    Step,
    /// Deviations of observations are off by one part in ten thousand.
    Deviation,
    /// Every weight is replaced by the next one.
    WeightIndex,
    /// The second connection of a graph comes from the first input.
    Edge,
}

/// The faults in the CPU path: a description, the rung that must catch the fault, and the fault.
const CPU_FAULTS: [(&str, &str, CpuFault); 7] = [
    ("a flipped bit in every word", "2 random", CpuFault::RandomBit),
    ("functions x 1.0001", "3 functions", CpuFault::Function),
    ("steps x 1.001", "4 steps", CpuFault::Step),
    ("deviations x 1.0001", "4 normalisation", CpuFault::Deviation),
    ("every weight replaced by the next one", "4 forward", CpuFault::WeightIndex),
    ("one edge of a graph redirected", "4 graphs", CpuFault::Edge),
    ("every weight replaced by the next one, recurrent", "4 recurrent", CpuFault::WeightIndex),
];

/// The fast CPU path.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuImplementation {
    fault: Option<CpuFault>,
}

impl CpuImplementation {
    fn has(self, fault: CpuFault) -> bool {
        self.fault == Some(fault)
    }
}

impl Implementation for CpuImplementation {
    fn adapter(&self) -> String {
        let threads = rayon::current_num_threads();
        format!("cpu, {threads} threads, {}", InstructionSet::current().name())
    }

    fn name(&self) -> &'static str {
        "cpu"
    }

    fn shaders(&self, _: &dyn Task, _: &Network) -> Result<Vec<ShaderSource>> {
        Ok(Vec::new())
    }

    fn random_blocks(&self, seed: u64, counters: &[[u32; 4]]) -> Result<Vec<RandomBlock>> {
        let table = random::normal_table();
        let flip = u32::from(self.has(CpuFault::RandomBit));
        let mut draws = Vec::with_capacity(counters.len());
        for chunk in counters.chunks(LANES) {
            // As many lanes as the fast path has, so that the same code is tested.
            let lane = |field: usize| std::array::from_fn(|l| chunk[l.min(chunk.len() - 1)][field]);
            let counter: [[u32; LANES]; 4] = std::array::from_fn(lane);
            let words = random::philox(counter, random::key(seed));
            for l in 0..chunk.len() {
                let words: [u32; WORDS_PER_BLOCK] = std::array::from_fn(|n| words[n][l] ^ flip);
                let normal = |n: usize| random::normal(table, words[n / 2] >> (16 * (n % 2)));
                draws.push((words, std::array::from_fn(|n| normal(n).to_bits())));
            }
        }
        Ok(draws)
    }

    fn function(&self, function: ProbeFunction, arguments: &[f32]) -> Result<Vec<f32>> {
        let scale = if self.has(CpuFault::Function) { 1.0001 } else { 1.0 };
        let mut values = Vec::with_capacity(arguments.len());
        for chunk in arguments.chunks(LANES) {
            let arguments = Lanes::from_lanes(|l| chunk[l.min(chunk.len() - 1)]);
            let found = run_simd(FunctionWork { function, arguments });
            values.extend(found.0[..chunk.len()].iter().map(|y| y * scale));
        }
        Ok(values)
    }

    fn steps(
        &self,
        _: &dyn Task,
        simulation: &dyn Simulation,
        cases: &[StepCase],
    ) -> Result<Vec<StepResult>> {
        let mut all = Vec::with_capacity(cases.len());
        for chunk in cases.chunks(LANES) {
            let field_lanes = |field: fn(&StepCase) -> &Vec<f32>| -> Vec<Lanes> {
                let number = |n: usize, l: usize| field(&chunk[l.min(chunk.len() - 1)])[n];
                (0..field(&chunk[0]).len()).map(|n| Lanes::from_lanes(|l| number(n, l))).collect()
            };
            let probe = ProbeInput {
                draws: field_lanes(|case| &case.draws),
                state: field_lanes(|case| &case.state),
                outputs: field_lanes(|case| &case.outputs),
                action: field_lanes(|case| &case.action),
            };
            let Some(mut output) = simulation.probe(&probe) else { break };
            if self.has(CpuFault::Step) {
                for (new, &old) in output.next.iter_mut().zip(&probe.state) {
                    *new = *new + (*new - old) * Lanes::from_f64(0.001);
                }
            }
            for l in 0..chunk.len() {
                let lane = |numbers: &[Lanes]| numbers.iter().map(|n| n.0[l]).collect();
                all.push(StepResult {
                    start: lane(&output.start),
                    observation: lane(&output.observation),
                    decision: lane(&output.decision),
                    next: lane(&output.next),
                    reward: output.reward.0[l],
                    next_ends: output.next_ends.lane(l),
                    state_ends: output.state_ends.lane(l),
                });
            }
        }
        Ok(all)
    }

    fn normalise(&self, by: &Normalisation, observations: &[f32]) -> Result<Vec<f32>> {
        let inputs = by.means.len();
        let mut by = by.clone();
        if self.has(CpuFault::Deviation) {
            by.scales.iter_mut().for_each(|scale| *scale *= 1.0001);
        }
        let mut all = Vec::with_capacity(3 * observations.len());
        for observations in observations.chunks(LANES * inputs) {
            let count = observations.len() / inputs;
            let number = |n: usize, l: usize| observations[l.min(count - 1) * inputs + n];
            let observation: Vec<Lanes> =
                (0..inputs).map(|n| Lanes::from_lanes(|l| number(n, l))).collect();
            let found = run_simd(NormalisationWork { by: &by, observation: &observation });
            let lane = |l: usize| found.iter().map(move |number| number.0[l]);
            all.extend((0..count).flat_map(lane));
        }
        Ok(all)
    }

    fn step_recurrent(
        &self,
        network: &Network,
        genomes: &[f32],
        cases: &[f32],
    ) -> Result<Vec<f32>> {
        let (genes, inputs) = (network.parameters(), network.inputs());
        let words = inputs + network.state_size();
        let mut all = Vec::new();
        for (genomes, cases) in genomes.chunks(LANES * genes).zip(cases.chunks(LANES * words)) {
            let count = cases.len() / words;
            let columns = |numbers: &[f32], width: usize| -> Vec<Lanes> {
                let number = |n: usize, l: usize| numbers[l.min(count - 1) * width + n];
                (0..width).map(|n| Lanes::from_lanes(|l| number(n, l))).collect()
            };
            let mut genome = columns(genomes, genes);
            if self.has(CpuFault::WeightIndex) {
                genome.rotate_left(1);
            }
            let case = columns(cases, words);
            let (observation, state) = case.split_at(inputs);
            let found =
                run_simd(RecurrentStepWork { network, genome: &genome, observation, state });
            all.extend(
                (0..count).flat_map(|l| found.iter().map(move |n| n.0[l]).collect::<Vec<_>>()),
            );
        }
        Ok(all)
    }

    fn step_graphs(&self, graphs: &[Arc<Graph>], cases: &[f32]) -> Result<Vec<f32>> {
        let graphs = graphs.iter().map(|graph| {
            if self.has(CpuFault::Edge) {
                Phenotype::compile(&redirect_edge(graph))
            } else {
                Phenotype::compile(graph)
            }
        });
        let graphs: Vec<Phenotype> = graphs.collect::<Result<_>>()?;
        let words = cases.len() / graphs.len();
        let chunks = graphs.chunks(LANES).zip(cases.chunks(LANES * words));
        Ok(chunks.flat_map(|(graphs, cases)| run_simd(GraphStepWork { graphs, cases })).collect())
    }

    fn backend(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        _: Option<Limits>,
    ) -> Result<Box<dyn ForwardBackend>> {
        let cpu = Cpu::new(task, network);
        Ok(match self.fault {
            Some(CpuFault::WeightIndex | CpuFault::Edge) => Box::new(FaultyCpu(cpu)),
            // The other faults are in the operations above.
            Some(
                CpuFault::RandomBit | CpuFault::Function | CpuFault::Step | CpuFault::Deviation,
            )
            | None => Box::new(cpu),
        })
    }

    fn faults(&self) -> Vec<PlantedFault> {
        let plant = |&(name, rung, fault): &(&'static str, &'static str, CpuFault)| {
            let implementation = Box::new(Self { fault: Some(fault) });
            PlantedFault { name, rung, implementation }
        };
        CPU_FAULTS.iter().map(plant).collect()
    }
}

struct FunctionWork {
    function: ProbeFunction,
    arguments: Lanes,
}

impl SimdWork for FunctionWork {
    type Output = Lanes;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Lanes {
        self.function.apply(self.arguments.cast::<I>()).cast()
    }
}

struct NormalisationWork<'a> {
    by: &'a Normalisation,
    observation: &'a [Lanes],
}

impl SimdWork for NormalisationWork<'_> {
    type Output = Vec<Lanes>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<Lanes> {
        let mut found: Vec<Lanes<I>> = bytemuck::cast_slice(self.observation).to_vec();
        let mut sums = vec![Lanes::default(); 2 * found.len()];
        self.by.apply_out_of_line(&mut found, &mut sums);
        found.extend(sums);
        bytemuck::cast_slice(&found).to_vec()
    }
}

struct RecurrentStepWork<'a> {
    network: &'a Network,
    genome: &'a [Lanes],
    observation: &'a [Lanes],
    state: &'a [Lanes],
}

impl SimdWork for RecurrentStepWork<'_> {
    type Output = Vec<Lanes>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<Lanes> {
        let mut scratch = Scratch::<Lanes<I>>::for_network(self.network);
        scratch.hidden_state().copy_from_slice(bytemuck::cast_slice(self.state));
        let genome: &[Lanes<I>] = bytemuck::cast_slice(self.genome);
        let observation = bytemuck::cast_slice(self.observation);
        let mut found = self.network.forward(genome, observation, &mut scratch).to_vec();
        found.extend_from_slice(scratch.hidden_state());
        bytemuck::cast_slice(&found).to_vec()
    }
}

struct GraphStepWork<'a> {
    graphs: &'a [Phenotype],
    cases: &'a [f32],
}

impl SimdWork for GraphStepWork<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<f32> {
        let graphs: Vec<&Phenotype> = self.graphs.iter().collect();
        let (count, inputs) = (graphs.len(), graphs[0].inputs);
        let words = self.cases.len() / count;
        let mut lanes = GraphLanes::<I>::for_graphs(&graphs);
        for (lane, graph) in graphs.iter().enumerate() {
            lanes.assign(lane, graph);
            let state = &self.cases[lane * words + inputs..];
            lanes.lane_state(lane).zip(state).for_each(|(place, &number)| *place = number);
        }
        let number = |input: usize, lane: usize| self.cases[lane.min(count - 1) * words + input];
        let observation: Vec<Lanes<I>> =
            (0..inputs).map(|input| Lanes::from_lanes(|lane| number(input, lane))).collect();
        let outputs: Vec<Lanes<I>> = lanes.step(&observation).to_vec();
        let mut found = Vec::new();
        for lane in 0..count {
            found.extend(outputs.iter().map(|output| output.0[lane]));
            found.extend(lanes.lane_state(lane).map(|number| *number));
        }
        found
    }
}

/// Redirects the second enabled connection of a graph, so that it comes from the first input.
fn redirect_edge(graph: &Graph) -> Graph {
    let mut graph = graph.clone();
    let second = graph.connections.iter_mut().filter(|connection| connection.enabled).nth(1);
    if let Some(connection) = second {
        (connection.source, connection.recurrent) = (0, false);
    }
    graph
}

/// A CPU backend that replaces every explicit weight by the next one, and redirects a connection of
/// every graph.
struct FaultyCpu(Cpu);

impl Backend for FaultyCpu {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn adapter(&self) -> String {
        self.0.adapter()
    }
    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        self.0.normalise(by)
    }
    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        let mut proposal = proposal.clone();
        if let Proposal::Explicit(explicit) = &mut proposal {
            let mut genomes = explicit.genomes.to_vec();
            genomes.rotate_left(1);
            explicit.genomes = genomes.into();
        }
        if let Proposal::Graphs(graphs) = &mut proposal {
            let individuals = graphs.individuals.iter();
            graphs.individuals = individuals.map(|graph| Arc::new(redirect_edge(graph))).collect();
        }
        self.0.spawn(&proposal)
    }
    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        self.0.score(episodes)
    }
    fn recombine(&mut self, weights: &Utilities) -> Result<Moments> {
        self.0.recombine(weights)
    }
    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        self.0.individual(index)
    }
}

impl ForwardBackend for FaultyCpu {
    fn forward(&mut self) -> Result<Vec<f32>> {
        self.0.forward()
    }
}
