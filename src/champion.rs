//! Champions: the network that a run returns, with everything it needs to act.
//!
//! A network alone cannot act: its inputs may have been scaled in training, and its outputs need
//! an interpretation. A champion is the network together with the scaling of its inputs and the
//! [`Readout`] of its outputs, in one file. [`act`] takes an observation and returns an action.
//!
//! ```text
//! observation ──(x - mean) * scale──▶ network ──outputs──▶ readout ──▶ action
//!                if there is a scaling   with a hidden state if recurrent
//! ```
//!
//! [`act`]: Champion::act
//!
//! # The file
//!
//! `champion.safetensors` holds the network's tensors under the names of [`Network::tensors`]. If
//! inputs are scaled, it also holds `input.mean` and `input.scale`, and for a regression on a data
//! file `output.mean` and `output.scale`, one of each output, all in double precision. Its metadata
//! are `task`, `network` (the spec), `inputs`, `outputs`, `action` (the [`Readout`] as JSON),
//! `strategy`, `generation`, `seed`, `version` and `checksum`, and, if they apply, `input.clip`,
//! `target`, `targets` (if there are several), `columns`, `classes` and `table` (the columns of a
//! table as JSON). An evolved graph has no tensors: the metadata `graph` is its genes as JSON.
//!
//! # Precision
//!
//! Parameters are `f32`. A champion acts in double precision.
//!
//! # Example
//!
//! ```
//! use deme::champion::Champion;
//! use deme::run::{self, Request};
//! let folder = std::env::temp_dir().join(format!("deme-example-{}", std::process::id()));
//! let request = Request { generations: Some(3), ..Request::for_task("cartpole") };
//! run::train(&request.check()?.with_folder(&folder), &mut ())?;
//!
//! let mut champion = Champion::read(&folder)?;
//! champion.begin_episode();
//! let action = champion.act(&[0.01, 0.0, -0.02, 0.0])?;
//! assert!(action == [0.0] || action == [1.0]);
//! # std::fs::remove_dir_all(&folder).expect("the folder of this example");
//! # Ok::<(), deme::error::Error>(())
//! ```

mod diagram;
mod file;
mod port_names;
mod precision;
mod readout;
mod scaling;

use std::sync::Arc;

pub use diagram::{DiagramEdge, DiagramNode, NetworkDiagram, NodeRole};
pub use file::FILE;
pub use port_names::PortNames;
pub use precision::StandardisationPrecision;
pub use readout::Readout;
pub(crate) use readout::numbered;
pub use scaling::Scaling;

use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::network::{Graph, Network, ReferenceGraph, Scratch};
use crate::task::{Kind, NetworkPolicy, OutputScaling, Policy, Preprocessing, Task};

/// The origin of a champion.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: String,
    /// The generation after which the strategy recommended it, counted from 1.
    pub generation: u32,
    /// The seed of the run.
    pub seed: u64,
}

/// A network that can act.
pub struct Champion {
    origin: Origin,
    model: Model,
    readout: Readout,
    scaling: Option<Scaling>,
    preprocessing: Option<Preprocessing>,
}

/// The network of a champion, ready to run.
enum Model {
    Layers { network: Network, genome: Vec<f32>, wide: Vec<f64>, scratch: Scratch<f64> },
    Graph(ReferenceGraph<Arc<Graph>>),
}

impl Model {
    fn from_layers(network: Network, genome: Vec<f32>) -> Self {
        let wide = genome.iter().copied().map(f64::from).collect();
        let scratch = Scratch::for_network(&network);
        Self::Layers { network, genome, wide, scratch }
    }
}

impl Champion {
    /// Makes a champion of a task from a network of layers and its genome.
    pub fn new(origin: Origin, task: &dyn Task, network: Network, genome: Vec<f32>) -> Self {
        Self::with_model(origin, task, Model::from_layers(network, genome))
    }

    /// Makes a champion of a task from a graph.
    pub fn from_graph(origin: Origin, task: &dyn Task, graph: Arc<Graph>) -> Self {
        Self::with_model(origin, task, Model::Graph(ReferenceGraph::new(graph)))
    }

    fn with_model(origin: Origin, task: &dyn Task, model: Model) -> Self {
        let preprocessing = match task.kind() {
            Kind::Control(_) | Kind::Function(_) => None,
            Kind::Data(data) => data.preprocessing.clone(),
        };
        let scaling = preprocessing.as_ref().map(Scaling::from_preprocessing);
        Self { origin, model, readout: Readout::for_task(task), scaling, preprocessing }
    }

    /// Sets the scaling of observations.
    ///
    /// # Errors
    /// Returns an error if the scaling is for another number of inputs.
    pub fn with_scaling(mut self, scaling: Scaling) -> Result<Self> {
        scaling.check(self.inputs())?;
        self.scaling = Some(scaling);
        Ok(self)
    }

