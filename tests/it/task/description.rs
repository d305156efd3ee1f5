//! Descriptions: every number of every task has a label, and every task says how it is scored.

use deme::task::{self, Kind, Quantity, Task};

/// The number of inputs or outputs that labels stand for.
fn count(labels: &[Quantity]) -> usize {
    labels.iter().map(|label| label.count).sum()
}

/// The tasks of the registry, and the tasks that validate and test their networks.
fn tasks() -> impl Iterator<Item = Box<dyn Task>> {
    task::all().into_iter().flat_map(|task| {
        let evaluation_tasks = task.evaluation_tasks();
        let others = evaluation_tasks.map(|tasks| [tasks.validation, tasks.held_out]);
        std::iter::once(task).chain(others.into_iter().flatten())
    })
}

#[test]
fn there_is_a_label_for_every_input_and_output() {
    for task in tasks() {
        let (name, description) = (&task.about().name, task.description());
        assert_eq!(count(&description.inputs), task.inputs(), "{name}: inputs");
        assert_eq!(count(&description.outputs), task.outputs(), "{name}: outputs");
    }
}

#[test]
fn labels_are_distinct_and_say_what_they_mean() {
    for task in tasks() {
        let (name, description) = (&task.about().name, task.description());
        for labels in [&description.inputs, &description.outputs] {
            for (place, label) in labels.iter().enumerate() {
                let is_new = labels[..place].iter().all(|other| other.name != label.name);
                assert!(is_new, "{name}: '{}' twice", label.name);
                assert!(!label.name.is_empty() && !label.meaning.is_empty(), "{name}: {label:?}");
                assert!(label.low <= label.high, "{name}: {label:?}");
            }
        }
    }
}

#[test]
fn every_fact_is_a_sentence() {
    for task in tasks() {
        let (name, description) = (&task.about().name, task.description());
        let expected: &[&str] = match task.kind() {
            Kind::Control(_) => &["reward", "return", "ends", "parameters", "source"],
            Kind::Data(_) => &["objective", "score", "samples", "source"],
            Kind::Function(_) => {
                &["formula", "domain", "trap", "optimum", "rotation", "shift", "source"]
            }
        };
        let titles: Vec<&str> = description.facts.iter().map(|(title, _)| *title).collect();
        // A task may have no parameters, and a function may be no trap.
        let is_there =
            |title: &&&str| !["parameters", "trap"].contains(*title) || titles.contains(*title);
        let expected = expected.iter().filter(is_there);
        assert_eq!(titles, expected.copied().collect::<Vec<_>>(), "{name}");
        for (title, sentence) in &description.facts {
            let is_sentence = sentence.ends_with('.') || ["formula", "source"].contains(title);
            assert!(!sentence.is_empty() && is_sentence, "{name}: {title}: {sentence}");
        }
    }
}

/// An episode of a control task starts within the ranges of its labels.
#[test]
fn starts_lie_within_the_ranges_of_the_observations() {
    for task in tasks() {
        let Kind::Control(simulation) = task.kind() else { continue };
        let (shape, dynamics) = (simulation.shape(), simulation.reference().expect("dynamics"));
        let labels = simulation.labels();
        for draw in [0.0, 0.3, 0.5, 0.9] {
            let draws = shape.draw(|| draw);
            let observation = dynamics.observe(&dynamics.start(&draws));
            for (label, number) in labels.observations.iter().zip(observation) {
                let name = &task.about().name;
                assert!((label.low..=label.high).contains(&number), "{name}: {label:?}: {number}");
            }
        }
    }
}

#[test]
fn the_samples_of_each_part_are_counted() {
    let digits = task::by_name("digits").expect("a task");
    let Kind::Data(data) = digits.kind() else { panic!("digits is a data set") };
    let held_out = data.len() - data.training - data.validation;
    let facts = digits.description().facts;
    let (_, samples) = facts.iter().find(|(title, _)| *title == "samples").expect("a fact");
    for part in [
        format!("{} for training", data.training),
        format!("{} to choose the champion", data.validation),
        format!("{held_out} held out"),
    ] {
        assert!(data.validation > 0 && samples.contains(&part), "{part}: {samples}");
    }
}
