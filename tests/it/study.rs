//! Studies: results do not depend on scheduling or on stops, counts are honest, and wrong input is
//! refused.

use std::fs;
use std::ops::ControlFlow;

use crate::strategy::evolution_strategies;
use deme::error::{Error, Result};
use deme::run::{self, Request};
use deme::study::{
    Quartiles, Seeds, StrategySpec, Study, StudyObserver, StudyRequest, StudyResults, Trial,
    TrialProgress,
};

fn specs(names: &[&str]) -> Vec<StrategySpec> {
    names.iter().map(|name| name.parse().expect("a spec")).collect()
}

fn cartpole(until: &str) -> Request {
    Request {
        backend: Some("cpu".into()),
        evaluations: Some(640),
        until: Some(until.into()),
        ..Request::for_task("cartpole")
    }
}

fn study(request: &Request, names: &[&str], first: u64, count: u64) -> Result<Study> {
    Study::new(request, &specs(names), Seeds { first, count })
}

/// Runs a study on a number of threads, with a number of trials at once.
fn run_study(threads: usize, jobs: usize) -> StudyResults {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        let study = study(&cartpole("300"), &["openai-es", "ga:sigma=0.3"], 5, 4).expect("a study");
        let study = study.with_jobs(jobs).expect("fewer trials at once than threads");
        assert_eq!(study.thread_allocation().trials_at_once, jobs);
        study.run(&mut ()).expect("results")
    })
}

/// Returns a JSON value without the fields that differ between repetitions: times, and how trials
/// were scheduled.
fn repeatable(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    let differs = |key: &str| {
        ["seconds", "machine", "_at_once", "_a_trial", "_directory"]
            .iter()
            .any(|part| key.contains(part))
    };
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(key, _)| !differs(key));
            Value::Object(kept.map(|(key, value)| (key, repeatable(value))).collect())
        }
        Value::Array(values) => values.into_iter().map(repeatable).collect(),
        other => other,
    }
}

#[test]
fn results_do_not_depend_on_how_trials_are_scheduled() {
    let json = |threads, jobs| {
        repeatable(serde_json::to_value(run_study(threads, jobs)).expect("results are JSON"))
    };
    let alone = json(1, 1);
    assert_eq!(alone["trials"].as_array().map(Vec::len), Some(8));
    for (threads, jobs) in [(3, 1), (3, 2), (4, 4)] {
        assert_eq!(alone, json(threads, jobs), "{threads} threads, {jobs} at once");
    }
}

#[test]
fn a_trial_is_the_run_of_its_seed() {
    let results = run_study(2, 2);
    for trial in &results.trials {
        let (strategy, sigma) = match trial.strategy.as_str() {
            "openai-es" => ("openai-es", None),
            "ga:sigma=0.3" => ("ga", Some("0.3")),
            other => panic!("{other}"),
        };
        let request = Request {
            strategy: Some(strategy.into()),
            set: sigma.map(|sigma| ("sigma".to_owned(), sigma.to_owned())).into_iter().collect(),
            seed: Some(trial.seed),
            ..cartpole("300")
        };
        let summary = run::train(&request.check().expect("a run"), &mut ()).expect("a summary");
        assert_eq!(trial.evaluations, summary.evaluations);
        assert_eq!(trial.environment_steps, summary.environment_steps);
        assert_eq!(trial.generations, summary.generations);
        assert_eq!((trial.solved, trial.score), (summary.solved, summary.score));
        assert_eq!(trial.best_fitness, summary.best_fitness);
    }
    let seeds: Vec<u64> = results.trials.iter().map(|trial| trial.seed).collect();
    assert_eq!(seeds, [5, 6, 7, 8, 5, 6, 7, 8]);
}

