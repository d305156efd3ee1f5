//! Recorded steps: files of them, and the worlds that are held to them.

use std::sync::Arc;

use deme::task::{COLLECTION, Kind, Task, World};
use deme::verify::{CpuImplementation, Ladder, RecordedTransition};

use super::failures;

/// The steps of a file, for a world of one number whose step draws one.
fn recorded(text: &str, name: &str) -> deme::error::Result<Vec<RecordedTransition>> {
    const WORLD: &str = "//! summary = \"one\"\n//! state = 1\n//! step-draws = 1\n\
        //! step-limit = 5\n//! [[observations]]\n//! name = \"x\"\n//! [[actions]]\n\
        //! name = \"a\"\n\
        fn task_start(draws: Draws) -> State { return State(0.0); }\n\
        fn task_observe(state: State) -> Observation { return Observation(state[0]); }\n\
        fn task_step(state: State, action: Action) -> Step {\n\
        return Step(State(state[0] + action[0] * step_draws[0]), state[0]);\n}\n\
        fn task_terminated(state: State) -> bool { return state[0] > 1.0; }\n";
    let world = World::parse(WORLD, "one.wgsl".as_ref(), &[])?;
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a written file");
    let ladder = Ladder::for_own_tasks([Arc::new(world) as Arc<dyn Task>]).with_witness(&path)?;
    let report = ladder.run_without_faults(&CpuImplementation::default())?;
    let failed = failures(&report.rungs);
    assert_eq!(failed.is_empty(), !name.contains("wrong"), "{failed:?}");
    let Kind::Control(simulation) = ladder.tasks()[0].kind() else { panic!("a control task") };
    RecordedTransition::read(&path, &simulation.shape())
}

#[test]
fn a_world_is_held_to_recorded_steps() {
    let csv = "state_0,action_0,draw_0,next_0,reward,done\n\
               0.5,2,0.25,1.0,0.5,0\n1.0,2,0.25,1.5,1.0,1\n";
    let steps = recorded(csv, "steps.csv").expect("a witness");
    assert_eq!((steps.len(), &steps[1].next[..], steps[1].done), (2, &[1.5][..], true));
    let json = r#"[{"state": [0.5], "action": [2], "draws": [0.25], "next": [1.0], "reward": 0.5,
                    "done": false}]"#;
    assert_eq!(recorded(json, "steps.json").expect("a witness")[0], steps[0]);
    // Steps that the world does not repeat fail at rung 6.
    for (from, to) in [("1.5,1.0,1", "1.501,1.0,1"), ("1.5,1.0,1", "1.5,1.01,1"), (",1\n", ",0\n")]
    {
        recorded(&csv.replace(from, to), "wrong.csv").expect("a witness");
    }
    for (text, name, expected) in [
        ("state_0,next_0\n", "a.csv", "expected the columns state_0,action_0,draw_0,next_0"),
        (&csv[..csv.find('\n').expect("a line") + 1], "a.csv", "expected a recorded step"),
        (&csv.replace("0.25", "x"), "a.csv", "draw_0: expected a number, got 'x'"),
        (&csv.replace("0.25", "inf"), "a.csv", "draw_0: expected a number"),
        ("[]", "a.json", "expected a recorded step"),
        ("{", "a.json", "a.json:1"),
        (&json.replace("\"draws\": [0.25],", ""), "a.json", "expected 1 numbers in draws, got 0"),
    ] {
        let error = recorded(text, name).expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn the_worlds_of_the_collection_pass_on_the_cpu() {
    for world in COLLECTION {
        let task: Arc<dyn Task> = Arc::new(world.open(&[]).expect("a world"));
        let ladder = Ladder::for_own_tasks([task]);
        let report = ladder.run_without_faults(&CpuImplementation::default()).expect("a report");
        assert_eq!(failures(&report.rungs), Vec::<String>::new(), "{}", world.name);
        let witness = report.rungs.iter().filter(|rung| rung.name == "6 witness");
        assert_eq!(witness.count(), if world.witness.is_some() { 2 } else { 0 }, "{}", world.name);
    }
}
