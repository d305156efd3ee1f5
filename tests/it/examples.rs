//! The programs in `examples/`: each is compiled into this binary and run.

use std::sync::Arc;

use deme::champion::Champion;
use deme::play::HeldOutSet;

#[allow(dead_code, reason = "the main function belongs to the program")]
#[path = "../../examples/custom_environment.rs"]
mod custom_environment;
#[allow(dead_code, reason = "the main function belongs to the program")]
#[path = "../../examples/custom_objective.rs"]
mod custom_objective;

#[test]
fn a_network_learns_to_catch_ripe_apples() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("apples");
    let summary = custom_environment::run(Some(folder.clone())).expect("a run");
    assert!(summary.solved && summary.backend == "cpu", "{:?}", summary.score);
    let task = Arc::new(custom_environment::task().expect("a task"));
    let held_out = HeldOutSet::new(task, summary.seed);
    let score = held_out.score(&mut Champion::read(&folder).expect("a champion"));
    assert!(score.expect("a score").score >= 18.0);
}

#[test]
fn strategies_move_points_apart() {
    for strategy in [None, Some("snes".into()), Some("simple-ga".into())] {
        let summary = custom_objective::run(strategy).expect("a run");
        assert!(summary.solved, "{}: {:?}", summary.strategy, summary.score);
        assert_eq!(summary.champion.len(), 14);
    }
}
