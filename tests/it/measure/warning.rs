//! Warnings: each appears when it should, with advice, and only then.

use deme::measure::{Measurement, MeasurementConditions, measurement_warnings};

/// Returns a row of half a second, whose slowest sample takes `slowest` times as long.
fn row(slowest: f64) -> Measurement {
    Measurement {
        subject: "cartpole".into(),
        backend: "cpu".into(),
        population: Some(64),
        steps: Some(500),
        seconds_min: 0.5,
        seconds_median: 0.5,
        seconds_max: 0.5 * slowest,
        host_seconds_median: 0.5,
        ..Measurement::default()
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
fn a_warning_on_noise_names_the_worst_row() {
    assert_eq!(measurement_warnings(&[row(1.0), row(1.4)]), Vec::<String>::new());
    let found = measurement_warnings(&[row(1.0), row(1.6), row(3.0)]);
    assert_only(&found, &["2 of 3 rows", "3.0 times", "close other programs", "--samples"]);
}

#[test]
fn a_warning_on_short_repetitions_advises_more_work() {
    let short = |subject: &str, steps, batch| Measurement {
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
        assert_only(
            &measurement_warnings(&[row]),
            &["the row took less than 1 ms", "400 µs", advice],
        );
    }
    // The time on the device may be short; only the host's time counts.
    assert_eq!(
        measurement_warnings(&[Measurement { seconds_median: 1e-5, ..row(1.0) }]),
        Vec::<String>::new()
    );
}

#[test]
fn conditions_that_spoil_measurements_have_warnings() {
    let good = MeasurementConditions {
        threads: 8,
        available_threads: 8,
        ..MeasurementConditions::default()
    };
    assert_eq!(good.warnings(), Vec::<String>::new());
    let debug = MeasurementConditions { debug_build: true, ..good.clone() };
    assert_only(&debug.warnings(), &["debug build", "cargo run --release"]);
    let software =
        MeasurementConditions { software_adapters: vec!["llvmpipe".into()], ..good.clone() };
    assert_only(&software.warnings(), &["llvmpipe is software", "measure on"]);
    let few = MeasurementConditions { threads: 2, ..good.clone() };
    assert_only(&few.warnings(), &["2 of 8 threads", "--threads"]);
    let many = MeasurementConditions { threads: 9, ..good };
    assert_eq!(many.warnings(), Vec::<String>::new());
}
