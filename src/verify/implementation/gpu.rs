//! The GPU path under test: its probes run the same shader parts as training.

use std::sync::Arc;

use super::shader_faults::{SHADER_FAULTS, needs_half_precision, needs_subgroups};
use super::{Implementation, PlantedFault, RandomBlock, StepCase, StepResult, VariantUnderTest};
use crate::backend::kernels::{GraphCapacity, Kernels};
use crate::backend::plan::Tile;
use crate::backend::{ForwardBackend, Gpu, Limits, Variant, WORKGROUP};
use crate::error::Result;
use crate::gpu::layout::{ArithmeticParameters, CopyParameters, ProbeParameters};
use crate::gpu::{Binding, Buffer, Device, Dispatch, Edit, IndexCheck, Readback, ShaderSource};
use crate::network::{
    Activation, Graph, Network, Normalisation, Phenotype, Ports, Precision, pack_phenotypes,
};
use crate::population::Layout;
use crate::random::{self, NORMALS_PER_BLOCK, WORDS_PER_BLOCK};
use crate::task::{Simulation, Task};
use crate::verify::ProbeFunction;

/// Tiles of both sizes, multiplied number by number and on tensor cores.
const TILES: [Tile; 4] = [
    Tile { side: 8, cooperative: false },
    Tile { side: 16, cooperative: false },
    Tile { side: 8, cooperative: true },
    Tile { side: 16, cooperative: true },
];
/// The subgroup size of validated shaders if the device has no fixed size.
const SUBGROUP: usize = 32;

/// Multiply-adds of a dispatch that is too small for a whole evaluation.
const SMALL_DISPATCH: u64 = 4_000_000;
/// Multiply-adds of such a dispatch for the tiny networks of the rung that checks indices.
const TINY_DISPATCH: u64 = 40_000;

/// The GPU path of an adapter.
#[derive(Clone)]
pub struct GpuImplementation {
    device: Arc<Device>,
    edits: Vec<Edit>,
}

impl GpuImplementation {
    /// Creates the path of an open device.
    pub fn new(device: Arc<Device>) -> Self {
        Self { device, edits: Vec::new() }
    }

    /// Creates the path with faults planted in its shaders.
    pub fn with_faults(device: Arc<Device>, edits: &[Edit]) -> Self {
        Self { device, edits: edits.to_vec() }
    }

    fn kernels(&self, task: Option<&dyn Task>) -> Result<Kernels> {
        let (inputs, outputs) = task.map_or((1, 1), |task| (task.inputs(), task.outputs()));
        let network = Network::parse("", inputs, outputs, Activation::Linear)?;
        task.map_or(Ok(()), <dyn Task>::check_wgsl)?;
        Ok(self.kernels_of(task, &network))
    }

