//! Runs that search for novelty: who is told what, who is handed over, and what is written down.

use std::fs;
use std::ops::ControlFlow;

use deme::run::{self, Observer, Past, Record, Request, Summary};
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
        ..Request::of("maze")
    }
}

/// Keeps every generation.
struct Kept(Vec<Record>);

impl Observer for Kept {
    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        self.0.push(record.clone());
        ControlFlow::Continue(())
    }
}

fn ran(request: Request) -> (Summary, Vec<Record>) {
    let mut kept = Kept(Vec::new());
    let summary = run::train(&request.check().expect("a run"), &mut kept).expect("a summary");
    (summary, kept.0)
}

#[test]
fn records_keep_the_fitness_and_have_figures_of_novelty_only_where_it_is_told() {
    for strategy in ["neat", "ga", "openai-es"] {
        let (_, plain) = ran(request(strategy, None, 3));
        let (_, novel) = ran(request(strategy, Some("true"), 3));
        // The first generation is the same, and so is its fitness; what is bred of it is not.
        assert_eq!((plain[0].best, plain[0].mean), (novel[0].best, novel[0].mean), "{strategy}");
        assert_ne!((plain[2].best, plain[2].mean), (novel[2].best, novel[2].mean), "{strategy}");
        assert!(plain.iter().all(|record| record.novelty.is_none()));
        let mut archive = 0;
        for figures in novel.iter().map(|record| record.novelty.expect("figures of novelty")) {
            assert!(f64::from(figures.best.expect("a novelty")) >= figures.mean.expect("a mean"));
            assert!(figures.archive >= archive.max(1), "an archive forgets nothing here");
            archive = figures.archive;
        }
    }
}

/// The champion is the fittest of all, in training as on held-out episodes: the maze has but one.
#[test]
fn the_fittest_is_handed_over_and_not_the_most_novel() {
    for strategy in ["neat", "ga", "random-search"] {
        let (summary, records) = ran(request(strategy, Some("neighbours=5"), 12));
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
    ran(first);
    let config = fs::read_to_string(at("a/config.toml")).expect("a configuration");
    assert!(config.contains("novelty = \"neighbours=15:threshold=3:archive=10000\""), "{config}");
    let again = Request { out: Some(at("b")), ..Request::read(&at("a/config.toml")).expect("one") };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    pool.install(|| ran(again));
    let log = |name: &str| fs::read_to_string(at(name).join("log.jsonl")).expect("a log");
    assert_eq!(log("a"), log("b"));
    assert_eq!(log("a").matches("\"novelty\":{\"best\":").count(), 6);
    let past = Past::read(&at("b")).expect("a run folder");
    assert!(past.records.iter().all(|record| record.novelty.is_some()));
    // Where it is not told, nothing is said of it.
    ran(Request { out: Some(at("c")), ..request("neat", Some("false"), 2) });
    assert!(!log("c").contains("novelty"));
    assert!(!fs::read_to_string(at("c/config.toml")).expect("one").contains("novelty"));
}

#[test]
fn a_task_without_behaviour_is_refused() {
    for task in ["cartpole", "xor", "sphere"] {
        let request = Request { novelty: Some("true".into()), ..Request::of(task) };
        let message = request.check().err().expect("a refusal").to_string();
        let expected = "--novelty: expected a task that says what individuals did: maze, got ";
        assert!(message.starts_with(&format!("{expected}{task}; leave it out")), "{message}");
        let off = Request { novelty: Some("false".into()), ..Request::of(task) };
        assert!(off.check().is_ok());
    }
    let wrong = Request { novelty: Some("neighbours=0".into()), ..Request::of("maze") };
    assert!(wrong.check().err().expect("a refusal").to_string().contains("--novelty neighbours"));
}

/// In a quarter of the paper's budget: novelty finds the goal, fitness the dead end below it.
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
        let (novel, _) = ran(on(Some("true"), seed));
        assert!(novel.solved, "seed {seed}: {:?} of 155", novel.score);
    }
    let (fit, _) = ran(on(None, 1));
    // Below the shelf the goal is 36 away.
    assert!(!fit.solved && fit.score.is_some_and(|score| (120.0..=124.01).contains(&score)));
}
