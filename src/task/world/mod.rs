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
//! let world = World::parse(deme::task::WORLD_TEMPLATE, "swing.wgsl".as_ref(), &[])?;
//! let world: &dyn Task = &world;
//! assert_eq!((world.inputs(), world.outputs()), (3, 1));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod declarations;
mod episode;
mod header;
mod parameters;
mod picture;
mod probe;
mod programs;
mod rollout;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use declarations::{defaults, labels, shape, with_parameters};
use episode::WorldEpisode;
use header::{PictureHeader, WorldHeader};
use parameters::keep;
pub use parameters::{Parameter, ParameterSetting, parameters, split_settings, with_settings};
use picture::WorldPicture;
use probe::WorldProbe;
pub use programs::picture_prelude;
use programs::{Programs, run};
use rollout::WorldRollouts;

use super::{
    About, Assignment, Body, ControlShape, Dynamics, Episode, EvaluationTasks, Kind, Labels,
    Outcome, Picture, ProbeInput, ProbeOutput, Simulation, Span, StatePicture, Task,
};
use crate::error::{Error, Result};
use crate::math::run_simd;
use crate::network::{Network, Normaliser};
use crate::random::Counter;
use crate::wgsl::Arithmetic;

/// The text of a new world: a pendulum to swing up, with comments.
pub const TEMPLATE: &str = include_str!("template.wgsl");

/// The ending of the files of worlds.
const ENDING: &str = "wgsl";

/// The largest file in bytes.
const LONGEST: u64 = 4 << 20;

/// A control task that is a WGSL text.
#[derive(Clone)]
pub struct World {
    about: About,
    shape: ControlShape,
    labels: Labels,
    picture: Option<Picture>,
    /// The world that scores networks, if training is guided by other parameters.
    scoring: Option<Arc<World>>,
    single: Programs,
    double: Programs,
}

/// True if the name of a task is the path of a world, with or without settings.
pub fn is_world_file(name: &str) -> bool {
    let path = split_settings(name).map_or(name, |(path, _)| path);
    Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING))
}

impl World {
    /// Reads the world of a file, with settings of its parameters.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or the errors of [`World::parse`].
    pub fn read(path: &Path, settings: &[ParameterSetting]) -> Result<Self> {
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
        Self::parse(&text, path, settings)
    }

    /// Parses the text of a world, with settings of its parameters. The path gives it its name.
    ///
    /// # Errors
    /// Returns an error with the line at which the header or the text is not valid, or an error if
    /// a parameter does not exist.
    pub fn parse(text: &str, path: &Path, settings: &[ParameterSetting]) -> Result<Self> {
        let header = WorldHeader::parse(text, path)?;
        let is_free = |name: &String| settings.iter().all(|setting| setting.name != *name);
        let drawn = header.parameters.iter().map(|(name, &range)| (name, range));
        let guiding = header.training.iter().map(|(name, &value)| (name, [value; 2]));
        let free = |ranges: &mut dyn Iterator<Item = (&String, [f32; 2])>| -> Vec<_> {
            let free = ranges.filter(|(name, _)| is_free(name));
            free.map(|(name, range)| ParameterSetting { name: name.clone(), range }).collect()
        };
        for (name, [low, high]) in drawn.clone().chain(guiding.clone()) {
            if !(low <= high && (high - low).is_finite()) {
                let problem = format!("{name}: expected low <= high, got {low} and {high}");
                return Err(Error::File { path: path.into(), line: 0, problem });
            }
        }
        let scored = [free(&mut { drawn }), settings.to_vec()].concat();
        let guided = [scored.clone(), free(&mut { guiding })].concat();
        let scoring = Self::with_header(text, path, &header, &scored, settings)?;
        if guided.len() == scored.len() {
            return Ok(scoring);
        }
        let mut world = Self::with_header(text, path, &header, &guided, settings)?;
        // A bonus changes the return.
        world.labels.returns = [f64::NEG_INFINITY, f64::INFINITY];
        Ok(Self { scoring: Some(Arc::new(scoring)), ..world })
    }

    /// Creates the world of a text. All `settings` are applied; those of the user are in its name.
    fn with_header(
        text: &str,
        path: &Path,
        header: &WorldHeader,
        settings: &[ParameterSetting],
        named: &[ParameterSetting],
    ) -> Result<Self> {
        let wrong = |problem: String| Error::File { path: path.into(), line: 0, problem };
        let shape = with_parameters(shape(header, text).map_err(wrong)?, settings)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let about = About {
            name: Cow::Owned(with_settings(&name, named)?),
            summary: Cow::Owned(header.summary.clone()),
            source: Cow::Owned(header.source.clone()),
            threshold: header.threshold,
            defaults: defaults(header).map_err(wrong)?,
        };
        let mut world = Self::new(about, labels(header), shape, path)?;
        world.picture = world.compile_picture(header.picture.as_ref(), path)?;
        Ok(world)
    }

