//! The collection: every world opens, with settings too, and has a witness that fits it.

use deme::task::{self, COLLECTION, CollectedWorld, ParameterSetting, Task};

#[test]
fn every_world_is_a_task_of_its_name() {
    for world in COLLECTION {
        let task = task::by_name(world.name).expect("a task");
        assert_eq!(task.about().name, world.name);
        assert!(task.about().threshold.is_some(), "{}", world.name);
        assert!(CollectedWorld::by_name(world.name).is_some());
    }
    assert!(CollectedWorld::by_name("cartpole").is_none());
}

#[test]
fn a_bonus_guides_training_and_does_not_score() {
    let slime = CollectedWorld::by_name("slime-volley").expect("a world");
    let world = slime.open(&[]).expect("a world");
    let scored = world.evaluation_tasks().expect("a world that scores").held_out;
    let world: &dyn Task = &world;
    assert_eq!(scored.score_range(), [-5.0, 5.0]);
    assert_eq!((world.score_range(), &scored.about().name), ([-5.0, 5.0], &world.about().name));
    let setting = ParameterSetting::parse("survival-bonus=0").expect("a setting");
    let plain = slime.open(&[setting]).expect("a world");
    assert!(plain.evaluation_tasks().is_none());
}
