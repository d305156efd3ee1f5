//! Warnings: each is given when it should be, says what to do, and is not given otherwise.

use deme::measure::{Circumstances, Row, row_warnings};

/// A row of half a second, with one sample so many times as long.
fn row(slowest: f64) -> Row {
    Row {
        subject: "cartpole".into(),
        backend: "cpu".into(),
        population: Some(64),
        steps: Some(500),
        seconds_min: 0.5,
        seconds_median: 0.5,
        seconds_max: 0.5 * slowest,
        host_seconds_median: 0.5,
        ..Row::default()
    }
}

#[track_caller]
fn assert_only(warnings: &[String], words: &[&str]) {
    let [warning] = warnings else { panic!("{warnings:?}") };
    for word in words {
        assert!(warning.contains(word), "'{word}' is not in: {warning}");
    }
}

#[test]
fn samples_that_differ_are_named_with_the_worst() {
    assert_eq!(row_warnings(&[row(1.0), row(1.4)]), Vec::<String>::new());
    let found = row_warnings(&[row(1.0), row(1.6), row(3.0)]);
    assert_only(&found, &["2 of 3 rows", "3.0 times", "close other programs", "--samples"]);
}

#[test]
fn short_repetitions_advise_more_work() {
    let short = |subject: &str, steps, batch| Row {
        subject: subject.into(),
        steps,
        batch,
        host_seconds_median: 4e-4,
        ..row(1.0)
    };
    let advised = [
        (short("cartpole", Some(5), None), "raise --population or --steps"),
        (short("forward", None, Some(5)), "raise --population or --batch"),
        (short("digits", None, Some(5)), "raise --population to"),
        (short("generation", None, None), "raise --population to"),
    ];
    for (row, advice) in advised {
        assert_only(&row_warnings(&[row]), &["the row took less than 1 ms", "400 µs", advice]);
    }
    // A device may be quick; it is the repetition that must not be short.
    assert_eq!(row_warnings(&[Row { seconds_median: 1e-5, ..row(1.0) }]), Vec::<String>::new());
}

#[test]
fn circumstances_are_told_before_anything_is_measured() {
    let good = Circumstances { threads: 8, available_threads: 8, ..Circumstances::default() };
    assert_eq!(good.warnings(), Vec::<String>::new());
    let debug = Circumstances { debug_build: true, ..good.clone() };
    assert_only(&debug.warnings(), &["debug build", "cargo run --release"]);
    let software = Circumstances { software_adapters: vec!["llvmpipe".into()], ..good.clone() };
    assert_only(&software.warnings(), &["llvmpipe is software", "measure on"]);
    let few = Circumstances { threads: 2, ..good.clone() };
    assert_only(&few.warnings(), &["2 of 8 threads", "--threads"]);
    let many = Circumstances { threads: 9, ..good };
    assert_eq!(many.warnings(), Vec::<String>::new());
}
