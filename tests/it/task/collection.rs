//! The collection: every world opens, with settings too, and has a witness that fits it.

use deme::task::{self, COLLECTION, CollectedWorld, ParameterSetting, Simulation, Task, World};
use deme::verify::RecordedTransition;

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

/// Water world is not part of the collection yet: its rays jump from item to item, and episodes in
/// single precision part from those in double precision sooner than rung 5 allows.
#[test]
fn water_world_repeats_the_steps_of_its_original() {
    let text = include_str!("../../../worlds/water-world.wgsl");
    let world = World::parse(text, "water-world".as_ref(), &[]).expect("a world");
    let recorded = include_bytes!("../../../worlds/water-world.witness.csv");
    let steps = RecordedTransition::parse_csv(recorded, "witness.csv".as_ref(), &world.shape());
    let reference = world.reference().expect("dynamics");
    let mut rewards = 0.0;
    for step in steps.expect("steps") {
        let inputs = [&step.action[..], &step.draws].concat();
        let (next, reward) = reference.step(&step.state, &inputs);
        for (n, (found, expected)) in next.iter().zip(&step.next).enumerate() {
            assert!((found - expected).abs() <= 2e-3, "number {n}: {found}, not {expected}");
        }
        assert_eq!((reward, reference.terminated(&next)), (step.reward, step.done));
        rewards += reward.abs();
    }
    assert!(rewards > 5.0, "{rewards}");
}
