//! `sgd` on functions: where descent ends, and what noise does at a saddle.

use deme::run::{self, Request};

/// Returns the best fitness of a run.
fn fitness(task: &str, generations: u64, settings: &[(&str, &str)]) -> f32 {
    let set = settings.iter().map(|&(key, value)| (key.into(), value.into())).collect();
    let request = Request {
        strategy: Some("sgd".into()),
        generations: Some(generations),
        backend: Some("cpu".into()),
        seed: Some(101),
        set,
        ..Request::for_task(task)
    };
    let summary = run::train(&request.check().expect("a configuration"), &mut ());
    summary.expect("a run").best_fitness.expect("a finite fitness")
}

#[test]
fn a_bowl_is_descended_and_a_plateau_is_not() {
    assert!(fitness("sphere", 500, &[]) > -1e-6);
    assert_eq!(fitness("plateau", 500, &[]), -250.0);
}

#[test]
fn noise_leaves_a_saddle_sooner() {
    let rate = [("learning-rate", "0.01"), ("learning-rate-decay", "1")];
    // Descent stays at the saddle, whose value is 1, for some hundred steps.
    let plain = fitness("saddle-5", 250, &rate);
    assert!((plain + 1.0).abs() < 0.02, "{plain}");
    let noisy = fitness("saddle-5", 500, &[rate[0], rate[1], ("noise", "0.5")]);
    assert!(noisy > -0.2, "{noisy}");
}
