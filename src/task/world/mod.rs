//! Worlds: control tasks that are one WGSL file.
//!
//! A world has a header of `//!` lines, which holds its sizes, names, units and defaults, and
//! the functions that every text in `shaders/task/` has: `task_start`, `task_observe`, `task_step`
//! and `task_terminated`. The GPU runs the text as it is; the CPU and the reference run it through
//! [`wgsl`](crate::wgsl).
//!
//! # Example
//!
//! ```
//! # use deme::task::{Task, World};
//! let world = World::parse(deme::task::WORLD_TEMPLATE, "swing.wgsl".as_ref())?;
//! let world: &dyn Task = &world;
//! assert_eq!((world.inputs(), world.outputs()), (3, 1));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod header;
mod probe;
mod programs;
mod rollout;

use std::borrow::Cow;
use std::path::Path;

use header::WorldHeader;
use probe::WorldProbe;
use programs::Programs;
use rollout::WorldRollouts;

use super::rollout::rollout;
use super::{
    About, Actions, Assignment, ControlShape, Defaults, Dynamics, Kind, LARGEST_BEHAVIOUR, Labels,
    Outcome, Picture, Policy, ProbeInput, ProbeOutput, Quantity, Simulation, Span, Task,
};
use crate::error::{Error, Result};
use crate::math::run_simd;
use crate::network::{Network, Normaliser};
use crate::random::Counter;
use crate::wgsl::{Arithmetic, Program, RegisterMachine};

/// The text of a new world: a pendulum to swing up, with comments.
pub const TEMPLATE: &str = include_str!("template.wgsl");

/// The ending of the files of worlds.
const ENDING: &str = "wgsl";

/// The largest count of numbers in a state, in an observation, or in an action, and of draws.
const MOST_NUMBERS: usize = 1024;

/// The largest file in bytes.
const LONGEST: u64 = 4 << 20;

/// A control task that is a WGSL text.
pub struct World {
    about: About,
    shape: ControlShape,
    labels: Labels,
    single: Programs,
    double: Programs,
}

/// True if the name of a task is the path of a world.
pub fn is_world_file(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING))
}

/// Returns text that lives as long as the process. The definition of a task does: it is named in
/// champions, logs and reports, as those of built-in tasks are.
fn keep(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Returns a list that lives as long as the process, see [`keep`].
fn keep_all<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

impl World {
    /// Reads the world of a file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or the errors of [`World::parse`].
    pub fn read(path: &Path) -> Result<Self> {
        let refused = |problem: String| {
            let expected = "the WGSL file of a world; deme new writes one";
            Error::invalid("TASK", expected, format!("{} ({problem})", path.display()))
        };
        let about = std::fs::metadata(path).map_err(|error| refused(error.to_string()))?;
        if !about.is_file() || about.len() > LONGEST {
            return Err(refused("not a file of 4 MiB or less".into()));
        }
        let text = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
        let text = String::from_utf8(text).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count();
            let problem = "expected UTF-8, got other bytes".into();
            Error::File { path: path.into(), line: line + 1, problem }
        })?;
        Self::parse(&text, path)
    }

    /// Parses the text of a world. The path gives it its name.
    ///
    /// # Errors
    /// Returns an error with the line at which the header or the text is not valid.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let header = WorldHeader::parse(text, path)?;
        let wrong = |problem: String| Error::File { path: path.into(), line: 0, problem };
        let shape = shape(&header, text).map_err(wrong)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let about = About {
            name: Cow::Owned(name),
            summary: Cow::Owned(header.summary.clone()),
            source: Cow::Owned(header.source.clone()),
            threshold: header.threshold,
            defaults: defaults(&header).map_err(wrong)?,
        };
        Self::new(about, labels(header), shape, path)
    }

    /// Creates a world that runs the WGSL text of a built-in task.
    ///
    /// # Errors
    /// Returns an error if the text is not valid.
    pub fn from_task(task: &dyn Task, simulation: &dyn Simulation) -> Result<Self> {
        let about = task.about().clone();
        let path = format!("{}.{ENDING}", about.name);
        Self::new(about, simulation.labels(), simulation.shape(), Path::new(&path))
    }

    fn new(about: About, labels: Labels, shape: ControlShape, path: &Path) -> Result<Self> {
        let shader = programs::shader(&shape, path)?;
        Ok(Self {
            about,
            labels,
            single: Programs::compile(&shader, &shape, Arithmetic::Single)?,
            double: Programs::compile(&shader, &shape, Arithmetic::Double)?,
            shape,
        })
    }
}

