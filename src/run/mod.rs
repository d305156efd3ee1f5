//! A run: generations of propose, score and learn, until a target or a budget is reached.
//!
//! # Which network a run hands over, and what score it reports
//!
//! A generation's best fitness is a flattering number: it is the luckiest of many individuals on
//! episodes that selected it. So a run keeps three kinds of episodes apart:
//!
//! - *training* episodes are new in every generation, and only the strategy learns from them;
//! - *validation* episodes are the same in every generation; the network that the strategy
//!   recommends plays them, and the one that does best is the *champion*;
//! - *held-out* episodes judge a champion, once, and choose nothing but whether to stop.
//!
//! Choosing among a thousand networks on a hundred episodes also selects for luck on just those,
//! which is why the validation score is not what is reported. A data set has no third part: its
//! training part stands in for validation, and its held-out part judges, by the share of samples
//! that were told right, or of a regression by R^2 (see [`crate::task::DataSet`]). Where the starts
//! of a task are not drawn, an examination takes each of them once; a task whose success is another
//! thing than its fitness names the tasks that stand in for it when networks are validated and
//! judged ([`Examination`](crate::task::Examination)).
//!
//! # Example
//!
//! ```
//! use deme::run::{self, Request};
//! let request = Request { population: Some(64), seed: Some(3), ..Request::of("xor") };
//! let summary = run::train(&request.check()?, &mut ())?;
//! assert!(summary.solved);
//! assert_eq!(summary.champion.len(), summary.parameters as usize);
//! # Ok::<(), deme::error::Error>(())
//! ```

mod config;
mod examine;
mod folder;
pub(crate) mod memory;
mod observer;
mod request;
mod summary;

pub use config::{Config, Opened, Recombine, Until};
pub use examine::EXAMINED_EPISODES;
pub use observer::{Observer, Record, Seconds, Started};
pub use request::Request;
pub use summary::Summary;

use std::sync::Arc;
use std::time::Instant;

use crate::backend::{self, Backend, Episodes, Purpose, recombine_on_cpu};
use crate::error::Result;
use crate::population::{Individual, Moments, Proposal};
use crate::strategy::{Fitness, Recommendation, Start, Stop, Strategy};
use crate::task::Kind;
use examine::Examiner;
use folder::Folder;

/// Trains: from a checked configuration to the champion.
///
/// # Errors
/// A run folder that exists, a backend that cannot be had, a setting that the strategy refuses: all
/// of these before anything is written. After that, a device or a disk that fails.
pub fn train(config: &Config, observer: &mut dyn Observer) -> Result<Summary> {
    let mut run = Run::open(config)?;
    let mut folder = config.out.as_deref().map(|path| Folder::create(path, config)).transpose()?;
    observer.started(&run.started);
    run.setup_seconds = config.begun.elapsed().as_secs_f64();
    while let Some(proposal) = run.propose() {
        let record = run.generation(&proposal)?;
        if let Some(folder) = &mut folder {
            folder.log(&record, &run.examiner)?;
        }
        run.stopped = run.strategy.stop();
        let over = run.has_reached_target(&record) || run.stopped.is_some();
        if observer.generation(&record).is_break() || over {
            break;
        }
    }
    let summary = run.finish(folder)?;
    observer.finished(&summary);
    Ok(summary)
}

/// Begins a run and leaves it there: whatever [`train`] refuses at once, this refuses, and it says
/// what was decided.
///
/// # Errors
/// Those of [`train`] before anything is written.
pub fn rehearse(config: &Config) -> Result<Started> {
    Run::open(config).map(|run| run.started)
}

/// A run in progress.
struct Run<'a> {
    config: &'a Config,
    strategy: Box<dyn Strategy>,
    trainer: Box<dyn Backend>,
    examiner: Examiner,
    started: Started,
    setup_seconds: f64,
    propose_seconds: f64,
    generations: u32,
    evaluations: u64,
    individuals: u64,
    environment_steps: u64,
    stopped: Option<Stop>,
    best_fitness: Option<f32>,
    failed: u64,
}

impl<'a> Run<'a> {
    fn open(config: &'a Config) -> Result<Self> {
        Folder::refuse_existing(config.out.as_deref())?;
        let strategy = config.strategy.begin_with(
            &config.settings,
            Start {
                genes: config.network.parameters(),
                centre: config.network.initial(config.initial, config.seed),
                population: config.population as usize,
                seed: config.seed,
            },
            config.task.ports(),
        )?;
        strategy.ask().check(config.network.parameters(), None)?;
        let (task, network) = (Arc::clone(&config.task), config.network.clone());
        let opened = backend::open(config.backend, config.adapter.as_deref(), task, network)?;
        config.check_recombine(opened.trainer.name())?;
        Ok(Self {
            config,
            strategy,
            started: Started::of(config, &*opened.trainer, opened.note),
            trainer: opened.trainer,
            examiner: Examiner::new(config, opened.examiners),
            setup_seconds: 0.0,
            propose_seconds: 0.0,
            generations: 0,
            evaluations: 0,
            individuals: 0,
            environment_steps: 0,
            stopped: None,
            best_fitness: None,
            failed: 0,
        })
    }

