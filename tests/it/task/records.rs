//! Records: quotes, line ends and lengths, with the line of every fault.

use deme::error::{Error, Result};
use deme::task::{DataFile, DataSet};
use tempfile::TempDir;

use super::written;

fn read(text: &str) -> Result<DataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", text);
    DataFile { held_out: Some(0.0), ..DataFile::new(&path) }.read().map(|read| read.data)
}

#[track_caller]
fn refused(text: &str) -> (usize, String) {
    match read(text) {
        Err(Error::File { line, problem, .. }) => (line, problem),
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it should be refused: {text}"),
    }
}

#[track_caller]
fn classes(text: &str) -> Vec<String> {
    read(text).expect("a good table").preprocessing.expect("it is a file's").classes
}

#[test]
fn a_quote_that_never_closes_is_refused_with_its_line() {
    let rows: String =
        (0..400).map(|row| format!("{row},{}\n", ["big", "small"][row % 2])).collect();
    for (at, cell) in [(7, "\"big"), (7, "\"\"\"big\"\""), (402, "\"")] {
        let mut lines: Vec<String> = format!("x,size\n{rows}").lines().map(str::to_owned).collect();
        lines.insert(at - 1, format!("1,{cell}"));
        let (line, problem) = refused(&lines.join("\n"));
        assert_eq!(line, at, "{problem}");
        assert!(problem.contains("expected a closing quote"), "{problem}");
    }
    // A quote in the header, and lines that end as on old Macs.
    assert_eq!(refused("x,\"size\n1,2\n").0, 1);
    assert_eq!(refused("x,y\r1,a\r2,\"b\r3,a\r").0, 3);
}

#[test]
fn text_after_a_closing_quote_is_refused_with_the_line_of_the_quote() {
    for text in [
        "x,size\n1,big\n2,\"big\" one\n3,big\n",
        "x,size\n1,big\n2,\"big\"one\"\n3,big\n",
        // Two stray quotes would merge the lines between them.
        "x,size\n1,big\n2,\"big\n3,small\n4,\"big\n5,small\n",
    ] {
        let (line, problem) = refused(text);
        assert_eq!(line, 3, "{problem}");
        assert!(problem.contains("expected a separator after the value in quotes"), "{problem}");
    }
}

#[test]
fn quotes_protect_separators_line_ends_quotes_and_spaces() {
    let text = "x,size\n1,\"a, \"\"b\"\"\nc\"\n2 , \" d \" \n3,5\" pipe\n";
    assert_eq!(classes(text), [" d ", "5\" pipe", "a, \"b\"\nc"]);
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", text);
    let notes = DataFile::new(&path).read().expect("a good table").notes;
    assert!(notes.iter().any(|note| note.contains("on line 2 goes on for 2 lines")), "{notes:?}");
}

#[test]
fn quoted_marks_of_missing_values_are_words() {
    let quoted = "x,code\n1,DE\n2,\"NA\"\n3,FR\n";
    assert_eq!(classes(quoted), ["DE", "FR", "NA"]);
    let (line, problem) = refused(&quoted.replace('"', ""));
    assert_eq!(line, 3);
    assert!(problem.contains("put it in quotes: \"NA\""), "{problem}");
    // An empty text is missing either way.
    assert!(refused("x,code\n1,DE\n2,\"\"\n3,FR\n").1.contains("got nothing"));
}

#[test]
fn every_kind_of_line_end_ends_a_record() {
    let lines = ["x,y", "1,a", "", "2,b", "   ", "3,a"];
    for end in ["\n", "\r\n", "\r"] {
        for last in ["", end, &end.repeat(3)] {
            let data = read(&(lines.join(end) + last)).expect("a good table");
            assert_eq!(data.targets, [0.0, 1.0, 0.0], "{end:?} {last:?}");
        }
        let bad = [&lines[..], &["4,a,5"]].concat();
        assert_eq!(refused(&bad.join(end)).0, 7, "{end:?}");
    }
}

#[test]
fn comments_are_refused_where_they_stand() {
    let (line, problem) = refused("x,y\n1,a\n# said so\n2,b\n");
    assert_eq!(line, 3);
    assert!(problem.contains("no comments: remove the line"), "{problem}");
    for first in ["# made by hand", "sep=,"] {
        let (line, problem) = refused(&format!("{first}\nx,y,z\n1,2,a\n"));
        assert!(line == 2 && problem.contains("remove the first line"), "{problem}");
    }
}