#[test]
fn unsolved_trials_count_only_in_the_expected_running_time() {
    let study = study(&cartpole("475"), &["random-search"], 1, 12).expect("a study");
    let results = study.run(&mut ()).expect("results");
    let [row] = results.rows.as_slice() else { panic!("{} rows", results.rows.len()) };
    let (solved, others): (Vec<&Trial>, Vec<&Trial>) =
        results.trials.iter().partition(|trial| trial.solved);
    // The test needs seeds of which some are solved and some are not.
    assert!(!solved.is_empty() && !others.is_empty());
    assert_eq!((row.solved, row.trials), (solved.len() as u64, 12));
    assert_eq!(row.success_rate, solved.len() as f64 / 12.0);
    assert!(solved.iter().all(|trial| trial.score.is_some_and(|score| score >= 475.0)));
    let spent: u64 = results.trials.iter().map(|trial| trial.evaluations).sum();
    assert_eq!(row.expected_evaluations, Some(spent as f64 / solved.len() as f64));
    assert_eq!(row.evaluations_mean, None);
    let quartiles = Quartiles::from_values(solved.iter().map(|trial| trial.evaluations as f64));
    assert_eq!(row.evaluations_median, quartiles.map(|quartiles| quartiles.median));
    let scores = results.trials.iter().filter_map(|trial| trial.score.map(f64::from));
    assert_eq!(row.score_min, scores.clone().reduce(f64::min));
    assert_eq!(row.score_median, Quartiles::from_values(scores).map(|quartiles| quartiles.median));
}

#[test]
fn evaluations_to_success_are_unknown_if_trials_do_not_end_at_the_target() {
    let results = study(&cartpole("never"), &["openai-es"], 1, 2).expect("a study").run(&mut ());
    let results = results.expect("results");
    assert!(!results.stops_at_target && results.target == Some(475.0));
    assert!(results.trials.iter().all(|trial| trial.evaluations == 640));
    let row = &results.rows[0];
    assert_eq!((row.evaluations_median, row.expected_evaluations), (None, None));
    assert!(row.score_median.is_some());
    assert!(results.notes.iter().any(|note| note.contains("--until")), "{:?}", results.notes);
}

#[test]
fn curves_rise_from_the_first_generation_to_the_last() {
    for curve in &run_study(2, 2).curves {
        let (first, last) = (curve.points[0], curve.points[curve.points.len() - 1]);
        assert_eq!(first.evaluations, 16, "{}", curve.strategy);
        let ends = |trial: &Trial| (trial.strategy == curve.strategy).then_some(trial.evaluations);
        let longest = run_study(1, 1).trials.iter().filter_map(ends).max();
        assert_eq!(Some(last.evaluations), longest);
        for pair in curve.points.windows(2) {
            assert!(pair[0].evaluations < pair[1].evaluations);
            assert!(pair[0].scores.lower <= pair[1].scores.lower);
            assert!(pair[0].scores.median <= pair[1].scores.median);
            assert!(pair[0].scores.upper <= pair[1].scores.upper);
        }
        assert!(first.scores.upper < last.scores.lower, "{}", curve.strategy);
    }
}

#[test]
fn a_study_without_strategies_takes_that_of_the_task() {
    struct Seeds(Vec<u64>);
    impl StudyObserver for Seeds {
        fn trial_ended(&mut self, trial: &Trial) {
            self.0.push(trial.seed);
        }
    }
    let request = Request { backend: Some("cpu".into()), ..Request::for_task("xor") };
    let mut seen = Seeds(Vec::new());
    let study = study(&request, &[], 1, 3).expect("a study");
    let results = study.run(&mut seen).expect("results");
    assert_eq!(results.rows[0].strategy, "ga");
    assert_eq!(results.rows[0].evaluations_mean, results.rows[0].expected_evaluations);
    seen.0.sort_unstable();
    assert_eq!(seen.0, [1, 2, 3]);
}

