//! Tasks: the problems that individuals are scored on.
//!
//! There are three kinds. A *control task* ([`Control`]) is an environment in which a network acts
//! step by step; its fitness is the mean return of its episodes. A *data set* ([`DataSet`]) is a
//! table of samples; its fitness measures how well a network fits the training samples. A
//! *function* ([`Function`]) has no network: the genome is a point, and its fitness is minus the
//! function's value there.
//!
//! Tasks of one's own need no change of this crate. An [`Environment`] is plain Rust and runs on
//! the CPU; a [`World`] is a WGSL file and runs on the GPU, too; [`Function::from_fitness`] makes a
//! task of a closure. A run takes all of them, and a [`Control`] that is defined elsewhere.
//!
//! A built-in control task is one Rust file, generic over [`Real`](crate::math::Real), and one WGSL
//! twin with the same stem in `shaders/task/`. To add a task, write both and add a line to
//! `registry.rs`.
//!
//! # Example
//!
//! ```
//! let task = deme::task::by_name("cartpole")?;
//! assert_eq!(task.about().threshold, Some(475.0));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod acrobot;
mod action;
mod actors;
mod cartpole;
mod collection;
mod control;
mod coordinate_frame;
mod data;
mod data_gradient;
mod description;
mod digits;
mod double_pole;
mod double_pole_hidden;
mod double_pole_starts;
mod dynamics;
mod environment;
mod environment_task;
mod file;
mod fitness;
mod formula;
mod function;
mod function_gradient;
mod labels;
mod lane_rollout;
mod loss_slope;
mod maze;
mod mountaincar;
mod mountaincar_continuous;
mod pendulum;
mod picture;
mod pole;
mod preprocessing;
mod registry;
mod rollout;
mod simulation;
mod single_pole;
mod swingup;
mod target_error;
mod world;
mod xor;

pub use acrobot::Acrobot;
pub use action::{ActionPart, Actions};
pub use actors::TaskActors;
pub use cartpole::CartPole;
pub use collection::{COLLECTION, CollectedWorld};
pub use control::{Control, write_observation};
pub use data::{DataScore, DataSet, Objective, Split};
pub use description::Description;
pub(crate) use description::range_text;
pub use digits::digits;
pub use double_pole::DoublePole;
pub use double_pole_hidden::DoublePoleHidden;
pub use double_pole_starts::DoublePoleStarts;
pub use dynamics::{ControlShape, DrawnParameter, Dynamics};
pub use environment::{Environment, EnvironmentStep};
pub use environment_task::EnvironmentTask;
pub use file::{
    Categories, ColumnOptions, DataFile, Delimiter, FORMATS as FILE_FORMATS, Goal, LoadedDataSet,
    MissingValues, NewRows, has_separate_targets, is_data_file, read_arrays,
};
pub use formula::Formula;
pub use function::{Function, LARGEST_DIMENSIONS, LARGEST_ROTATED};
pub use function_gradient::FunctionGradient;
pub use labels::{Labels, Quantity};
pub use lane_rollout::Assignment;
pub use maze::Maze;
pub use mountaincar::MountainCar;
pub use mountaincar_continuous::MountainCarContinuous;
pub use pendulum::Pendulum;
pub use picture::{Body, DrawState, Picture, PictureShape, StatePicture};
pub use preprocessing::{FeatureColumn, OutputScaling, Preprocessing, TableColumns};
pub use registry::{all, by_name, names};
pub use rollout::{
    Episode, LARGEST_BEHAVIOUR, NetworkPolicy, Outcome, Policy, Span, rollout_rounded,
};
pub use simulation::{ProbeInput, ProbeOutput, Simulation};
pub use single_pole::SinglePole;
pub use swingup::SwingUp;
pub use target_error::TargetError;
pub use world::{
    Parameter, ParameterSetting, TEMPLATE as WORLD_TEMPLATE, World, is_world_file, parameters,
    picture_prelude, split_settings, with_settings,
};
pub use xor::xor;

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::network::{Activation, Network, Ports};

