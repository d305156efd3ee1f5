//! Divergence: which differences are reported, and which are luck.

use deme::run::{Divergence, PartScore, PartScores};

fn part(count: u64, score: f32) -> Option<PartScore> {
    Some(PartScore { count, score: Some(score), errors: Vec::new() })
}

#[test]
fn a_difference_is_reported_if_it_is_large_and_not_luck() {
    let find = |name, [training, validation]: [f32; 2], count| {
        let parts = PartScores { validation: part(count, 0.9), ..PartScores::default() };
        Divergence::find(name, Some((training, validation)), &parts)
    };
    // The interval of 0.8 over 80 samples ends 0.1 below, and over 8000 samples 0.009.
    assert!(find("accuracy", [0.95, 0.8], 80).is_some());
    assert_eq!(find("accuracy", [0.88, 0.8], 80), None);
    assert!(find("accuracy", [0.88, 0.8], 8000).is_some());
    assert_eq!(find("accuracy", [0.84, 0.8], 8000), None);
    // That of an R^2 of 0.5 over 100 samples ends 0.15 above.
    assert!(find("R^2", [0.7, 0.5], 100).is_some());
    assert_eq!(find("R^2", [0.6, 0.5], 100), None);
    assert!(find("R^2", [0.6, -2.0], 100).is_some());
    assert_eq!(find("R^2", [0.5, 0.7], 100), None);
    assert_eq!(find("R^2", [f32::NAN, 0.5], 100), None);
}

#[test]
fn a_run_without_a_validation_part_compares_its_champion_on_the_held_out_samples() {
    let parts = |training, held_out| PartScores {
        training: part(320, training),
        validation: None,
        held_out: part(100, held_out),
    };
    let found = Divergence::find("accuracy", None, &parts(1.0, 0.7)).expect("a divergence");
    assert!(found.to_string().contains("accuracy 1.000 on the training samples and 0.700 on the"));
    assert!(!found.is_of_validation && found.to_string().contains("--validation"));
    assert_eq!(Divergence::find("accuracy", None, &parts(0.8, 0.78)), None);
    assert_eq!(Divergence::find("mean return", None, &PartScores::default()), None);
}

#[test]
fn few_samples_without_a_hit_prove_nothing() {
    let find = |name, training, count| {
        let parts = PartScores { validation: part(count, 0.0), ..PartScores::default() };
        Divergence::find(name, Some((training, 0.0)), &parts)
    };
    assert_eq!(find("accuracy", 0.132, 10), None);
    assert!(find("accuracy", 0.132, 100).is_some());
    assert!(find("accuracy", 0.5, 10).is_some());
    assert_eq!(find("R^2", 0.3, 10), None);
    assert!(find("R^2", 0.5, 10).is_some());
}

#[test]
fn a_last_network_that_learned_no_more_than_the_champion_does_not_overfit() {
    let find = |champion| {
        let (training, validation) = (part(320, champion), part(80, 0.6));
        let parts = PartScores { training, validation, held_out: None };
        Divergence::find("accuracy", Some((0.8, 0.5)), &parts)
    };
    assert!(find(0.7).is_some());
    assert_eq!(find(0.8), None);
    assert_eq!(find(0.9), None);
}
