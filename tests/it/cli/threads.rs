//! `--threads`: wrong numbers are refused, the number is recorded, and results do not depend on it.

use serde_json::Value;
use tempfile::TempDir;

use super::{deme, json, text};

#[test]
fn invalid_numbers_of_threads_are_refused() {
    for command in [["train", "xor"], ["verify", "xor"], ["bench", "cartpole"]] {
        for threads in ["0", "4097", "two"] {
            let folder = TempDir::new().expect("a temporary folder");
            let arguments = [&command[..], &["--threads", threads]].concat();
            let output = deme(folder.path(), &arguments).output().expect("the command runs");
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
            assert!(message.contains("--threads"), "{arguments:?}: {message}");
            assert!(output.stdout.is_empty());
            assert_eq!(folder.path().read_dir().expect("the folder").count(), 0);
        }
    }
}

#[test]
fn the_number_of_the_environment_is_bounded_too() {
    for threads in ["99999", "4097", "two", "-1"] {
        let folder = TempDir::new().expect("a temporary folder");
        let mut command = deme(folder.path(), &["train", "xor"]);
        let output = command.env("RAYON_NUM_THREADS", threads).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{threads}: {message}");
        assert!(message.contains("RAYON_NUM_THREADS: expected"), "{message}");
        assert!(message.contains("1 to 4096"), "{message}");
        assert_eq!(folder.path().read_dir().expect("the folder").count(), 0);
    }
}

/// Linux refuses a thread whose stack is larger than all memory, whoever asks for it.
#[cfg(target_os = "linux")]
#[test]
fn a_system_without_threads_is_said_to_have_none() {
    let commands: [&[&str]; 4] = [
        &["train", "cartpole"],
        &["compare", "xor", "--strategies", "ga,openai-es"],
        &["verify", "xor", "--backend", "cpu"],
        &["bench", "cartpole", "--backend", "cpu"],
    ];
    for arguments in commands {
        let folder = TempDir::new().expect("a temporary folder");
        let mut command = deme(folder.path(), arguments);
        let output = command.env("RUST_MIN_STACK", "70368744177664").output();
        let output = output.expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        assert!(message.contains("expected the system to start"), "{message}");
        assert!(message.contains("os error") && !message.contains("GPU"), "{message}");
        assert_eq!(folder.path().read_dir().expect("the folder").count(), 0);
    }
}

/// The JSON document of a command with a number of threads, without times.
fn result_with(arguments: &[&str], threads: &str, out: &str) -> Value {
    let mut all = [arguments, &["--threads", threads, "--json", "--backend", "cpu"]].concat();
    if arguments[0] == "train" {
        all.extend(["--out", out, "--generations", "4"]);
    }
    let (code, mut document) = json(&all);
    assert_eq!(code, Some(0), "{arguments:?}");
    let fields = document.as_object_mut().expect("an object");
    for key in ["wall_seconds", "setup_seconds", "phase_seconds", "run_directory", "adapter"] {
        fields.remove(key);
    }
    document
}

#[test]
fn results_do_not_depend_on_threads() {
    let folder = TempDir::new().expect("a temporary folder");
    let out = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    for arguments in [["train", "cartpole"], ["train", "digits"], ["verify", "xor"]] {
        let one = result_with(&arguments, "1", &out(&format!("{}-1", arguments[1])));
        let three = result_with(&arguments, "3", &out(&format!("{}-3", arguments[1])));
        assert_eq!(one, three, "{arguments:?}");
    }
}

#[test]
fn a_benchmark_records_its_number_of_threads() {
    for threads in [1u64, 3] {
        let count = threads.to_string();
        let flags = ["--population", "16", "--steps", "4", "--samples", "1", "--backend", "cpu"];
        let arguments = [&["bench", "cartpole", "--json", "--threads", &count], &flags[..]];
        let (code, document) = json(&arguments.concat());
        assert_eq!(code, Some(0));
        assert_eq!(document["machine"]["threads"], threads);
        let adapter = document["rows"][0]["adapter"].as_str().expect("an adapter");
        assert!(adapter.contains(&count), "{adapter}");
    }
}