/// The name, source, threshold and default settings of a task.
#[derive(Clone, Debug)]
pub struct About {
    /// The name on the command line.
    pub name: Cow<'static, str>,
    /// A one-line summary.
    pub summary: Cow<'static, str>,
    /// The origin of the dynamics or the data.
    pub source: Cow<'static, str>,
    /// The held-out score at which the task counts as solved, if there is one.
    pub threshold: Option<f64>,
    /// The settings that `deme train` uses by default.
    pub defaults: Defaults,
}

/// The default settings of a run. They are the same for every seed.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// The name of a strategy.
    pub strategy: &'static str,
    /// The spec of the hidden layers.
    pub network: &'static str,
    /// The number of individuals.
    pub population: u32,
    /// The largest number of generations.
    pub generations: u32,
    /// The episodes of an individual in each generation.
    pub episodes: u32,
    /// True if observations are normalised unless a run decides otherwise.
    pub normalise_observations: bool,
    /// The settings that differ from the strategy's own defaults, as pairs of key and value.
    pub settings: &'static [(&'static str, &'static str)],
}

/// A task of any kind.
pub trait Task: Send + Sync {
    /// Returns the name, source, threshold and defaults.
    fn about(&self) -> &About;
    /// Returns the task as one of the kinds that a backend can score.
    fn kind(&self) -> Kind<'_>;
    /// Returns the tasks that validate and test its networks, if the task itself does not.
    fn evaluation_tasks(&self) -> Option<EvaluationTasks> {
        None
    }
}

/// Tasks that replace another one when its networks are validated and tested.
///
/// A fitness that guides a search well is not always the score that people want to know. Training
/// uses the fitness of the task itself. A network solves the task if it reaches both thresholds
/// here. All three tasks have the same inputs and outputs.
pub struct EvaluationTasks {
    /// The task that selects the champion. Only a champion that reaches its threshold is tested.
    pub validation: Box<dyn Task>,
    /// The task that tests the champion. Its return is the score, and its threshold is the task's.
    pub held_out: Box<dyn Task>,
}

