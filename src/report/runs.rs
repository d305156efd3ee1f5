//! Reports of runs: their folders, grouped by their settings, as a page, a chart or a table.
//!
//! Runs that differ only in their seed are one *group*: their curves are one median with a band
//! between the quartiles. How often a run writes checkpoints makes no difference either. Copies of
//! a run, in several folders, count once.

mod champions;
pub mod html;
mod repeat;
pub mod tables;

pub use champions::Illustration;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::chart::species;
use crate::champion::Champion;
use crate::draw::Scene;
use crate::error::{Error, Result};
use crate::play;
use crate::run::{Divergence, PhaseSeconds, Record, Request, RunFolders, SavedRun};
use crate::study::{LearningCurve, Quartiles};
use crate::task::Task;

/// A report of several runs.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The runs, in the order in which they were given.
    pub runs: Vec<RunRow>,
    /// The groups, in the order of their first runs.
    pub groups: Vec<RunGroup>,
    /// The settings that all runs share.
    pub shared: BTreeMap<String, String>,
    /// Remarks on the results, and on what was passed over, a sentence each.
    pub notes: Vec<String>,
}

/// A run as a row of a table; a field without a meaning for the run is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRow {
    /// The folder.
    pub run: String,
    /// The name of the run's group.
    pub group: String,
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: String,
    /// The seed of the run.
    pub seed: u64,
    /// The number of generations in the log.
    pub generations: u32,
    /// The number of evaluations up to the last generation.
    pub evaluations: u64,
    /// True if the run has ended; false if it is in progress or was interrupted.
    pub ended: bool,
    /// True if the champion solves the task.
    pub solved: Option<bool>,
    /// The champion's held-out score.
    pub score: Option<f64>,
    /// The champion's validation score; null if the training samples chose it.
    pub validation: Option<f64>,
    /// Seconds from start to end, summed over the processes of the run.
    pub wall_seconds: Option<f64>,
    /// The backend's name.
    pub backend: Option<String>,
    /// The GPU's name.
    pub adapter: Option<String>,
    /// The champion's score on the training samples of a data set.
    pub training: Option<f64>,
    /// The condition that ended the run.
    pub ended_by: Option<String>,
}

/// Runs that differ only in their seed.
#[derive(Clone, Debug)]
pub struct RunGroup {
    /// The strategy and the settings that set the group apart from the others.
    pub name: String,
    /// The task's name.
    pub task: String,
    /// The name of the score: mean return, accuracy or R^2; `score` if the task cannot be loaded.
    pub score_name: &'static str,
    /// The part of the task that gives the score: held-out, training, or final for a function.
    pub score_part: &'static str,
    /// The score that counts as solved.
    pub target: Option<f64>,
    /// True if the scores that chose the champions have the scale of the target.
    pub has_target_scale: bool,
    /// The command that repeats the best run.
    pub command: String,
    /// The settings that not all groups share.
    pub settings: BTreeMap<String, String>,
    /// The indices of the group's runs.
    pub members: Vec<usize>,
    /// The scores that chose the champions against evaluations, over the group's runs.
    pub curve: LearningCurve,
    /// The part of the task that chose them: validation or training.
    pub selection_part: &'static str,
    /// The mean seconds of each phase, over the runs that have ended.
    pub seconds: Option<PhaseSeconds>,
    /// The index of the run with the best held-out score, or validation score if no run has ended.
    pub best: usize,
    /// The species of the best run; `None` for a strategy without species.
    pub species: Option<Scene>,
    /// The network of the best run's champion; `None` without a champion that can be drawn.
    pub network: Option<Scene>,
    /// An episode of the best run's champion, or its predictions; `None` if it cannot be shown.
    pub illustration: Option<Illustration>,
}

/// The settings that do not separate groups.
const RUN_SETTINGS: [&str; 2] = ["seed", "checkpoint-every"];

impl RunReport {
    /// Reads run folders, and those in folders of runs.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no run folder, or if a file in one is damaged.
    pub fn read(paths: &[impl AsRef<Path>]) -> Result<Self> {
        if paths.is_empty() {
            return Err(Error::invalid("deme report", "the folder of a run, or several", "none"));
        }
        let RunFolders { folders, notes } = RunFolders::find(paths)?;
        let saved = folders.iter().map(|folder| SavedRun::read(folder));
        let saved = saved.collect::<Result<Vec<SavedRun>>>()?;
        let mut report = Self::from_runs(&saved);
        report.notes.splice(0..0, notes);
        for group in &mut report.groups {
            match Champion::read(&folders[group.best]) {
                Ok(mut champion) => {
                    group.network = play::draw_network(&champion).ok();
                    group.illustration = champions::illustrate(&folders[group.best], &mut champion);
                }
                // A run has a champion after its first checkpoint.
                Err(error) if saved[group.best].summary.is_some() => {
                    report.notes.push(format!("a network is not drawn: {error}"));
                }
                Err(_) => {}
            }
        }
        Ok(report)
    }

