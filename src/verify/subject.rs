//! What is on trial: the GPU path of an adapter, or the fast CPU path.

use std::sync::Arc;

use super::Function;
use crate::backend::kernels::Kernels;
use crate::backend::{Backend, Cpu, Forward, Gpu, Limits};
use crate::error::Result;
use crate::gpu::layout::Probing;
use crate::gpu::{Binding, Buffer, Device, Dispatch, Edit, Readback, Source};
use crate::math::{LANES, Lanes, Mask, Real};
use crate::network::{Activation, Network};
use crate::random::{self, NORMALS_A_BLOCK, WORDS_A_BLOCK};
use crate::task::{Simulation, Task};

/// The words of a counter, and the bits of its normals.
pub type Draw = ([u32; WORDS_A_BLOCK], [u32; NORMALS_A_BLOCK]);

/// The inputs of one probe of a control task; all exact in single precision.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Uniforms of a start.
    pub draws: Vec<f32>,
    /// A state, to observe, to step from and to judge.
    pub state: Vec<f32>,
    /// Outputs, to decide from.
    pub outputs: Vec<f32>,
    /// An action, to step with.
    pub action: Vec<f32>,
}

/// What a probe of a control task gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The start of the draws.
    pub start: Vec<f32>,
    /// What is seen of the state.
    pub observation: Vec<f32>,
    /// The action that the outputs ask for.
    pub decision: Vec<f32>,
    /// The state after the action.
    pub next: Vec<f32>,
    /// The reward of that step.
    pub reward: f32,
    /// Whether the state after ends an episode.
    pub next_ends: bool,
    /// Whether the given state does.
    pub state_ends: bool,
}

/// A path on trial: everything a rung asks of it.
pub trait Subject {
    /// The device.
    fn adapter(&self) -> String;
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// The shaders it runs for a task, composed; none where there are no shaders.
    ///
    /// # Errors
    /// A network the kernels do not take.
    fn shaders(&self, task: &dyn Task, network: &Network) -> Result<Vec<Source>>;
    /// Words and normals of counters.
    ///
    /// # Errors
    /// A device that fails; so below.
    fn draws(&self, seed: u64, counters: &[[u32; 4]]) -> Result<Vec<Draw>>;
    /// A function's values.
    ///
    /// # Errors
    /// A device that fails.
    fn function(&self, function: Function, arguments: &[f32]) -> Result<Vec<f32>>;
    /// Single steps of a control task.
    ///
    /// # Errors
    /// A device that fails.
    fn steps(
        &self,
        task: &dyn Task,
        simulation: &dyn Simulation,
        cases: &[Case],
    ) -> Result<Vec<Found>>;
    /// A backend; `limits` make the device act as if it allowed less.
    ///
    /// # Errors
    /// A device that fails.
    fn backend(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        limits: Option<Limits>,
    ) -> Result<Box<dyn Forward>>;
    /// Planted faults: a name, the rung that must catch it, and the subject that has it.
    fn faults(&self) -> Vec<(&'static str, &'static str, Box<dyn Subject>)>;
}

/// The GPU path of an adapter.
#[derive(Clone)]
pub struct GpuSubject {
    device: Arc<Device>,
    edits: Vec<Edit>,
}

impl GpuSubject {
    /// The path of an open device.
    pub fn new(device: Arc<Device>) -> Self {
        Self { device, edits: Vec::new() }
    }

    /// The path with faults planted in its shaders.
    pub fn with_faults(device: Arc<Device>, edits: &[Edit]) -> Self {
        Self { device, edits: edits.to_vec() }
    }

    fn kernels(&self, task: Option<&dyn Task>) -> Result<Kernels> {
        let (inputs, outputs) = task.map_or((1, 1), |task| (task.inputs(), task.outputs()));
        let network = Network::parse("", inputs, outputs, Activation::Linear)?;
        Ok(Kernels::new(task, &network, 1, &self.edits))
    }

    /// Runs a probe: buffers in, so many words out an item.
    fn probe(
        &self,
        source: &Source,
        parameters: Probing,
        inputs: &[&Buffer],
        words_each: usize,
    ) -> Result<Vec<u32>> {
        const LARGEST_GROUPS: usize = 65_535;
        let count = parameters.count as usize;
        let bytes = 4 * (count * words_each) as u64;
        let found = self.device.storage("found", bytes)?;
        let bindings = inputs.iter().copied().chain([&found]).map(Binding::whole).collect();
        let groups = count.div_ceil(crate::backend::WORKGROUP);
        let rows = groups.div_ceil(LARGEST_GROUPS).max(1);
        self.device.run(&[Dispatch {
            source,
            parameters: bytemuck::bytes_of(&parameters),
            bindings,
            workgroups: [groups.div_ceil(rows) as u32, rows as u32, 1],
        }])?;
        Ok(self.device.read(&[Readback { buffer: &found, bytes }])?.remove(0))
    }
}