    /// The recipe of the next generation, if the budgets leave room for it.
    fn propose(&mut self) -> Option<Proposal> {
        let watch = Instant::now();
        if self.config.generations.is_some_and(|most| self.generations >= most)
            || self.generations == u32::MAX
        {
            return None;
        }
        let proposal = self.strategy.ask();
        let next = self.config.evaluations_of(proposal.individuals());
        let evaluations = self.evaluations.saturating_add(next);
        self.propose_seconds = watch.elapsed().as_secs_f64();
        self.config.evaluations.is_none_or(|most| evaluations <= most).then_some(proposal)
    }

    fn has_reached_target(&self, record: &Record) -> bool {
        self.config.stops_at_target() && self.config.reaches_target(record.held_out)
    }

    /// Score a proposal and learn from it; then examine what the strategy recommends.
    fn generation(&mut self, proposal: &Proposal) -> Result<Record> {
        let mut watch = Stopwatch(Instant::now());
        let mut seconds = Seconds { propose: self.propose_seconds, ..Seconds::default() };
        self.trainer.spawn(proposal)?;
        seconds.spawn = watch.lap();
        let scores = self.trainer.score(&self.episodes())?;
        seconds.score = watch.lap();
        let fitness = Fitness::new(scores.values);
        let weights = self.strategy.weights(&fitness);
        seconds.update = watch.lap();
        let moments = weights.map(|weights| self.recombine(proposal, &weights)).transpose()?;
        seconds.recombine = watch.lap();
        self.strategy.tell(&fitness, moments.as_ref())?;
        seconds.update += watch.lap();
        let individual = match self.recommendation(&fitness) {
            Recommendation::Genome(genome) => Individual::Genome(genome),
            Recommendation::Individual(index) => {
                Individual::Genome(self.trainer.individual(index)?)
            }
            Recommendation::Graph(graph) => Individual::Graph(graph),
        };
        let exam = self.examiner.examine(individual, self.generations + 1)?;
        seconds.examine = watch.lap();

        self.generations += 1;
        self.evaluations += self.config.evaluations_of(fitness.len());
        self.individuals += fitness.len() as u64;
        self.environment_steps += scores.steps;
        self.failed += fitness.failed() as u64;
        self.best_fitness = better(self.best_fitness, fitness.best());
        Ok(Record {
            generation: self.generations,
            evaluations: self.evaluations,
            environment_steps: self.environment_steps,
            best: fitness.best(),
            mean: fitness.mean(),
            failed: fitness.failed(),
            spread: self.strategy.spread(),
            validation: exam.validation,
            champion: exam.champion,
            held_out: exam.held_out,
            seconds,
        })
    }

    /// What is examined: what the strategy would hand over, or of a function, whose values are
    /// exact, the best point that was evaluated.
    fn recommendation(&self, fitness: &Fitness) -> Recommendation {
        match (self.config.task.kind(), fitness.best()) {
            (Kind::Function(_), Some(_)) => Recommendation::Individual(fitness.order()[0]),
            _ => self.strategy.recommend(),
        }
    }

    fn episodes(&self) -> Episodes {
        let Config { seed, episodes, .. } = *self.config;
        Episodes::new(seed, Purpose::Training, self.generations, episodes)
    }

    fn recombine(
        &mut self,
        proposal: &Proposal,
        weights: &crate::population::Weights,
    ) -> Result<Moments> {
        match self.config.recombine {
            Recombine::Cpu => recombine_on_cpu(proposal, weights),
            Recombine::Auto | Recombine::Gpu => self.trainer.recombine(weights),
        }
    }

    fn finish(mut self, folder: Option<Folder<'_>>) -> Result<Summary> {
        let judged = self.examiner.judge()?;
        let mut summary = Summary::of(&self, judged);
        if let Some(folder) = folder {
            folder.finish(&mut summary)?;
        }
        Ok(summary)
    }
}

/// The larger of two fitnesses, where there are any.
fn better(a: Option<f32>, b: Option<f32>) -> Option<f32> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        _ => a.or(b),
    }
}

/// Time from lap to lap.
struct Stopwatch(Instant);

impl Stopwatch {
    /// Seconds since the last lap.
    fn lap(&mut self) -> f64 {
        let last = std::mem::replace(&mut self.0, Instant::now());
        self.0.duration_since(last).as_secs_f64()
    }
}
