//! Crossovers: where curves meet, which comparisons have one, and how they are described.

use deme::measure::{BackendCrossover, Measurement, crossovers};

fn row(backend: &str, population: u64, seconds: f64) -> Measurement {
    Measurement {
        subject: "cartpole".into(),
        network: Some("16-16".into()),
        backend: backend.into(),
        population: Some(population),
        // Only the host's clock counts.
        seconds_median: seconds / 1000.0,
        host_seconds_median: seconds,
        ..Measurement::default()
    }
}

/// Returns rows of a CPU, whose time is proportional to the population, and of a GPU with these
/// times.
fn rows(gpu: &[(u64, f64)]) -> Vec<Measurement> {
    let pair = |&(population, seconds): &(u64, f64)| {
        [row("cpu", population, population as f64), row("gpu", population, seconds)]
    };
    gpu.iter().flat_map(pair).collect()
}

fn only(rows: &[Measurement]) -> BackendCrossover {
    let found = crossovers(rows);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().expect("one")
}

#[test]
fn a_crossing_is_interpolated_on_logarithmic_axes() {
    // The GPU always takes 1000 seconds, the CPU takes that for 1000 individuals.
    let found = only(&rows(&[(64, 1e3), (256, 1e3), (1024, 1e3), (4096, 1e3)]));
    assert_eq!((found.from.as_str(), found.to.as_str()), ("cpu", "gpu"));
    approx::assert_relative_eq!(found.population.expect("one"), 1000.0, max_relative = 1e-9);
    assert_eq!((found.faster_from, found.measured), (1024, [64, 4096]));
    let text = found.to_string();
    assert!(text.starts_with("cartpole, 16-16: gpu overtakes cpu"), "{text}");
    assert!(text.contains("about 1000,") && text.contains("from 1024 on"), "{text}");
}

#[test]
fn the_last_crossing_counts_and_rows_may_come_in_any_order() {
    // The GPU is faster at 256 by chance, and stays faster from 4096 on.
    let mut all = rows(&[(64, 100.0), (256, 200.0), (1024, 2048.0), (4096, 2048.0)]);
    let found = only(&all);
    assert_eq!(found.faster_from, 4096);
    approx::assert_relative_eq!(found.population.expect("one"), 2048.0, max_relative = 1e-9);
    all.reverse();
    assert_eq!(only(&all).population.map(f64::round), found.population.map(f64::round));
}

#[test]
fn a_backend_that_is_always_faster_has_no_crossing() {
    let found = only(&rows(&[(64, 1.0), (4096, 1.0)]));
    assert_eq!((found.from.as_str(), found.to.as_str()), ("cpu", "gpu"));
    assert_eq!((found.population, found.faster_from), (None, 64));
    assert!(found.to_string().contains("gpu is faster than cpu at every population"));
    let found = only(&rows(&[(64, 1e9), (4096, 1e9)]));
    assert_eq!((found.from.as_str(), found.to.as_str(), found.population), ("gpu", "cpu", None));
}

#[test]
fn one_population_or_one_backend_has_no_crossover() {
    assert_eq!(crossovers(&[]), []);
    assert_eq!(crossovers(&rows(&[(64, 1.0)])), []);
    let alone: Vec<Measurement> = [64, 256].map(|population| row("cpu", population, 1.0)).into();
    assert_eq!(crossovers(&alone), []);
    // No population was measured on both backends.
    let apart = [row("cpu", 64, 1.0), row("gpu", 256, 1.0), row("cpu", 1024, 1.0)];
    assert_eq!(crossovers(&apart), []);
    let equal = [(64, 64.0), (256, 256.0)];
    assert_eq!(crossovers(&rows(&equal)), []);
}

#[test]
fn different_batches_are_compared_separately() {
    let mut all = rows(&[(64, 1e3), (4096, 1e3)]);
    let batched = rows(&[(64, 1.0), (4096, 1.0)]);
    all.extend(batched.into_iter().map(|row| Measurement { batch: Some(7), ..row }));
    let found = crossovers(&all);
    let batches: Vec<_> = found.iter().map(|one| (one.batch, one.population.is_some())).collect();
    assert_eq!(batches, [(None, true), (Some(7), false)]);
}