/// The kinds of task.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// An environment in which a network acts step by step.
    Control(&'a dyn Simulation),
    /// A table of samples with targets.
    Data(&'a DataSet),
    /// A function of the genome itself.
    Function(&'a Function),
}

impl dyn Task + '_ {
    /// Builds the network for a spec of hidden layers. A function has no network; a placeholder
    /// with one parameter per dimension stands for it.
    ///
    /// # Errors
    /// Returns an error if the spec is not valid, if the network does not suit the task, or if a
    /// function is given layers.
    pub fn network(&self, spec: &str, activation: Activation) -> Result<Network> {
        if let Kind::Function(function) = self.kind() {
            if matches!(spec, "" | "none") {
                return Ok(Network::with_parameters(function.dimensions()));
            }
            let expected = "none, because the genome of a function is the point itself";
            return Err(Error::invalid("--network", expected, format!("'{spec}'")));
        }
        let network = Network::parse(spec, self.inputs(), self.outputs(), activation)?;
        self.check_network(&network)?;
        Ok(network)
    }

    /// The value of every gene at the start of a run, or `None` if the network's initialisation
    /// or the first point of a function decides.
    pub fn initial_gene(&self) -> Option<f32> {
        match self.kind() {
            Kind::Control(simulation) => simulation.initial_gene(),
            Kind::Data(_) => None,
            Kind::Function(function) => function.initial_gene(),
        }
    }

    /// The number of network inputs, or the dimensions of a function.
    pub fn inputs(&self) -> usize {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().observations,
            Kind::Data(data) => data.inputs,
            Kind::Function(function) => function.dimensions(),
        }
    }

    /// The number of network outputs, or 1 for a function.
    pub fn outputs(&self) -> usize {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().actions.outputs(),
            Kind::Data(data) => data.outputs,
            Kind::Function(_) => 1,
        }
    }

    /// The inputs and outputs that a graph needs.
    pub fn ports(&self) -> Ports {
        let ordered = matches!(self.kind(), Kind::Control(_));
        Ports { inputs: self.inputs(), outputs: self.outputs(), ordered }
    }

    /// The smallest and the largest fitness in training; infinite where there is no limit.
    pub fn fitness_range(&self) -> [f64; 2] {
        match self.kind() {
            Kind::Control(simulation) => simulation.labels().returns,
            Kind::Data(data) => data.fitness_range(),
            Kind::Function(function) => function.range(),
        }
    }

    /// The smallest and the largest held-out score; infinite where there is no limit.
    pub fn score_range(&self) -> [f64; 2] {
        match (self.evaluation_tasks(), self.kind()) {
            (Some(tasks), _) => tasks.held_out.score_range(),
            (None, Kind::Control(simulation)) => simulation.labels().returns,
            (None, Kind::Data(data)) => data.objective.score_range(),
            (None, Kind::Function(function)) => function.range(),
        }
    }

    /// The name of the score, for people.
    pub fn score_name(&self) -> &'static str {
        match self.kind() {
            Kind::Control(_) => "mean return",
            Kind::Data(data) => data.objective.score_name(),
            Kind::Function(function) => function.score_name(),
        }
    }

    /// The name of the score that chooses the champion, with its part: "validation accuracy".
    pub fn selection_score_name(&self) -> String {
        match self.kind() {
            Kind::Control(_) => "validation return".into(),
            Kind::Data(data) => {
                let part = data.served_by(Split::Validation).name();
                format!("{part} {}", data.objective.score_name())
            }
            Kind::Function(_) => "score".into(),
        }
    }

    /// The unit over which the score is averaged, for people: "held-out episodes".
    pub fn evaluation_unit(&self) -> &'static str {
        match self.kind() {
            Kind::Control(_) => "held-out episodes",
            Kind::Data(data) => data.evaluation_unit(),
            Kind::Function(_) => "point",
        }
    }

    /// The part of the task that gives the score, for people: "held-out"; "training" if no sample
    /// is held out; "final" for a function, which has no parts.
    pub fn score_part(&self) -> &'static str {
        match self.kind() {
            Kind::Data(data) if data.served_by(Split::HeldOut) == Split::Training => "training",
            Kind::Control(_) | Kind::Data(_) => "held-out",
            Kind::Function(_) => "final",
        }
    }

    /// Checks that a network suits the task.
    ///
    /// # Errors
    /// Returns an error if the network is recurrent and the task is a data set, because samples
    /// have no order.
    pub fn check_network(&self, network: &Network) -> Result<()> {
        match self.kind() {
            Kind::Data(_) if network.state_size() > 0 => Err(Error::invalid(
                "--network",
                "no recurrent layers, because the samples of a data set have no order",
                network,
            )),
            Kind::Data(_) | Kind::Control(_) | Kind::Function(_) => Ok(()),
        }
    }

    /// True if the task has WGSL, which a GPU needs to score it.
    pub fn has_wgsl(&self) -> bool {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().wgsl.is_some(),
            Kind::Data(_) => true,
            Kind::Function(function) => function.formula().is_some(),
        }
    }

    /// Checks that a GPU can score the task.
    ///
    /// # Errors
    /// Returns an error if the task has no WGSL.
    pub fn check_wgsl(&self) -> Result<()> {
        if self.has_wgsl() {
            return Ok(());
        }
        let got = format!("{}, which is written in Rust alone", self.about().name);
        Err(Error::invalid("the gpu backend", "a task with WGSL", got).advise("use --backend cpu"))
    }

    /// The length of a behaviour descriptor; 0 if the task has none.
    pub fn behaviour(&self) -> usize {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().behaviour,
            Kind::Data(_) | Kind::Function(_) => 0,
        }
    }

    /// The largest number of environment steps in an episode; 0 if there are no steps.
    pub fn step_limit(&self) -> u32 {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().step_limit,
            Kind::Data(_) | Kind::Function(_) => 0,
        }
    }
}

impl<T: Control> Task for T {
    fn about(&self) -> &About {
        Control::about(self)
    }
    fn kind(&self) -> Kind<'_> {
        Kind::Control(self)
    }
    fn evaluation_tasks(&self) -> Option<EvaluationTasks> {
        Control::evaluation_tasks(self)
    }
}

impl Task for DataSet {
    fn about(&self) -> &About {
        &self.about
    }
    fn kind(&self) -> Kind<'_> {
        Kind::Data(self)
    }
}

impl Task for Function {
    fn about(&self) -> &About {
        Function::about(self)
    }
    fn kind(&self) -> Kind<'_> {
        Kind::Function(self)
    }
}
