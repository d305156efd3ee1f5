//! A run: generations of propose, score and learn, until it reaches a target or a budget.
//!
//! # The network that a run returns, and the score that it reports
//!
//! The best fitness of a generation is a flattering number: it belongs to the luckiest of many
//! individuals, on the episodes that selected it. A run therefore keeps three kinds of episodes
//! apart:
//!
//! - *Training* episodes are new in every generation. Only the strategy learns from them.
//! - *Validation* episodes are the same in every generation. The network that the strategy
//!   recommends plays them, and the best of these networks is the *champion*.
//! - *Held-out* episodes score a champion once. They decide nothing except when to stop.
//!
//! The validation score is not the result, because a choice among a thousand networks on a hundred
//! episodes also selects for luck on just those episodes. A data set has three parts in the same
//! way, its [splits](crate::task::Split), and its score is the accuracy or, for a regression, R^2.
//! A data set too small for a validation part, such as `xor`, chooses the champion by its training
//! samples. If a task has a fixed list of starts, an evaluation takes each of them once. A task
//! whose success is not its fitness names other tasks for validation and for the held-out score
//! ([`EvaluationTasks`](crate::task::EvaluationTasks)).
//!
//! The summary has the champion's score on every part ([`PartScores`]). A run may end early, if no
//! better champion was found for many generations: its *patience*. [`EndReason`] says what ended a
//! run.
//!
//! A search for [`Novelty`] gives its strategy the novelty of individuals instead of their fitness.
//! Such a run validates the fittest individual of each generation, and its records hold the fitness
//! as well as the novelty.
//!
//! # Example
//!
//! ```
//! use deme::run::{self, Request};
//! let request = Request { population: Some(64), seed: Some(3), ..Request::for_task("xor") };
//! let summary = run::train(&request.check()?, &mut ())?;
//! assert!(summary.solved);
//! assert_eq!(summary.champion.len(), summary.parameters as usize);
//! # Ok::<(), deme::error::Error>(())
//! ```

mod check;
mod checkpoint;
mod checkpoint_interval;
mod config;
mod decisions;
mod divergence;
mod end_reason;
mod folder;
mod free_folder;
mod initial_weights;
mod lesson;
mod load_task;
mod lock;
mod log;
mod machine;
pub(crate) mod memory_budget;
mod new_rows;
mod observer;
mod output;
mod part_scores;
mod progress;
mod recommendation;
mod record;
mod request;
mod resume;
mod run_folders;
mod setup;
mod summary;
mod validation;

pub use checkpoint_interval::CheckpointInterval;
pub use config::{Config, LoadedTask, RecombineLocation, StopCondition};
pub use divergence::Divergence;
pub use end_reason::EndReason;
pub(crate) use folder::STUDY;
pub(crate) use lock::{LOCK, lock};
pub use log::{LogReader, SavedRun};
pub use new_rows::{NewRowsOptions, read_new_rows};
pub use observer::Observer;
pub use part_scores::{PartScore, PartScores};
pub use record::{NoveltyRecord, PhaseSeconds, Record};
pub use request::Request;
pub use resume::{ResumeRequest, resume, resume_with_task};
pub use run_folders::RunFolders;
pub use setup::Setup;
pub use summary::Summary;
pub use validation::EVALUATION_EPISODES;

use std::sync::Arc;
use std::time::Instant;

use crate::backend::{self, Backend, Episodes, Purpose, recombine_on_cpu};
use crate::error::{Error, Result};
use crate::network::ObservationStatistics;
use crate::population::{Moments, Proposal, Utilities};
use crate::strategy::{Fitness, Novelty, Start, Strategy};
use folder::Folder;
use lesson::LessonSource;
use progress::{PhaseTimer, RunProgress};
use validation::Validator;

/// Trains a network as a checked configuration says, and returns the summary with the champion.
///
/// # Errors
/// Returns an error, before anything is written, if the run folder exists, the backend cannot be
/// opened, or the strategy refuses a setting; later, if a device or a disk fails.
pub fn train(config: &Config, observer: &mut dyn Observer) -> Result<Summary> {
    let run = Run::open(config)?;
    run.run_to_end(Folder::create(config)?, observer)
}

/// Prepares a run without starting it, and returns its setup. It refuses what [`train`] would
/// refuse before its first generation.
///
/// # Errors
/// Returns the errors of [`train`] that occur before anything is written.
pub fn dry_run(config: &Config) -> Result<Setup> {
    Run::open(config).map(|run| run.setup)
}

