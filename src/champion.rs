//! Champions: the network that a run hands over, with all that it takes to act.
//!
//! A network alone is of no use: who wants to act with it must know what was done to its inputs
//! and what its outputs mean. A champion has the three together, in one file, and [`act`] does
//! all three: observation in, action out.
//!
//! ```text
//! observation ──(x - mean) * scale──▶ network ──outputs──▶ rule ──▶ action
//!               where there is one    remembers, where recurrent
//! ```
//!
//! [`act`]: Champion::act
//!
//! # The file
//!
//! `champion.safetensors` holds the network's tensors by the names of [`Network::tensors`]; where
//! inputs are scaled also `input.mean` and `input.scale`, and of a regression of a file's numbers
//! `output.mean` and `output.scale`, in doubles. Its words are `task`, `network` (the spec),
//! `inputs`, `outputs`, `action` (the [`Rule`], as JSON), `strategy`, `generation`, `seed`,
//! `version` and `checksum`, and where there are any `input.clip`, `target`, `columns` and
//! `classes`. A network that was grown has no tensors: `graph` has its genes, as JSON.
//!
//! # Precision
//!
//! Parameters are `f32`; a champion acts in double precision.
//!
//! # Example
//!
//! ```
//! use deme::champion::Champion;
//! use deme::run::{self, Request};
//! let folder = std::env::temp_dir().join(format!("deme-example-{}", std::process::id()));
//! let request = Request { generations: Some(3), ..Request::of("cartpole") };
//! run::train(&request.check()?.into_folder(&folder), &mut ())?;
//!
//! let mut champion = Champion::read(&folder)?;
//! champion.begin_episode();
//! let action = champion.act(&[0.01, 0.0, -0.02, 0.0])?;
//! assert!(action == [0.0] || action == [1.0]);
//! # std::fs::remove_dir_all(&folder).expect("the folder of this example");
//! # Ok::<(), deme::error::Error>(())
//! ```

mod file;
mod rule;
mod scaling;
mod wiring;

use std::path::Path;
use std::sync::Arc;

pub use rule::Rule;
pub use scaling::Scaling;
pub use wiring::{Role, Spot, Wire, Wiring};

use crate::error::{Error, Result};
use crate::network::{Graph, Naive, Network, Scratch};
use crate::packed::Packed;
use crate::task::{Kind, Layered, Policy, Preparation, Task};

/// The name of its file in a run folder.
pub const FILE: &str = "champion.safetensors";

/// Where a champion comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: String,
    /// The generation after which it was recommended, counted from 1.
    pub generation: u32,
    /// What everything random in its run followed from.
    pub seed: u64,
}

/// A network that can act.
pub struct Champion {
    origin: Origin,
    brain: Brain,
    rule: Rule,
    scaling: Option<Scaling>,
    preparation: Option<Preparation>,
}

/// What a champion thinks with.
enum Brain {
    Layers { network: Network, genome: Vec<f32>, wide: Vec<f64>, scratch: Scratch<f64> },
    Graph(Naive<Arc<Graph>>),
}

impl Brain {
    fn of_layers(network: Network, genome: Vec<f32>) -> Self {
        let wide = genome.iter().copied().map(f64::from).collect();
        let scratch = Scratch::of(&network);
        Self::Layers { network, genome, wide, scratch }
    }
}

impl Champion {
    /// The champion that a genome is on a task.
    pub fn new(origin: Origin, task: &dyn Task, network: Network, genome: Vec<f32>) -> Self {
        Self::on(origin, task, Brain::of_layers(network, genome))
    }

    /// The champion that a graph is on a task.
    pub fn grown(origin: Origin, task: &dyn Task, graph: Arc<Graph>) -> Self {
        Self::on(origin, task, Brain::Graph(Naive::of(graph)))
    }

    fn on(origin: Origin, task: &dyn Task, brain: Brain) -> Self {
        let preparation = match task.kind() {
            Kind::Control(_) | Kind::Function(_) => None,
            Kind::Data(data) => data.preparation.clone(),
        };
        let scaling = preparation.as_ref().map(Scaling::of);
        Self { origin, brain, rule: Rule::of(task), scaling, preparation }
    }

    /// The same, with what is done to its observations.
    ///
    /// # Errors
    /// A scaling for another number of inputs.
    pub fn with_scaling(mut self, scaling: Scaling) -> Result<Self> {
        scaling.check(self.inputs())?;
        self.scaling = Some(scaling);
        Ok(self)
    }