    /// Resets the hidden state at the start of an episode.
    pub fn begin_episode(&mut self) {
        match &mut self.model {
            Model::Layers { scratch, .. } => scratch.reset(),
            Model::Graph(graph) => graph.reset(),
        }
    }

    /// The action for an observation, `[inputs]`, in the units of the task: see [`Readout`].
    ///
    /// # Errors
    /// Returns an error if the number of inputs is not the network's, if `f32` cannot hold the
    /// observations that the champion was trained on ([`act_on`](Self::act_on) takes `f64`), or if
    /// the task does not fit the network that the champion was made from.
    pub fn act(&mut self, observation: &[f32]) -> Result<Vec<f64>> {
        if self.observation_precision() > StandardisationPrecision::Single {
            let names = self.wide_inputs().join("', '");
            let expected = format!("double precision, because f32 cannot hold '{names}'");
            return Err(Error::invalid("an observation", expected, "f32").advise("call act_on"));
        }
        let wide: Vec<f64> = observation.iter().copied().map(f64::from).collect();
        self.act_on(&wide)
    }

    /// The action for an observation in double precision.
    ///
    /// # Errors
    /// Returns an error if the number of inputs is not the network's.
    pub fn act_on(&mut self, observation: &[f64]) -> Result<Vec<f64>> {
        let outputs = self.outputs(observation)?;
        self.decide(&outputs)
    }

    /// The action for outputs of the network.
    ///
    /// # Errors
    /// Returns an error if the readout needs another number of outputs.
    pub fn decide(&self, outputs: &[f64]) -> Result<Vec<f64>> {
        let action = self.readout.decide(outputs)?;
        Ok(match self.output_scalings() {
            [] => action,
            scalings => action.iter().zip(scalings).map(|(&y, by)| by.apply(y)).collect(),
        })
    }

    /// The outputs of the network for an observation, `[outputs]`, before the readout.
    ///
    /// # Errors
    /// Returns an error if the number of inputs is not the network's.
    pub fn outputs(&mut self, observation: &[f64]) -> Result<Vec<f64>> {
        let inputs = self.inputs();
        if observation.len() != inputs {
            let expected = format!("{}, the network's inputs", counted(inputs as u64, "numbers"));
            return Err(Error::invalid("an observation", expected, observation.len()));
        }
        let scaled = match &self.scaling {
            None => observation.to_vec(),
            Some(scaling) => scaling.apply(observation),
        };
        Ok(match &mut self.model {
            Model::Layers { network, wide, scratch, .. } => {
                network.forward(wide.as_slice(), &scaled, scratch).to_vec()
            }
            Model::Graph(graph) => graph.step(&scaled),
        })
    }

    /// The origin of the champion.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The layers and their parameters, `f32[parameters]`; `None` for a graph.
    pub fn layers(&self) -> Option<(&Network, &[f32])> {
        match &self.model {
            Model::Layers { network, genome, .. } => Some((network, genome)),
            Model::Graph(_) => None,
        }
    }

    /// The genes of the graph; `None` for a network of layers.
    pub fn graph(&self) -> Option<&Graph> {
        match &self.model {
            Model::Layers { .. } => None,
            Model::Graph(graph) => Some(graph.graph()),
        }
    }

    /// A short description of the network: the spec of its layers, or the size of its graph.
    pub fn shape(&self) -> String {
        match &self.model {
            Model::Layers { network, .. } => network.to_string(),
            Model::Graph(graph) => graph.graph().to_string(),
        }
    }

    /// The number of inputs of the network.
    pub fn inputs(&self) -> usize {
        match &self.model {
            Model::Layers { network, .. } => network.inputs(),
            Model::Graph(graph) => graph.graph().inputs as usize,
        }
    }

    /// The number of outputs of the network.
    pub fn output_count(&self) -> usize {
        match &self.model {
            Model::Layers { network, .. } => network.outputs(),
            Model::Graph(graph) => graph.graph().outputs as usize,
        }
    }

    /// A policy from scaled inputs to outputs, with a hidden state of its own.
    pub fn policy(&self) -> Box<dyn Policy + '_> {
        match &self.model {
            Model::Layers { network, wide, .. } => Box::new(NetworkPolicy::new(network, wide)),
            Model::Graph(graph) => Box::new(ReferenceGraph::new(graph.graph())),
        }
    }

    /// The interpretation of the outputs.
    pub fn readout(&self) -> &Readout {
        &self.readout
    }

    /// The scaling of observations, if there is one.
    pub fn scaling(&self) -> Option<&Scaling> {
        self.scaling.as_ref()
    }

    /// The scaling of each output of a regression on a data file; empty for other champions.
    pub fn output_scalings(&self) -> &[OutputScaling] {
        self.preprocessing.as_ref().map_or(&[], |preprocessing| &preprocessing.outputs)
    }

    /// The preprocessing of the data file that the champion was trained on, if there is one.
    pub fn preprocessing(&self) -> Option<&Preprocessing> {
        self.preprocessing.as_ref()
    }
}