/// A run in progress.
struct Run<'a> {
    config: &'a Config,
    strategy: Box<dyn Strategy>,
    /// The backend that holds the population.
    backend: Box<dyn Backend>,
    validator: Validator,
    /// The statistics of the observations in training, if observations are normalised.
    statistics: Option<ObservationStatistics>,
    lessons: LessonSource<'a>,
    /// The novelty archive, if the strategy optimises novelty instead of fitness.
    novelty: Option<Novelty>,
    setup: Setup,
    setup_seconds: f64,
    propose_seconds: f64,
    progress: RunProgress,
    /// True if the observer stopped the run before its end.
    is_interrupted: bool,
}

impl Run<'_> {
    /// Runs generation after generation, until the target or a budget is reached.
    fn run_to_end(
        mut self,
        mut folder: Option<Folder>,
        observer: &mut dyn Observer,
    ) -> Result<Summary> {
        self.setup.folder = folder.as_ref().map(|folder| folder.path().to_owned());
        observer.started(&self.setup);
        self.setup_seconds = self.config.started_at.elapsed().as_secs_f64();
        while let Some(proposal) = self.propose() {
            let result = self.run_generation(&proposal);
            self.backend.notes().iter().for_each(|note| observer.noted(note));
            let failed = |error: Error| error.in_generation(self.progress.generations + 1);
            let record = result.map_err(failed)?;
            if let Some(folder) = &mut folder {
                folder.log(&record)?;
            }
            let is_stopped = observer.generation(&record).is_break();
            if self.early_end().is_some() {
                break;
            }
            if is_stopped {
                // A run that was stopped at its very end has nothing left to do.
                self.is_interrupted = self.propose().is_some();
                break;
            }
            if let Some(folder) = folder.as_mut().filter(|folder| folder.needs_checkpoint()) {
                self.save(folder, observer)?;
            }
        }
        if let Some(folder) = &mut folder {
            self.save(folder, observer)?;
        }
        let summary = self.finish(folder)?;
        observer.finished(&summary);
        Ok(summary)
    }

    /// Returns the recipe of the next generation, if the budgets leave room for it.
    fn propose(&mut self) -> Option<Proposal> {
        let started_at = Instant::now();
        let done = self.progress.generations;
        if self.config.generations.is_some_and(|budget| done >= budget) || done == u32::MAX {
            return None;
        }
        let proposal = self.strategy.ask();
        let next = self.config.evaluations_for(proposal.individuals());
        let evaluations = self.progress.evaluations.saturating_add(next);
        self.propose_seconds = started_at.elapsed().as_secs_f64();
        self.config.evaluations.is_none_or(|budget| evaluations <= budget).then_some(proposal)
    }

    /// Scores a proposal, learns from it, and validates the network that the strategy recommends.
    fn run_generation(&mut self, proposal: &Proposal) -> Result<Record> {
        let mut timer = PhaseTimer::new(self.propose_seconds);
        let normalisation = self.statistics.as_ref().map(ObservationStatistics::normalisation);
        if let Some(normalisation) = &normalisation {
            self.backend.normalise(normalisation)?;
        }
        self.backend.spawn(proposal)?;
        timer.end_phase(|seconds| &mut seconds.spawn);
        let scores = self.backend.score(&self.episodes())?;
        timer.end_phase(|seconds| &mut seconds.score);

        let fitness = Fitness::new(scores.values);
        let novelty = self.novelty.as_mut().zip(scores.behaviours.as_deref());
        let novelty = novelty.map(|(novelty, behaviours)| novelty.score(behaviours, &fitness));
        // The species of the individuals that were scored: `tell` makes the next ones.
        let species = self.strategy.species();
        self.learn(proposal, novelty.as_ref().unwrap_or(&fitness), &mut timer)?;
        let first = self.episodes().first_counter();
        let lesson_steps = self.lessons.give(self.config, &mut *self.strategy, first)?;
        timer.end_phase(|seconds| &mut seconds.update);

        let individual = self.recommended_individual(proposal, &fitness)?;
        let generation = self.progress.generations + 1;
        let validation = self.validator.validate(individual, normalisation.as_ref(), generation)?;
        timer.end_phase(|seconds| &mut seconds.validate);
        if let (Some(statistics), Some(normalisation), Some(sums)) =
            (&mut self.statistics, normalisation, scores.observation_sums)
        {
            statistics.merge(&normalisation, &sums);
        }

        let evaluations = self.config.evaluations_for(fitness.len());
        let steps = scores.steps + lesson_steps;
        self.progress.add_generation(&fitness, evaluations, steps, &timer.seconds);
        self.progress.stop_reason = self.strategy.stop_reason();
        self.progress.add_validation(&validation);
        Ok(Record {
            generation: self.progress.generations,
            evaluations: self.progress.evaluations,
            environment_steps: self.progress.environment_steps,
            best: fitness.best(),
            mean: fitness.mean(),
            failed: fitness.failed(),
            step_size: self.strategy.step_size(),
            novelty: self.novelty.as_ref().zip(novelty.as_ref()).map(NoveltyRecord::new),
            training: validation.training,
            validation: validation.validation,
            champion: validation.is_champion,
            held_out: validation.held_out,
            species,
            seconds: timer.seconds,
        })
    }

    /// Tells the strategy the fitness, or the novelty in its place. The sums of noise that it
    /// requests are timed apart from the rest of its update.
    fn learn(
        &mut self,
        proposal: &Proposal,
        fitness: &Fitness,
        timer: &mut PhaseTimer,
    ) -> Result<()> {
        let location = self.config.recombine;
        let backend = self.backend.as_mut();
        self.strategy.tell(fitness, &mut |utilities| {
            timer.end_phase(|seconds| &mut seconds.update);
            let moments = recombine(location, backend, proposal, utilities);
            timer.end_phase(|seconds| &mut seconds.recombine);
            moments
        })?;
        timer.end_phase(|seconds| &mut seconds.update);
        Ok(())
    }

    /// Returns the training episodes of this generation.
    fn episodes(&self) -> Episodes {
        let Config { seed, episodes, .. } = *self.config;
        let training = Episodes::new(seed, Purpose::Training, self.progress.generations, episodes);
        Episodes { behaviour: self.novelty.is_some(), ..training }
    }
}

