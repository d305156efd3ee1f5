//! Studies: results do not depend on scheduling, counts are honest, and wrong input is refused.

use deme::error::{Error, Result};
use deme::run::{self, Request};
use deme::study::{Quartiles, Seeds, StrategySpec, Study, StudyObserver, StudyResults, Trial};

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
        ["seconds", "machine", "_at_once", "_a_trial"].iter().any(|part| key.contains(part))
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
    for text in ["ga", "ga:sigma=0.2", "ga:population=64", "ga:population=64:a=1:b-c=x"] {
        assert_eq!(text.parse::<StrategySpec>().expect("a spec").to_string(), text);
    }
    let spaced: StrategySpec = " ga : sigma = 0.2 ".parse().expect("a spec");
    assert_eq!(spaced.to_string(), "ga:sigma=0.2");
    for text in ["", ":", "ga:", "ga:sigma", "ga:=1", "ga:a=1:a=2", "ga:population=many"] {
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
    assert!(refused(&["ga", "sgd"], 1, 2).contains("unknown strategy 'sgd'"));
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
