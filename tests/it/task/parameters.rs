//! Parameters of worlds: which lines of a text are parameters, and what settings do.

use std::path::Path;

use deme::task::{
    self, Kind, ParameterSetting, Task, World, parameters, split_settings, with_settings,
};

fn setting(text: &str) -> ParameterSetting {
    ParameterSetting::parse(text).expect("a setting")
}

#[test]
fn a_constant_that_a_function_uses_is_a_parameter() {
    let text = "const LENGTH: f32 = 0.5; // m, half the pole\nconst PI: f32 = 3.14;\n\
                const UNUSED: f32 = 1.0; // LENGTH UNUSED\nconst COUNT: u32 = 3u;\n\
                const SLOPE: f32 = -2.5e-3f;\nconst DERIVED: f32 = 2.0 * LENGTH;\n\
                fn f() -> f32 { return LENGTH * PI + SLOPE; }\n  const INNER: f32 = 1.0;\n";
    let found = parameters(text);
    let found: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.value, &*p.note)).collect();
    assert_eq!(found, [("length", 0.5, "m, half the pole"), ("slope", -2.5e-3, "")]);
}

#[test]
fn settings_are_numbers_or_ranges() {
    assert_eq!(setting("gravity=3.7").range, [3.7; 2]);
    assert_eq!(setting("half-length=0.25..0.75").range, [0.25, 0.75]);
    assert_eq!(setting("x=-1..-0.5").range, [-1.0, -0.5]);
    for wrong in [
        "",
        "gravity",
        "=3",
        "gravity=",
        "gravity=a",
        "gravity=inf",
        "gravity=NaN",
        "gravity=3..1",
        "gravity=1..1..2",
        "Gravity=1",
        "a b=1",
        "g=-3e38..3e38",
        "g=1..",
    ] {
        let error = ParameterSetting::parse(wrong).expect_err(wrong).to_string();
        assert!(error.contains("expected NAME=NUMBER"), "{wrong}: {error}");
    }
}

#[test]
fn the_name_of_a_task_carries_settings() {
    let name = with_settings("cartpole", &[setting("gravity=3"), setting("force=5..15")]);
    let name = name.expect("a name");
    assert_eq!(name, "cartpole:gravity=3,force=5..15");
    let (world, settings) = split_settings(&name).expect("a name with settings");
    assert_eq!((world, settings.len()), ("cartpole", 2));
    // A later setting replaces an earlier one.
    let changed = with_settings(&name, &[setting("gravity=4")]).expect("a name");
    assert_eq!(changed, "cartpole:force=5..15,gravity=4");
    assert_eq!(split_settings(r"C:\worlds\a.wgsl").expect("a path").1, []);
    assert!(task::is_world_file("a.wgsl:gravity=3"));
    assert!(!task::is_world_file("cartpole:gravity=3"));
}

#[test]
fn a_built_in_task_takes_settings_through_its_text() {
    let step = |name: &str| {
        let task = task::by_name(name).expect("a task");
        let Kind::Control(simulation) = task.kind() else { panic!("a control task") };
        let dynamics = simulation.reference().expect("dynamics");
        dynamics.step(&[0.0, 0.1, 0.05, 0.1, 0.5][..simulation.shape().state], &[1.0]).0
    };
    let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    // The default value changes nothing.
    assert!(close(&step("cartpole:gravity=9.8"), &step("cartpole")));
    assert!(!close(&step("cartpole:gravity=3.7"), &step("cartpole")));
    // A drawn parameter is the last number of a state, and stays.
    let drawn = step("cartpole:half-length=0.25..0.75");
    assert!(close(&drawn, &step("cartpole")), "{drawn:?}");
    assert_eq!(drawn[4], 0.5);
    for (name, expected) in [
        ("cartpole:gravty=3", "did you mean 'gravity'?"),
        ("double-pole-hidden:largest-force=3", "expected a control task whose episodes alone"),
        ("digits:a=3", "which has no episodes"),
        ("cartpole:gravity=3,gravity=4", "expected each name once"),
        ("acrobot:pi=3", "unknown parameter 'pi'"),
    ] {
        let error = task::by_name(name).map(|_| ()).expect_err(name).to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn a_drawn_parameter_is_uniform_and_the_same_for_all_individuals() {
    let task = task::by_name("cartpole:half-length=0.25..0.75,gravity=9..10").expect("a task");
    let Kind::Control(simulation) = task.kind() else { panic!("a control task") };
    let shape = simulation.shape();
    assert_eq!((shape.state, shape.own_state(), shape.draws), (6, 4, 6));
    let starts: Vec<Vec<f64>> = (0..2000)
        .map(|episode| {
            let stream = deme::random::Stream::Verification;
            let counter =
                deme::random::Counter { seed: 5, stream, generation: 0, individual: episode };
            simulation.reference().expect("dynamics").start(&shape.start_draws(counter))
        })
        .collect();
    for (at, low, high) in [(4, 0.25, 0.75), (5, 9.0, 10.0)] {
        let values = starts.iter().map(|start| start[at]);
        assert!(values.clone().all(|value| (low..=high).contains(&value)));
        let mean = values.sum::<f64>() / starts.len() as f64;
        assert!((mean - 0.5 * (low + high)).abs() < 0.02 * (high - low), "{mean}");
    }
}

#[test]
fn a_derived_constant_of_a_drawn_parameter_is_refused_with_advice() {
    let text = include_str!("../../../src/task/world/template.wgsl");
    let text = text
        .replace("const STEP_SECONDS", "const WEIGHT: f32 = MASS * GRAVITY;\nconst STEP_SECONDS");
    let parse = |settings: &[ParameterSetting]| {
        World::parse(&text, Path::new("swing.wgsl"), settings).map(|world| world.about().clone())
    };
    assert_eq!(parse(&[setting("mass=2")]).expect("a constant").name, "swing.wgsl:mass=2");
    let error = parse(&[setting("mass=1..2")]).expect_err("a variable").to_string();
    assert!(error.contains("needs let in a function"), "{error}");
}
