//! Lessons of a run: where a strategy that follows a gradient gets it from.

use super::Config;
use crate::error::{Error, Result};
use crate::gradient::{Lesson, LossGradient, check_network};
use crate::network::Network;
use crate::random::Counter;
use crate::strategy::{Entry, LessonKind, Strategy};
use crate::task::{FunctionGradient, Kind, Simulation, Task, TaskActors};

/// The source of the lessons of a run.
pub(super) enum LessonSource<'a> {
    /// No lesson: the strategy learns from fitness alone.
    None,
    /// The loss of a data set or a function.
    Loss(Box<dyn LossGradient + 'a>),
    /// Episodes of a control task.
    Episodes(&'a dyn Simulation),
}

impl<'a> LessonSource<'a> {
    /// Creates the source that the strategy of a configuration needs, on the reference or on the
    /// fast CPU path.
    ///
    /// # Errors
    /// Returns an error if the network has layers that no gradient passes through.
    pub fn new(config: &'a Config, backend: &str) -> Result<Self> {
        let network = &config.network;
        Ok(match (config.strategy.lesson, config.task.kind()) {
            (LessonKind::Loss, Kind::Data(data)) if backend == "reference" => {
                Self::Loss(data.reference_loss_gradient(network)?)
            }
            (LessonKind::Loss, Kind::Data(data)) => Self::Loss(data.loss_gradient(network)?),
            (LessonKind::Loss, Kind::Function(function)) => {
                Self::Loss(Box::new(FunctionGradient(function)))
            }
            (LessonKind::Episodes, Kind::Control(simulation)) => Self::Episodes(simulation),
            _ => Self::None,
        })
    }

    /// Gives a strategy the lesson of a generation, whose first training episode has a counter.
    /// Returns the steps of the environment that it took.
    ///
    /// # Errors
    /// Returns the errors of [`Strategy::learn`].
    pub fn give(
        &mut self,
        config: &Config,
        strategy: &mut dyn Strategy,
        first: Counter,
    ) -> Result<u64> {
        match self {
            Self::None => Ok(0),
            Self::Loss(loss) => strategy.learn(Lesson::Loss(&mut **loss)).map(|()| 0),
            Self::Episodes(simulation) => {
                let count = config.lesson_evaluations as usize;
                // The episodes after the ones that the network itself is scored on.
                let individual = first.individual.wrapping_add(config.episodes);
                let first = Counter { individual, ..first };
                let mut actors = TaskActors::new(*simulation, &config.network, first, count);
                strategy.learn(Lesson::Episodes(&mut actors))?;
                Ok(actors.steps())
            }
        }
    }
}

/// Refuses a task without the lessons that a strategy needs.
///
/// # Errors
/// Returns an error that says which strategies suit the task.
pub(super) fn check_lesson(task: &dyn Task, strategy: &Entry, network: &Network) -> Result<()> {
    let (expected, advice) = match (strategy.lesson, task.kind()) {
        (LessonKind::None, _) => return Ok(()),
        (LessonKind::Loss, Kind::Function(function)) if function.formula().is_some() => {
            return Ok(());
        }
        (LessonKind::Loss, Kind::Data(_)) | (LessonKind::Episodes, Kind::Control(_)) => {
            return check_network(network);
        }
        (LessonKind::Loss, Kind::Control(_)) => {
            ("a data set or a function, which have a gradient", "choose ppo, or openai-es")
        }
        (LessonKind::Loss, Kind::Function(_)) => {
            ("a task with a gradient", "choose a strategy that needs none, such as cma-es")
        }
        (LessonKind::Episodes, Kind::Data(_) | Kind::Function(_)) => {
            ("a control task, which has episodes", "choose adam, or openai-es")
        }
    };
    let got = format!("{} with {}", task.about().name, strategy.name);
    Err(Error::invalid("TASK", expected, got).advise(advice))
}
