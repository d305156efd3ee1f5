//! Measurement: the stopwatch, and the fields of the benchmarks' JSON.

mod crossover;
mod roofline;
mod timing;
mod warning;

use std::collections::BTreeSet;
use std::time::Duration;

use deme::error::Error;
use deme::measure::Stopwatch;
use serde_json::Value;

use crate::cli::json;
use crate::strategy::evolution_strategies;

#[test]
fn the_stopwatch_counts_its_repetitions() {
    for (warm_up, samples, runs) in [(0, 1, 1), (2, 3, 5), (1, 0, 2), (3, 10, 13)] {
        let mut count = 0;
        let times = Stopwatch { warm_up, samples }.time(|| {
            count += 1;
            Ok(())
        });
        let times = times.expect("work that does not fail");
        assert_eq!(count, runs);
        assert!(0.0 <= times.min && times.min <= times.median && times.median <= times.max);
    }
}

/// Times repetitions that sleep for these milliseconds, one after another.
fn time_sleeps(warm_up: u32, milliseconds: &[u64]) -> deme::measure::Times {
    let mut naps = milliseconds.iter();
    let samples = milliseconds.len() as u32 - warm_up;
    let times = Stopwatch { warm_up, samples }.time(|| {
        std::thread::sleep(Duration::from_millis(*naps.next().expect("a nap for each run")));
        Ok(())
    });
    times.expect("sleep does not fail")
}

#[test]
fn the_median_is_the_middle_sample_or_the_mean_of_two() {
    let odd = time_sleeps(0, &[60, 2, 25]);
    assert!(odd.min >= 0.002 && odd.median >= 0.025 && odd.max >= 0.06, "{odd:?}");
    assert!(odd.min < odd.median && odd.median < odd.max, "{odd:?}");
    let even = time_sleeps(0, &[40, 1]);
    approx::assert_relative_eq!(even.median, 0.5 * (even.min + even.max));
    // The warm-up is not counted.
    let warmed = time_sleeps(1, &[300, 1, 1]);
    assert!(warmed.max < 0.3, "{warmed:?}");
}

#[test]
fn a_routine_that_fails_is_not_timed() {
    let failed = Stopwatch { warm_up: 0, samples: 3 }.time(|| Err(Error::invalid("a", "b", "c")));
    assert!(failed.is_err());
}

/// The documented fields of every row, and four that were added.
const FIELDS: [&str; 23] = [
    "subject",
    "network",
    "parameters",
    "population",
    "batch",
    "steps",
    "backend",
    "adapter",
    "samples",
    "seconds_median",
    "seconds_min",
    "seconds_max",
    "evaluations_per_second",
    "steps_per_second",
    "gflops",
    "gbytes_per_second",
    "roofline_fraction",
    "roofline_bound",
    "timing",
    "precision",
    "variant",
    "host_seconds_median",
    "generations",
];

/// The fields of the document: two documented ones, and three that were added.
const DOCUMENT: [&str; 5] = ["machine", "rooflines", "rows", "crossovers", "warnings"];

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Returns the rows of a benchmark, and checks the fields of each.
fn bench(arguments: &[&str]) -> Vec<Value> {
    let common = ["--backend", "cpu", "--samples", "2", "--json"];
    let all: Vec<&str> = ["bench"].iter().chain(arguments).chain(&common).copied().collect();
    let (code, document) = json(&all);
    assert_eq!(code, Some(0));
    assert_eq!(keys(&document), BTreeSet::from(DOCUMENT));
    assert!(document["machine"]["threads"].as_u64().is_some_and(|threads| threads > 0));
    let rows = document["rows"].as_array().expect("rows").clone();
    for row in &rows {
        assert_eq!(keys(row), BTreeSet::from(FIELDS));
        assert_eq!((&row["backend"], &row["samples"]), (&"cpu".into(), &2.into()));
        assert_eq!(row["timing"], "host");
        let [min, median, max] = ["seconds_min", "seconds_median", "seconds_max"]
            .map(|field| row[field].as_f64().expect("seconds"));
        assert!(0.0 < min && min <= median && median <= max);
        assert_eq!(row["host_seconds_median"], row["seconds_median"]);
    }
    rows
}

