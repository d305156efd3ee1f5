//! Logs that are read while a run writes them.

use std::fs::{self, OpenOptions};
use std::io::Write;

use deme::run::{self, LogReader, Request, SavedRun};

/// The line of a generation, whose individuals all failed.
fn line(generation: u32, evaluations: i64) -> String {
    format!(
        "{{\"generation\":{generation},\"evaluations\":{evaluations},\"environment_steps\":0,\
         \"best\":null,\"mean\":null,\"failed\":8,\"spread\":0.5,\"validation\":null,\
         \"champion\":true,\"held_out\":null}}\n"
    )
}

#[test]
fn an_incomplete_last_line_is_left_for_later_and_a_shorter_log_is_read_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("log.jsonl");
    let (first, second) = (line(1, 8), line(2, 16));
    fs::write(&path, [&first, &second[..40]].concat()).expect("a log");
    let mut log = LogReader::open(folder.path()).expect("a log");
    let records = log.read_new().expect("a line");
    assert_eq!((records.len(), records[0].failed), (1, 8));
    assert_eq!(records[0].validation, None);
    assert!(log.is_torn());
    assert!(log.read_new().expect("nothing").is_empty());
    let mut file = OpenOptions::new().append(true).open(&path).expect("the log");
    file.write_all(&second.as_bytes()[40..]).expect("the rest");
    assert_eq!(log.read_new().expect("the line").len(), 1);
    assert!(!log.is_torn());
    fs::write(&path, first).expect("a shorter log");
    assert_eq!(log.read_new().expect("the line").len(), 1);
}

#[test]
fn errors_name_a_bad_line_and_a_folder_without_a_log() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let message = LogReader::open(folder.path()).err().expect("no log").to_string();
    assert!(message.contains("without log.jsonl"), "{message}");
    let first = line(1, 8).into_bytes();
    let mut not_utf8 = line(2, 16).into_bytes();
    not_utf8[20] = 0xff;
    let cases = [
        (b"{}\n".to_vec(), "expected a generation"),
        (not_utf8, "expected UTF-8, got another byte at 21"),
        (line(1, 16).into(), "expected generation 2, got 1"),
        (line(4, 16).into(), "expected generation 2, got 4"),
        (line(2, 0).into(), "expected more than 8 evaluations so far, got 0"),
        (line(2, 8).into(), "expected more than 8 evaluations"),
        (line(2, -16).into(), "expected a generation"),
    ];
    for (second, words) in cases {
        fs::write(folder.path().join("log.jsonl"), [&first[..], &second].concat()).expect("a log");
        let error = SavedRun::read(folder.path()).expect_err("a bad line");
        let message = error.to_string();
        assert!(error.is_input() && message.contains("log.jsonl:2: "), "{message}");
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn only_strategies_with_species_log_them() {
    for (strategy, has_species) in [("neat", true), ("ga", false)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let request = Request {
            strategy: Some(strategy.into()),
            population: Some(30),
            generations: Some(8),
            until: Some("never".into()),
            backend: Some("cpu".into()),
            ..Request::for_task("xor")
        };
        let out = folder.path().join("run");
        let config = request.check().expect("a run").with_folder(&out);
        run::train(&config, &mut ()).expect("a summary");
        let text = fs::read_to_string(out.join("log.jsonl")).expect("the log");
        assert_eq!(text.matches("\"species\":[[").count(), if has_species { 8 } else { 0 });
        assert_eq!(text.contains("species"), has_species, "{text}");
        for record in LogReader::open(&out).and_then(|mut log| log.read_new()).expect("a log") {
            let sizes: u32 = record.species.iter().map(|(_, size)| size).sum();
            assert_eq!(sizes, if has_species { 30 } else { 0 });
            assert!(record.species.iter().all(|(_, size)| *size > 0));
        }
    }
}
