//! Reports of runs: their folders read, put together by what was decided, and told as a page, a
//! chart or a table.
//!
//! Runs that differ in nothing but their seed, and where and how often they were written, are one
//! *group*: their curves are one median with a band between the quartiles.

pub mod chart;
pub mod html;
pub mod species;
pub mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::play::{self, Scene};
use crate::run::{Past, Record, Seconds};
use crate::study::{Curve, Quartiles};

/// Runs that are reported together.
#[derive(Clone, Debug)]
pub struct Runs {
    /// Each run, in the order it was asked for.
    pub runs: Vec<Told>,
    /// The groups, in the order of their first runs.
    pub groups: Vec<Group>,
    /// Settings that all runs share.
    pub shared: BTreeMap<String, String>,
}

/// A run, as far as tables tell of it; a field without a meaning is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// The folder.
    pub run: String,
    /// The group's name: what sets it apart from other groups.
    pub group: String,
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: String,
    /// Everything random follows from it.
    pub seed: u64,
    /// Generations in the log.
    pub generations: u32,
    /// Evaluations up to the last of them.
    pub evaluations: u64,
    /// Whether it has ended; else it runs, or was stopped.
    pub ended: bool,
    /// Whether its champion solves the task.
    pub solved: Option<bool>,
    /// The champion's held-out score.
    pub score: Option<f64>,
    /// The champion's validation score.
    pub validation: Option<f64>,
    /// From the start to the end, over its processes.
    pub wall_seconds: Option<f64>,
    /// The backend's name.
    pub backend: Option<String>,
    /// The GPU.
    pub adapter: Option<String>,
}

/// Runs that differ in nothing but the seed.
#[derive(Clone, Debug)]
pub struct Group {
    /// What sets it apart.
    pub name: String,
    /// Its settings that not all runs share.
    pub settings: BTreeMap<String, String>,
    /// Its runs, as indices.
    pub members: Vec<usize>,
    /// The champions' validation scores against evaluations, over its runs.
    pub curve: Curve,
    /// Mean seconds of each phase in a run, of those that have ended.
    pub seconds: Option<Seconds>,
    /// The run with the best score, as an index; where none has ended, the best validated.
    pub best: usize,
    /// That run's species; none of a strategy without species.
    pub species: Option<Scene>,
    /// The network of its champion; none where there is no champion yet, or none that can be drawn.
    pub network: Option<Scene>,
}

/// Keys that do not make another group.
const OF_A_RUN: [&str; 2] = ["seed", "checkpoint-every"];

impl Runs {
    /// Reads run folders.
    ///
    /// # Errors
    /// No folder, or one that is no run's.
    pub fn read(folders: &[impl AsRef<Path>]) -> Result<Self> {
        if folders.is_empty() {
            return Err(Error::invalid("deme report", "the folder of a run, or several", "none"));
        }
        let pasts = folders.iter().map(|folder| Past::read(folder.as_ref()));
        let mut runs = Self::of(&pasts.collect::<Result<Vec<Past>>>()?);
        for group in &mut runs.groups {
            let champion = Champion::read(folders[group.best].as_ref());
            group.network = champion.and_then(|champion| play::network(&champion)).ok();
        }
        Ok(runs)
    }

    /// A report of runs, without the drawings that need more of a folder than is told here.
    pub fn of(pasts: &[Past]) -> Self {
        let settings: Vec<BTreeMap<String, String>> = pasts.iter().map(settings).collect();
        let shared: BTreeMap<String, String> = settings[0]
            .iter()
            .filter(|(key, value)| settings.iter().all(|other| other.get(*key) == Some(value)))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let own = |settings: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            let differs = |key: &String| !shared.contains_key(key) && !OF_A_RUN.contains(&&**key);
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
        let told_by: Vec<(BTreeMap<String, String>, &Past)> =
            members.iter().map(|(own, members)| (own.clone(), &pasts[members[0]])).collect();
        let groups: Vec<Group> = members
            .into_iter()
            .zip(names(&told_by))
            .map(|((settings, members), name)| {
                let steps: Vec<_> =
                    members.iter().map(|&index| steps(&pasts[index].records)).collect();
                let ends = members.iter().map(|&index| evaluations(&pasts[index].records));
                let curve = Curve::over(&name, &steps, &ends.collect::<Vec<u64>>());
                let seconds = mean_seconds(members.iter().map(|&index| &pasts[index]));
                let best = best(pasts, &members);
                let folder = pasts[best].folder.file_name().unwrap_or_default();
                let title = format!("species of {}", folder.to_string_lossy());
                let species = species::chart(&title, &pasts[best].records);
                Group { name, settings, members, curve, seconds, best, species, network: None }
            })
            .collect();
        let group = |index: usize| groups.iter().find(|group| group.members.contains(&index));
        let runs = pasts.iter().enumerate().map(|(index, past)| {
            told(past, group(index).map(|group| group.name.clone()).unwrap_or_default())
        });
        Self { runs: runs.collect(), shared, groups }
    }

    /// The title of a report: the task, where there is one.
    pub fn title(&self) -> String {
        match self.shared.get("task") {
            Some(task) => self.runs.first().map_or(task.clone(), |run| run.task.clone()),
            None => "several tasks".into(),
        }
    }

    /// Quartiles over the runs of a group that have a number.
    pub fn quartiles(&self, group: &Group, of: fn(&Told) -> Option<f64>) -> Option<Quartiles> {
        Quartiles::of(group.members.iter().filter_map(|&index| of(&self.runs[index])))
    }
}

