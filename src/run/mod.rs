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
//! A search for [`Novelty`] tells its strategy what is novel, and not what is fit. The fittest of
//! each generation is then what is validated, and records keep the fitness beside the novelty.
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

mod check;
mod checkpoint;
mod config;
mod counters;
mod every;
mod examine;
mod folder;
mod log;
pub(crate) mod memory;
mod observer;
mod request;
mod resume;
mod summary;

pub use config::{Config, Opened, Recombine, Until};
pub use every::Every;
pub use examine::EXAMINED_EPISODES;
pub use log::{Log, Past};
pub use observer::{Novel, Observer, Record, Seconds, Started};
pub use request::Request;
pub use resume::{Resumption, resume};
pub use summary::Summary;

use std::sync::Arc;
use std::time::Instant;

use crate::backend::{self, Backend, Episodes, Purpose, recombine_on_cpu};
use crate::champion::{Champion, Origin, Scaling};
use crate::error::Result;
use crate::network::Statistics;
use crate::population::{Explicit, Individual, Moments, Proposal};
use crate::strategy::{Fitness, Novelty, Recommendation, Start, Strategy};
use crate::task::Kind;
use checkpoint::Saving;
use counters::Counters;
use examine::{Examiner, Recommended};
use folder::Folder;

/// Trains: from a checked configuration to the champion.
///
/// # Errors
/// A run folder that exists, a backend that cannot be had, a setting that the strategy refuses: all
/// of these before anything is written. After that, a device or a disk that fails.
pub fn train(config: &Config, observer: &mut dyn Observer) -> Result<Summary> {
    let run = Run::open(config)?;
    let folder = config.out.as_deref().map(|path| Folder::create(path, config)).transpose()?;
    run.go(folder, observer)
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
    /// What individuals saw in training, where observations are normalised.
    statistics: Option<Statistics>,
    /// What is told in place of fitness, where that was asked for.
    novelty: Option<Novelty>,
    started: Started,
    setup_seconds: f64,
    propose_seconds: f64,
    counters: Counters,
}

impl<'a> Run<'a> {
    fn open(config: &'a Config) -> Result<Self> {
        Folder::refuse_existing(config.out.as_deref())?;
        Self::begin(config)
    }

    fn begin(config: &'a Config) -> Result<Self> {
        let strategy = config.strategy.begin_with(
            &config.settings,
            Start {
                genes: config.network.parameters(),
                centre: config.network.initial(config.initial, config.seed),
                population: config.population as usize,
                seed: config.seed,
            },
            config.task.ports(),
            &config.network,
        )?;
        strategy.ask().check(config.network.parameters(), None)?;
        let normalises = config.normalises(&*strategy)?;
        let (task, network) = (Arc::clone(&config.task), config.network.clone());
        let (adapter, tuning) = (config.adapter.as_deref(), config.tuning());
        let opened = backend::open(config.backend, adapter, &config.device, task, network, tuning)?;
        config.check_recombine(opened.trainer.name())?;
        Ok(Self {
            config,
            strategy,
            started: Started::of(config, &*opened.trainer, opened.note),
            trainer: opened.trainer,
            examiner: Examiner::new(config, opened.examiners),
            statistics: normalises.then(|| Statistics::of(config.network.inputs())),
            novelty: config.novelty.map(|rules| Novelty::of(rules, config.task.behaviour())),
            setup_seconds: 0.0,
            propose_seconds: 0.0,
            counters: Counters::default(),
        })
    }

