//! Runs that search for novelty: the objective, the champion and the records.

use std::fs;
use std::ops::ControlFlow;

use deme::run::{self, Observer, Record, Request, SavedRun, Summary};
use tempfile::TempDir;

fn request(strategy: &str, novelty: Option<&str>, generations: u64) -> Request {
    Request {
        strategy: Some(strategy.into()),
        population: Some(20),
        generations: Some(generations),
        until: Some("never".into()),
        backend: Some("cpu".into()),
        novelty: novelty.map(String::from),
        seed: Some(3),
        ..Request::for_task("maze")
    }
}

/// An observer that collects the record of every generation.
struct RecordCollector(Vec<Record>);

impl Observer for RecordCollector {
    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        self.0.push(record.clone());
        ControlFlow::Continue(())
    }
}

fn train(request: Request) -> (Summary, Vec<Record>) {
    let mut collector = RecordCollector(Vec::new());
    let summary = run::train(&request.check().expect("a run"), &mut collector).expect("a summary");
    (summary, collector.0)
}

#[test]
fn records_hold_the_fitness_and_only_with_novelty_its_figures() {
    for strategy in ["neat", "ga", "openai-es"] {
        let (_, plain) = train(request(strategy, None, 3));
        let (_, novel) = train(request(strategy, Some("true"), 3));
        // The first generation and its fitness are the same. The next generations differ.
        assert_eq!((plain[0].best, plain[0].mean), (novel[0].best, novel[0].mean), "{strategy}");
        assert_ne!((plain[2].best, plain[2].mean), (novel[2].best, novel[2].mean), "{strategy}");
        assert!(plain.iter().all(|record| record.novelty.is_none()));
        let mut archive = 0;
        for figures in novel.iter().map(|record| record.novelty.expect("figures of novelty")) {
            assert!(f64::from(figures.best.expect("a novelty")) >= figures.mean.expect("a mean"));
            assert!(figures.archive >= archive.max(1), "this archive never drops a behaviour");
            archive = figures.archive;
        }
    }
}

/// The champion is the fittest individual, in training and on held-out episodes, because all
/// episodes of the maze are equal.
#[test]
fn the_champion_is_the_fittest_and_not_the_most_novel() {
    for strategy in ["neat", "ga", "random-search"] {
        let (summary, records) = train(request(strategy, Some("neighbours=5"), 12));
        let best = records.iter().filter_map(|record| record.best).fold(f32::MIN, f32::max);
        assert_eq!(summary.best_fitness, Some(best), "{strategy}");
        assert_eq!(summary.score, Some(best), "{strategy}");
        let last = records.iter().rev().find(|record| record.champion).expect("a champion");
        assert_eq!(summary.champion_generation, last.generation);
    }
}

#[test]
fn a_run_is_repeated_by_its_configuration_on_any_number_of_threads() {
    let folder = TempDir::new().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let first = Request { out: Some(at("a")), ..request("neat", Some("threshold=3"), 6) };
    train(first);
    let config = fs::read_to_string(at("a/config.toml")).expect("a configuration");
    assert!(config.contains("novelty = \"neighbours=15:threshold=3:archive=10000\""), "{config}");
    let again =
        Request { out: Some(at("b")), ..Request::from_file(&at("a/config.toml")).expect("one") };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    pool.install(|| train(again));
    let log = |name: &str| fs::read_to_string(at(name).join("log.jsonl")).expect("a log");
    assert_eq!(log("a"), log("b"));
    assert_eq!(log("a").matches("\"novelty\":{\"best\":").count(), 6);
    let past = SavedRun::read(&at("b")).expect("a run folder");
    assert!(past.records.iter().all(|record| record.novelty.is_some()));
    // A run that optimises fitness does not mention novelty.
    train(Request { out: Some(at("c")), ..request("neat", Some("false"), 2) });
    assert!(!log("c").contains("novelty"));
    assert!(!fs::read_to_string(at("c/config.toml")).expect("one").contains("novelty"));
}

#[test]
fn a_task_without_behaviour_is_refused() {
    for task in ["cartpole", "xor", "sphere"] {
        let request = Request { novelty: Some("true".into()), ..Request::for_task(task) };
        let message = request.check().err().expect("a refusal").to_string();
        let expected = "--novelty: expected a task with a behaviour: maze, got ";
        assert!(message.starts_with(&format!("{expected}{task}; leave it out")), "{message}");
        let off = Request { novelty: Some("false".into()), ..Request::for_task(task) };
        assert!(off.check().is_ok());
    }
    let wrong = Request { novelty: Some("neighbours=0".into()), ..Request::for_task("maze") };
    assert!(wrong.check().err().expect("a refusal").to_string().contains("--novelty neighbours"));
}

/// Novelty with a quarter of the paper's budget finds the goal and fitness the dead end below it.
#[test]
fn novelty_finds_the_way_round_and_fitness_the_dead_end() {
    let on = |novelty: Option<&str>, seed: u64| Request {
        population: None,
        generations: None,
        evaluations: Some(62_500),
        until: None,
        seed: Some(seed),
        ..request("neat", novelty, 1)
    };
    for seed in 1..=3 {
        let (novel, _) = train(on(Some("true"), seed));
        assert!(novel.solved, "seed {seed}: {:?} of 155", novel.score);
    }
    let (fit, _) = train(on(None, 1));
    // The goal is 36 away from the dead end.
    assert!(!fit.solved && fit.score.is_some_and(|score| (120.0..=124.01).contains(&score)));
}