#[test]
fn quartiles_equal_those_of_numpy() {
    // numpy.percentile(values, [25, 50, 75])
    let of = |values: &[f64]| {
        Quartiles::from_values(values.iter().copied()).map(|q| [q.lower, q.median, q.upper])
    };
    assert_eq!(of(&[4.0, 1.0, 3.0, 2.0]), Some([1.75, 2.5, 3.25]));
    assert_eq!(of(&[9.0, 1.0, 5.0]), Some([3.0, 5.0, 7.0]));
    assert_eq!(of(&[7.0]), Some([7.0; 3]));
    assert_eq!(of(&[]), None);
    let failed = f64::NEG_INFINITY;
    assert_eq!(of(&[failed, 1.0, 2.0, 3.0, 4.0]), Some([1.0, 2.0, 3.0]));
    assert_eq!(of(&[failed, failed, 2.0, 3.0]), None);
    assert_eq!(of(&[1.0, f64::NAN]), None);
}

#[test]
fn specs_are_formatted_as_they_are_parsed() {
    for text in [
        "ga",
        "ga:sigma=0.2",
        "ga:population=64",
        "ga:population=64:a=1:b-c=x",
        "ga:episodes=2:initial=normal:0.5:network=8:relu-8:gru:nobias-out:nobias:sigma=1",
        "neat:normalise-observations=false:novelty=neighbours=20:threshold=6:compatibility=3",
    ] {
        let spec: StrategySpec = text.parse().expect("a spec");
        assert_eq!(spec.to_string(), text);
        assert_eq!(spec.to_string().parse::<StrategySpec>().ok(), Some(spec));
    }
    let novelty: StrategySpec = "neat:novelty=true:neighbours=20".parse().expect("a spec");
    assert_eq!(novelty.to_string(), "neat:novelty=neighbours=20");
    let spaced: StrategySpec = " ga : sigma = 0.2 ".parse().expect("a spec");
    assert_eq!(spaced.to_string(), "ga:sigma=0.2");
    for text in [
        "",
        ":",
        "ga:",
        "ga:sigma",
        "ga:sigma=1:2",
        "ga:=1",
        "ga:a=1:a=2",
        "ga:network=8:network=9",
        "ga:population=many",
        "ga:episodes=-1",
        "ga:normalise-observations=maybe",
    ] {
        assert!(text.parse::<StrategySpec>().is_err(), "{text}");
    }
}

#[test]
fn wrong_input_is_refused_before_the_first_trial() {
    let refused = |names: &[&str], first, count| match study(&cartpole("475"), names, first, count)
    {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{names:?} was accepted"),
    };
    assert!(refused(&["ga", "openai-es", "ga"], 1, 2).contains("'ga' twice"));
    assert!(refused(&["ga", "bfgs"], 1, 2).contains("unknown strategy 'bfgs'"));
    assert!(refused(&["ga:sigmma=1"], 1, 2).contains("'sigmma'"));
    assert!(refused(&["ga:population=1"], 1, 2).contains("--population"));
    // The strategy itself checks that the population is even.
    assert!(refused(&["openai-es:population=15"], 1, 2).contains("even"));
    assert!(refused(&["ga"], 1, 0).contains("--seeds"));
    assert!(refused(&["ga"], u64::MAX, 2).contains("--seed"));
    assert!(study(&cartpole("475"), &["ga"], u64::MAX, 1).is_ok());
    let none = study(&cartpole("475"), &["ga"], 1, 2).and_then(|study| study.with_jobs(0));
    assert!(matches!(none, Err(Error::Invalid { what, .. }) if what == "--jobs"));
}

#[test]
fn options_of_runs_may_differ_between_strategies() {
    let request = Request { novelty: None, generations: Some(8), ..Request::for_task("maze") };
    let request = Request { backend: Some("cpu".into()), population: Some(10), ..request };
    let names = ["neat", "neat:novelty=true", "ga:network=4:relu", "ga:network=3-3:population=12"];
    let study = study(&request, &names, 1, 1).expect("a study");
    assert!(study.notes().iter().any(|note| note.contains("novelty instead of fitness")));
    let results = study.run(&mut ()).expect("results");
    let shapes: Vec<_> =
        results.rows.iter().map(|row| (row.network.as_str(), row.population)).collect();
    assert_eq!(shapes, [("graph", 10), ("graph", 10), ("4:relu", 10), ("3-3", 12)]);
    // The fitness and the novelty select other parents.
    assert_ne!(results.trials[0].score, results.trials[1].score);
    let note = "neat, ga:network=4:relu, ga:network=3-3:population=12: rewards may lead into a \
                dead end; neat:novelty=true optimises novelty instead of fitness";
    assert!(results.notes.iter().any(|line| line == note), "{:?}", results.notes);
}