    /// Creates a report of runs, without the drawings of networks, which need the run folders.
    pub fn from_runs(saved: &[SavedRun]) -> Self {
        let settings: Vec<BTreeMap<String, String>> =
            saved.iter().map(|run| run.request.values()).collect();
        let shared: BTreeMap<String, String> = settings[0]
            .iter()
            .filter(|(key, value)| settings.iter().all(|other| other.get(*key) == Some(value)))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let own = |settings: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            let differs =
                |key: &String| !shared.contains_key(key) && !RUN_SETTINGS.contains(&&**key);
            let own = settings.iter().filter(|(key, _)| differs(key));
            own.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let mut members: Vec<(BTreeMap<String, String>, Vec<usize>)> = Vec::new();
        for (index, settings) in settings.iter().map(own).enumerate() {
            match members.iter_mut().find(|(known, _)| *known == settings) {
                Some((_, members)) => members.push(index),
                None => members.push((settings, vec![index])),
            }
        }
        let names_of_runs = members.clone();
        let copies = take_copies(saved, &mut members);
        let first_runs: Vec<(BTreeMap<String, String>, &SavedRun)> =
            members.iter().map(|(own, members)| (own.clone(), &saved[members[0]])).collect();
        let groups: Vec<RunGroup> = members
            .into_iter()
            .zip(group_names(&first_runs))
            .map(|((settings, members), name)| {
                let champions: Vec<_> =
                    members.iter().map(|&index| champions(&saved[index].records)).collect();
                let ends = members.iter().map(|&index| evaluations(&saved[index].records));
                let curve =
                    LearningCurve::from_runs(&name, &champions, &ends.collect::<Vec<u64>>());
                let seconds = mean_seconds(members.iter().map(|&index| &saved[index]));
                let best = best_run(saved, &members);
                let folder = saved[best].folder.file_name().unwrap_or_default();
                let title = format!("species of {}", folder.to_string_lossy());
                let species = species::draw(&title, &saved[best].records);
                let first = saved[members[0]].records.first();
                let selection_part = first.map_or("validation", Record::selection_part);
                let run = &saved[best];
                let loaded = run.request.load_task().ok();
                let task = loaded.as_ref().map(|loaded| loaded.task.as_ref());
                RunGroup {
                    task: row(run, String::new()).task,
                    score_name: task.map_or("score", |task| task.score_name()),
                    score_part: score_part(&run.request, task),
                    target: target(&run.request, task),
                    has_target_scale: task.is_some_and(|task| task.evaluation_tasks().is_none()),
                    command: repeat::command(run, loaded.as_ref()),
                    name,
                    settings,
                    members,
                    curve,
                    selection_part,
                    seconds,
                    best,
                    species,
                    network: None,
                    illustration: None,
                }
            })
            .collect();
        let group = |index: usize| {
            let with_groups = names_of_runs.iter().zip(&groups);
            let mut own = with_groups.filter(|((_, members), _)| members.contains(&index));
            own.next().map(|(_, group)| group)
        };
        let runs = saved.iter().enumerate().map(|(index, run)| {
            row(run, group(index).map(|group| group.name.clone()).unwrap_or_default())
        });
        let passed_over = saved.iter().flat_map(|run| run.notes.clone());
        let notes = passed_over.chain(copies).chain(divergences(saved)).collect();
        Self { runs: runs.collect(), shared, groups, notes }
    }

    /// Returns the title of the report: the task, if all runs share one.
    pub fn title(&self) -> String {
        match self.shared.get("task") {
            Some(task) => self.runs.first().map_or(task.clone(), |run| run.task.clone()),
            None => "several tasks".into(),
        }
    }

    /// Returns the names of the tasks, in the order of their first runs.
    pub fn tasks(&self) -> Vec<&str> {
        let mut tasks: Vec<&str> = Vec::new();
        for group in &self.groups {
            if !tasks.contains(&group.task.as_str()) {
                tasks.push(&group.task);
            }
        }
        tasks
    }

