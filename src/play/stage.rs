//! Stages: the task and the episodes that a champion is played on.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::answers::Answers;
use super::episode::{Moment, episode};
use super::interval::Interval;
use crate::backend::{Episodes, Purpose};
use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::run::{EXAMINED_EPISODES, Request};
use crate::task::{Kind, Picture, Simulation, Task};

/// What a champion is played on.
pub struct Stage {
    task: Arc<dyn Task>,
    /// What judges its networks, where that is another task.
    judge: Option<Box<dyn Task>>,
    seed: u64,
    episodes: u32,
    step_limit: u32,
}

/// How a champion did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// The task's name.
    pub task: String,
    /// What the score is: mean return, accuracy or R^2.
    pub score_name: &'static str,
    /// What it is the mean over: held-out episodes or samples, or samples that trained it as well.
    pub judged_on: &'static str,
    /// The score.
    pub score: f64,
    /// Its 95% confidence interval; null where there are too few episodes for one.
    pub interval: Option<Interval>,
    /// Episodes, or samples of the held-out part.
    pub episodes: u64,
    /// The worst episode's return; null for a data set.
    pub least: Option<f64>,
    /// The median return.
    pub median: Option<f64>,
    /// The best episode's return.
    pub largest: Option<f64>,
    /// What the episodes followed from.
    pub seed: u64,
    /// The score that counts as solved.
    pub threshold: Option<f64>,
}

impl Stage {
    /// The held-out episodes of a run: of its task, and by its seed.
    ///
    /// # Errors
    /// A folder that is none, or whose data are no longer where they were.
    pub fn of(folder: &Path) -> Result<Self> {
        let request = Request::of_folder(folder)?;
        let opened = request.open()?;
        Ok(Self::new(opened.task, request.seed.unwrap_or(1)))
    }

    /// The held-out episodes of a task by a seed.
    pub fn new(task: Arc<dyn Task>, seed: u64) -> Self {
        let judge = task.examination().map(|examination| examination.held_out);
        let played = judge.as_deref().unwrap_or(task.as_ref());
        let (episodes, step_limit) = match played.kind() {
            Kind::Control(simulation) => {
                let shape = simulation.shape();
                let drawn = if shape.draws == 0 { 1 } else { EXAMINED_EPISODES };
                (shape.starts.unwrap_or(drawn), shape.step_limit)
            }
            Kind::Data(_) | Kind::Function(_) => (1, 0),
        };
        Self { judge, seed, episodes, step_limit, task }
    }

    /// The same with so many episodes.
    #[must_use]
    pub fn with_episodes(mut self, episodes: u32) -> Self {
        self.episodes = episodes;
        self
    }

    /// The same with episodes of another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same with episodes that are cut off after so many steps, if not before.
    #[must_use]
    pub fn with_step_limit(mut self, steps: u32) -> Self {
        self.step_limit = self.step_limit.min(steps);
        self
    }

    /// Episodes of a control task.
    pub fn episodes(&self) -> u32 {
        self.episodes
    }

    /// Steps after which an episode is cut off.
    pub fn step_limit(&self) -> u32 {
        self.step_limit
    }

    /// The run's task.
    pub fn name(&self) -> &str {
        &self.task.about().name
    }

    /// What is played: that task, or what judges its networks.
    pub fn task(&self) -> &dyn Task {
        self.judge.as_deref().unwrap_or(self.task.as_ref())
    }

    /// The environment.
    ///
    /// # Errors
    /// A task that has none.
    pub fn simulation(&self) -> Result<&dyn Simulation> {
        match self.task().kind() {
            Kind::Control(simulation) => Ok(simulation),
            Kind::Data(_) | Kind::Function(_) => {
                let name = &self.task.about().name;
                Err(Error::invalid("episodes", "a control task", format!("the task {name}")))
            }
        }
    }

    /// What the environment looks like.
    ///
    /// # Errors
    /// A task that has none, or cannot be drawn.
    pub fn picture(&self) -> Result<Picture> {
        self.simulation()?.picture().ok_or_else(|| {
            let name = &self.task.about().name;
            Error::invalid("a drawing", "a task that says what it looks like", name)
        })
    }

    /// Plays an episode, counted from 0, and shows every step of it; gives back its return.
    ///
    /// # Errors
    /// A task without episodes, or a champion of another task.
    pub fn play(
        &self,
        champion: &mut Champion,
        index: u32,
        watch: &mut dyn FnMut(&Moment),
    ) -> Result<f64> {
        let first = Episodes::new(self.seed, Purpose::HeldOut, 0, self.episodes).first();
        let place = crate::random::Place { individual: index, ..first };
        episode(champion, self.simulation()?, place, self.step_limit, watch)
    }

    /// What a champion answers to the samples of a data set's held-out part.
    ///
    /// # Errors
    /// A task that is no data set, or a champion of another one.
    pub fn answers(&self, champion: &mut Champion) -> Result<Answers> {
        match self.task().kind() {
            Kind::Data(data) => Answers::of(champion, data),
            Kind::Control(_) | Kind::Function(_) => {
                let name = &self.task.about().name;
                Err(Error::invalid("answers", "a data set", format!("the task {name}")))
            }
        }
    }

    /// Plays all episodes, or answers all samples.
    ///
    /// # Errors
    /// A function, on which there is nothing to play, or a champion of another task.
    pub fn score(&self, champion: &mut Champion) -> Result<Score> {
        let task = self.task();
        let mut score = Score {
            task: self.task.about().name.to_string(),
            score_name: task.score_name(),
            judged_on: task.judged_on(),
            score: f64::NAN,
            interval: None,
            episodes: u64::from(self.episodes),
            least: None,
            median: None,
            largest: None,
            seed: self.seed,
            threshold: self.task.about().threshold,
        };
        if let Kind::Data(_) = task.kind() {
            let answers = self.answers(champion)?;
            score.episodes = answers.len() as u64;
            (score.score, score.interval) = answers.score();
            return Ok(score);
        }
        let played = (0..self.episodes).map(|index| self.play(champion, index, &mut |_| ()));
        let mut returns = played.collect::<Result<Vec<f64>>>()?;
        score.score = returns.iter().sum::<f64>() / returns.len() as f64;
        score.interval = Interval::of_mean(&returns);
        returns.sort_by(f64::total_cmp);
        score.least = returns.first().copied();
        score.median = Some(0.5 * (returns[(returns.len() - 1) / 2] + returns[returns.len() / 2]));
        score.largest = returns.last().copied();
        Ok(score)
    }
}