/// A spec has one list of keys for settings and options, so they need different names.
#[test]
fn no_setting_is_named_like_an_option() {
    for entry in evolution_strategies() {
        let options = [
            "population",
            "episodes",
            "network",
            "initial",
            "normalise-observations",
            "novelty",
            "neighbours",
        ];
        for setting in entry.settings {
            assert!(!options.contains(&setting.key), "{}: {}", entry.name, setting.key);
        }
    }
}

#[test]
fn an_option_of_a_spec_is_refused_like_its_flag() {
    let refused = |name: &str| match study(&cartpole("475"), &[name, "ga"], 1, 2) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{name} was accepted"),
    };
    for (name, words) in [
        ("ga:novelty=true", "--novelty: expected a task with a behaviour"),
        ("ga:novelty=neighbours=0", "neighbours"),
        ("ga:network=0", "--network"),
        ("ga:initial=normal:-1", "--initial"),
        ("ga:episodes=0", "--episodes"),
        ("neat:network=8", "--network: expected nothing, because neat evolves"),
    ] {
        let message = refused(name);
        assert!(message.contains(words), "{name}: {message}");
    }
}

/// An observer that stops a study after a number of trials.
struct StopAfter {
    trials: usize,
    ended: Vec<(String, u64)>,
    stopped: Vec<TrialProgress>,
}

impl StudyObserver for StopAfter {
    fn trial_ended(&mut self, trial: &Trial) {
        self.ended.push((trial.strategy.clone(), trial.seed));
    }

    fn trial_stopped(&mut self, trial: &TrialProgress) {
        self.stopped.push(trial.clone());
    }

