//! Tasks: the rules for every kind, and one module per task.

mod acrobot;
mod action;
mod actors;
mod cartpole;
mod checks;
mod collection;
mod column_options;
mod columns;
mod control;
mod coordinate_frame;
mod csv;
mod data;
mod data_file;
mod data_gradient;
mod declarations;
mod defaults;
mod description;
mod dialect;
mod digits;
mod double_pole;
mod double_pole_hidden;
mod double_pole_starts;
mod dynamics;
mod environment;
mod environment_task;
mod episode;
mod features;
mod fitness;
mod format;
mod formula;
mod function;
mod function_gradient;
mod gunzip;
mod header;
mod idx;
mod labels;
mod lane_rollout;
mod loss_slope;
mod maze;
mod mountaincar;
mod mountaincar_continuous;
mod new_rows;
mod npy;
mod npy_header;
mod numbers;
mod parameters;
mod pendulum;
mod picture;
mod pole;
mod policies;
mod preprocess;
mod preprocessing;
mod probe;
mod programs;
mod records;
mod registry;
mod remarks;
mod rollout;
mod schedule;
mod simulation;
mod single_pole;
mod split;
mod swingup;
mod table;
mod target;
mod target_error;
mod text;
mod text_table;
mod trap;
mod world;
mod xor;

use std::path::PathBuf;

use deme::network::Activation;
use deme::strategy::{self, Settings, Start};
use deme::task::{self, ControlShape, Dynamics, Kind, Task};
use tempfile::TempDir;

/// Writes a file into a folder, and returns its path.
fn written(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a new file");
    path
}

/// The message of an error, which must be one of bad input.
#[track_caller]
pub fn problem<T>(result: deme::error::Result<T>) -> String {
    match result {
        Ok(_) => panic!("it should be refused"),
        Err(error) => {
            assert!(error.is_input(), "{error}");
            error.to_string()
        }
    }
}

/// A task of the registry, or one that validates or tests the networks of another.
fn task_of(name: &str) -> Box<dyn Task> {
    let stand_ins = task::all().into_iter().filter_map(|task| task.evaluation_tasks());
    let mut tasks = stand_ins.flat_map(|tasks| [tasks.validation, tasks.held_out]);
    let stand_in = tasks.find(|task| task.about().name == name);
    stand_in.unwrap_or_else(|| task::by_name(name).expect("a task of the registry"))
}

/// Runs a test on the double-precision dynamics of a control task.
fn dynamics<T>(name: &str, test: impl FnOnce(ControlShape, &dyn Dynamics<f64>) -> T) -> T {
    let task = task_of(name);
    match task.kind() {
        Kind::Control(simulation) => {
            test(simulation.shape(), simulation.reference().expect("dynamics"))
        }
        Kind::Data(_) | Kind::Function(_) => panic!("{name} has no dynamics"),
    }
}

/// The next state and the reward of one step.
fn step(name: &str, state: &[f64], action: f64) -> (Vec<f64>, f64) {
    dynamics(name, |_, dynamics| dynamics.step(state, &[action]))
}

fn terminated(name: &str, state: &[f64]) -> bool {
    dynamics(name, |_, dynamics| dynamics.terminated(state))
}

/// The starts of the smallest and of the largest draws, and the step limit.
fn sizes(name: &str) -> (Vec<f64>, Vec<f64>, u32) {
    dynamics(name, |shape, dynamics| {
        let start = |draw| dynamics.start(&vec![draw; shape.draws]);
        (start(0.0), start(1.0), shape.step_limit)
    })
}

/// Fails where two states differ by more than the rounding of a few operations.
#[track_caller]
fn assert_state(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-12);
    }
}

#[test]
fn a_run_accepts_every_default() {
    for task in task::all() {
        let (about, defaults) = (task.about(), task.about().defaults);
        let network = task.network(defaults.network, Activation::Tanh);
        let genes = network.expect("a good spec").parameters();
        let mut settings = Settings::default();
        defaults.settings.iter().for_each(|(key, value)| settings.set(*key, *value));
        let population = defaults.population as usize;
        let start = Start { genes, centre: vec![0.0; genes], population, seed: 1 };
        let entry = strategy::by_name(defaults.strategy).expect("a known strategy");
        entry.begin(&settings, start).unwrap_or_else(|error| panic!("{}: {error}", about.name));
        assert!(defaults.generations > 0 && defaults.episodes > 0, "{}", about.name);
        assert!(about.threshold.is_none_or(f64::is_finite), "{}", about.name);
        assert!(!about.summary.is_empty() && !about.source.is_empty(), "{}", about.name);
    }
}

#[test]
fn evaluation_tasks_take_the_same_networks() {
    let mut count = 0;
    for task in task::all() {
        let Some(tasks) = task.evaluation_tasks() else { continue };
        for other in [&tasks.validation, &tasks.held_out] {
            assert_eq!((other.inputs(), other.outputs()), (task.inputs(), task.outputs()));
            assert!(other.about().threshold.is_some() && other.evaluation_tasks().is_none());
        }
        assert_eq!(tasks.held_out.about().threshold, task.about().threshold);
        count += 1;
    }
    assert_eq!(count, 3, "tasks with evaluation tasks");
}

#[test]
fn inputs_outputs_and_limits_match_the_kind() {
    for task in task::all() {
        let (inputs, outputs) = (task.inputs(), task.outputs());
        match task.kind() {
            Kind::Control(simulation) => {
                let shape = simulation.shape();
                assert_eq!((inputs, outputs), (shape.observations, shape.actions.outputs()));
                assert_eq!(task.step_limit(), shape.step_limit);
                assert!(shape.step_limit > 0);
            }
            Kind::Data(data) => {
                assert_eq!((inputs, outputs, task.step_limit()), (data.inputs, data.outputs, 0));
            }
            Kind::Function(function) => {
                let dimensions = function.dimensions();
                assert_eq!((inputs, outputs, task.step_limit()), (dimensions, 1, 0));
                let network = task.network("none", Activation::Tanh).expect("no layers");
                assert_eq!(network.parameters(), dimensions);
            }
        }
    }
}
