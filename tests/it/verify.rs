//! The ladder of verification: both fast paths pass it, and planted faults are caught at the right
//! rung.

mod recorded_steps;

use std::collections::BTreeSet;
use std::sync::Arc;

use deme::gpu::{Device, Edit};
use deme::task::{self, World};
use deme::verify::{
    Comparison, CpuImplementation, GpuImplementation, Implementation, Ladder, LadderPart,
    LadderReport, Rung,
};

use crate::gpu_device::on_gpu;

/// Describes every failure.
pub fn failures(rungs: &[Rung]) -> Vec<String> {
    let failed = rungs.iter().filter(|rung| !rung.passed());
    failed.map(|rung| format!("{}, {}: {}", rung.name, rung.subject, rung.at)).collect()
}

/// Runs the whole ladder, and fails unless every rung passes.
fn run_ladder(implementation: &dyn Implementation) -> LadderReport {
    let ladder = Ladder::for_tasks(&[]).expect("every task");
    let report = ladder.run(implementation).expect("a device that works");
    assert_eq!(failures(&report.rungs), Vec::<String>::new());
    assert!(report.passed());
    // An adapter may have no tensor cores, or too few registers. The rung then reports a skip.
    let mut skipped = report.rungs.iter().filter(|rung| rung.skipped > 0);
    assert!(skipped.all(|rung| rung.name == "5 variants"), "{} values", report.skipped());
    report
}

fn names(report: &LadderReport) -> BTreeSet<&str> {
    report.rungs.iter().map(|rung| rung.name).collect()
}

#[test]
fn the_cpu_path_passes_the_whole_ladder() {
    let report = run_ladder(&CpuImplementation::default());
    let expected = [
        "2 random",
        "3 functions",
        "4 forward",
        "4 normalisation",
        "4 graphs",
        "4 painting",
        "4 population",
        "4 recurrent",
        "4 steps",
        "5 episodes",
        "5 shards",
        "6 witness",
        "7 faults",
    ];
    assert_eq!(names(&report), BTreeSet::from(expected));
    assert_witnesses(&report);
    assert!(report.checked() > 100_000, "{} values", report.checked());
}

#[test]
fn the_gpu_path_passes_the_whole_ladder() {
    on_gpu(|device| {
        let report = run_ladder(&GpuImplementation::new(Arc::clone(device)));
        let expected = [
            "0 shaders",
            "1 layout",
            "2 random",
            "3 functions",
            "4 forward",
            "4 normalisation",
            "4 graphs",
            "4 painting",
            "4 population",
            "4 recurrent",
            "4 steps",
            "5 bounds",
            "5 episodes",
            "5 shards",
            "5 variants",
            "6 witness",
            "7 faults",
        ];
        assert_eq!(names(&report), BTreeSet::from(expected));
        assert!(report.checked() > 100_000, "{} values", report.checked());
        let faults = report.rungs.iter().filter(|rung| rung.name == "7 faults");
        assert!(faults.count() >= 8);
    });
}

/// Fails unless the reference and the implementation of every control task were compared with
/// recorded steps.
fn assert_witnesses(report: &LadderReport) {
    for task in task::all() {
        if task.step_limit() == 0 || World::is_world(&*task) {
            continue;
        }
        let name = &task.about().name;
        let subjects = [name.to_string(), format!("reference of {name}")];
        let witness = |rung: &&Rung| rung.name == "6 witness" && subjects.contains(&rung.subject);
        assert_eq!(report.rungs.iter().filter(witness).count(), 2, "{name}");
    }
}

/// A fault that the ladder itself does not plant: the rung that must be the first to fail, the part
/// of the shaders, the text to find, and its replacement.
pub type ShaderFault = (&'static str, &'static str, &'static str, &'static str);

/// Runs a part of the ladder with each fault, and fails unless the fault is first caught at its
/// rung.
pub fn assert_caught(device: &Arc<Device>, part_of_ladder: LadderPart, faults: &[ShaderFault]) {
    for &(rung, part, find, replace) in faults {
        let edit = Edit { part, find, replace };
        let faulty = GpuImplementation::with_faults(Arc::clone(device), &[edit]);
        let failure = part_of_ladder.first_failure(&faulty);
        let failure = failure.expect("a fault does not break the device");
        let failure = failure.unwrap_or_else(|| panic!("not caught: {find} as {replace}"));
        assert_eq!(failure.name, rung, "{find} as {replace}: {}", failure.at);
    }
}