    /// Returns the groups of a task.
    pub fn groups_of(&self, task: &str) -> impl Iterator<Item = &RunGroup> {
        self.groups.iter().filter(move |group| group.task == task)
    }

    /// Returns the quartiles of a number over the runs of a group that have it.
    pub fn quartiles(
        &self,
        group: &RunGroup,
        number: fn(&RunRow) -> Option<f64>,
    ) -> Option<Quartiles> {
        Quartiles::from_values(group.members.iter().filter_map(|&index| number(&self.runs[index])))
    }
}

/// Returns the part that gave the score of a run, whose data file may be lost.
fn score_part(request: &Request, task: Option<&dyn Task>) -> &'static str {
    match task {
        Some(task) => task.score_part(),
        None if request.held_out == Some(0.0) => "training",
        None => "held-out",
    }
}

/// Takes the copies of a run, which has the same seed and settings, out of the members of groups,
/// and returns a note on each run that has copies. The run that counts has ended, if one has, and
/// is the longest one.
fn take_copies(
    saved: &[SavedRun],
    groups: &mut [(BTreeMap<String, String>, Vec<usize>)],
) -> Vec<String> {
    let mut notes = Vec::new();
    for (_, members) in groups {
        let mut by_seed: Vec<(Option<u64>, Vec<usize>)> = Vec::new();
        for &index in members.iter() {
            let seed = saved[index].request.seed;
            match by_seed.iter_mut().find(|(known, _)| *known == seed) {
                Some((_, runs)) => runs.push(index),
                None => by_seed.push((seed, vec![index])),
            }
        }
        let counted = |runs: &[usize]| {
            let rank = |&index: &usize| {
                let run = &saved[index];
                // The first of equal runs counts.
                (run.summary.is_some(), run.records.len(), Reverse(index))
            };
            runs.iter().copied().max_by_key(rank)
        };
        *members = by_seed.iter().filter_map(|(_, runs)| counted(runs)).collect();
        for ((_, runs), &index) in by_seed.iter().zip(members.iter()) {
            let name = |index: usize| saved[index].folder.display().to_string();
            let others = runs.iter().filter(|&&other| other != index);
            let others: Vec<String> = others.map(|&other| name(other)).collect();
            if !others.is_empty() {
                let (others, index) = (others.join(", "), name(index));
                notes.push(format!(
                    "{others}: the same seed and settings as {index}, so it is the same run, and \
                     only {index} is counted"
                ));
            }
        }
    }
    notes
}

/// Returns the score that counts as solved: that of the run, else the threshold of its task.
fn target(request: &Request, task: Option<&dyn Task>) -> Option<f64> {
    let own = request.until.as_deref().and_then(|until| until.parse().ok());
    own.or_else(|| task?.about().threshold)
}

/// Returns the names of groups: the strategy and the task if they differ, and the other settings
/// that set a group apart from groups of the same strategy and task.
fn group_names(groups: &[(BTreeMap<String, String>, &SavedRun)]) -> Vec<String> {
    let short = |settings: &BTreeMap<String, String>| -> Vec<String> {
        // The name of a file is enough, without its folders.
        let task = settings.get("task");
        let task = task.map(|task| task.rsplit('/').next().unwrap_or(task).to_owned());
        settings.get("strategy").cloned().into_iter().chain(task).collect()
    };
    let mut names = Vec::new();
    for (index, (settings, run)) in groups.iter().enumerate() {
        let mut words = short(settings);
        let others = groups.iter().enumerate().filter(|(other, _)| *other != index);
        let others: Vec<&BTreeMap<String, String>> =
            others.map(|(_, (settings, _))| settings).collect();
        let alike: Vec<_> = others.iter().filter(|other| short(other) == words).collect();
        let differing = settings
            .iter()
            .filter(|(key, value)| alike.iter().any(|other| other.get(*key) != Some(*value)));
        let differing = differing.map(|(key, value)| {
            let name = key.strip_prefix("set.").unwrap_or(key);
            // A setting with settings of its own, which no other group has, is named without them.
            let is_unique = others.iter().all(|other| !other.contains_key(key));
            match is_unique && value.contains('=') {
                true => name.to_owned(),
                false => format!("{name}={value}"),
            }
        });
        words.extend(differing);
        if words.is_empty() {
            words.extend(run.request.strategy.clone());
        }
        names.push(words.join(" "));
    }
    names
}

