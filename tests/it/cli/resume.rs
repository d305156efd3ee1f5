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

pub(super) fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// Starts a command in a folder.
fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("deme"));
    command.current_dir(folder).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the command runs")
}

pub(super) fn run<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&RUN[..], more].concat()
}

pub(super) fn run_successfully(folder: &Path, arguments: &[&str]) {
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
    fn a_disk_without_room_for_a_folder_leaves_nothing_of_it() {
        let folder = folder();
        let output = with_little_room(folder.path(), 0, &run(&["--out", "runs/deep/run"]));
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
        // A report that does not fit leaves the old one, and none of its other files.
        run_successfully(folder.path(), &run(&["--generations", "3", "--out", "run"]));
        fs::write(folder.path().join("r.html"), "old").expect("a file");
        let files = ["report", "run", "--csv", "new.csv", "--html", "r.html"];
        let output = with_little_room(folder.path(), 8, &files);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert_eq!(fs::read_to_string(folder.path().join("r.html")).expect("a file"), "old");
        assert!(!folder.path().join("new.csv").exists());
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 2);
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
        assert!(message.contains("run/.lock: expected a file that can be opened"), "{message}");
    }
}

/// Runs a command in a folder; returns its exit code and its messages.
pub(super) fn outcome(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = deme(folder, arguments).output().expect("the command runs");
    (output.status.code(), text(&output.stderr))
}

#[test]
fn a_run_that_was_killed_before_its_summary_writes_it() {
    for until in ["never", "9"] {
        let folder = folder();
        // The second run reaches its score in an early generation.
        let size = ["--generations", "12", "--checkpoint-every", "1", "--until", until];
        let train = ["train", "cartpole", "--backend", "cpu", "--population", "8", "--quiet"];
        run_successfully(folder.path(), &[&train[..], &size, &["--out", "run"]].concat());
        let summary = || {
            let text = fs::read(folder.path().join("run/summary.json")).expect("a summary");
            let mut json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
            for key in ["wall_seconds", "setup_seconds", "phase_seconds"] {
                json[key].take();
            }
            json
        };
        let (whole, before) = (summary(), bytes(&folder.path().join("run")));
        fs::remove_file(folder.path().join("run/summary.json")).expect("a summary");
        let (code, message) = outcome(folder.path(), &["resume", "run"]);
        assert_eq!(code, Some(0), "{message}");
        assert!(message.contains("had ended without its summary"), "{message}");
        assert_eq!((summary(), bytes(&folder.path().join("run"))), (whole, before));
        assert_eq!(outcome(folder.path(), &["resume", "run"]).0, Some(2));
    }
}

#[test]
fn a_changed_value_of_the_configuration_is_found_and_a_changed_text_is_not() {
    let folder = folder();
    let arguments = run(&["--generations", "4", "--set", "sigma=0.5", "--out", "run"]);
    run_successfully(folder.path(), &arguments);
    let path = folder.path().join("run/config.toml");
    let original = fs::read_to_string(&path).expect("the configuration");
    let change = |from: &str, to: &str| {
        assert!(original.contains(from), "{original}");
        fs::write(&path, original.replace(from, to)).expect("the configuration");
    };
    let resume = ["resume", "run", "--generations", "6"];
    for (from, to, words) in [
        ("sigma = 0.5", "sigma = 0.25", "expected set.sigma = 0.5 in config.toml"),
        ("seed = 1", "seed = 2", "expected seed"),
        ("population = 8", "population = 12", "expected population = 8"),
        ("episodes = 1\n", "episodes = 2\n", "expected episodes = 1"),
    ] {
        change(from, to);
        let before = bytes(&folder.path().join("run"));
        let (code, message) = outcome(folder.path(), &resume);
        assert!(code == Some(2) && message.contains(words), "{to}: {message}");
        assert_eq!(bytes(&folder.path().join("run")), before);
    }
    // A budget only says when to stop: it may change, with a note.
    change("generations = 4", "generations = 5");
    let (code, message) = outcome(folder.path(), &["resume", "run"]);
    assert_eq!(code, Some(0), "{message}");
    assert!(message.contains("generations was 4 and is 5"), "{message}");
    change("sigma = 0.5", "# a comment\nsigma = 0.500");
    let (code, message) = outcome(folder.path(), &resume);
    assert!(code == Some(0) && !message.contains("has changed"), "{message}");
    run_successfully(folder.path(), &["train", "--config", "run/config.toml", "--out", "again"]);
    let [run, again] = ["run", "again"].map(|name| bytes(&folder.path().join(name)));
    assert_eq!(run, again);
}

#[test]
fn another_machine_is_noted_and_refused_if_bits_must_be_equal() {
    let folder = folder();
    let run = ["train", "cartpole", "--population", "8", "--generations", "4", "--until", "never"];
    let on = |backend| [&run[..], &["--backend", backend, "--out", backend, "--quiet"]].concat();
    run_successfully(folder.path(), &on("cpu"));
    let config = folder.path().join("cpu/config.toml");
    let text = fs::read_to_string(&config).expect("the configuration");
    let further = |generations| ["resume", "cpu", "--generations", generations];
    let exact = |generations| [&further(generations)[..], &["--exact"]].concat();
    let (code, message) = outcome(folder.path(), &exact("5"));
    assert!(code == Some(0) && !message.contains("another machine"), "{message}");

    let other = text.replace("backend = \"cpu\"", "backend = \"reference\"");
    fs::write(&config, other).expect("the configuration");
    let (code, message) = outcome(folder.path(), &exact("6"));
    assert_eq!(code, Some(2), "{message}");
    let words = "--exact: expected the machine of the checkpoint, which gives the same bits, got \
                 another: the backend was cpu and is reference";
    assert!(message.contains(words), "{message}");
    let (code, message) = outcome(folder.path(), &further("6"));
    assert_eq!(code, Some(0), "{message}");
    assert!(message.contains("backend was cpu and is reference"), "{message}");
    assert!(message.contains("may differ in their last bits"), "{message}");
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
