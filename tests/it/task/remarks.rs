//! Remarks: classes without samples to learn from or to test with, and constant features.

use deme::task::DataFile;
use tempfile::TempDir;

use super::npy::{archive, npy};
use super::written;

/// The notes on a table.
fn notes(text: &str, held_out: f64) -> String {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", text);
    let source = DataFile { held_out: Some(held_out), ..DataFile::new(&path) };
    source.read().expect("a good table").notes.join("\n")
}

#[test]
fn classes_of_one_part_are_noted() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = archive(
        &folder,
        &[
            ("x_train", npy("4, 1", &[0.0, 1.0, 2.0, 3.0])),
            ("y_train", npy("4,", &[0.0, 1.0, 0.0, 1.0])),
            ("x_test", npy("2, 1", &[1.0, 2.0])),
            ("y_test", npy("2,", &[1.0, 2.0])),
        ],
    );
    let notes = DataFile::new(&path).read().expect("a good archive").notes.join("\n");
    assert!(notes.contains("no training sample has the class '2'"), "{notes}");
    assert!(notes.contains("no held-out sample has the class '0' (2 samples)"), "{notes}");
}

#[test]
fn a_class_of_one_sample_is_noted() {
    let rows: String = (0..30).map(|row| format!("{row},{}\n", ["p", "q"][row % 2])).collect();
    let text = format!("a,y\n{rows}99,lonely\n");
    let found = notes(&text, 0.2);
    assert!(found.contains("no held-out sample has the class 'lonely' (1 sample)"), "{found}");
    assert!(!found.contains("no training sample"), "{found}");
    // Without held-out samples nothing can be said.
    assert!(!notes(&text, 0.0).contains("lonely"));
}

#[test]
fn classes_that_look_like_mistakes_are_noted() {
    let text = "a,y\n1,\"NA\"\n2,red\n3,Red\n4,\" red\"\n5,\"NA\"\n6,blue\n";
    let found = notes(text, 0.0);
    assert!(found.contains("'NA' is a class like the others here"), "{found}");
    assert!(found.contains("how they are written: ' red' and 'Red' and 'red'"), "{found}");
    let long = "a,y\n1,9007199254740992\n2,9007199254740993\n3,01\n4,1\n";
    let found = notes(long, 0.0);
    assert!(found.contains("how they are written: '1' and '01'\n"), "{found}");
    let ids: String = (0..40).map(|row| format!("{row},id{row}\n")).collect();
    let found = notes(&format!("a,y\n{ids}"), 0.0);
    assert!(found.contains("40 classes for 40 samples"), "{found}");
    assert!(!found.contains("--goal regression"), "{found}");
}

#[test]
fn constant_features_are_noted() {
    let rows =
        |b: usize| -> String { (0..9).map(|i| format!("{},5,{}\n", i * b, i % 2)).collect() };
    let found = notes(&format!("a,b,y\n{}", rows(1)), 0.0);
    assert!(
        found.contains("1 of 2 features is constant") && found.contains("feature 'b'"),
        "{found}"
    );
    let found = notes(&format!("a,b,y\n{}", rows(0)), 0.0);
    assert!(found.contains("all features are constant"), "{found}");
}

#[test]
fn numbers_that_became_classes_of_one_sample_are_noted_at_every_size() {
    let houses = |count: usize| -> String {
        (0..count).map(|row| format!("{row},{}\n", 100 + 7 * row)).collect()
    };
    for count in [8, 60] {
        let found = notes(&format!("size,price\n{}", houses(count)), 0.2);
        assert!(found.contains(&format!("{count} classes for {count} samples")), "{found}");
        assert!(found.contains("use --goal regression; "), "{found}");
    }
    let pairs: String = (0..8).map(|row| format!("{row},{}\n", row % 4)).collect();
    assert!(!notes(&format!("a,y\n{pairs}"), 0.2).contains("classes for"));
}