/// Returns the evaluations and the selection score of each champion that was better than those
/// before.
fn champions(records: &[Record]) -> Vec<(u64, f64)> {
    let mut champions: Vec<(u64, f64)> = Vec::new();
    for record in records.iter().filter(|record| record.champion) {
        let score = record.selection_score().map_or(f64::NAN, f64::from);
        if champions.last().is_none_or(|last| score > last.1) && score.is_finite() {
            champions.push((record.evaluations, score));
        }
    }
    champions
}

fn evaluations(records: &[Record]) -> u64 {
    records.last().map_or(0, |record| record.evaluations)
}

/// Returns the index of the best run: by held-out score, and if that is equal or absent, by
/// validation score.
fn best_run(saved: &[SavedRun], members: &[usize]) -> usize {
    let scores = |index: usize| {
        let run = &saved[index];
        let score = run.summary.as_ref().and_then(|summary| summary.get("score")?.as_f64());
        let validation = champions(&run.records).last().map(|champion| champion.1);
        [score, validation].map(|score| score.unwrap_or(f64::NEG_INFINITY))
    };
    let better = |&a: &usize, &b: &usize| {
        let ([a_score, a_valid], [b_score, b_valid]) = (scores(a), scores(b));
        // The first of equal runs is the best.
        a_score.total_cmp(&b_score).then(a_valid.total_cmp(&b_valid)).then(b.cmp(&a))
    };
    members.iter().copied().max_by(better).unwrap_or(0)
}

/// Returns a note on each run whose training score has parted ways with another one.
fn divergences(saved: &[SavedRun]) -> Vec<String> {
    let note = |run: &SavedRun| {
        let summary = run.summary.as_ref()?;
        let parts = serde_json::from_value(summary.get("parts")?.clone()).ok()?;
        let last = run.records.last().and_then(|last| last.training.zip(last.validation));
        let divergence = Divergence::find(summary.get("score_name")?.as_str()?, last, &parts)?;
        Some(format!("{}: {divergence}", run.folder.display()))
    };
    saved.iter().filter_map(note).collect()
}

/// Returns the mean seconds of each phase, over the runs that have ended.
fn mean_seconds<'a>(runs: impl Iterator<Item = &'a SavedRun>) -> Option<PhaseSeconds> {
    let all: Vec<PhaseSeconds> = runs
        .filter_map(|run| run.summary.as_ref()?.get("phase_seconds"))
        .filter_map(|seconds| serde_json::from_value(seconds.clone()).ok())
        .filter(PhaseSeconds::is_plausible)
        .collect();
    let count = all.len() as f64;
    let mean = |phase: fn(&PhaseSeconds) -> f64| all.iter().map(phase).sum::<f64>() / count;
    (!all.is_empty()).then(|| PhaseSeconds {
        propose: mean(|seconds| seconds.propose),
        spawn: mean(|seconds| seconds.spawn),
        score: mean(|seconds| seconds.score),
        recombine: mean(|seconds| seconds.recombine),
        update: mean(|seconds| seconds.update),
        validate: mean(|seconds| seconds.validate),
    })
}

fn row(run: &SavedRun, group: String) -> RunRow {
    let field = |key: &str| run.summary.as_ref().and_then(|summary| summary.get(key));
    let number = |key: &str| field(key).and_then(serde_json::Value::as_f64);
    let word = |key: &str| field(key).and_then(|word| word.as_str()).map(str::to_owned);
    let request = &run.request;
    let champion = run.records.iter().rev().find(|record| record.champion);
    RunRow {
        run: run.folder.display().to_string(),
        group,
        task: word("task").or(request.task.clone()).unwrap_or_default(),
        strategy: request.strategy.clone().unwrap_or_default(),
        seed: request.seed.unwrap_or_default(),
        generations: run.records.last().map_or(0, |record| record.generation),
        evaluations: evaluations(&run.records),
        ended: run.summary.is_some()
            && field("interrupted").and_then(serde_json::Value::as_bool) != Some(true),
        solved: field("solved").and_then(serde_json::Value::as_bool),
        score: number("score"),
        validation: champion.and_then(|record| record.validation).map(f64::from),
        training: champion.and_then(|record| record.training).map(f64::from),
        ended_by: word("ended_by"),
        wall_seconds: number("wall_seconds"),
        backend: word("backend"),
        adapter: word("adapter"),
    }
}
