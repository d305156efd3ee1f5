//! The held-out episodes or samples that a champion is scored on.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::confidence::ConfidenceInterval;
use super::episode::{Transition, play_episode};
use super::predictions::Predictions;
use crate::backend::{Episodes, Purpose};
use crate::champion::Champion;
use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::run::{EVALUATION_EPISODES, Request};
use crate::task::{Kind, ParameterSetting, Picture, Simulation, Split, Task};

/// A task, and its held-out episodes or samples.
pub struct HeldOutSet {
    task: Arc<dyn Task>,
    /// The task that scores the networks, if it is another one.
    scoring_task: Option<Box<dyn Task>>,
    seed: u64,
    episodes: u32,
    step_limit: u32,
}

/// The score of a champion on a [`HeldOutSet`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreSummary {
    /// The task's name.
    pub task: String,
    /// The meaning of the score: mean return, accuracy or R^2.
    pub score_name: &'static str,
    /// The unit of `episodes`: held-out episodes, held-out samples, or samples that also trained.
    #[serde(rename = "judged_on")]
    pub evaluation_unit: &'static str,
    /// The score.
    pub score: f64,
    /// The 95% confidence interval; null for too few episodes, and for training samples.
    pub interval: Option<ConfidenceInterval>,
    /// The number of episodes or samples.
    pub episodes: u64,
    /// The lowest return; null for a data set.
    pub least: Option<f64>,
    /// The median return; null for a data set.
    pub median: Option<f64>,
    /// The highest return; null for a data set.
    pub largest: Option<f64>,
    /// The seed of the episodes.
    pub seed: u64,
    /// The score that counts as solved.
    pub threshold: Option<f64>,
    /// The point whose value is the score, of a function; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<Vec<f32>>,
}

impl HeldOutSet {
    /// Returns the held-out set of a run: its task, and the episodes of its seed.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is not a run's, or if its data file has moved.
    pub fn from_folder(folder: &Path) -> Result<Self> {
        Self::with_parameters(folder, &[])
    }

    /// Returns the held-out set of a run whose world has other parameters.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`HeldOutSet::from_folder`], or an error if the task has no such
    /// parameter.
    pub fn with_parameters(folder: &Path, settings: &[ParameterSetting]) -> Result<Self> {
        let mut request = Request::from_folder(folder)?;
        request.param.extend(settings.iter().map(ParameterSetting::pair));
        let loaded = request.load_task()?;
        Ok(Self::new(loaded.task, request.seed.unwrap_or(1)))
    }

    /// Returns the held-out set of a task with the episodes of a seed.
    pub fn new(task: Arc<dyn Task>, seed: u64) -> Self {
        let scoring_task =
            task.evaluation_tasks().map(|evaluation_tasks| evaluation_tasks.held_out);
        let played = scoring_task.as_deref().unwrap_or(task.as_ref());
        let (episodes, step_limit) = match played.kind() {
            Kind::Control(simulation) => {
                let shape = simulation.shape();
                let drawn = if shape.draws == 0 { 1 } else { EVALUATION_EPISODES };
                (shape.starts.unwrap_or(drawn), shape.step_limit)
            }
            Kind::Data(_) | Kind::Function(_) => (1, 0),
        };
        Self { scoring_task, seed, episodes, step_limit, task }
    }

    /// Sets the number of episodes.
    #[must_use]
    pub fn with_episodes(mut self, episodes: u32) -> Self {
        self.episodes = episodes;
        self
    }

    /// Sets the seed of the episodes.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Cuts episodes off after a number of steps; a limit above the task's has no effect.
    #[must_use]
    pub fn with_step_limit(mut self, steps: u32) -> Self {
        self.step_limit = self.step_limit.min(steps);
        self
    }

    /// Returns the number of episodes of a control task.
    pub fn episodes(&self) -> u32 {
        self.episodes
    }

    /// Returns the number of steps after which an episode is cut off.
    pub fn step_limit(&self) -> u32 {
        self.step_limit
    }

    /// Returns the name of the run's task.
    pub fn name(&self) -> &str {
        &self.task.about().name
    }

    /// Returns the task that is played: the run's, or the one that scores its networks.
    pub fn task(&self) -> &dyn Task {
        self.scoring_task.as_deref().unwrap_or(self.task.as_ref())
    }