#[test]
fn rows_of_a_task_count_steps() {
    let rows = bench(&["cartpole", "--population", "32,48", "--steps", "10"]);
    assert_eq!(rows.len(), 2);
    for (row, population) in rows.iter().zip([32u64, 48]) {
        assert_eq!((&row["subject"], &row["network"]), (&"cartpole".into(), &"16-16".into()));
        assert_eq!((&row["parameters"], &row["steps"]), (&386.into(), &10.into()));
        assert_eq!((&row["population"], &row["batch"]), (&population.into(), &Value::Null));
        let seconds = row["seconds_median"].as_f64().expect("seconds");
        let rate = row["steps_per_second"].as_f64().expect("a rate");
        approx::assert_relative_eq!(rate, 10.0 * population as f64 / seconds, max_relative = 1e-9);
        assert!(row["roofline_fraction"].as_f64().is_some_and(|share| share > 0.0));
    }
}

#[test]
fn rows_of_forward_passes_have_a_batch_and_no_steps() {
    let rows = bench(&["forward", "--network", "4-8-3", "--population", "8", "--batch", "5,6"]);
    let batches: Vec<_> = rows.iter().map(|row| row["batch"].as_u64()).collect();
    assert_eq!(batches, [Some(5), Some(6)]);
    for row in &rows {
        assert_eq!((&row["subject"], &row["network"]), (&"forward".into(), &"4-8-3".into()));
        assert_eq!((&row["parameters"], &row["population"]), (&67.into(), &8.into()));
        assert!(row["steps"].is_null() && row["steps_per_second"].is_null());
        assert!(row["gflops"].as_f64().is_some_and(|rate| rate > 0.0));
    }
}

#[test]
fn rows_of_a_generation_have_parameters_and_no_network() {
    for strategy in evolution_strategies().into_iter().map(|entry| entry.name) {
        let sizes = ["--parameters", "100", "--population", "16", "--strategy", strategy];
        let rows = bench(&[["generation"].as_slice(), &sizes].concat());
        let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
        assert_eq!((&row["subject"], &row["network"]), (&"generation".into(), &Value::Null));
        assert_eq!((&row["parameters"], &row["population"]), (&100.into(), &16.into()));
        assert!(row["steps"].is_null() && row["batch"].is_null());
        assert_eq!(row["generations"], 1, "{strategy}");
    }
}

#[test]
fn a_sample_of_cma_es_is_a_whole_cycle_of_its_decomposition() {
    let sizes = ["--parameters", "120", "--population", "4", "--strategy", "cma-es"];
    let rows = bench(&[["generation"].as_slice(), &sizes].concat());
    let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    let generations = row["generations"].as_u64().expect("a count");
    assert!(generations > 1, "{generations}");
    // The rates are those of a generation, too.
    let seconds = row["seconds_median"].as_f64().expect("seconds");
    let rate = row["evaluations_per_second"].as_f64().expect("a rate");
    approx::assert_relative_eq!(rate, 4.0 / seconds, max_relative = 1e-9);
    let text = crate::cli::output(
        &[["bench", "generation"].as_slice(), &sizes, &["--backend", "cpu", "--samples", "2"]]
            .concat(),
    );
    assert!(text.contains("a sample is a whole cycle of the strategy"), "{text}");
}

#[test]
fn verification_prints_the_documented_fields() {
    let (code, document) = json(&["verify", "--backend", "cpu", "--json", "xor", "cartpole"]);
    assert_eq!(code, Some(0));
    let fields = ["passed", "adapter", "checked", "skipped", "rungs"];
    assert_eq!(keys(&document), BTreeSet::from(fields));
    assert_eq!(document["passed"], true);
    let rungs = document["rungs"].as_array().expect("rungs");
    let fields = ["name", "subject", "checked", "failed", "worst", "limit", "at"];
    for rung in rungs {
        assert!(keys(rung).is_superset(&BTreeSet::from(fields)), "{rung}");
        assert_eq!(rung["failed"], 0);
        // A place is in words: no structure, no variant of an enumeration.
        for field in ["subject", "at"] {
            let words = rung[field].as_str().expect("a text");
            let is_variant = |word: &str| word.starts_with(|letter: char| letter.is_uppercase());
            let is_code = words.contains(['{', '(']) || words.split(' ').any(is_variant);
            assert!(!is_code, "{words}");
        }
    }
    let sum = |field| rungs.iter().map(|rung| rung[field].as_u64().expect("a count")).sum::<u64>();
    assert_eq!(document["checked"], sum("checked"));
    assert_eq!(document["skipped"], sum("skipped"));
}