    fn variant_under_test<'a>(
        &'a self,
        name: &'static str,
        variant: Variant,
        limits: Limits,
        task: &'a Arc<dyn Task>,
        network: &'a Network,
    ) -> VariantUnderTest<'a> {
        let open = move || {
            let (device, task) = (Arc::clone(&self.device), Arc::clone(task));
            let gpu = Gpu::with_faults(device, task, network.clone(), &self.edits)?;
            let gpu = gpu.with_limits(limits).with_variant(variant)?;
            Ok(Box::new(gpu) as Box<dyn ForwardBackend>)
        };
        VariantUnderTest { name, open: Box::new(open) }
    }

    fn kernels_of(&self, task: Option<&dyn Task>, network: &Network) -> Kernels {
        Kernels::new(task, network, 1, &Gpu::limits_of(&self.device), &self.edits)
    }

    /// Runs a probe, which returns `words_each` words for each case. The bindings are the inputs,
    /// the results, and then the other buffers.
    fn probe(
        &self,
        source: &ShaderSource,
        parameters: ProbeParameters,
        inputs: &[&Buffer],
        words_each: usize,
        others: &[&Buffer],
    ) -> Result<Vec<u32>> {
        const LARGEST_GROUPS: usize = 65_535;
        let count = parameters.count as usize;
        let bytes = 4 * (count * words_each) as u64;
        let found = self.device.storage("found", bytes)?;
        let mut bindings: Vec<Binding> =
            inputs.iter().map(|buffer| Binding::whole(buffer)).collect();
        bindings.push(Binding::whole(&found));
        bindings.extend(others.iter().map(|buffer| Binding::whole(buffer)));
        let groups = count.div_ceil(WORKGROUP);
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

impl Implementation for GpuImplementation {
    fn adapter(&self) -> String {
        self.device.name().to_owned()
    }

    fn name(&self) -> &'static str {
        "gpu"
    }

    fn precisions(&self) -> &'static [Precision] {
        if self.device.has_halves() { &Precision::ALL } else { &[Precision::Single] }
    }

    fn shaders(&self, task: &dyn Task, network: &Network) -> Result<Vec<ShaderSource>> {
        task.check_wgsl()?;
        let kernels = self.kernels_of(Some(task), network);
        let mut shaders = kernels.all(Some(task.kind()));
        let limits = Gpu::limits_of(&self.device);
        let capacity = GraphCapacity::at_least(task.inputs() + 20, 3);
        let graphs = Kernels::for_graphs(Some(task), task.ports(), capacity, &limits, &self.edits);
        shaders.extend(graphs.running(Some(task.kind())));
        // Kernels with tiles and subgroups validate on every machine, even if it cannot run them.
        let subgroup = limits.subgroup.or(Some(SUBGROUP));
        for limits in TILES.map(|tile| Limits { tile: Some(tile), subgroup, ..limits }) {
            for variant in Variant::supporting(network, task.kind(), &limits) {
                let sources = kernels.for_variant(variant, network, task.kind(), &limits);
                let new = sources.into_iter().filter(|one| !shaders.contains(one));
                shaders.extend(new.collect::<Vec<_>>());
            }
        }
        let (genes, precision) = (network.parameters(), network.precision());
        let layout = Layout { individuals: 0, genes, lanes: 1, precision };
        shaders.push(Kernels::for_decoding(layout, capacity, &limits, &self.edits).decode());
        Ok(shaders)
    }

    fn random_blocks(&self, seed: u64, counters: &[[u32; 4]]) -> Result<Vec<RandomBlock>> {
        let source = self.kernels(None)?.probe_random();
        let table = self.device.upload("normal table", random::normal_table())?;
        let counters_buffer = self.device.upload("counters", counters)?;
        let seed = random::key(seed);
        let parameters = ProbeParameters { seed, count: counters.len() as u32, function: 0 };
        let words = WORDS_PER_BLOCK + NORMALS_PER_BLOCK;
        let found = self.probe(&source, parameters, &[&table, &counters_buffer], words, &[])?;
        let draw = |found: &[u32]| {
            let words = std::array::from_fn(|n| found[n]);
            (words, std::array::from_fn(|n| found[WORDS_PER_BLOCK + n]))
        };
        Ok(found.chunks(words).map(draw).collect())
    }

    fn function(&self, function: ProbeFunction, arguments: &[f32]) -> Result<Vec<f32>> {
        let source = self.kernels(None)?.probe_math();
        let buffer = self.device.upload("arguments", arguments)?;
        let count = arguments.len() as u32;
        let parameters = ProbeParameters { seed: [0; 2], count, function: function.id() };
        let found = self.probe(&source, parameters, &[&buffer], 1, &[])?;
        Ok(found.into_iter().map(f32::from_bits).collect())
    }

    fn steps(
        &self,
        task: &dyn Task,
        simulation: &dyn Simulation,
        cases: &[StepCase],
    ) -> Result<Vec<StepResult>> {
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
        let parameters = ProbeParameters { seed: [0; 2], count: cases.len() as u32, function: 0 };
        let words = 2 * shape.state + shape.observations + shape.actions.size() + 3;
        let found = self.probe(&source, parameters, &[&buffer], words, &[])?;
        let unpack = |found: &[u32]| {
            let mut numbers = found.iter().map(|&word| f32::from_bits(word));
            let mut take = |count| numbers.by_ref().take(count).collect::<Vec<f32>>();
            let start = take(shape.state);
            let observation = take(shape.observations);
            let decision = take(shape.actions.size());
            let next = take(shape.state);
            let rest = take(3);
            let (reward, next_ends, state_ends) = (rest[0], rest[1] == 1.0, rest[2] == 1.0);
            StepResult { start, observation, decision, next, reward, next_ends, state_ends }
        };
        Ok(found.chunks(words).map(unpack).collect())
    }

    fn normalise(&self, by: &Normalisation, observations: &[f32]) -> Result<Vec<f32>> {
        let inputs = by.means.len();
        let network = Network::parse("", inputs, 1, Activation::Linear)?;
        let kernels = self.kernels_of(None, &network).normalised();
        let source = kernels.probe_normalisation();
        let cases = self.device.upload("observations", observations)?;
        let numbers = self.device.upload("normalisation", &[&by.means[..], &by.scales].concat())?;
        let count = (observations.len() / inputs) as u32;
        let parameters = ProbeParameters { seed: [0; 2], count, function: 0 };
        let found = self.probe(&source, parameters, &[&cases], 3 * inputs, &[&numbers])?;
        Ok(found.into_iter().map(f32::from_bits).collect())
    }

    fn step_recurrent(
        &self,
        network: &Network,
        genomes: &[f32],
        cases: &[f32],
    ) -> Result<Vec<f32>> {
        let source = self.kernels_of(None, network).probe_recurrent();
        let population = self.device.upload("population", genomes)?;
        let buffer = self.device.upload("cases", cases)?;
        let count = (genomes.len() / network.parameters()) as u32;
        let parameters = ProbeParameters { seed: [0; 2], count, function: 0 };
        let words = network.outputs() + network.state_size();
        let found = self.probe(&source, parameters, &[&population, &buffer], words, &[])?;
        Ok(found.into_iter().map(f32::from_bits).collect())
    }

    fn step_graphs(&self, graphs: &[Arc<Graph>], cases: &[f32]) -> Result<Vec<f32>> {
        let graphs: Vec<Phenotype> =
            graphs.iter().map(|graph| Phenotype::compile(graph)).collect::<Result<_>>()?;
        let first = &graphs[0];
        let (inputs, outputs) = (first.inputs, first.outputs.len());
        let (state_size, words) =
            (first.state_sources.len(), first.inputs + first.state_sources.len());
        let slots = graphs.iter().map(Phenotype::slots).max().unwrap_or(0);
        let limits = Gpu::limits_of(&self.device);
        let capacity = GraphCapacity::at_least(slots, state_size);
        let ports = Ports { inputs, outputs, ordered: true };
        let source =
            Kernels::for_graphs(None, ports, capacity, &limits, &self.edits).probe_recurrent();
        // The kernel rounds the length of its hidden state up to a power of two.
        let padded: Vec<f32> = cases
            .chunks(words)
            .flat_map(|case| {
                let free = std::iter::repeat_n(&0.0, capacity.memories - state_size);
                case.iter().chain(free).copied()
            })
            .collect();
        let population = self.device.upload("graphs", &pack_phenotypes(&graphs)?)?;
        let buffer = self.device.upload("cases", &padded)?;
        let parameters = ProbeParameters { seed: [0; 2], count: graphs.len() as u32, function: 0 };
        let words = outputs + capacity.memories;
        let found = self.probe(&source, parameters, &[&population, &buffer], words, &[])?;
        let numbers = found.chunks(words).flat_map(|case| &case[..outputs + state_size]);
        Ok(numbers.map(|&word| f32::from_bits(word)).collect())
    }

    fn backend(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        limits: Option<Limits>,
    ) -> Result<Box<dyn ForwardBackend>> {
        let gpu = Gpu::with_faults(Arc::clone(&self.device), task, network, &self.edits)?;
        Ok(match limits {
            Some(limits) => Box::new(gpu.with_limits(limits)),
            None => Box::new(gpu),
        })
    }

    fn variants<'a>(
        &'a self,
        task: &'a Arc<dyn Task>,
        network: &'a Network,
    ) -> Vec<VariantUnderTest<'a>> {
        let limits = Gpu::limits_of(&self.device);
        // With small dispatches, an episode must continue correctly in the next dispatch.
        let work_per_dispatch =
            if self.device.checks_indices() { TINY_DISPATCH } else { SMALL_DISPATCH };
        let small_dispatches = Limits { work_per_dispatch, ..limits };
        let open = |variant: Variant| {
            let limits = if variant == Variant::Loop { limits } else { small_dispatches };
            self.variant_under_test(variant.name(), variant, limits, task, network)
        };
        let all = Variant::tunable(network, task.kind(), &limits);
        all.into_iter().map(open).collect()
    }

    fn tiles<'a>(
        &'a self,
        task: &'a Arc<dyn Task>,
        network: &'a Network,
    ) -> Vec<VariantUnderTest<'a>> {
        let limits = Gpu::limits_of(&self.device);
        let own = limits.tile.map(|tile| (Variant::Tensor.name(), tile));
        let numbers = ["tiles of 8", "tiles of 16"].into_iter().zip([TILES[0], TILES[1]]);
        let open = |(name, tile): (&'static str, Tile)| {
            let limits = Limits { tile: Some(tile), ..limits };
            let takes = Variant::Tensor.supports(network, task.kind(), &limits);
            takes.then(|| self.variant_under_test(name, Variant::Tensor, limits, task, network))
        };
        numbers.chain(own).filter_map(open).collect()
    }

    fn with_index_checks(&self) -> Result<Option<Box<dyn Implementation>>> {
        let device = match self.device.checks_indices() {
            true => Arc::clone(&self.device),
            false => Arc::new(self.device.open_with_index_checks()?),
        };
        Ok(Some(Box::new(Self { device, edits: self.edits.clone() })))
    }

    fn index_checks(&self) -> Result<Vec<IndexCheck>> {
        self.device.index_checks()
    }

    fn run_roofline(&self, size: usize) -> Result<()> {
        let (count, workgroups) = (size as u32, [size.div_ceil(WORKGROUP) as u32, 1, 1]);
        let ends = self.device.storage("ends", 4 * size as u64)?;
        let source = self.device.storage("copied", 16 * size as u64)?;
        let target = self.device.storage("copy", 16 * size as u64)?;
        let arithmetic =
            ArithmeticParameters { invocations: count, factor: 0.5, summand: 0.5, pad_0: 0 };
        let copy = CopyParameters { vectors: count, ..Default::default() };
        self.device.run(&[
            Dispatch {
                source: &Kernels::roofline_arithmetic(),
                parameters: bytemuck::bytes_of(&arithmetic),
                bindings: vec![Binding::whole(&ends)],
                workgroups,
            },
            Dispatch {
                source: &Kernels::roofline_copy(),
                parameters: bytemuck::bytes_of(&copy),
                bindings: [&source, &target].map(Binding::whole).into(),
                workgroups,
            },
        ])?;
        self.device.wait()
    }

    fn faults(&self) -> Vec<PlantedFault> {
        let plant = |&(name, rung, ref edit): &(&'static str, &'static str, Edit)| {
            let faulty = Self { device: Arc::clone(&self.device), edits: vec![edit.clone()] };
            PlantedFault { name, rung, implementation: Box::new(faulty) }
        };
        // A fault in code that the device cannot run has no effect, and cannot be caught.
        let has_halves = self.precisions().contains(&Precision::Half);
        let faults = SHADER_FAULTS.iter();
        let has_subgroups = Gpu::limits_of(&self.device).subgroup.is_some();
        let faults = faults.filter(|(_, _, edit)| {
            (has_halves || !needs_half_precision(edit)) && (has_subgroups || !needs_subgroups(edit))
        });
        faults.map(plant).collect()
    }
}