/// Returns the sizes of a world.
fn shape(header: &WorldHeader, text: &str) -> std::result::Result<ControlShape, String> {
    let actions = match (&header.choices[..], &header.forces[..]) {
        ([], [first, others @ ..]) => {
            if others.iter().any(|force| force.limit != first.limit) {
                return Err("expected the same limit for all [[forces]], got several".into());
            }
            if !(first.limit > 0.0 && first.limit.is_finite()) {
                return Err(format!("expected a limit above 0, got {}", first.limit));
            }
            Actions::Force { count: header.forces.len(), limit: first.limit }
        }
        ([_, _, ..], []) => Actions::Choice(header.choices.len()),
        ([], []) => return Err("expected [[choices]] or [[forces]], got neither".into()),
        ([_], []) => return Err("expected two [[choices]] or more, got one".into()),
        (_, _) => return Err("expected [[choices]] or [[forces]], got both".into()),
    };
    let shape = ControlShape {
        state: header.state,
        draws: if header.starts.is_some() { 1 } else { header.draws },
        starts: header.starts,
        observations: header.observations.iter().map(|number| number.count).sum(),
        actions,
        step_limit: header.step_limit,
        behaviour: header.behaviour,
        wgsl: keep(text.to_owned()),
    };
    let sizes = [
        ("state", shape.state, 1),
        ("draws", shape.draws, 0),
        ("the count of observations", shape.observations, 1),
        ("the count of outputs", shape.actions.outputs(), 1),
    ];
    for (name, size, least) in sizes {
        if !(least..=MOST_NUMBERS).contains(&size) {
            return Err(format!("{name}: expected {least} to {MOST_NUMBERS}, got {size}"));
        }
    }
    if shape.behaviour > LARGEST_BEHAVIOUR.min(shape.state) {
        let most = LARGEST_BEHAVIOUR.min(shape.state);
        return Err(format!("behaviour: expected 0 to {most}, got {}", shape.behaviour));
    }
    if shape.step_limit == 0 || shape.starts == Some(0) {
        return Err("step-limit and starts: expected 1 or more, got 0".into());
    }
    Ok(shape)
}

/// Returns the labels of a world.
fn labels(header: WorldHeader) -> Labels {
    let observations = header.observations.into_iter().map(|number| Quantity {
        name: number.name.into(),
        meaning: number.meaning.into(),
        unit: keep(number.unit),
        low: number.low,
        high: number.high,
        count: number.count,
    });
    let choices = header.choices.into_iter().enumerate().map(|(index, choice)| Quantity {
        name: choice.name.into(),
        meaning: choice.meaning.into(),
        unit: "",
        low: index as f64,
        high: index as f64,
        count: 1,
    });
    let forces = header.forces.into_iter().map(|force| Quantity {
        name: force.name.into(),
        meaning: force.meaning.into(),
        unit: keep(force.unit),
        low: -force.limit,
        high: force.limit,
        count: 1,
    });
    Labels {
        observations: keep_all(observations.collect()),
        actions: keep_all(choices.chain(forces).collect()),
        reward: keep(header.reward),
        ends: keep(header.ends),
        returns: header.returns,
    }
}

/// Returns the defaults of a run in a world.
fn defaults(header: &WorldHeader) -> std::result::Result<Defaults, String> {
    let run = &header.defaults;
    let mut settings = Vec::new();
    for (key, value) in &run.settings {
        let value = match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Table(_) | toml::Value::Array(_) => {
                return Err(format!("the setting {key}: expected a number or a word"));
            }
            other => other.to_string(),
        };
        settings.push((keep(key.clone()), keep(value)));
    }
    Ok(Defaults {
        strategy: keep(run.strategy.clone()),
        network: keep(run.network.clone()),
        population: run.population,
        generations: run.generations,
        episodes: run.episodes,
        settings: keep_all(settings),
    })
}

impl Task for World {
    fn about(&self) -> &About {
        &self.about
    }
    fn kind(&self) -> Kind<'_> {
        Kind::Control(self)
    }
}

/// Runs a program once, on the numbers of one lane.
fn run<'p>(program: &'p Program, inputs: &[&[f64]]) -> RegisterMachine<'p, f64> {
    let mut machine = RegisterMachine::new(program, 1);
    for (input, &number) in inputs.iter().copied().flatten().enumerate() {
        machine.input(input)[0] = number;
    }
    // A loop without an end leaves NaN, which no comparison accepts.
    if machine.run().is_err() {
        machine.poison();
    }
    machine
}

impl Dynamics<f64> for World {
    fn start(&self, draws: &[f64]) -> Vec<f64> {
        run(&self.double.start, &[draws]).outputs(0..self.shape.state)
    }
    fn observe(&self, state: &[f64]) -> Vec<f64> {
        run(&self.double.observe, &[state]).outputs(0..self.shape.observations)
    }
    fn step(&self, state: &[f64], action: &[f64]) -> (Vec<f64>, f64) {
        let machine = run(&self.double.step, &[state, action]);
        (machine.outputs(0..self.shape.state), machine.output(self.shape.state)[0])
    }
    fn terminated(&self, state: &[f64]) -> bool {
        run(&self.double.observe, &[state]).word_output(self.shape.observations)[0] != 0
    }
}

impl Simulation for World {
    fn shape(&self) -> ControlShape {
        self.shape
    }
    fn picture(&self) -> Option<Picture> {
        None
    }
    fn labels(&self) -> Labels {
        self.labels
    }
    fn initial_gene(&self) -> Option<f32> {
        None
    }
    fn reference(&self) -> &dyn Dynamics<f64> {
        self
    }
    fn probe(&self, probe: &ProbeInput) -> ProbeOutput {
        run_simd(WorldProbe { shape: &self.shape, programs: &self.single, probe })
    }
    fn rollout_policy(
        &self,
        policy: &mut dyn Policy,
        first: Counter,
        span: Span,
        normaliser: Option<Normaliser<'_>>,
    ) -> Outcome {
        rollout(&self.shape, self, policy, first, span, normaliser)
    }
    fn rollout_lanes(
        &self,
        network: &Network,
        assignment: Assignment<'_>,
        first: Counter,
        span: Span,
        outcomes: &mut [Outcome],
        normaliser: Option<Normaliser<'_>>,
    ) {
        run_simd(WorldRollouts {
            shape: &self.shape,
            programs: &self.single,
            network,
            assignment,
            first,
            span,
            outcomes,
            normaliser,
        });
    }
}