#[test]
fn faults_of_randomness_and_functions_are_caught() {
    on_gpu(|device| {
        assert_caught(
            device,
            LadderPart::Arithmetic,
            &[
                ("2 random", "random.wgsl", "0xD2511F53u", "0xD2511F51u"),
                ("2 random", "random.wgsl", "ROUNDS: u32 = 10u", "ROUNDS: u32 = 9u"),
                ("2 random", "kernel/normal.wgsl", "half & 0x7FFFu", "half & 0x7FFEu"),
                ("3 functions", "math.wgsl", "HALF_PI_LOW: f32 = 9.9", "HALF_PI_LOW: f32 = 9.2"),
                ("3 functions", "math.wgsl", "0.66666776", "0.66706776"),
                ("3 functions", "network/activation.wgsl", "max(x, 0.0)", "max(x, -0.001)"),
            ],
        );
    });
}

#[test]
fn faults_of_cartpole_are_caught() {
    on_gpu(|device| {
        const PART: &str = "task/cartpole.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("cartpole"),
            &[
                ("4 steps", PART, "POLE_MASS: f32 = 0.1;", "POLE_MASS: f32 = 0.1001;"),
                ("4 steps", PART, "STEP_SECONDS: f32 = 0.02;", "STEP_SECONDS: f32 = 0.02001;"),
                ("4 steps", PART, "START: f32 = 0.05;", "START: f32 = 0.05001;"),
                ("4 steps", PART, "LARGEST_X: f32 = 2.4;", "LARGEST_X: f32 = 2.401;"),
                (
                    "4 steps",
                    PART,
                    "LARGEST_ANGLE: f32 = 0.20943951;",
                    "LARGEST_ANGLE: f32 = 0.2095;",
                ),
                ("4 steps", PART, "abs(state[0]) > LARGEST_X", "state[0] > LARGEST_X"),
                ("4 steps", PART, "return Step(next, 1.0)", "return Step(next, 1.001)"),
            ],
        );
    });
}

#[test]
fn faults_of_mountaincars_are_caught() {
    on_gpu(|device| {
        const PART: &str = "task/mountaincar.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("mountaincar"),
            &[
                ("4 steps", PART, "GOAL: f32 = 0.5;", "GOAL: f32 = 0.501;"),
                ("4 steps", PART, "LARGEST_SPEED: f32 = 0.07;", "LARGEST_SPEED: f32 = 0.0701;"),
                ("4 steps", PART, "LEFT_WALL: f32 = -1.2;", "LEFT_WALL: f32 = -1.201;"),
                ("4 steps", PART, "GRAVITY: f32 = 0.0025;", "GRAVITY: f32 = 0.002501;"),
            ],
        );
        const CONTINUOUS: &str = "task/mountaincar_continuous.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("mountaincar-continuous"),
            &[
                ("4 steps", CONTINUOUS, "GOAL: f32 = 0.45;", "GOAL: f32 = 0.451;"),
                ("4 steps", CONTINUOUS, "FORCE_COST: f32 = 0.1;", "FORCE_COST: f32 = 0.101;"),
            ],
        );
    });
}

#[test]
fn faults_of_arms_and_pendulums_are_caught() {
    on_gpu(|device| {
        const ARM: &str = "task/acrobot.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("acrobot"),
            &[
                ("4 steps", ARM, "MASS: f32 = 1.0;", "MASS: f32 = 1.001;"),
                ("4 steps", ARM, "LINE: f32 = 1.0;", "LINE: f32 = 1.001;"),
            ],
        );
        const PENDULUM: &str = "task/pendulum.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("pendulum"),
            &[
                ("4 steps", PENDULUM, "TORQUE_COST: f32 = 0.001;", "TORQUE_COST: f32 = 0.002;"),
                ("4 steps", PENDULUM, "LARGEST_SPEED: f32 = 8.0;", "LARGEST_SPEED: f32 = 8.01;"),
            ],
        );
    });
}