/// What was decided, as texts; settings of the strategy by `set.KEY`.
fn settings(past: &Past) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let Ok(toml::Value::Table(table)) = toml::Value::try_from(&past.request) else {
        return settings;
    };
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => settings.extend(
                inner.into_iter().map(|(name, value)| (format!("{key}.{name}"), plain(&value))),
            ),
            value => {
                settings.insert(key, plain(&value));
            }
        }
    }
    settings
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What each group is called: its strategy and task where they differ, and where that does not tell
/// it from all others, what else was decided for it.
fn names(groups: &[(BTreeMap<String, String>, &Past)]) -> Vec<String> {
    let of = |key: &str| {
        let key = key.to_owned();
        move |settings: &BTreeMap<String, String>| settings.get(&key).cloned()
    };
    let (strategy, task) = (of("strategy"), of("task"));
    let short = |settings: &BTreeMap<String, String>| -> Vec<String> {
        // A file's name tells it, without the folders.
        let task = task(settings).map(|task| task.rsplit('/').next().unwrap_or(&task).to_owned());
        strategy(settings).into_iter().chain(task).collect()
    };
    let mut names = Vec::new();
    for (index, (settings, past)) in groups.iter().enumerate() {
        let mut words = short(settings);
        let others = groups.iter().enumerate().filter(|(other, _)| *other != index);
        let is_told = others.clone().all(|(_, (other, _))| short(other) != words);
        let telling = settings.iter().filter(|(key, value)| {
            let differs = |(_, (other, _)): (usize, &(BTreeMap<String, String>, &Past))| {
                short(other) == short(settings) && other.get(*key) != Some(*value)
            };
            !is_told && others.clone().any(differs)
        });
        words.extend(telling.map(|(key, value)| {
            let name = key.strip_prefix("set.").unwrap_or(key);
            // What nobody else has, and has settings of its own, is told by its name.
            let is_own = others.clone().all(|(_, (other, _))| !other.contains_key(key));
            if is_own && value.contains('=') { name.to_owned() } else { format!("{name}={value}") }
        }));
        if words.is_empty() {
            words.extend(past.request.strategy.clone());
        }
        names.push(words.join(" "));
    }
    names
}

/// Evaluations and validation score, wherever the champion became a better one.
fn steps(records: &[Record]) -> Vec<(u64, f64)> {
    let mut steps: Vec<(u64, f64)> = Vec::new();
    for record in records.iter().filter(|record| record.champion) {
        let score = f64::from(record.validation);
        if steps.last().is_none_or(|last| score > last.1) && score.is_finite() {
            steps.push((record.evaluations, score));
        }
    }
    steps
}

fn evaluations(records: &[Record]) -> u64 {
    records.last().map_or(0, |record| record.evaluations)
}

/// The best run of some: by held-out score, and where that is equal or there is none, by
/// validation.
fn best(pasts: &[Past], members: &[usize]) -> usize {
    let scores = |index: usize| {
        let past = &pasts[index];
        let score = past.summary.as_ref().and_then(|summary| summary.get("score")?.as_f64());
        let validation = steps(&past.records).last().map(|step| step.1);
        [score, validation].map(|score| score.unwrap_or(f64::NEG_INFINITY))
    };
    let better = |&a: &usize, &b: &usize| {
        let ([a_score, a_valid], [b_score, b_valid]) = (scores(a), scores(b));
        // Of equals the first.
        a_score.total_cmp(&b_score).then(a_valid.total_cmp(&b_valid)).then(b.cmp(&a))
    };
    members.iter().copied().max_by(better).unwrap_or(0)
}

fn mean_seconds<'a>(pasts: impl Iterator<Item = &'a Past>) -> Option<Seconds> {
    let all: Vec<Seconds> = pasts
        .filter_map(|past| past.summary.as_ref()?.get("phase_seconds"))
        .filter_map(|seconds| serde_json::from_value(seconds.clone()).ok())
        .collect();
    let count = all.len() as f64;
    let mean = |of: fn(&Seconds) -> f64| all.iter().map(of).sum::<f64>() / count;
    (!all.is_empty()).then(|| Seconds {
        propose: mean(|seconds| seconds.propose),
        spawn: mean(|seconds| seconds.spawn),
        score: mean(|seconds| seconds.score),
        recombine: mean(|seconds| seconds.recombine),
        update: mean(|seconds| seconds.update),
        examine: mean(|seconds| seconds.examine),
    })
}

fn told(past: &Past, group: String) -> Told {
    let field = |key: &str| past.summary.as_ref().and_then(|summary| summary.get(key));
    let number = |key: &str| field(key).and_then(serde_json::Value::as_f64);
    let word = |key: &str| field(key).and_then(|word| word.as_str()).map(str::to_owned);
    let request = &past.request;
    Told {
        run: past.folder.display().to_string(),
        group,
        task: word("task").or(request.task.clone()).unwrap_or_default(),
        strategy: request.strategy.clone().unwrap_or_default(),
        seed: request.seed.unwrap_or_default(),
        generations: past.records.last().map_or(0, |record| record.generation),
        evaluations: evaluations(&past.records),
        ended: past.summary.is_some(),
        solved: field("solved").and_then(serde_json::Value::as_bool),
        score: number("score"),
        validation: steps(&past.records).last().map(|step| step.1),
        wall_seconds: number("wall_seconds"),
        backend: word("backend"),
        adapter: word("adapter"),
    }
}