/// Returns the moments of a population's noise, summed at the chosen location.
fn recombine(
    location: RecombineLocation,
    backend: &mut dyn Backend,
    proposal: &Proposal,
    utilities: &Utilities,
) -> Result<Moments> {
    match location {
        RecombineLocation::Cpu => recombine_on_cpu(proposal, utilities),
        RecombineLocation::Auto | RecombineLocation::Gpu => backend.recombine(utilities),
    }
}

impl<'a> Run<'a> {
    /// Prepares a new run. It refuses a run folder that exists, after everything else: an error
    /// about a device must not wait until the folder is mended.
    fn open(config: &'a Config) -> Result<Self> {
        let run = Self::begin(config)?;
        free_folder::choose(config)?;
        Ok(run)
    }

    /// Prepares a run: begins the strategy and opens the backends.
    fn begin(config: &'a Config) -> Result<Self> {
        let start = Start {
            genes: config.network.parameters(),
            centre: config.initial.genome(&config.network, config.seed)?,
            population: config.population as usize,
            seed: config.seed,
        };
        let (ports, network) = (config.task.ports(), &config.network);
        let strategy =
            config.strategy.begin_for_network(&config.settings, start, ports, network)?;
        strategy.ask().check(config.network.parameters(), None)?;
        let normalises = config.should_normalise(&*strategy)?;
        config.check_lessons(normalises)?;
        let (task, network) = (Arc::clone(&config.task), config.network.clone());
        let (adapter, tuning) = (config.adapter.as_deref(), config.tuning());
        let opened = backend::open(config.backend, adapter, &config.device, task, network, tuning)?;
        config.check_recombine(opened.training.name())?;
        Ok(Self {
            config,
            strategy,
            setup: Setup::new(config, &*opened.training, opened.note),
            lessons: LessonSource::new(config, opened.training.name())?,
            backend: opened.training,
            validator: Validator::new(config, opened.evaluation),
            statistics: normalises.then(|| ObservationStatistics::new(config.network.inputs())),
            novelty: config.novelty.map(|rules| Novelty::new(rules, config.task.behaviour())),
            setup_seconds: 0.0,
            propose_seconds: 0.0,
            progress: RunProgress::default(),
            is_interrupted: false,
        })
    }
}