    /// Compiles the picture that a header announces.
    fn compile_picture(
        &self,
        header: Option<&PictureHeader>,
        path: &Path,
    ) -> Result<Option<Picture>> {
        let shader = programs::shader(&self.shape, path)?;
        let Some(picture) = WorldPicture::compile(&shader, &self.shape, header)? else {
            return Ok(None);
        };
        let step_seconds = header.map_or(0.0, |header| header.step_seconds);
        if !(step_seconds > 0.0 && step_seconds.is_finite()) {
            return Err(shader.wrong("[picture]: expected step-seconds above 0"));
        }
        let body = Body::World(StatePicture(Box::leak(Box::new(picture))));
        Ok(Some(Picture { body, step_seconds }))
    }

    /// Creates a world that runs the WGSL text of a control task, with settings of its parameters.
    ///
    /// # Errors
    /// Returns an error if the task is of another kind, if other tasks validate its networks, if
    /// the text is not valid, or if a parameter does not exist.
    pub fn from_task(task: &dyn Task, settings: &[ParameterSetting]) -> Result<Self> {
        let mut about = task.about().clone();
        let refused = |got: &str| {
            let expected = "a control task whose episodes alone score its networks";
            Error::invalid("--param", expected, format!("{}, {got}", about.name))
        };
        let Kind::Control(simulation) = task.kind() else {
            return Err(refused("which has no episodes"));
        };
        if task.evaluation_tasks().is_some() && !settings.is_empty() {
            return Err(refused("which other tasks validate and test"));
        }
        if simulation.shape().wgsl.is_none() {
            return Err(refused("which has no WGSL"));
        }
        let shape = with_parameters(simulation.shape(), settings)?;
        let path = format!("{}.{ENDING}", about.name);
        about.name = Cow::Owned(with_settings(&about.name, settings)?);
        let (labels, picture) = (simulation.labels(), simulation.picture());
        Ok(Self { picture, ..Self::new(about, labels, shape, Path::new(&path))? })
    }

    /// True if a task is a world of its own: a file, or a world of the collection.
    pub fn is_world(task: &dyn Task) -> bool {
        matches!(task.kind(), Kind::Control(simulation) if simulation.is_world())
    }

    /// Creates the world of a control task with another text, for verification.
    ///
    /// # Errors
    /// Returns an error if the task is of another kind, or if the text is not valid.
    pub fn with_text(task: &dyn Task, text: String) -> Result<Self> {
        let about = task.about().clone();
        let Kind::Control(simulation) = task.kind() else {
            return Err(Error::invalid("a world", "a control task", &about.name));
        };
        let path = format!("{}.{ENDING}", about.name);
        let shape = ControlShape { wgsl: Some(keep(text)), ..simulation.shape() };
        Self::new(about, simulation.labels(), shape, Path::new(&path))
    }

    fn new(about: About, labels: Labels, shape: ControlShape, path: &Path) -> Result<Self> {
        let shader = programs::shader(&shape, path)?;
        Ok(Self {
            about,
            labels,
            picture: None,
            scoring: None,
            single: Programs::compile(&shader, &shape, Arithmetic::Single)?,
            double: Programs::compile(&shader, &shape, Arithmetic::Double)?,
            shape,
        })
    }
}

impl Task for World {
    fn about(&self) -> &About {
        &self.about
    }
    fn kind(&self) -> Kind<'_> {
        Kind::Control(self)
    }
    fn evaluation_tasks(&self) -> Option<EvaluationTasks> {
        let scoring = || -> Option<Box<dyn Task>> {
            let world = self.scoring.as_ref()?;
            Some(Box::new(World::clone(world)))
        };
        Some(EvaluationTasks { validation: scoring()?, held_out: scoring()? })
    }
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
        self.picture
    }
    fn labels(&self) -> Labels {
        self.labels
    }
    fn initial_gene(&self) -> Option<f32> {
        None
    }
    fn is_world(&self) -> bool {
        true
    }
    fn reference(&self) -> Option<&dyn Dynamics<f64>> {
        Some(self)
    }
    fn probe(&self, probe: &ProbeInput) -> Option<ProbeOutput> {
        Some(run_simd(WorldProbe { shape: &self.shape, programs: &self.single, probe }))
    }
    fn begin_episode(&self, counter: Counter) -> Box<dyn Episode + '_> {
        Box::new(WorldEpisode::new(&self.shape, &self.double, counter))
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
