//! `deme resume` after kills, interrupts, full disks and conflicts with other processes.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt;
use tempfile::TempDir;

use deme::random::{Counter, Stream};

use super::{deme, text};

const RUN: [&str; 15] = [
    "train",
    "cartpole",
    "--strategy",
    "ga",
    "--backend",
    "cpu",
    "--population",
    "8",
    "--network",
    "4",
    "--until",
    "never",
    "--checkpoint-every",
    "1",
    "--quiet",
];

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// Starts a command in a folder.
fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("deme"));
    command.current_dir(folder).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the command runs")
}

fn run<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&RUN[..], more].concat()
}

fn run_successfully(folder: &Path, arguments: &[&str]) {
    let output = deme(folder, arguments).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
}

/// The files that must not depend on how often a run was stopped.
fn bytes(folder: &Path) -> [Vec<u8>; 3] {
    ["log.jsonl", "champion.safetensors", "config.toml"]
        .map(|name| fs::read(folder.join(name)).expect("a file of the run"))
}

/// Waits until the log has a number of lines.
fn wait_for_lines(folder: &Path, lines: usize) {
    let begun = Instant::now();
    let log = || fs::read_to_string(folder.join("log.jsonl")).unwrap_or_default();
    while log().lines().count() < lines {
        assert!(begun.elapsed() < Duration::from_secs(60), "no {lines} lines in a minute");
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_hundred_kills_at_random_moments_lose_nothing() {
    let folder = folder();
    let budget = run(&["--generations", "250", "--out"]);
    run_successfully(folder.path(), &[&budget[..], &["whole"]].concat());
    let whole = bytes(&folder.path().join("whole"));
    let counter = Counter { seed: 1, stream: Stream::Verification, generation: 0, individual: 0 };
    let mut moments = counter.generator();
    let (mut kills, mut completed, mut starts) = (0, 0, 0);
    let killed = folder.path().join("killed");
    while kills < 100 {
        let arguments = if killed.join("config.toml").exists() {
            vec!["resume", "killed", "--quiet"]
        } else {
            // The run was killed before its first checkpoint.
            let _ = fs::remove_dir_all(&killed);
            starts += 1;
            [&budget[..], &["killed"]].concat()
        };
        let mut child = start(folder.path(), &arguments);
        sleep(Duration::from_micros(moments.random_range(0..120_000)));
        child.kill().expect("a signal");
        kills += 1;
        let output = child.wait_with_output().expect("the process");
        let message = text(&output.stderr);
        if message.contains("nothing left") || message.contains("whose budget ended") {
            assert_eq!(bytes(&killed), whole, "after {kills} kills");
            fs::remove_dir_all(&killed).expect("the folder");
            completed += 1;
        } else {
            assert!(!message.contains("error"), "after {kills} kills: {message}");
        }
    }
    if killed.join("config.toml").exists() {
        let last = deme(folder.path(), &["resume", "killed"]).output().expect("the command runs");
        assert!(matches!(last.status.code(), Some(0 | 2)), "{}", text(&last.stderr));
        assert_eq!(bytes(&killed), whole);
        completed += 1;
    }
    assert!(completed >= 1 && starts <= 100, "{completed} runs completed, {starts} started");
}

#[test]
fn a_run_continues_beyond_its_budget_only_with_a_new_one() {
    let folder = folder();
    run_successfully(folder.path(), &run(&["--generations", "10", "--out", "run"]));
    run_successfully(folder.path(), &run(&["--generations", "20", "--out", "whole"]));
    let done = deme(folder.path(), &["resume", "run"]).output().expect("the command runs");
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("budget ended with generation 10; continue with"));
    run_successfully(folder.path(), &["resume", "run", "--generations", "20"]);
    assert_eq!(bytes(&folder.path().join("run")), bytes(&folder.path().join("whole")));
    let bad = ["resume", "run", "--generations", "30", "--checkpoint-every", "soon"];
    let bad = deme(folder.path(), &bad).output().expect("the command runs");
    assert_eq!(bad.status.code(), Some(2));
    assert!(text(&bad.stderr).contains("--checkpoint-every"), "{}", text(&bad.stderr));
}

#[test]
fn a_second_process_in_a_folder_is_refused() {
    let folder = folder();
    let mut child = start(folder.path(), &run(&["--generations", "1000000", "--out", "run"]));
    wait_for_lines(&folder.path().join("run"), 3);
    let second = deme(folder.path(), &["resume", "run"]).output().expect("the command runs");
    let process = child.id();
    child.kill().expect("a signal");
    child.wait().expect("the process");
    assert_eq!(second.status.code(), Some(2));
    let message = text(&second.stderr);
    let expected =
        format!("got one that process {process} works in; wait for that process, or end it");
    assert!(message.contains(&expected), "{message}");
    run_successfully(
        folder.path(),
        &["resume", "run", "--generations", "2000", "--evaluations", "99999"],
    );
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    use super::*;

    fn signal(process: u32, name: &str) {
        let sent = Command::new("kill").args([name, &process.to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// The output of a run that gets signals one after another, after three generations.
    fn interrupted(folder: &Path, signals: &[&str], slow: bool) -> Output {
        let size: &[&str] = if slow { &["--population", "400000"] } else { &[] };
        let out = ["--generations", "1000000", "--out", "run", "--json"];
        let mut arguments = run(&[size, &out].concat());
        // A flag may not repeat, so the slow run drops the first one.
        if slow {
            let at = arguments.iter().position(|word| *word == "--population").expect("a flag");
            arguments.drain(at..at + 2);
        }
        let child = start(folder, &arguments);
        match slow {
            true => wait_for_lock(&folder.join("run")),
            false => wait_for_lines(&folder.join("run"), 3),
        }
        for name in signals {
            signal(child.id(), name);
            sleep(Duration::from_millis(50));
        }
        child.wait_with_output().expect("the process")
    }

    fn wait_for_lock(folder: &Path) {
        let begun = Instant::now();
        while !folder.join("log.jsonl").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "no log in a minute");
            sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn an_interrupt_finishes_the_generation_saves_and_says_how_to_continue() {
        for name in ["-INT", "-TERM", "-HUP"] {
            let folder = folder();
            let output = interrupted(folder.path(), &[name], false);
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{name}: {message}");
            assert!(message.contains("continue with\n  deme resume run"), "{name}: {message}");
            let json: serde_json::Value =
                serde_json::from_slice(&output.stdout).expect("one JSON document");
            let done = json["generations"].as_u64().expect("a number");
            let log = fs::read_to_string(folder.path().join("run/log.jsonl")).expect("a log");
            assert_eq!(log.lines().count() as u64, done, "{name}");

            let generations = (done + 5).to_string();
            run_successfully(folder.path(), &["resume", "run", "--generations", &generations]);
            run_successfully(
                folder.path(),
                &run(&["--out", "whole", "--generations", &generations]),
            );
            let [run, whole] = ["run", "whole"].map(|name| bytes(&folder.path().join(name)));
            assert_eq!(run, whole, "{name}");
        }
    }

    #[test]
    fn a_second_interrupt_stops_the_run_at_once() {
        let folder = folder();
        let output = interrupted(folder.path(), &["-INT", "-INT"], true);
        assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
        assert!(!folder.path().join("run/summary.json").exists());
    }

    /// Runs a command whose files may not grow beyond a number of blocks of 512 bytes.
    fn with_little_room(folder: &Path, blocks: u32, arguments: &[&str]) -> Output {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.current_dir(folder).args(["-c", &script]);
        command.arg(assert_cmd::cargo::cargo_bin!("deme")).args(arguments);
        command.output().expect("sh runs")
    }

    #[test]
    fn a_full_disk_ends_the_run_and_keeps_what_was_saved() {
        let folder = folder();
        let arguments = run(&["--generations", "300", "--out", "run"]);
        let output = with_little_room(folder.path(), 64, &arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains("log.jsonl: File too large"), "{message}");
        assert!(message.contains("has a checkpoint of generation"), "{message}");
        let log = fs::read(folder.path().join("run/log.jsonl")).expect("a log");
        assert_ne!(log.last(), Some(&b'\n'), "the last line is torn");
        run_successfully(folder.path(), &["resume", "run"]);
        run_successfully(folder.path(), &run(&["--generations", "300", "--out", "whole"]));
        let [run, whole] = ["run", "whole"].map(|name| bytes(&folder.path().join(name)));
        assert_eq!(run, whole);
    }

    #[test]
    fn a_checkpoint_that_does_not_fit_leaves_the_last_one() {
        let folder = folder();
        // The network is so wide that its checkpoint is larger than the log.
        let mut wide = run(&["--generations", "5", "--out", "run"]);
        let at = wide.iter().position(|word| *word == "--network").expect("a flag");
        wide[at + 1] = "32";
        run_successfully(folder.path(), &wide);
        let before = fs::read(folder.path().join("run/checkpoint.safetensors")).expect("a file");
        let more = ["resume", "run", "--generations", "9"];
        let output = with_little_room(folder.path(), 8, &more);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains("checkpoint.safetensors: File too large"), "{message}");
        let after = fs::read(folder.path().join("run/checkpoint.safetensors")).expect("a file");
        assert_eq!(before, after);
        let names = fs::read_dir(folder.path().join("run")).expect("the folder");
        let mut names = names.map(|entry| entry.expect("an entry").file_name());
        assert!(names.all(|name| !name.to_string_lossy().ends_with(".part")));
        run_successfully(folder.path(), &more);
    }

    #[test]
    fn a_folder_that_only_root_may_write_to_is_refused() {
        const NOBODY: u32 = 65534;
        let folder = folder();
        run_successfully(folder.path(), &run(&["--generations", "2", "--out", "run"]));
        let may = |path: &Path, mode: u32| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
        };
        // The user nobody may run the command in this folder, but may not write to it.
        let command = folder.path().join("deme");
        fs::copy(assert_cmd::cargo::cargo_bin!("deme"), &command).expect("a copy");
        may(folder.path(), 0o755);
        may(&folder.path().join("run"), 0o555);
        for entry in fs::read_dir(folder.path().join("run")).expect("the folder") {
            may(&entry.expect("an entry").path(), 0o444);
        }
        let mut child = Command::new(&command);
        child.current_dir(folder.path()).args(["resume", "run", "--generations", "4"]);
        let is_root = fs::write(folder.path().join("run/probe"), b"").is_ok();
        if is_root {
            fs::remove_file(folder.path().join("run/probe")).expect("the probe");
            child.uid(NOBODY).gid(NOBODY);
        }
        let output = child.output().expect("the command runs");
        may(&folder.path().join("run"), 0o755);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("run: expected a folder to write to"), "{message}");
    }
}

#[test]
fn a_run_does_not_continue_with_a_changed_data_file() {
    let folder = folder();
    let csv = |last: u32| {
        let rows = (0..40).map(|n| format!("{n},{},{}\n", n * 7 % 11, n % 2));
        format!("a,b,label\n{}40,3,{last}\n", rows.collect::<String>())
    };
    let file = folder.path().join("data.csv");
    fs::write(&file, csv(0)).expect("a new file");
    let task = ["train", "data.csv", "--target", "label", "--population", "4", "--until", "never"];
    let size = ["--generations", "2", "--backend", "cpu", "--out", "run", "--quiet"];
    run_successfully(folder.path(), &[&task[..], &size[..]].concat());
    fs::write(&file, csv(1)).expect("a new file");
    let further = ["resume", "run", "--generations", "3", "--quiet"];
    let output = deme(folder.path(), &further).output().expect("the command runs");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("the data file has changed since"), "{message}");
    fs::write(&file, csv(0)).expect("a new file");
    run_successfully(folder.path(), &further);
}
