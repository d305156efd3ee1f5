//! Headers: names that are missing or look like a sample, and files without names.

use deme::task::{DataFile, LoadedDataSet};
use tempfile::TempDir;

use super::{problem, written};

fn load(text: &str, no_header: bool, target: Option<&str>) -> deme::error::Result<LoadedDataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", text);
    DataFile { held_out: Some(0.0), no_header, target, ..DataFile::new(&path) }.read()
}

#[test]
fn a_first_line_that_looks_like_a_sample_is_refused() {
    for text in [
        "-0.1,0.7,Iris-a\n3.1,-0.5,Iris-b\n6,0,Iris-c\n0.3,1,Iris-a\n",
        // A class that occurs once, beside a number that is no name.
        "5.1,3.5,rare\n3.1,0.5,b\n6,0,c\n",
        // Whole numbers, and a class of the column.
        "5,3,a\n3,1,b\n6,0,a\n",
        "1,2,3\n4,5,6\n7,8,3\n",
        "1,?,3\n4,5,6\n7,8,3\n",
        "20,5;off\n21,5;on\n22,5;off\n",
    ] {
        let problem = problem(load(text, false, None));
        assert!(problem.contains("t.csv:1: expected a header"), "{text}: {problem}");
        assert!(problem.contains("--no-header"), "{text}: {problem}");
        let loaded = load(text, true, None);
        match loaded {
            Ok(loaded) => assert_eq!(loaded.data.targets.len(), text.lines().count()),
            Err(error) => assert!(error.to_string().contains("'?'"), "{error}"),
        }
    }
}

#[test]
fn numbers_and_classes_may_be_names() {
    // A word over numbers shows that the line has names.
    for text in ["0,1,label\n5,6,1\n7,8,0\n", "x,y\n1,x\n2,y\n", "2019.5,x,y\n1,2,a\n2,3,b\n"] {
        let loaded = load(text, false, None).expect("a header");
        assert_eq!(loaded.data.targets.len(), 2, "{text}");
        assert!(!loaded.notes.iter().any(|note| note.contains("--no-header")), "{text}");
    }
    // Without such a word, a note says how the line was read.
    let loaded = load("2019,2020,kind\n1,2,a\n2,3,b\n", false, None).expect("a header");
    let note = loaded.notes.iter().find(|note| note.contains("--no-header")).expect("a note");
    assert!(note.contains("'2019'"), "{note}");
}

#[test]
fn columns_without_names_are_numbered() {
    let text = "1,a,2.5\n2,b,3.5\n3,a,4.5\n";
    let loaded = load(text, true, Some("column2")).expect("a table");
    let preprocessing = loaded.data.preprocessing.expect("it is a file's");
    assert_eq!(
        (preprocessing.columns.join(" "), preprocessing.targets[0].as_str()),
        ("column1 column3".into(), "column2")
    );
    assert_eq!(
        (preprocessing.classes.join(" "), loaded.data.targets),
        ("a b".into(), vec![0., 1., 0.])
    );
    // A header that is taken for a sample is an error of its words.
    let problem = problem(load("size,kind\n1,a\n2,b\n", true, None));
    assert!(
        problem.contains("t.csv:1: column 'column1': expected a number, got 'size'"),
        "{problem}"
    );
}

#[test]
fn an_unknown_target_is_suggested() {
    let problem = problem(load("width,kind\n1,a\n2,b\n", false, Some("Kind")));
    assert!(problem.contains("did you mean 'kind'"), "{problem}");
}

#[test]
fn wide_files_take_time_in_proportion_to_their_columns() {
    // Comparing each name with all others would take 2 x 10^10 comparisons, minutes of work.
    const COLUMNS: usize = 200_000;
    let names: Vec<String> =
        (0..COLUMNS).map(|column| format!("a rather long name {column}")).collect();
    let row =
        |first: usize| (0..COLUMNS).map(|n| ((first + n) % 7).to_string()).collect::<Vec<_>>();
    let lines = [names, row(0), row(1), row(3)].map(|cells| cells.join(","));
    let begun = std::time::Instant::now();
    let loaded = load(&lines.join("\n"), false, None).expect("a table");
    assert_eq!(loaded.data.inputs, COLUMNS - 1);
    // This takes 0.2 s.
    assert!(begun.elapsed().as_secs_f64() < 20.0, "{:?}", begun.elapsed());
}
