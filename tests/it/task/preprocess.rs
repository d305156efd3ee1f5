//! Preprocessing: names, notes, and the held-out samples of a data file.

use deme::task::{DataFile, DataSet, Task};
use tempfile::TempDir;

use super::{problem, written};

fn read(name: &str, text: &str) -> deme::task::LoadedDataSet {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, name, text);
    DataFile::new(&path).read().expect("a good table")
}

#[test]
fn a_task_has_the_name_of_its_file() {
    let text = "a,y\n1,p\n2,q\n3,p\n";
    for (name, task) in [("t.csv", "t"), ("We ird.v2.CSV", "We ird.v2"), ("..csv", ".")] {
        let data: DataSet = read(name, text).data;
        assert_eq!(data.about().name, task);
        assert_eq!(data.about().summary, "3 samples of 1 number, 2 classes");
        assert!(data.about().source.ends_with(name));
        assert_eq!(data.about().threshold, None);
    }
}

#[test]
fn notes_describe_the_choices_and_how_to_change_them() {
    let rows: String = (0..30).map(|i| format!("{i},{}\n", i % 3)).collect();
    let read = read("t.csv", &format!("a,y\n{rows}"));
    let note = &read.notes[0];
    for words in ["24 samples of 1", "6 held out", "'y' is one of 3 classes", "--goal regression"] {
        assert!(note.contains(words), "{note}");
    }
    assert_eq!(read.held_out, Some(0.2));
}

#[test]
fn equal_held_out_targets_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", "a,y\n1,0.5\n2,1.5\n3,2.5\n4,3.5\n");
    let problem = problem(DataFile::new(&path).read());
    assert!(problem.contains("R^2") && problem.contains("--held-out"), "{problem}");
    let two = DataFile { held_out: Some(0.5), ..DataFile::new(&path) }.read().expect("two differ");
    assert_eq!(two.data.training, 2);
}
