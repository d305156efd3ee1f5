//! The implementations under test: the GPU path of an adapter, and the fast CPU path.

mod cpu;
mod gpu;
mod shader_faults;

pub use cpu::{CpuFault, CpuImplementation};
pub use gpu::GpuImplementation;

use std::fmt;
use std::sync::Arc;

use super::ProbeFunction;
use crate::backend::{ForwardBackend, Limits};
use crate::error::Result;
use crate::gpu::{IndexCheck, ShaderSource};
use crate::network::{Graph, Network, Normalisation, Precision};
use crate::random::{NORMALS_PER_BLOCK, WORDS_PER_BLOCK};
use crate::task::{Simulation, Task};

/// The random words of one counter, and the bits of the normals made from them.
pub type RandomBlock = ([u32; WORDS_PER_BLOCK], [u32; NORMALS_PER_BLOCK]);

/// The inputs for one step of a control task; all numbers are exact in single precision.
#[derive(Clone, Debug, PartialEq)]
pub struct StepCase {
    /// Uniform numbers that an initial state is made from.
    pub draws: Vec<f32>,
    /// A state: it is observed, checked for the end of the episode, and stepped from.
    pub state: Vec<f32>,
    /// Outputs of a network, from which an action is decoded.
    pub outputs: Vec<f32>,
    /// The inputs of the step: an action, its uniforms, and its number.
    pub action: Vec<f32>,
}

/// Writes the numbers of the case, each list after its name.
impl fmt::Display for StepCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { draws, state, outputs, action } = self;
        write!(f, "state {state:?}, outputs {outputs:?}, action {action:?}, draws {draws:?}")
    }
}

/// The results for one [`StepCase`].
#[derive(Clone, Debug, PartialEq)]
pub struct StepResult {
    /// The initial state made from the draws.
    pub start: Vec<f32>,
    /// The observation of the state.
    pub observation: Vec<f32>,
    /// The action decoded from the outputs.
    pub decision: Vec<f32>,
    /// The state after the action.
    pub next: Vec<f32>,
    /// The reward of the step.
    pub reward: f32,
    /// True if the next state ends the episode.
    pub next_ends: bool,
    /// True if the given state ends the episode.
    pub state_ends: bool,
}

/// A kernel variant of an implementation, ready to be opened.
pub struct VariantUnderTest<'a> {
    /// The name of the variant, or of what replaces it in a test.
    pub name: &'static str,
    pub(super) open: Box<dyn Fn() -> Result<Box<dyn ForwardBackend>> + 'a>,
}

impl VariantUnderTest<'_> {
    /// Opens a backend with the kernels of this variant.
    ///
    /// # Errors
    /// Returns an error if the device fails or refuses the kernels.
    pub fn open(&self) -> Result<Box<dyn ForwardBackend>> {
        (self.open)()
    }
}

/// A planted fault.
pub struct PlantedFault {
    /// A description.
    pub name: &'static str,
    /// The name of the rung that must catch the fault.
    pub rung: &'static str,
    /// The implementation with the fault.
    pub implementation: Box<dyn Implementation>,
}

/// An implementation under test, with the operations that the rungs need.
pub trait Implementation {
    /// The device.
    fn adapter(&self) -> String;
    /// The name on the command line.
    fn name(&self) -> &'static str;
    /// The precisions in which genes can be stored.
    fn precisions(&self) -> &'static [Precision] {
        &Precision::ALL
    }
    /// The composed shaders for a network on a task, if the implementation has shaders.
    ///
    /// # Errors
    /// Returns an error if the kernels do not support the network.
    fn shaders(&self, task: &dyn Task, network: &Network) -> Result<Vec<ShaderSource>>;
    /// Computes the random words and normals of counters.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn random_blocks(&self, seed: u64, counters: &[[u32; 4]]) -> Result<Vec<RandomBlock>>;
    /// Computes the values of a function.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn function(&self, function: ProbeFunction, arguments: &[f32]) -> Result<Vec<f32>>;
    /// The kernel variants for a network on a task, the simplest first. Empty if there is only one.
    fn variants<'a>(
        &'a self,
        _task: &'a Arc<dyn Task>,
        _network: &'a Network,
    ) -> Vec<VariantUnderTest<'a>> {
        Vec::new()
    }
    /// The variants that multiply tiles, for a network in half precision on a data set: number by
    /// number, and on tensor cores if the device has them. Empty if there are no tiles.
    fn tiles<'a>(
        &'a self,
        _task: &'a Arc<dyn Task>,
        _network: &'a Network,
    ) -> Vec<VariantUnderTest<'a>> {
        Vec::new()
    }
    /// Computes single steps of a control task.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn steps(
        &self,
        task: &dyn Task,
        simulation: &dyn Simulation,
        cases: &[StepCase],
    ) -> Result<Vec<StepResult>>;
    /// Normalises observations, `f32[cases][inputs]`. Returns the normalised observation and its
    /// sums for each case: `f32[cases][3 inputs]`.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn normalise(&self, by: &Normalisation, observations: &[f32]) -> Result<Vec<f32>>;
    /// Computes a step of recurrent networks, one genome for each case: `f32[cases][genes]`. A case
    /// is an observation and a hidden state, `f32[cases][inputs + state]`. Returns
    /// `f32[cases][outputs + state]`.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn step_recurrent(&self, network: &Network, genomes: &[f32], cases: &[f32])
    -> Result<Vec<f32>>;
    /// Computes a step of recurrent graphs, one graph for each case; all have hidden states of one
    /// length. A case is an observation and a hidden state, `f32[cases][inputs + state]`. Returns
    /// `f32[cases][outputs + state]`.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn step_graphs(&self, graphs: &[Arc<Graph>], cases: &[f32]) -> Result<Vec<f32>>;
    /// Opens a backend. `limits` make the device act as if it allowed less.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn backend(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        limits: Option<Limits>,
    ) -> Result<Box<dyn ForwardBackend>>;
    /// Returns the same implementation with a check of every index, or `None` if its indices are
    /// always checked.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn with_index_checks(&self) -> Result<Option<Box<dyn Implementation>>> {
        Ok(None)
    }
    /// The indices of all kernels that ran so far, in order. Empty without index checks.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn index_checks(&self) -> Result<Vec<IndexCheck>> {
        Ok(Vec::new())
    }
    /// Runs the kernels that measure the peaks of the device, with a number of invocations or
    /// vectors.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    fn run_roofline(&self, _size: usize) -> Result<()> {
        Ok(())
    }
    /// The planted faults of the implementation.
    fn faults(&self) -> Vec<PlantedFault>;
}