impl Subject for GpuSubject {
    fn adapter(&self) -> String {
        self.device.name().to_owned()
    }

    fn name(&self) -> &'static str {
        "gpu"
    }

    fn shaders(&self, task: &dyn Task, network: &Network) -> Result<Vec<Source>> {
        Ok(Kernels::new(Some(task), network, 1, &self.edits).all(Some(task.kind())))
    }

    fn draws(&self, seed: u64, counters: &[[u32; 4]]) -> Result<Vec<Draw>> {
        let source = self.kernels(None)?.probe_random();
        let table = self.device.upload("normal table", random::normal_table())?;
        let counters_buffer = self.device.upload("counters", counters)?;
        let seed = random::key(seed);
        let parameters = Probing { seed, count: counters.len() as u32, function: 0 };
        let words = WORDS_A_BLOCK + NORMALS_A_BLOCK;
        let found = self.probe(&source, parameters, &[&table, &counters_buffer], words)?;
        let draw = |found: &[u32]| {
            let words = std::array::from_fn(|n| found[n]);
            (words, std::array::from_fn(|n| found[WORDS_A_BLOCK + n]))
        };
        Ok(found.chunks(words).map(draw).collect())
    }

    fn function(&self, function: Function, arguments: &[f32]) -> Result<Vec<f32>> {
        let source = self.kernels(None)?.probe_math();
        let buffer = self.device.upload("arguments", arguments)?;
        let count = arguments.len() as u32;
        let parameters = Probing { seed: [0; 2], count, function: function.id() };
        let found = self.probe(&source, parameters, &[&buffer], 1)?;
        Ok(found.into_iter().map(f32::from_bits).collect())
    }

    fn steps(
        &self,
        task: &dyn Task,
        simulation: &dyn Simulation,
        cases: &[Case],
    ) -> Result<Vec<Found>> {
        let shape = simulation.shape();
        let source = self.kernels(Some(task))?.probe_step();
        let mut flat = Vec::new();
        for case in cases {
            flat.extend_from_slice(&case.draws);
            flat.extend_from_slice(&case.state);
            flat.extend_from_slice(&case.outputs);
            flat.extend_from_slice(&case.action);
        }
        let buffer = self.device.upload("cases", &flat)?;
        let parameters = Probing { seed: [0; 2], count: cases.len() as u32, function: 0 };
        let words = 2 * shape.state + shape.observations + shape.actions.size() + 3;
        let found = self.probe(&source, parameters, &[&buffer], words)?;
        let unpack = |found: &[u32]| {
            let mut numbers = found.iter().map(|&word| f32::from_bits(word));
            let mut take = |count| numbers.by_ref().take(count).collect::<Vec<f32>>();
            let start = take(shape.state);
            let observation = take(shape.observations);
            let decision = take(shape.actions.size());
            let next = take(shape.state);
            let rest = take(3);
            let (reward, next_ends, state_ends) = (rest[0], rest[1] == 1.0, rest[2] == 1.0);
            Found { start, observation, decision, next, reward, next_ends, state_ends }
        };
        Ok(found.chunks(words).map(unpack).collect())
    }

    fn backend(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        limits: Option<Limits>,
    ) -> Result<Box<dyn Forward>> {
        let gpu = Gpu::with_faults(Arc::clone(&self.device), task, network, &self.edits)?;
        Ok(match limits {
            Some(limits) => Box::new(gpu.with_limits(limits)),
            None => Box::new(gpu),
        })
    }

    fn faults(&self) -> Vec<(&'static str, &'static str, Box<dyn Subject>)> {
        let plant = |(name, rung, edit): &(&'static str, &'static str, Edit)| {
            let faulty = Self { device: Arc::clone(&self.device), edits: vec![edit.clone()] };
            (*name, *rung, Box::new(faulty) as Box<dyn Subject>)
        };
        super::faults::SHADER_FAULTS.iter().map(plant).collect()
    }
}

/// A fault in the CPU path, planted on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CpuFault {
    /// One bit of every random word is flipped.
    RandomBit,
    /// Functions are off by one part in ten thousand.
    Function,
    /// States after a step are off by one part in a thousand of the step.
    Step,
    /// Every weight is read from the place of its neighbour.
    WeightIndex,
}

/// The fast CPU path.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuSubject {
    fault: Option<CpuFault>,
}

impl CpuSubject {
    fn has(self, fault: CpuFault) -> bool {
        self.fault == Some(fault)
    }
}

impl Subject for CpuSubject {
    fn adapter(&self) -> String {
        format!("cpu, {} threads", rayon::current_num_threads())
    }