#[test]
fn faults_of_swings_and_poles_are_caught() {
    on_gpu(|device| {
        const SWING: &str = "task/swingup.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("swingup"),
            &[
                ("4 steps", SWING, "FRICTION: f32 = 0.1;", "FRICTION: f32 = 0.101;"),
                ("4 steps", SWING, "DEVIATION: f32 = 0.2;", "DEVIATION: f32 = 0.2001;"),
            ],
        );
        const POLES: &str = "task/double_pole.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("double-pole"),
            &[
                (
                    "4 steps",
                    POLES,
                    "HINGE_FRICTION: f32 = 0.000002;",
                    "HINGE_FRICTION: f32 = 0.00000202;",
                ),
                ("4 steps", POLES, "CART_FRICTION: f32 = 0.0005;", "CART_FRICTION: f32 = 0.001;"),
                ("4 steps", POLES, "SHORT_POLE = vec2<f32>(0.01,", "SHORT_POLE = vec2<f32>(0.011,"),
            ],
        );
        const HIDDEN: &str = "task/double_pole_hidden.wgsl";
        const STARTS: &str = "task/double_pole_starts.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("double-pole-hidden"),
            &[
                ("4 steps", HIDDEN, "CALM_REWARD: f32 = 0.675;", "CALM_REWARD: f32 = 0.676;"),
                ("4 steps", HIDDEN, "var k = POLES + 1u;", "var k = POLES + 2u;"),
                ("4 steps", STARTS, "0.75, 0.95)", "0.75, 0.951)"),
            ],
        );
    });
}

#[test]
fn faults_of_the_maze_are_caught() {
    on_gpu(|device| {
        const MAZE: &str = "task/maze.wgsl";
        assert_caught(
            device,
            LadderPart::Steps("maze"),
            &[
                ("4 steps", MAZE, "RADIUS: f32 = 8.0;", "RADIUS: f32 = 8.1;"),
                ("4 steps", MAZE, "RANGE: f32 = 100.0;", "RANGE: f32 = 100.01;"),
                ("4 steps", MAZE, "slant >= share", "slant >= 1.01 * share"),
                ("4 steps", MAZE, "(0.0, 125.0, 28.0, 85.0)", "(0.0, 125.0, 28.0, 85.1)"),
                ("4 steps", MAZE, "across > abs(along)", "across > 1.01 * abs(along)"),
            ],
        );
        // The behaviour of the first of two episodes only.
        const BEHAVIOUR: &str = "kernel/behaviour.wgsl";
        assert_caught(
            device,
            LadderPart::Task("maze"),
            &[("5 episodes", BEHAVIOUR, "episode < parameters.episodes", "episode < 1u")],
        );
    });
}

#[test]
fn faults_of_networks_and_populations_are_caught() {
    on_gpu(|device| {
        const GRAPH: &str = "network/graph.wgsl";
        const DECODE: &str = "kernel/decode.wgsl";
        // The texts are those of the generated layers.
        assert_caught(
            device,
            LadderPart::Networks,
            &[
                ("4 forward", "network/mlp.wgsl", "u + o);", "u);"),
                ("4 forward", "network/mlp.wgsl", "u + (i + 1u)", "u + (i + 0u)"),
                ("4 forward", "network/mlp.wgsl", "u + o), ", "u + o + 1u), "),
                (
                    "4 recurrent",
                    "network/elman.wgsl",
                    "network_state_at(0u + o)",
                    "network_state_at(o / 2u)",
                ),
                ("4 recurrent", "network/gru.wgsl", "(state - candidate)", "state"),
                ("4 recurrent", "network/gru.wgsl", "joined_0_put(i, ", "joined_0_put(i, 0.999 * "),
                ("4 graphs", GRAPH, "var aggregate = 0.0;", "var aggregate = 1e-3;"),
                ("4 graphs", GRAPH, "response * aggregate", "aggregate"),
                ("4 graphs", GRAPH, "max(aggregate, term)", "min(aggregate, term)"),
                ("4 graphs", GRAPH, "aggregate / f32(edges)", "aggregate"),
                ("4 graphs", GRAPH, "(INPUTS, 1.0", "(INPUTS, 0.999"),
                ("4 graphs", GRAPH, "u32(-1 - slot)", "0u"),
                ("4 graphs", GRAPH, "(node, 0u, KIND_BITS)", "(node, 0u, 2u)"),
                ("4 graphs", GRAPH, "pair << 16u, pair", "pair, pair"),
                ("4 graphs", GRAPH, "            number++;\n", ""),
                ("4 painting", DECODE, "abs(output) - parameters.threshold", "abs(output)"),
                ("4 painting", DECODE, "first_individual + individual]", "first_individual]"),
                ("4 population", "kernel/breed.wgsl", "pair.mutates == 1u", "pair.mutates <= 1u"),
                (
                    "4 population",
                    "kernel/recombine_reduction.wgsl",
                    "var chunk = 0u;",
                    "var chunk = 1u;",
                ),
            ],
        );
    });
}

