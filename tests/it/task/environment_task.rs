//! Tasks of environments: their names, sizes and labels, and the backends that take them.

use std::sync::Arc;

use deme::backend::{self, BackendChoice, Tuning};
use deme::gpu::DeviceOptions;
use deme::task::{Actions, EnvironmentTask, Labels, Quantity, Simulation, Task};

use super::environment::{Walk, network, walk};
use super::problem;

#[test]
fn a_gpu_is_refused_by_name_and_auto_takes_the_cpu() {
    let open = |choice, adapter| {
        let options = DeviceOptions::default();
        let tuning = Tuning::default();
        backend::open(choice, adapter, &options, Arc::new(walk()), network(), tuning)
    };
    for (choice, adapter) in [(BackendChoice::Gpu, None), (BackendChoice::Auto, Some("any"))] {
        let message = problem(open(choice, adapter));
        assert!(message.contains("expected a task with WGSL, got walk"), "{message}");
        assert!(message.contains("use --backend cpu"), "{message}");
    }
    let opened = open(BackendChoice::Auto, None).expect("the CPU");
    assert_eq!(opened.training.name(), "cpu");
    assert!(opened.note.contains("the task has no WGSL, which a GPU needs"), "{}", opened.note);
}

#[test]
fn sizes_and_names_that_do_not_fit_are_refused() {
    let new = |name: &str, observations, actions, steps| {
        EnvironmentTask::new(name, observations, actions, steps, Walk::default)
    };
    let two = Actions::Choice(2);
    for name in ["", "a/b", "..", "cartpole:gravity=3", "walk.wgsl"] {
        assert!(problem(new(name, 1, two, 1)).contains("expected letters"), "{name}");
    }
    for name in ["cartpole", "sphere-3"] {
        assert!(problem(new(name, 1, two, 1)).contains("no built-in task has"), "{name}");
    }
    for (observations, actions, steps) in [(0, two, 1), (1, Actions::Choice(0), 1), (1, two, 0)] {
        assert!(problem(new("walk", observations, actions, steps)).contains("above 0, got 0"));
    }
    assert!(problem(walk().with_behaviour(5)).contains("4 numbers at most, got 5"));
    static ONE: [Quantity; 1] = [Quantity::unbounded("x", "", "")];
    let labels = Labels { observations: &ONE, actions: &ONE, ..walk().labels() };
    assert!(problem(walk().with_labels(labels)).contains("expected 3 observations, got 1"));
    let description = (&walk() as &dyn Task).description();
    assert_eq!((description.inputs[0].count, description.outputs.len()), (3, 1));
}
