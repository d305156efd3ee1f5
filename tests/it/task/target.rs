//! Targets: classes or numbers, by the rule or by the goal.

use deme::task::{DataFile, Goal, Objective};
use tempfile::TempDir;

use super::{problem, written};

/// The objective and the classes of a column, or the problem.
fn learned(values: &[String], goal: Option<Goal>) -> Result<(Objective, Vec<String>), String> {
    let rows: String = values.iter().enumerate().map(|(row, y)| format!("{row},{y}\n")).collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", format!("row,y\n{rows}"));
    let read = DataFile { goal, held_out: Some(0.0), ..DataFile::new(&path) }.read();
    let data = read.map_err(|error| error.to_string())?.data;
    Ok((data.objective, data.preprocessing.expect("it is a file's").classes))
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(String::from).collect()
}

#[test]
fn classes_are_in_numerical_or_alphabetical_order() {
    for (values, classes) in [
        ("red blue Green red", "Green blue red"),
        ("10 9 -1 10", "-1 9 10"),
        ("1.0 0 1 -0.0", "0 1"),
        ("10 9 x 10", "10 9 x"),
        ("True False True", "False True"),
    ] {
        let expected = (Objective::CrossEntropy, words(classes));
        assert_eq!(learned(&words(values), None), Ok(expected), "{values}");
    }
}

#[test]
fn numbers_are_classes_if_they_are_whole_and_few() {
    let whole = |count: usize| (0..3 * count).map(|n| (n % count).to_string()).collect::<Vec<_>>();
    let objective = |values: &[String], goal| learned(values, goal).map(|(objective, _)| objective);
    let (classes, numbers) = (Ok(Objective::CrossEntropy), Ok(Objective::SquaredError));
    assert_eq!(objective(&whole(100), None), classes);
    assert_eq!(objective(&whole(101), None), numbers);
    assert_eq!(objective(&words("0 1 1.5 0"), None), numbers);
    // The goal overrides the rule.
    assert_eq!(objective(&whole(101), Some(Goal::Classification)), classes);
    assert_eq!(objective(&whole(2), Some(Goal::Regression)), numbers);
    let halves = learned(&words("0.5 1.5 0.5"), Some(Goal::Classification));
    assert_eq!(halves, Ok((Objective::CrossEntropy, words("0.5 1.5"))));
    let refused = objective(&words("1 2 red"), Some(Goal::Regression));
    assert!(refused.expect_err("words").contains("t.csv:4: column 'y': expected a number"));
}

#[test]
fn a_target_with_nothing_to_learn_is_refused() {
    for (values, goal, words_of_it) in [
        ("red red", None, "two classes, got one: 'red'"),
        ("7 7 7", None, "two classes, got one: '7'"),
        ("0.5", None, "at least two samples"),
        ("0.5 0.5 0.5", None, "expected numbers that differ"),
        ("1e300 -1e300 1.5e300", Some(Goal::Regression), "too much"),
    ] {
        let problem = learned(&words(values), goal).expect_err("it should be refused");
        assert!(problem.contains(words_of_it) && problem.contains("column 'y'"), "{problem}");
    }
}

#[test]
fn a_goal_is_one_of_two() {
    assert_eq!("classification".parse::<Goal>().ok(), Some(Goal::Classification));
    assert_eq!("regression".parse::<Goal>().ok(), Some(Goal::Regression));
    assert!(problem("clustering".parse::<Goal>()).contains("classification, regression"));
}