    /// Returns the environment.
    ///
    /// # Errors
    ///
    /// Returns an error if the task is not a control task.
    pub fn simulation(&self) -> Result<&dyn Simulation> {
        match self.task().kind() {
            Kind::Control(simulation) => Ok(simulation),
            Kind::Data(_) | Kind::Function(_) => {
                let name = &self.task.about().name;
                Err(Error::invalid("episodes", "a control task", format!("the task {name}")))
            }
        }
    }

    /// Returns the description of how the environment is drawn.
    ///
    /// # Errors
    ///
    /// Returns an error if the task is not a control task, or if it has no drawing.
    pub fn picture(&self) -> Result<Picture> {
        self.simulation()?.picture().ok_or_else(|| {
            let name = &self.task.about().name;
            Error::invalid("a drawing", "a task that can be drawn", name)
        })
    }

    /// Plays one episode, counted from 0, and passes every step to `observe`; returns the sum of
    /// its rewards.
    ///
    /// # Errors
    ///
    /// Returns an error if the task has no episodes, or if the champion belongs to another task.
    pub fn play(
        &self,
        champion: &mut Champion,
        episode: u32,
        observe: &mut dyn FnMut(&Transition),
    ) -> Result<f64> {
        let first = Episodes::new(self.seed, Purpose::HeldOut, 0, self.episodes).first_counter();
        let counter = crate::random::Counter { individual: episode, ..first };
        play_episode(champion, self.simulation()?, counter, self.step_limit, observe)
    }

    /// Returns the predictions of a champion for the held-out samples of a data set.
    ///
    /// # Errors
    ///
    /// Returns an error if the task is not a data set, or if the champion belongs to another one.
    pub fn predictions(&self, champion: &mut Champion) -> Result<Predictions> {
        match self.task().kind() {
            Kind::Data(data) => Predictions::new(champion, data),
            Kind::Control(_) | Kind::Function(_) => {
                let name = &self.task.about().name;
                Err(Error::invalid("predictions", "a data set", format!("the task {name}")))
            }
        }
    }

    /// Scores a champion on all episodes or samples. The champion of a function is a point, which
    /// is evaluated once.
    ///
    /// # Errors
    ///
    /// Returns an error if the champion belongs to another task.
    pub fn score(&self, champion: &mut Champion) -> Result<ScoreSummary> {
        let task = self.task();
        let mut summary = ScoreSummary {
            task: self.task.about().name.to_string(),
            score_name: task.score_name(),
            evaluation_unit: task.evaluation_unit(),
            score: f64::NAN,
            interval: None,
            episodes: u64::from(self.episodes),
            least: None,
            median: None,
            largest: None,
            seed: self.seed,
            threshold: self.task.about().threshold,
            point: None,
        };
        if let Kind::Function(function) = task.kind() {
            let point = champion.layers().map_or(&[][..], |(_, genome)| genome).to_vec();
            if point.len() != function.dimensions() {
                let expected =
                    format!("a point of {}", counted(function.dimensions() as u64, "numbers"));
                return Err(Error::invalid("the champion", expected, point.len()));
            }
            (summary.score, summary.episodes) = (function.fitness(&point), 1);
            summary.point = Some(point);
            return Ok(summary);
        }
        if let Kind::Data(data) = task.kind() {
            let predictions = self.predictions(champion)?;
            summary.episodes = predictions.len() as u64;
            (summary.score, summary.interval) = predictions.score();
            // Samples that a network was trained on say nothing about others.
            if data.served_by(Split::HeldOut) == Split::Training {
                summary.interval = None;
            }
            return Ok(summary);
        }
        let returns = (0..self.episodes).map(|index| self.play(champion, index, &mut |_| ()));
        let mut returns = returns.collect::<Result<Vec<f64>>>()?;
        let middle = [(returns.len() - 1) / 2, returns.len() / 2];
        summary.score = returns.iter().sum::<f64>() / returns.len() as f64;
        summary.interval = ConfidenceInterval::for_mean(&returns);
        returns.sort_by(f64::total_cmp);
        summary.least = returns.first().copied();
        summary.median = Some(0.5 * (returns[middle[0]] + returns[middle[1]]));
        summary.largest = returns.last().copied();
        Ok(summary)
    }
}
