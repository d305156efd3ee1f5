//! Tasks: what an individual is scored on.
//!
//! There are three kinds. A *control task* ([`Control`]) is an environment that a network acts in,
//! step by step; its fitness is the mean return of its episodes. A *data set* ([`DataSet`]) is a
//! table of samples; its fitness says how well a network fits the training part. A *function*
//! ([`Function`]) has no network: the genome is a point, and its fitness minus the value there.
//!
//! A control task is one Rust text, generic over [`Real`](crate::math::Real), and one WGSL twin of
//! the same stem in `shaders/task/`. To add one: write both, and add a line to `REGISTRY`.
//!
//! # Example
//!
//! ```
//! let task = deme::task::named("cartpole")?;
//! assert_eq!(task.about().threshold, Some(475.0));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod acrobot;
mod action;
mod cartpole;
mod control;
mod data;
mod digits;
mod double_pole;
mod double_pole_hidden;
mod double_pole_starts;
mod file;
mod formula;
mod function;
mod maze;
mod mountaincar;
mod mountaincar_continuous;
mod pendulum;
mod picture;
mod pole;
mod rollout;
mod single_pole;
mod swing;
mod swingup;
mod swingup_hard;
mod turns;
mod xor;

pub use acrobot::Acrobot;
pub use action::Actions;
pub use cartpole::CartPole;
pub use control::{Control, Dynamics, Probe, Probed, Shape, Simulation, show};
pub use data::{DataSet, Objective, Part, Preparation, Verdict};
pub use digits::digits;
pub use double_pole::DoublePole;
pub use double_pole_hidden::DoublePoleHidden;
pub use double_pole_starts::DoublePoleStarts;
pub use file::{Goal, NAMES as FILE_NAMES, Read, Source, has_a_file_of_targets, is_file};
pub use formula::Formula;
pub use function::{Function, LARGEST_DIMENSIONS, LARGEST_ROTATED};
pub use maze::Maze;
pub use mountaincar::MountainCar;
pub use mountaincar_continuous::MountainCarContinuous;
pub use pendulum::Pendulum;
pub use picture::{Body, Labels, Picture};
pub use rollout::{LARGEST_BEHAVIOUR, Layered, Outcome, Policy, Span};
pub use single_pole::SinglePole;
pub use swingup::SwingUp;
pub use swingup_hard::SwingUpHard;
pub use turns::Cast;
pub use xor::xor;

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::network::{Activation, Network, Ports};

/// What a task is, for people and for the defaults of a run.
#[derive(Clone, Debug)]
pub struct About {
    /// The name on the command line.
    pub name: Cow<'static, str>,
    /// One sentence.
    pub summary: Cow<'static, str>,
    /// Where dynamics or data come from.
    pub source: Cow<'static, str>,
    /// The held-out score that counts as solved; none where nobody published one.
    pub threshold: Option<f64>,
    /// What `deme train` does when nothing else is said.
    pub defaults: Defaults,
}

/// Settings of a run that suit a task, the same for every seed.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// A strategy of the registry.
    pub strategy: &'static str,
    /// Hidden layers.
    pub network: &'static str,
    /// Individuals.
    pub population: u32,
    /// Generations at most.
    pub generations: u32,
    /// Episodes of one individual in a generation.
    pub episodes: u32,
    /// Settings of the strategy that differ from its own defaults.
    pub settings: &'static [(&'static str, &'static str)],
}

/// A task of any kind.
pub trait Task: Send + Sync {
    /// What it is.
    fn about(&self) -> &About;
    /// What it asks of a backend.
    fn kind(&self) -> Kind<'_>;
    /// What networks are examined by, where that is not the task itself.
    fn examination(&self) -> Option<Examination> {
        None
    }
}

/// Tasks that stand in for another when its networks are examined, and take the same networks.
///
/// What leads a search well need not be what a person wants to know. Training goes by the task's
/// own fitness; a network has solved it that reaches both thresholds here.
pub struct Examination {
    /// Chooses the champion, and lets only one that reaches its threshold be judged for solving.
    pub validation: Box<dyn Task>,
    /// Judges the champion: its return is the score, and its threshold is the task's.
    pub held_out: Box<dyn Task>,
}