    /// Reads a champion from a run folder, or from its file.
    ///
    /// # Errors
    /// [`Error::File`] where there is none, or a damaged one.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            let what = path.display().to_string();
            return Err(Error::invalid(
                what,
                "a run folder of deme train, or its champion",
                "none",
            )
            .advise("begin a run with deme train"));
        }
        let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
        let damaged = |problem| Error::File { path: path.clone(), line: 0, problem };
        file::unpack(&Packed::read(&path)?).map_err(damaged)
    }

    /// Writes the champion into a folder, whole or not at all.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn write(&self, folder: &Path) -> Result<()> {
        file::pack(self).write(folder, FILE)
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// None that a champion can cause.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        file::pack(self).bytes().map_err(|problem| {
            let source = std::io::Error::other(problem);
            Error::Io { doing: "packing", path: FILE.into(), source }
        })
    }

    /// Forgets what a recurrent network remembers: an episode begins.
    pub fn begin_episode(&mut self) {
        match &mut self.brain {
            Brain::Layers { scratch, .. } => scratch.forget(),
            Brain::Graph(graph) => graph.forget(),
        }
    }

    /// What it does about an observation, `[inputs]`, in the task's own units: see [`Rule`] for
    /// what the numbers are.
    ///
    /// # Errors
    /// A number of inputs that is not the network's.
    pub fn act(&mut self, observation: &[f32]) -> Result<Vec<f64>> {
        let wide: Vec<f64> = observation.iter().copied().map(f64::from).collect();
        self.act_on(&wide)
    }

    /// As [`Champion::act`], with an observation in double precision.
    ///
    /// # Errors
    /// As [`Champion::act`].
    pub fn act_on(&mut self, observation: &[f64]) -> Result<Vec<f64>> {
        let outputs = self.outputs(observation)?;
        Ok(self.decide(&outputs))
    }

    /// What it does when its network puts these out.
    pub fn decide(&self, outputs: &[f64]) -> Vec<f64> {
        let action = self.rule.decide(outputs);
        match self.preparation.as_ref().and_then(|preparation| preparation.output) {
            Some((mean, scale)) => action.iter().map(|y| mean + scale * y).collect(),
            None => action,
        }
    }

    /// What its network puts out for an observation, `[outputs]`, before any rule.
    ///
    /// # Errors
    /// As [`Champion::act`].
    pub fn outputs(&mut self, observation: &[f64]) -> Result<Vec<f64>> {
        let inputs = self.inputs();
        if observation.len() != inputs {
            let expected = format!("{inputs} numbers, the network's inputs");
            return Err(Error::invalid("an observation", expected, observation.len()));
        }
        let scaled = match &self.scaling {
            None => observation.to_vec(),
            Some(scaling) => scaling.apply(observation),
        };
        Ok(match &mut self.brain {
            Brain::Layers { network, wide, scratch, .. } => {
                network.forward(wide.as_slice(), &scaled, scratch).to_vec()
            }
            Brain::Graph(graph) => graph.step(&scaled),
        })
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its layers, and their parameters, `f32[parameters]`; none of a graph.
    pub fn layers(&self) -> Option<(&Network, &[f32])> {
        match &self.brain {
            Brain::Layers { network, genome, .. } => Some((network, genome)),
            Brain::Graph(_) => None,
        }
    }

    /// Its genes, where it is a graph.
    pub fn graph(&self) -> Option<&Graph> {
        match &self.brain {
            Brain::Layers { .. } => None,
            Brain::Graph(graph) => Some(graph.graph()),
        }
    }

    /// What its network is, in a word: the spec of its layers, or the size of its graph.
    pub fn shape(&self) -> String {
        match &self.brain {
            Brain::Layers { network, .. } => network.to_string(),
            Brain::Graph(graph) => graph.graph().to_string(),
        }
    }

    /// Numbers that go into its network.
    pub fn inputs(&self) -> usize {
        match &self.brain {
            Brain::Layers { network, .. } => network.inputs(),
            Brain::Graph(graph) => graph.graph().inputs as usize,
        }
    }

    /// Numbers that come out of its network.
    pub fn outputs_count(&self) -> usize {
        match &self.brain {
            Brain::Layers { network, .. } => network.outputs(),
            Brain::Graph(graph) => graph.graph().outputs as usize,
        }
    }

    /// Its network alone, which remembers nothing yet: scaled numbers in, outputs out.
    pub fn policy(&self) -> Box<dyn Policy + '_> {
        match &self.brain {
            Brain::Layers { network, wide, .. } => Box::new(Layered::new(network, wide)),
            Brain::Graph(graph) => Box::new(Naive::of(graph.graph())),
        }
    }

    /// What its outputs mean.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// What is done to its observations.
    pub fn scaling(&self) -> Option<&Scaling> {
        self.scaling.as_ref()
    }

    /// How the numbers of a file became those of the network, and back.
    pub fn preparation(&self) -> Option<&Preparation> {
        self.preparation.as_ref()
    }
}