    /// Generation after generation, to the end.
    fn go(mut self, mut folder: Option<Folder>, observer: &mut dyn Observer) -> Result<Summary> {
        observer.started(&self.started);
        self.setup_seconds = self.config.begun.elapsed().as_secs_f64();
        while let Some(proposal) = self.propose() {
            let record = self.generation(&proposal);
            self.trainer.notes().iter().for_each(|note| observer.noted(note));
            let record = record?;
            if let Some(folder) = &mut folder {
                folder.log(&record)?;
            }
            let over = self.has_reached_target(&record) || self.counters.stopped.is_some();
            if observer.generation(&record).is_break() || over {
                break;
            }
            if let Some(folder) = folder.as_mut().filter(|folder| folder.is_due()) {
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

    /// The recipe of the next generation, if the budgets leave room for it.
    fn propose(&mut self) -> Option<Proposal> {
        let watch = Instant::now();
        let done = self.counters.generations;
        if self.config.generations.is_some_and(|most| done >= most) || done == u32::MAX {
            return None;
        }
        let proposal = self.strategy.ask();
        let next = self.config.evaluations_of(proposal.individuals());
        let evaluations = self.counters.evaluations.saturating_add(next);
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
        let by = self.statistics.as_ref().map(Statistics::normalisation);
        by.iter().try_for_each(|by| self.trainer.normalise(by))?;
        self.trainer.spawn(proposal)?;
        seconds.spawn = watch.lap();
        let scores = self.trainer.score(&self.episodes())?;
        seconds.score = watch.lap();
        let fitness = Fitness::new(scores.values);
        let novel = self.novelty.as_mut().zip(scores.behaviours.as_deref());
        let novel = novel.map(|(novelty, did)| novelty.judge(did, &fitness));
        let told = novel.as_ref().unwrap_or(&fitness);
        let weights = self.strategy.weights(told);
        seconds.update = watch.lap();
        // Of those that were scored; what is told makes the next ones.
        let species = self.strategy.species();
        let moments = weights.map(|weights| self.recombine(proposal, &weights)).transpose()?;
        seconds.recombine = watch.lap();
        self.strategy.tell(told, moments.as_ref())?;
        seconds.update += watch.lap();
        let individual = self.recommended(proposal, &fitness)?;
        let generation = self.counters.generations + 1;
        let exam = self.examiner.examine(individual, by.as_ref(), generation)?;
        seconds.examine = watch.lap();
        if let (Some(statistics), Some(by), Some(seen)) = (&mut self.statistics, by, scores.seen) {
            statistics.merge(&by, &seen);
        }

        self.count(&fitness, scores.steps, &seconds);
        Ok(Record {
            generation: self.counters.generations,
            evaluations: self.counters.evaluations,
            environment_steps: self.counters.environment_steps,
            best: fitness.best(),
            mean: fitness.mean(),
            failed: fitness.failed(),
            spread: self.strategy.spread(),
            novelty: self.novelty.as_ref().zip(novel.as_ref()).map(|(n, told)| Novel::of(n, told)),
            validation: exam.validation,
            champion: exam.champion,
            held_out: exam.held_out,
            species,
            seconds,
        })
    }

    fn count(&mut self, fitness: &Fitness, steps: u64, seconds: &Seconds) {
        let counters = &mut self.counters;
        counters.generations += 1;
        counters.evaluations += self.config.evaluations_of(fitness.len());
        counters.individuals += fitness.len() as u64;
        counters.environment_steps += steps;
        counters.failed += fitness.failed() as u64;
        counters.best_fitness = better(counters.best_fitness, fitness.best());
        counters.stopped = self.strategy.stop();
        counters.add(seconds);
    }

    /// What is examined: what the strategy would hand over. Of a function, whose values are exact,
    /// it is the best point that was evaluated; and of a search for novelty the fittest individual,
    /// for the strategy does not know who is fit.
    fn recommended(&mut self, proposal: &Proposal, fitness: &Fitness) -> Result<Individual> {
        let by_fitness =
            matches!(self.config.task.kind(), Kind::Function(_)) || self.novelty.is_some();
        let recommendation = match fitness.best() {
            Some(_) if by_fitness => Recommendation::Individual(fitness.order()[0]),
            _ => self.strategy.recommend(),
        };
        Ok(match (recommendation, proposal) {
            (Recommendation::Individual(index), Proposal::Graphs(graphs)) => {
                Individual::Graph(Arc::clone(&graphs.individuals[index]))
            }
            (Recommendation::Individual(index), _) => {
                Individual::Genome(self.trainer.individual(index)?)
            }
            (Recommendation::Genome(mut genome), _) => {
                // What is scored is what is handed out.
                self.config.network.precision().keep(&mut genome);
                Individual::Genome(genome)
            }
            (Recommendation::Graph(graph), _) => Individual::Graph(graph),
        })
    }

    fn episodes(&self) -> Episodes {
        let Config { seed, episodes, .. } = *self.config;
        let training = Episodes::new(seed, Purpose::Training, self.counters.generations, episodes);
        Episodes { behaviour: self.novelty.is_some(), ..training }
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

    /// Writes a checkpoint and the champion.
    fn save(&mut self, folder: &mut Folder, observer: &mut dyn Observer) -> Result<()> {
        let population = self.parents()?;
        let Some(champion) = self.examiner.champion() else { return Ok(()) };
        let counters = Counters { wall_seconds: self.wall_seconds(), ..self.counters.clone() };
        let generation = counters.generations;
        let (config, strategy) = (self.config, &*self.strategy);
        let (statistics, novelty) = (self.statistics.as_ref(), self.novelty.as_ref());
        let variant = self.trainer.laid_out();
        let saving = Saving {
            config,
            counters,
            strategy,
            champion,
            population,
            statistics,
            novelty,
            variant,
        };
        folder.save(saving, &self.champion(champion)?)?;
        observer.saved(folder.path(), generation);
        Ok(())
    }

    /// The population, where it is the next one's parents.
    fn parents(&mut self) -> Result<Option<Vec<f32>>> {
        let Proposal::Offspring(offspring) = self.strategy.ask() else { return Ok(None) };
        let indices = offspring.parents.iter().map(|parents| parents.first.max(parents.second));
        // Those that no child comes from do not matter, but the indices of the others count them.
        let count = indices.max().map_or(0, |last| last as usize + 1);
        self.trainer.genomes(count).map(Some)
    }

    fn explicit(&self, genomes: Vec<f32>) -> Proposal {
        let genes = self.config.network.parameters();
        Proposal::Explicit(Explicit { genomes: genomes.into(), genes })
    }

    fn champion(&self, recommended: &Recommended) -> Result<Champion> {
        let config = self.config;
        let origin = Origin {
            task: config.task.about().name.to_string(),
            strategy: config.strategy.name.into(),
            generation: recommended.generation,
            seed: config.seed,
        };
        let task = config.task.as_ref();
        let champion = match &recommended.individual {
            Individual::Genome(genome) => {
                Champion::new(origin, task, config.network.clone(), genome.clone())
            }
            Individual::Graph(graph) => Champion::grown(origin, task, Arc::clone(graph)),
        };
        match &recommended.normalisation {
            Some(by) => champion.with_scaling(Scaling::normalising(by)),
            None => Ok(champion),
        }
    }

    /// Of this process and those before it.
    fn wall_seconds(&self) -> f64 {
        self.counters.wall_seconds + self.config.begun.elapsed().as_secs_f64()
    }

    fn finish(mut self, folder: Option<Folder>) -> Result<Summary> {
        let judged = self.examiner.judge()?;
        let summary = Summary::of(&self, judged);
        if let Some(folder) = folder {
            folder.finish(&summary)?;
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