#[test]
fn faults_of_scores_are_caught() {
    on_gpu(|device| {
        const DATA: &str = "task/data.wgsl";
        assert_caught(
            device,
            LadderPart::Task("digits"),
            &[("5 episodes", DATA, "-sum.loss / count", "-sum.loss / (count - 1.0)")],
        );
        assert_caught(
            device,
            LadderPart::Task("xor"),
            &[
                ("5 episodes", DATA, "error < 0.5", "error < 0.25"),
                ("5 episodes", DATA, "(count - sum.loss) *", "(count - 1.001 * sum.loss) *"),
            ],
        );
        const AVERAGE: &str = "kernel/average.wgsl";
        assert_caught(
            device,
            LadderPart::Task("cartpole"),
            &[
                (
                    "5 episodes",
                    AVERAGE,
                    "parameters.all_episodes)",
                    "parameters.all_episodes + 1u)",
                ),
                (
                    "5 episodes",
                    "kernel/rollout.wgsl",
                    "s < parameters.steps &&",
                    "s + 1u < parameters.steps &&",
                ),
            ],
        );
    });
}

#[test]
fn an_edit_that_changes_nothing_is_not_reported() {
    on_gpu(|device| {
        let (part, find) = ("task/cartpole.wgsl", "GRAVITY: f32 = 9.8;");
        let same = Edit { part, find, replace: find };
        let implementation = GpuImplementation::with_faults(Arc::clone(device), &[same]);
        let failure = LadderPart::Task("cartpole").first_failure(&implementation);
        assert_eq!(failure.expect("the shaders are unchanged"), None);
    });
}

#[test]
fn invalid_shaders_stop_the_ladder() {
    on_gpu(|device| {
        let broken = Edit { part: "math.wgsl", find: "fn math_sin(", replace: "fn math_sinus(" };
        let implementation = GpuImplementation::with_faults(Arc::clone(device), &[broken]);
        let report = Ladder::for_tasks(&["cartpole"])
            .expect("a task")
            .run(&implementation)
            .expect("no crash");
        assert!(!report.passed());
        assert_eq!(names(&report), BTreeSet::from(["0 shaders", "1 layout"]));
    });
}

/// The rung of a single comparison.
fn checked(found: f64, expected: f64, limit: f64) -> Rung {
    let mut comparison = Comparison::new("4 steps", "a test", "a limit");
    comparison.check(found, expected, limit, || "here".into());
    comparison.into_rung()
}

#[test]
fn a_comparison_fails_for_nan_and_passes_at_its_limit() {
    for (found, expected, limit) in [
        (f64::NAN, 0.0, 1.0),
        (0.0, f64::NAN, 1.0),
        (f64::NAN, f64::NAN, 1.0),
        (0.0, 0.0 + 1e-300, f64::NAN),
        (f64::INFINITY, 0.0, 1e300),
        (1.0, 2.0, 0.999),
        (1.0, 2.0, 0.0),
    ] {
        let rung = checked(found, expected, limit);
        assert!(!rung.passed() && rung.failed == 1, "{found}, {expected}, {limit}");
        assert!(rung.worst > 1.0, "{found}, {expected}: {}", rung.worst);
        assert!(rung.at.starts_with("here: got "), "{}", rung.at);
    }
    for (found, expected, limit) in
        [(1.0, 2.0, 1.0), (5.0, 5.0, 0.0), (f64::INFINITY, f64::INFINITY, 1.0), (0.5, 0.0, 1.0)]
    {
        let rung = checked(found, expected, limit);
        assert!(rung.passed() && rung.worst <= 1.0, "{found}, {expected}, {limit}");
    }
}

#[test]
fn a_comparison_keeps_the_worst_and_counts_all() {
    let mut comparison = Comparison::new("4 steps", "a test", "a limit");
    for (at, found) in [("a", 0.5), ("b", 3.0), ("c", 2.0), ("d", 0.0)] {
        comparison.check(found, 0.0, 1.0, || at.into());
    }
    comparison.check_that(true, || "e".into());
    comparison.skip("a reason");
    let rung = comparison.into_rung();
    assert_eq!((rung.checked, rung.failed, rung.skipped, rung.worst), (5, 2, 1, 3.0));
    assert!(rung.at.starts_with("b: got 3"), "{}", rung.at);
}

#[test]
fn a_rung_without_checks_has_not_passed() {
    let mut comparison = Comparison::new("4 steps", "a test", "a limit");
    comparison.skip("a reason");
    let rung = comparison.into_rung();
    assert!(!rung.passed());
    assert!(!LadderReport { adapter: String::new(), rungs: vec![rung] }.passed());
    assert!(!LadderReport { adapter: String::new(), rungs: Vec::new() }.passed());
}
