//! What is on trial: the GPU path of an adapter, or the fast CPU path.

mod cpu;
mod gpu;

pub use cpu::{CpuFault, CpuImplementation};
pub use gpu::GpuImplementation;

use std::sync::Arc;

use super::ProbeFunction;
use crate::backend::{ForwardBackend, Limits};
use crate::error::Result;
use crate::gpu::ShaderSource;
use crate::network::{Graph, Network, Normalisation, Precision};
use crate::random::{NORMALS_PER_BLOCK, WORDS_PER_BLOCK};
use crate::task::{Simulation, Task};

/// The words of a counter, and the bits of its normals.
pub type RandomBlock = ([u32; WORDS_PER_BLOCK], [u32; NORMALS_PER_BLOCK]);

/// The inputs of one probe of a control task; all exact in single precision.
#[derive(Clone, Debug, PartialEq)]
pub struct StepCase {
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
pub struct StepResult {
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

/// One of the ways in which kernels can be laid out.
pub struct VariantUnderTest<'a> {
    /// Its name: that of the variant, or what stands in for it.
    pub name: &'static str,
    pub(super) open: Box<dyn Fn() -> Result<Box<dyn ForwardBackend>> + 'a>,
}

impl VariantUnderTest<'_> {
    /// A backend whose kernels are laid out so.
    ///
    /// # Errors
    /// A device that fails, or kernels that are wrong from the start.
    pub fn open(&self) -> Result<Box<dyn ForwardBackend>> {
        (self.open)()
    }
}

/// A path on trial: everything a rung asks of it.
pub trait Implementation {
    /// The device.
    fn adapter(&self) -> String;
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// What genes can be kept in.
    fn precisions(&self) -> &'static [Precision] {
        &Precision::ALL
    }
    /// The shaders it runs for a task, composed; none where there are no shaders.
    ///
    /// # Errors
    /// A network the kernels do not take.
    fn shaders(&self, task: &dyn Task, network: &Network) -> Result<Vec<ShaderSource>>;
    /// Words and normals of counters.
    ///
    /// # Errors
    /// A device that fails; so below.
    fn random_blocks(&self, seed: u64, counters: &[[u32; 4]]) -> Result<Vec<RandomBlock>>;
    /// A function's values.
    ///
    /// # Errors
    /// A device that fails.
    fn function(&self, function: ProbeFunction, arguments: &[f32]) -> Result<Vec<f32>>;
    /// The ways in which the kernels of a network on a task can be laid out, the plainest first;
    /// none where there is but one.
    fn variants<'a>(
        &'a self,
        _task: &'a Arc<dyn Task>,
        _network: &'a Network,
    ) -> Vec<VariantUnderTest<'a>> {
        Vec::new()
    }
    /// The ways in which a network of half precision on a data set can be multiplied by tiles:
    /// number by number, and on tensor cores where there are some; none where there are no tiles.
    fn tiles<'a>(
        &'a self,
        _task: &'a Arc<dyn Task>,
        _network: &'a Network,
    ) -> Vec<VariantUnderTest<'a>> {
        Vec::new()
    }
    /// Single steps of a control task.
    ///
    /// # Errors
    /// A device that fails.
    fn steps(
        &self,
        task: &dyn Task,
        simulation: &dyn Simulation,
        cases: &[StepCase],
    ) -> Result<Vec<StepResult>>;
    /// Observations, `f32[cases][inputs]`, normalised, and what is summed of each alone:
    /// `f32[cases][3 inputs]`.
    ///
    /// # Errors
    /// A device that fails.
    fn normalise(&self, by: &Normalisation, observations: &[f32]) -> Result<Vec<f32>>;
    /// A step of networks that remember: an individual a case, `f32[cases][genes]`; what goes in
    /// and what is remembered, `f32[cases][inputs + memory]`. Gives `f32[cases][outputs + memory]`.
    ///
    /// # Errors
    /// A device that fails.
    fn step_recurrent(&self, network: &Network, genomes: &[f32], cases: &[f32])
    -> Result<Vec<f32>>;
    /// A step of graphs that remember: a graph a case, all with as many memories; what goes in and
    /// what is remembered, `f32[cases][inputs + memories]`. Gives `f32[cases][outputs + memories]`.
    ///
    /// # Errors
    /// A device that fails.
    fn step_graphs(&self, graphs: &[Arc<Graph>], cases: &[f32]) -> Result<Vec<f32>>;
    /// A backend; `limits` make the device act as if it allowed less.
    ///
    /// # Errors
    /// A device that fails.
    fn backend(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        limits: Option<Limits>,
    ) -> Result<Box<dyn ForwardBackend>>;
    /// Planted faults: a name, the rung that must catch it, and the subject that has it.
    fn faults(&self) -> Vec<(&'static str, &'static str, Box<dyn Implementation>)>;
}
