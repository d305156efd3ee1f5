//! Fitnesses of one's own: every strategy that searches points maximises them.

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Purpose, Reference};
use deme::network::Activation;
use deme::population::{ExplicitGenomes, Proposal};
use deme::run::{self, Request};
use deme::task::{Function, Task};

use super::problem;
use crate::strategy::evolution_strategies;

/// A hill at (1, 2, 3) that is no number on one side.
fn hill() -> Function {
    let fitness = |point: &[f32]| {
        if point[0] > 4.0 {
            return f32::NAN;
        }
        -point.iter().zip([1.0, 2.0, 3.0]).map(|(x, peak)| (x - peak).powi(2)).sum::<f32>()
    };
    Function::from_fitness("hill", 3, fitness).expect("three dimensions").with_threshold(-0.01)
}

#[test]
fn every_strategy_that_searches_points_maximises_a_fitness_of_ones_own() {
    let mut solved = 0;
    for entry in evolution_strategies() {
        let request = Request {
            strategy: Some(entry.name.into()),
            generations: Some(150),
            seed: Some(2),
            ..Request::default()
        };
        let config = request.check_with_task(Arc::new(hill()));
        if matches!(entry.name, "neat" | "hyperneat") {
            assert!(problem(config).contains("a strategy that searches points"));
            continue;
        }
        let config = config.unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        let summary = run::train(&config, &mut ()).expect("a run");
        assert_eq!((summary.backend.as_str(), summary.score_name), ("cpu", "best fitness"));
        let score = f64::from(summary.score.expect("a finite fitness"));
        assert_eq!(score as f32, hill().fitness(&summary.champion) as f32, "{}", entry.name);
        solved += u32::from(summary.solved);
    }
    assert!(solved >= 10, "{solved} strategies found the peak");
}

#[test]
fn a_fitness_of_ones_own_is_the_same_on_the_cpu_and_the_reference() {
    let task: Arc<dyn Task> = Arc::new(hill().with_initial_gene(0.5).with_deviation(2.0));
    assert_eq!(task.initial_gene(), Some(0.5));
    assert_eq!(task.fitness_range(), [f64::NEG_INFINITY, f64::INFINITY]);
    let network = task.network("none", Activation::Tanh).expect("a point");
    let genomes: Vec<f32> = (0..90).map(|gene| (gene % 11) as f32 - 5.0).collect();
    let proposal = Proposal::Explicit(ExplicitGenomes { genomes: genomes.into(), genes: 3 });
    let score = |mut backend: Box<dyn Backend>| {
        backend.spawn(&proposal).expect("thirty points");
        let scores = backend.score(&Episodes::new(1, Purpose::Training, 0, 1)).expect("a score");
        scores.values.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    let found = score(Box::new(Cpu::new(Arc::clone(&task), network.clone())));
    assert_eq!(found, score(Box::new(Reference::new(Arc::clone(&task), network))));
    assert!(found.iter().any(|&bits| f32::from_bits(bits).is_nan()), "one side is no number");
    assert!(task.check_wgsl().is_err() && task.description().facts.len() == 1);
}

#[test]
fn a_fitness_of_ones_own_has_a_new_name_and_dimensions() {
    let new = |name, dimensions| Function::from_fitness(name, dimensions, |_| 0.0);
    assert!(problem(new("hill", 0)).contains("expected 1 to 100000000 for hill, got 0"));
    assert!(problem(new("sphere", 2)).contains("one that no built-in task has"));
    assert!(problem(new("a/b", 2)).contains("expected letters"));
    assert!(format!("{:?}", hill()).contains("own"));
}
