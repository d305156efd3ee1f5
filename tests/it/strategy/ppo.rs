//! `ppo` solves control tasks with choices and with numbers.

use deme::run::{self, Request, Summary};

fn train(task: &str, seed: u64, generations: u64) -> Summary {
    let request = Request {
        strategy: Some("ppo".into()),
        generations: Some(generations),
        backend: Some("cpu".into()),
        seed: Some(seed),
        ..Request::for_task(task)
    };
    run::train(&request.check().expect("a configuration"), &mut ()).expect("a run")
}

#[test]
fn cartpole_is_solved_on_every_seed() {
    for seed in 1..=5 {
        let summary = train("cartpole", seed, 60);
        assert!(summary.solved, "seed {seed}: {:?}", summary.score);
        // Every generation scores the network once and learns from eight episodes.
        assert_eq!(summary.evaluations, 9 * u64::from(summary.generations));
        assert!(summary.environment_steps > summary.evaluations);
    }
}

#[test]
fn pendulum_is_learned_with_numbers() {
    let summary = train("pendulum", 101, 120);
    assert!(summary.solved, "{:?}", summary.score);
}
