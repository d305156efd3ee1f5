//! Columns: targets, and columns that are left out or chosen.

use deme::error::Result;
use deme::task::{ColumnOptions, DataFile, DataSet, Objective, Split};
use tempfile::TempDir;

use super::written;

fn read(text: &str, target: Option<&str>, columns: ColumnOptions) -> Result<DataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "table.csv", text);
    let no_header = !text.starts_with(|first: char| first.is_alphabetic());
    let file = DataFile { target, columns, no_header, ..DataFile::new(&path) };
    DataFile { held_out: Some(0.0), ..file }.read().map(|read| read.data)
}

fn refused(text: &str, target: Option<&str>, columns: ColumnOptions) -> String {
    read(text, target, columns).map(|_| ()).expect_err("it should be refused").to_string()
}

const TABLE: &str = "id,\"left, top\",right,colour,y\n\
                     a,1,2,red,0.5\nb,3,4,blue,1.5\nc,5,0,red,2.5\nd,7,9,green,-1\n";

#[test]
fn columns_are_left_out_or_chosen_by_their_names() {
    let drop = ColumnOptions { drop: Some("colour, id"), ..ColumnOptions::default() };
    let data = read(TABLE, None, drop).expect("a good table");
    let preprocessing = data.preprocessing.expect("it is a file's");
    assert_eq!(preprocessing.columns, ["left, top", "right"]);
    assert_eq!(preprocessing.input_means, [4.0, 3.75]);
    // A name with a comma needs quotes only within a list.
    for (features, names) in [
        ("left, top", &["left, top"][..]),
        ("right,\"left, top\"", &["left, top", "right"]),
        (" right ", &["right"]),
    ] {
        let features = ColumnOptions { features: Some(features), ..ColumnOptions::default() };
        let data = read(TABLE, None, features).expect("a good table");
        assert_eq!(data.preprocessing.expect("it is a file's").columns, names);
    }
    // The target is the last column that is left.
    let drop = ColumnOptions { drop: Some("id,colour,y"), ..ColumnOptions::default() };
    let data = read(TABLE, None, drop).expect("a good table");
    let preprocessing = data.preprocessing.expect("it is a file's");
    assert_eq!(
        (&preprocessing.columns[0][..], &preprocessing.targets[0][..]),
        ("left, top", "right")
    );
}

#[test]
fn columns_without_names_have_numbers() {
    let text = "1,2,0.5\n3,4,1.5\n5,7,9.5\n";
    let drop = ColumnOptions { drop: Some("2"), ..ColumnOptions::default() };
    let data = read(text, Some("1"), drop).expect("a good table");
    let preprocessing = data.preprocessing.expect("it is a file's");
    assert_eq!(
        (&preprocessing.columns[0][..], &preprocessing.targets[0][..]),
        ("column3", "column1")
    );
    let columns = preprocessing.table.expect("it is a table's");
    assert_eq!((columns.width, columns.targets, columns.has_header), (3, vec![0], false));
    let message = refused(text, Some("4"), ColumnOptions::default());
    assert!(message.contains("unknown column of table.csv for --target '4'"), "{message}");
}

#[test]
fn wrong_lists_of_columns_are_refused_with_the_flag() {
    let drop = |drop| ColumnOptions { drop: Some(drop), ..ColumnOptions::default() };
    let features =
        |features| ColumnOptions { features: Some(features), ..ColumnOptions::default() };
    let all = "id,\"left, top\",right,colour";
    let both = ColumnOptions { drop: Some("id"), ..features("right") };
    for (target, columns, words) in [
        (
            None,
            drop("colours"),
            "column of table.csv for --drop 'colours' (did you mean 'colour'?)",
        ),
        (None, features("rigth"), "for --features 'rigth' (did you mean 'right'?)"),
        (Some("right,z"), drop("id"), "for --target 'z'; known: id, left, top, right"),
        (Some("y"), drop("y"), "--drop: expected columns other than the target, got 'y'"),
        (Some("y"), features("y,right"), "--features: expected columns other than the target"),
        (None, drop("id,id"), "--drop: expected distinct columns, got 'id' twice"),
        (Some("y"), drop(all), "expected a column beside the target"),
        (None, both, "--drop: expected nothing beside --features"),
    ] {
        let message = refused(TABLE, target, columns);
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn several_targets_are_a_regression_and_each_is_standardised() {
    let drop = ColumnOptions { drop: Some("id,colour"), ..ColumnOptions::default() };
    let data = read(TABLE, Some("y,right"), drop).expect("a good table");
    assert_eq!((data.objective, data.inputs, data.outputs), (Objective::SquaredError, 1, 2));
    let preprocessing = data.preprocessing.as_ref().expect("it is a file's");
    assert_eq!(preprocessing.targets, ["y", "right"]);
    let [y, right] = preprocessing.outputs[..] else { panic!("two outputs") };
    assert_eq!((y.mean, right.mean), (0.875, 3.75));
    for (sample, expected) in [[0.5, 2.0], [1.5, 4.0], [2.5, 0.0], [-1.0, 9.0]].iter().enumerate() {
        let found = data.targets_of(sample..sample + 1);
        approx::assert_relative_eq!(y.apply(found[0].into()), expected[0], epsilon = 1e-6);
        approx::assert_relative_eq!(right.apply(found[1].into()), expected[1], epsilon = 1e-6);
    }
    // Standardised targets have a variance of 1, and each output has half of the weight.
    let weights = data.error_weights(Split::Training);
    weights.iter().for_each(|&weight| approx::assert_relative_eq!(weight, 0.5, epsilon = 1e-6));
    // Words cannot be one of several numbers, and whole numbers are no classes then.
    let drop = ColumnOptions { drop: Some("id"), ..ColumnOptions::default() };
    let message = refused(TABLE, Some("y,colour"), drop);
    assert!(message.contains("column 'colour': expected a number, because several targets"));
    let constant = "a,b,c\n1,2,3\n2,2,5\n3,2,1\n";
    let message = refused(constant, Some("b,c"), ColumnOptions::default());
    assert!(message.contains("numbers of 'b' that differ"), "{message}");
}