    fn poll(&mut self) -> ControlFlow<()> {
        match self.ended.len() >= self.trials {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

fn stop_after(trials: usize) -> StopAfter {
    StopAfter { trials, ended: Vec::new(), stopped: Vec::new() }
}

fn comparable(results: &StudyResults) -> serde_json::Value {
    repeatable(serde_json::to_value(results).expect("results are JSON"))
}

/// A stopped study keeps what is known. Continued, it gives the results of one that was never
/// stopped, wherever the stops were.
#[test]
fn a_study_that_was_stopped_continues_as_if_it_had_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    // A trial is longer than a busy machine delays the observer.
    let request = Request { evaluations: Some(3200), ..cartpole("never") };
    let new = || study(&request, &["openai-es", "ga:sigma=0.3"], 5, 3).expect("a study");
    let whole = new().with_folder(at("whole")).expect("a folder").run(&mut ()).expect("results");
    assert!(whole.missing.is_empty());
    assert_eq!(comparable(&whole), comparable(&new().run(&mut ()).expect("results")));

    let mut first = stop_after(2);
    let some = new().with_jobs(1).and_then(|study| study.with_folder(at("part")));
    let some = some.expect("a folder").run(&mut first).expect("results");
    // The trial that was running is missing, with the generations that it has done.
    assert_eq!((some.trials.len(), some.missing.len()), (first.ended.len(), 6 - first.ended.len()));
    assert!((2..6).contains(&some.trials.len()), "{}", some.trials.len());
    assert!(some.notes[0].contains("of 6 trials are missing"), "{:?}", some.notes);
    assert_eq!(some.rows.iter().map(|row| row.trials).sum::<u64>(), some.trials.len() as u64);
    for trial in &first.stopped {
        let missing = some.missing.iter().find(|of| of.seed == trial.seed);
        assert_eq!(missing.map(|of| of.generations), Some(trial.generations));
    }
    // A trial that was killed while its folder was created, and one that was killed later.
    fs::create_dir(at("part/ga,sigma=0.3-7")).expect("a folder");
    fs::write(at("part/ga,sigma=0.3-7/.lock"), "1").expect("a lock");
    let nothing = StudyRequest::default();
    let mut second = stop_after(some.trials.len() + 1);
    let more = Study::resume(&at("part"), &nothing).and_then(|study| study.with_jobs(1));
    more.expect("a study").run(&mut second).expect("results");
    let last = Study::resume(&at("part"), &nothing).expect("a study").run(&mut ());
    let last = last.expect("results");
    assert_eq!(comparable(&whole), comparable(&last));
    // Another continuation only reads.
    let again = Study::resume(&at("part"), &nothing).expect("a study").run(&mut ());
    let again = again.expect("results");
    assert_eq!(serde_json::json!(last.trials), serde_json::json!(again.trials));
    for trial in &whole.trials {
        let name = format!("{}-{}", trial.strategy.replace(':', ","), trial.seed);
        for file in ["log.jsonl", "champion.safetensors", "config.toml"] {
            let bytes = |study: &str| fs::read(at(study).join(&name).join(file)).expect("a file");
            assert_eq!(bytes("whole"), bytes("part"), "{name}/{file}");
        }
    }
}

/// A continued study has the flags of its folder, and refuses others by name.
#[test]
fn a_study_is_not_continued_as_another_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("study");
    let new = study(&cartpole("300"), &["ga"], 1, 2).expect("a study");
    new.with_folder(&path).expect("a folder").run(&mut stop_after(1)).expect("results");
    let refused = |request: StudyRequest| match Study::resume(&path, &request) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{request:?} was accepted"),
    };
    let run = |run: Request| StudyRequest { run, ..StudyRequest::default() };
    for (request, words) in [
        (run(Request::for_task("xor")), "TASK: expected cartpole"),
        (StudyRequest { seeds: Some(3), ..StudyRequest::default() }, "--seeds: expected 2"),
        (StudyRequest { first_seed: Some(2), ..StudyRequest::default() }, "--seed: expected 1"),
        (run(Request { population: Some(4), ..Request::default() }), "--population: expected 16"),
        (
            StudyRequest { strategies: specs(&["ga:sigma=0.3"]), ..StudyRequest::default() },
            "--strategies: expected ga",
        ),
    ] {
        let message = refused(request);
        assert!(message.contains(words), "{message} has no '{words}'");
    }
    // Naming the same values again is no contradiction.
    let same =
        StudyRequest { strategies: specs(&["ga"]), seeds: Some(2), ..StudyRequest::default() };
    assert!(Study::resume(&path, &same).is_ok());
    let taken = study(&cartpole("300"), &["ga"], 1, 2).and_then(|study| study.with_folder(&path));
    assert!(taken.err().expect("a refusal").to_string().contains("--resume"));
    let none = Study::resume(folder.path(), &StudyRequest::default()).err().expect("a refusal");
    assert!(none.to_string().contains("without study.json"), "{none}");
}

/// The seed divides the samples of a data file, in a study as in a run.
#[test]
fn a_trial_on_a_data_file_is_the_run_of_its_seed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rings.csv");
    let rows = (0..90).map(|row| {
        let (angle, radius) = (f64::from(row) * 0.7, 1.0 + f64::from(row % 3));
        format!(
            "{},{},{}\n",
            radius * angle.cos(),
            radius * angle.sin(),
            ["a", "b", "c"][row as usize % 3]
        )
    });
    fs::write(&path, format!("x,y,ring\n{}", rows.collect::<String>())).expect("a file");
    let request = Request {
        backend: Some("cpu".into()),
        generations: Some(5),
        ..Request::for_task(path.display().to_string())
    };
    let results = study(&request, &["ga", "snes"], 3, 2).expect("a study").run(&mut ());
    for trial in &results.expect("results").trials {
        let strategy = Some(trial.strategy.clone());
        let run = Request { strategy, seed: Some(trial.seed), ..request.clone() };
        let summary = run::train(&run.check().expect("a run"), &mut ()).expect("a summary");
        assert_eq!((trial.score, trial.best_fitness), (summary.score, summary.best_fitness));
    }
}