    fn name(&self) -> &'static str {
        "cpu"
    }

    fn shaders(&self, _: &dyn Task, _: &Network) -> Result<Vec<Source>> {
        Ok(Vec::new())
    }

    fn draws(&self, seed: u64, counters: &[[u32; 4]]) -> Result<Vec<Draw>> {
        let table = random::normal_table();
        let flip = u32::from(self.has(CpuFault::RandomBit));
        let mut draws = Vec::with_capacity(counters.len());
        for chunk in counters.chunks(LANES) {
            // The width of the fast path, so that it is what is tried.
            let lane = |field: usize| std::array::from_fn(|l| chunk[l.min(chunk.len() - 1)][field]);
            let counter: [[u32; LANES]; 4] = std::array::from_fn(lane);
            let words = random::philox(counter, random::key(seed));
            for l in 0..chunk.len() {
                let words: [u32; WORDS_A_BLOCK] = std::array::from_fn(|n| words[n][l] ^ flip);
                let normal = |n: usize| random::normal(table, words[n / 2] >> (16 * (n % 2)));
                draws.push((words, std::array::from_fn(|n| normal(n).to_bits())));
            }
        }
        Ok(draws)
    }

    fn function(&self, function: Function, arguments: &[f32]) -> Result<Vec<f32>> {
        let scale = if self.has(CpuFault::Function) { 1.0001 } else { 1.0 };
        let mut values = Vec::with_capacity(arguments.len());
        for chunk in arguments.chunks(LANES) {
            let lanes = Lanes::from_lanes(|l| chunk[l.min(chunk.len() - 1)]);
            values.extend(function.apply(lanes).0[..chunk.len()].iter().map(|y| y * scale));
        }
        Ok(values)
    }

    fn steps(
        &self,
        _: &dyn Task,
        simulation: &dyn Simulation,
        cases: &[Case],
    ) -> Result<Vec<Found>> {
        let (shape, dynamics) = (simulation.shape(), simulation.lanes());
        let mut all = Vec::with_capacity(cases.len());
        for chunk in cases.chunks(LANES) {
            let pick = |field: fn(&Case) -> &Vec<f32>| -> Vec<Lanes> {
                let number = |n: usize, l: usize| field(&chunk[l.min(chunk.len() - 1)])[n];
                (0..field(&chunk[0]).len()).map(|n| Lanes::from_lanes(|l| number(n, l))).collect()
            };
            let state = pick(|case| &case.state);
            let start = dynamics.start(&pick(|case| &case.draws));
            let observation = dynamics.observe(&state);
            let mut decision = vec![Lanes::default(); shape.actions.size()];
            shape.actions.decide(&pick(|case| &case.outputs), &mut decision);
            let (mut next, reward) = dynamics.step(&state, &pick(|case| &case.action));
            if self.has(CpuFault::Step) {
                for (new, &old) in next.iter_mut().zip(&state) {
                    *new = *new + (*new - old) * Lanes::of(0.001);
                }
            }
            let (next_ends, state_ends) = (dynamics.terminated(&next), dynamics.terminated(&state));
            for l in 0..chunk.len() {
                let lane = |numbers: &[Lanes]| numbers.iter().map(|n| n.0[l]).collect();
                all.push(Found {
                    start: lane(&start),
                    observation: lane(&observation),
                    decision: lane(&decision),
                    next: lane(&next),
                    reward: reward.0[l],
                    next_ends: next_ends.lane(l),
                    state_ends: state_ends.lane(l),
                });
            }
        }
        Ok(all)
    }

    fn backend(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        _: Option<Limits>,
    ) -> Result<Box<dyn Forward>> {
        let cpu = Cpu::new(task, network);
        Ok(match self.fault {
            Some(CpuFault::WeightIndex) => Box::new(Shifted(cpu)),
            _ => Box::new(cpu),
        })
    }

    fn faults(&self) -> Vec<(&'static str, &'static str, Box<dyn Subject>)> {
        let plant = |&(name, rung, fault): &(&'static str, &'static str, CpuFault)| {
            (name, rung, Box::new(Self { fault: Some(fault) }) as Box<dyn Subject>)
        };
        super::faults::CPU_FAULTS.iter().map(plant).collect()
    }
}

/// A CPU backend that reads every explicit weight from the place of its neighbour.
struct Shifted(Cpu);

impl Backend for Shifted {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn adapter(&self) -> String {
        self.0.adapter()
    }
    fn spawn(&mut self, proposal: &crate::population::Proposal) -> Result<()> {
        let mut proposal = proposal.clone();
        if let crate::population::Proposal::Explicit(explicit) = &mut proposal {
            let mut genomes = explicit.genomes.to_vec();
            genomes.rotate_left(1);
            explicit.genomes = genomes.into();
        }
        self.0.spawn(&proposal)
    }
    fn score(&mut self, episodes: &crate::backend::Episodes) -> Result<crate::backend::Scores> {
        self.0.score(episodes)
    }
    fn recombine(
        &mut self,
        weights: &crate::population::Weights,
    ) -> Result<crate::population::Moments> {
        self.0.recombine(weights)
    }
    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        self.0.individual(index)
    }
}

impl Forward for Shifted {
    fn forward(&mut self) -> Result<Vec<f32>> {
        self.0.forward()
    }
}