/// The kinds of task.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// An environment, stepped.
    Control(&'a dyn Simulation),
    /// A table of samples.
    Data(&'a DataSet),
    /// A formula, evaluated at genomes.
    Function(&'a Function),
}

impl dyn Task + '_ {
    /// The network of a spec for its hidden layers. A function has none: it stands for the
    /// smallest network with as many parameters as the function has dimensions.
    ///
    /// # Errors
    /// As [`Network::parse`] and `check_network`, or layers for a function.
    pub fn network(&self, spec: &str, activation: Activation) -> Result<Network> {
        if let Kind::Function(function) = self.kind() {
            if matches!(spec, "" | "none") {
                return Ok(Network::of_parameters(function.dimensions()));
            }
            let expected = "none, for the genome of a function is the point itself";
            return Err(Error::invalid("--network", expected, format!("'{spec}'")));
        }
        let network = Network::parse(spec, self.inputs(), self.outputs(), activation)?;
        self.check_network(&network)?;
        Ok(network)
    }

    /// Every gene of a run's first guess; none where a network's initialisation gives it.
    pub fn start(&self) -> Option<f32> {
        match self.kind() {
            Kind::Control(simulation) => simulation.first_guess(),
            Kind::Data(_) => None,
            Kind::Function(function) => Some(function.start()),
        }
    }

    /// Numbers a network of this task takes in; of a function, its dimensions.
    pub fn inputs(&self) -> usize {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().observations,
            Kind::Data(data) => data.inputs,
            Kind::Function(function) => function.dimensions(),
        }
    }

    /// Numbers a network of this task gives out; of a function, its value.
    pub fn outputs(&self) -> usize {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().actions.outputs(),
            Kind::Data(data) => data.outputs,
            Kind::Function(_) => 1,
        }
    }

    /// What a graph that plays it is connected to.
    pub fn ports(&self) -> Ports {
        let ordered = matches!(self.kind(), Kind::Control(_));
        Ports { inputs: self.inputs(), outputs: self.outputs(), ordered }
    }

    /// What its score is called, for a person.
    pub fn score_name(&self) -> &'static str {
        match self.kind() {
            Kind::Control(_) => "mean return",
            Kind::Data(data) => data.objective.score_name(),
            Kind::Function(_) => "best value, negated",
        }
    }

    /// What its score is the mean over, for a person.
    pub fn judged_on(&self) -> &'static str {
        match self.kind() {
            Kind::Control(_) => "held-out episodes",
            Kind::Data(data) => data.judged_on(),
            Kind::Function(_) => "point",
        }
    }

    /// Refuses a network that makes no sense on this task.
    ///
    /// # Errors
    /// Recurrent layers on a data set, whose samples have no order to remember.
    pub fn check_network(&self, network: &Network) -> Result<()> {
        match self.kind() {
            Kind::Data(_) if network.memory() > 0 => Err(Error::invalid(
                "--network",
                "no recurrent layers for a data set, whose samples have no order to remember",
                network,
            )),
            Kind::Data(_) | Kind::Control(_) | Kind::Function(_) => Ok(()),
        }
    }

    /// Numbers that say what an individual did; 0 where nothing is said of it.
    pub fn behaviour(&self) -> usize {
        match self.kind() {
            Kind::Control(simulation) => simulation.shape().behaviour,
            Kind::Data(_) | Kind::Function(_) => 0,
        }
    }

    /// Environment steps that one individual's evaluation takes at most; 0 where there are none.
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
    fn examination(&self) -> Option<Examination> {
        Control::examination(self)
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

/// Makes a task; a data set is only read when it is wanted.
type Maker = fn() -> Box<dyn Task>;

/// Every built-in task by its name, in the order of the documentation.
const REGISTRY: &[(&str, Maker)] = &[
    ("cartpole", || Box::new(CartPole)),
    ("mountaincar", || Box::new(MountainCar)),
    ("mountaincar-continuous", || Box::new(MountainCarContinuous)),
    ("acrobot", || Box::new(Acrobot)),
    ("pendulum", || Box::new(Pendulum)),
    ("swingup", || Box::new(SwingUp)),
    ("swingup-hard", || Box::new(SwingUpHard)),
    ("single-pole", || Box::new(SinglePole)),
    ("double-pole", || Box::new(DoublePole::<false>)),
    ("double-pole-hidden", || Box::new(DoublePoleHidden)),
    ("maze", || Box::new(Maze)),
    ("xor", || Box::new(xor())),
    ("digits", || Box::new(digits())),
    ("sphere", || function(Formula::Sphere)),
    ("ellipsoid", || function(Formula::Ellipsoid)),
    ("cigar", || function(Formula::Cigar)),
    ("rosenbrock", || function(Formula::Rosenbrock)),
    ("rastrigin", || function(Formula::Rastrigin)),
    ("ackley", || function(Formula::Ackley)),
];

/// The function that a formula's bare name stands for.
fn function(formula: Formula) -> Box<dyn Task> {
    let function = Function::parse(formula.name()).expect("a formula's name");
    Box::new(function.expect("a name without dimensions"))
}

/// The names of the built-in tasks, in the order of the documentation.
pub fn names() -> impl Iterator<Item = &'static str> {
    REGISTRY.iter().map(|&(name, _)| name)
}

/// Every built-in task, in the order of the documentation.
pub fn all() -> Vec<Box<dyn Task>> {
    REGISTRY.iter().map(|(_, make)| make()).collect()
}

/// The built-in task of a name; a function's may say more, see [`Function::parse`].
///
/// # Errors
/// [`Error::Unknown`] lists the names that exist; a function that is misnamed.
pub fn named(name: &str) -> Result<Box<dyn Task>> {
    if let Some((_, make)) = REGISTRY.iter().find(|(known, _)| *known == name) {
        return Ok(make());
    }
    if let Some(function) = Function::parse(name) {
        return Ok(Box::new(function?));
    }
    Err(Error::Unknown {
        kind: "task".into(),
        name: name.into(),
        known: names().map(String::from).collect(),
    })
}
