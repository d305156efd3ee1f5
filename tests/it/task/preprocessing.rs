//! Preprocessing: the columns of a table as a champion keeps them.

use deme::task::{FeatureColumn, MissingValues, OutputScaling, TableColumns};

fn column(name: &str, position: usize, words: &[&str]) -> FeatureColumn {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    FeatureColumn { name: name.into(), position, words }
}

fn columns(has_header: bool) -> TableColumns {
    let features = vec![column("size", 0, &[]), column("colour", 2, &["blue", "red"])];
    let missing = MissingValues::Mean;
    TableColumns { has_header, width: 3, targets: vec![1], features, missing }
}

#[test]
fn inputs_are_named_by_column_and_word() {
    let names: Vec<String> =
        columns(true).features.iter().flat_map(FeatureColumn::input_names).collect();
    assert_eq!(names, ["size", "colour=blue", "colour=red"]);
    assert_eq!(column("size", 0, &[]).inputs() + column("c", 1, &["a", "b"]).inputs(), 3);
}

#[test]
fn columns_must_have_the_inputs_of_the_network_and_places_within_the_table() {
    assert_eq!(columns(true).check(3), Ok(()));
    assert!(columns(true).check(2).is_err_and(|problem| problem.contains("2 inputs")));
    assert_eq!(columns(false).check(3), Ok(()));
    // Columns without names are found by their places.
    for (width, targets) in [(2, vec![1]), (3, vec![2]), (3, vec![3])] {
        let wrong = TableColumns { width, targets, ..columns(false) };
        assert!(wrong.check(3).is_err_and(|problem| problem.contains("places below")), "{wrong:?}");
    }
}

#[test]
fn columns_are_the_same_after_they_are_written_and_read() {
    let text = serde_json::to_string(&columns(true)).expect("JSON");
    assert!(text.contains("\"missing\":\"mean\"") && text.contains("\"words\":[\"blue\",\"red\"]"));
    assert_eq!(serde_json::from_str::<TableColumns>(&text).expect("columns"), columns(true));
}

#[test]
fn an_output_of_zero_is_the_mean() {
    let scaling = OutputScaling { mean: 5.0, deviation: 2.0 };
    assert_eq!([0.0, -1.5].map(|output| scaling.apply(output)), [5.0, 2.0]);
}
