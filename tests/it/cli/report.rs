//! `deme report`, `deme watch`, event files, completions and manual pages.

use std::fs;
use std::path::Path;

use deme::report::tensorboard;
use tempfile::TempDir;

use super::{deme, text};

fn run_successfully(folder: &Path, arguments: &[&str]) -> String {
    let output = deme(folder, arguments).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// A folder with three runs: two differ in their seed, the third also in a setting.
fn trained() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (out, seed, sigma) in [("a", "1", "0.5"), ("b", "2", "0.5"), ("c", "1", "0.25")] {
        let sigma = format!("sigma={sigma}");
        let run = ["train", "xor", "--backend", "cpu", "--seed", seed, "--set", &sigma];
        run_successfully(
            folder.path(),
            &[&run[..], &["--generations", "12", "--out", out]].concat(),
        );
    }
    folder
}

#[test]
fn runs_are_grouped_on_a_page_that_needs_no_network() {
    let folder = trained();
    let printed = run_successfully(folder.path(), &["report", "a", "b", "c"]);
    assert_eq!(printed.trim(), "report.html");
    let page = fs::read_to_string(folder.path().join("report.html")).expect("a page");
    for words in [
        "<title>xor - deme</title>",
        "3 runs in 2 groups",
        "sigma=0.5, 2 runs",
        "<td>set.sigma</td><td>0.5</td><td>0.25</td>",
        "The mean time of a run, by the phases of a generation",
        "Settings that all runs share",
        "<dt>population</dt><dd>64</dd>",
        "<pre>deme train xor --seed 1 --generations 12 --backend cpu --set sigma=0.25</pre>",
        " of 3 runs solved the task",
        ", logarithmic<",
        "</html>",
        "The best has a training accuracy of ",
        "<th>training score</th>",
        ", training samples</figcaption>",
    ] {
        assert!(page.contains(words), "{words} is not in the page");
    }
    assert!(!page.contains("held-out"), "xor holds no samples out");
    // The only address is the name of a format; browsers do not fetch it.
    assert_eq!(page.replace("http://www.w3.org/2000/svg", "").matches("http").count(), 0);
    assert!(!page.contains("<script") && !page.contains("NaN"));
}

#[test]
fn copies_of_a_run_count_once() {
    let folder = TempDir::new().expect("a temporary folder");
    for (out, seed) in [("a", "1"), ("copy", "1"), ("again", "1"), ("b", "2")] {
        let run = ["train", "xor", "--backend", "cpu", "--seed", seed, "--until", "never"];
        run_successfully(
            folder.path(),
            &[&run[..], &["--generations", "3", "--out", out]].concat(),
        );
    }
    run_successfully(folder.path(), &["report", "a", "copy", "again", "b", "--markdown", "t.md"]);
    let markdown = fs::read_to_string(folder.path().join("t.md")).expect("tables");
    for words in [
        "of 2 |",
        "- Note: copy, again: the same seed and settings as a, so it is the same run, and only a \
         is counted",
        "| copy |",
        "| again |",
    ] {
        assert!(markdown.contains(words), "{words}: {markdown}");
    }
    run_successfully(folder.path(), &["report", "a", "copy", "again", "b"]);
    let page = fs::read_to_string(folder.path().join("report.html")).expect("a page");
    assert!(page.contains("2 runs in 1 group<") && page.contains(" of 2 runs solved"), "{page}");
}

#[test]
fn a_report_can_be_a_chart_or_tables() {
    let folder = trained();
    let files = ["--svg", "c.svg", "--csv", "t.csv", "--markdown", "t.md"];
    run_successfully(folder.path(), &[&["report", "a", "b", "c"][..], &files].concat());
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    assert!(!folder.path().join("report.html").exists());
    assert!(read("c.svg").contains("evaluations of training"));
    let table = read("t.csv");
    assert!(table.starts_with("run,group,task,strategy,seed,generations,evaluations,ended"));
    assert_eq!(table.lines().count(), 4);
    assert_eq!(read("t.md").matches("\n| sigma=0.5 | ").count(), 1);
    assert_eq!(
        read("t.md").matches("| solved |").count() + read("t.md").matches("| ended |").count(),
        3 + 1
    );
}

#[test]
fn champions_and_species_are_drawn_on_the_page_and_into_a_file() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    for seed in ["1", "2"] {
        let run = ["train", "xor", "--backend", "cpu", "--strategy", "neat", "--seed", seed];
        run_successfully(
            folder.path(),
            &[&run[..], &["--generations", "12", "--out", seed]].concat(),
        );
    }
    let files = ["--html", "page.html", "--species", "species.svg"];
    run_successfully(folder.path(), &[&["report", "a", "b", "1", "2"][..], &files].concat());
    let page = fs::read_to_string(at("page.html")).expect("a page");
    // The page has the network of the best run of both groups, and the species of one group.
    assert_eq!(page.matches("champion of generation").count(), 2);
    assert_eq!(page.matches("individuals of each species").count(), 1);
    assert_eq!(page.replace("http://www.w3.org/2000/svg", "").matches("http").count(), 0);
    let svg = fs::read_to_string(at("species.svg")).expect("a chart");
    assert!(svg.contains(">generation<") && svg.contains(">150<"), "{svg}");
    assert!(page.contains(svg.lines().last().expect("a line")) && !svg.contains("NaN"));
    // Without a readable champion, the page has no network.
    fs::remove_file(at("a/champion.safetensors")).expect("a champion");
    run_successfully(folder.path(), &["report", "a", "--html", "page.html"]);
    assert!(!fs::read_to_string(at("page.html")).expect("a page").contains("Networks"));
    let refused = deme(folder.path(), &["report", "a", "--species", "no.svg"]).output();
    let refused = refused.expect("the command runs");
    assert_eq!(refused.status.code(), Some(2));
    let message = text(&refused.stderr);
    assert!(message.contains("--species: expected a run whose log has species"), "{message}");
    assert!(!at("no.svg").exists());
}

#[test]
fn an_unfinished_run_is_reported_and_a_missing_folder_is_refused() {
    let folder = trained();
    fs::remove_file(folder.path().join("b/summary.json")).expect("a summary");
    let mut log = fs::read(folder.path().join("b/log.jsonl")).expect("a log");
    log.extend(b"{\"generation\":");
    fs::write(folder.path().join("b/log.jsonl"), log).expect("a torn log");
    run_successfully(folder.path(), &["report", "b", "--markdown", "t.md"]);
    let table = fs::read_to_string(folder.path().join("t.md")).expect("a table");
    assert!(table.contains("| not ended |"), "{table}");
    // An interrupted run has a summary, but has not ended.
    let summary = folder.path().join("a/summary.json");
    let written = fs::read_to_string(&summary).expect("a summary");
    let interrupted = written.replace("\"interrupted\":false", "\"interrupted\":true");
    assert_ne!(written, interrupted);
    fs::write(&summary, interrupted).expect("a summary");
    run_successfully(folder.path(), &["report", "a", "--markdown", "t.md"]);
    let table = fs::read_to_string(folder.path().join("t.md")).expect("a table");
    assert!(table.contains("| not ended |") && table.contains("| 0 of 0 |"), "{table}");
    for arguments in [&["report", "nowhere"][..], &["watch", "nowhere"], &["watch", "a"]] {
        let output = deme(folder.path(), arguments).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stderr).matches("error:").count(), 1, "{arguments:?}");
    }
}

/// Runs a command; returns its exit code and its messages.
fn outcome(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = deme(folder, arguments).output().expect("the command runs");
    (output.status.code(), text(&output.stderr))
}

#[test]
fn a_folder_of_runs_is_reported_and_what_is_no_run_is_passed_over() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    for name in ["runs/inner", "runs/empty"] {
        fs::create_dir_all(at(name)).expect("a folder");
    }
    for (from, to) in [("a", "runs/a"), ("b", "runs/inner/b"), ("c", "runs/c")] {
        fs::rename(at(from), at(to)).expect("a folder");
    }
    fs::write(at("runs/notes.txt"), "a file").expect("a file");
    fs::create_dir(at("runs/half")).expect("a folder");
    fs::write(at("runs/half/config.toml"), "").expect("a file");
    let rows = || {
        let table = fs::read_to_string(at("t.csv")).expect("a table");
        let first = |line: &str| line.split(',').next().unwrap_or_default().replace('\\', "/");
        table.lines().skip(1).map(first).collect::<Vec<String>>()
    };
    let (code, message) = outcome(folder.path(), &["report", "runs", "--csv", "t.csv"]);
    assert_eq!(code, Some(0), "{message}");
    assert_eq!(rows(), ["runs/a", "runs/c", "runs/inner/b"]);
    assert_eq!(message.matches("note: ").count(), 1, "{message}");
    assert!(message.contains("half is passed over") && message.contains("without log.jsonl"));

    let given = ["runs/empty", "runs/notes.txt", "runs/c", "runs/c", "runs", "runs/half"];
    let (code, message) =
        outcome(folder.path(), &[&["report"][..], &given, &["--csv", "t.csv"]].concat());
    assert_eq!(code, Some(0), "{message}");
    assert_eq!(rows(), ["runs/c", "runs/a", "runs/inner/b"]);
    assert_eq!(message.matches("is passed over").count(), 3, "{message}");
    assert!(message.contains("notes.txt is passed over: expected a run folder"), "{message}");
    for path in ["runs/empty", "runs/notes.txt", "runs/half", "runs/none"] {
        let (code, message) = outcome(folder.path(), &["report", path]);
        assert!(code == Some(2) && message.contains("expected a run folder"), "{message}");
    }
}

#[test]
fn damage_is_noted_and_files_come_all_or_not_at_all() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a/champion.safetensors"), "damaged").expect("a file");
    let mut log = fs::read_to_string(at("b/log.jsonl")).expect("a log");
    let lines = log.lines().count();
    log.truncate(log.len() - 5);
    fs::write(at("b/log.jsonl"), log).expect("a torn log");
    let (code, message) = outcome(folder.path(), &["report", "a", "b"]);
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code, Some(0), "{message}");
    let lines = lines - 1;
    let counted = format!("it has {lines} generations, and summary.json {}", lines + 1);
    for words in ["champion.safetensors: expected", "last line is incomplete", &counted] {
        assert!(message.contains(words), "{words}: {message}");
    }
    fs::remove_file(at("report.html")).expect("the report");
    let files = ["report", "a", "--html", "r.html", "--csv", "r.csv", "--species", "r.svg"];
    let (code, message) = outcome(folder.path(), &files);
    assert!(code == Some(2) && message.contains("--species"), "{message}");
    let (code, message) = outcome(folder.path(), &["report", "a", "--html", "r", "--csv", "r"]);
    assert!(code == Some(2) && message.contains("a file for each output"), "{message}");
    for name in ["r", "r.html", "r.csv", "r.svg"] {
        assert!(!at(name).exists(), "{name}");
    }
}

#[test]
fn no_number_of_a_log_or_a_summary_exhausts_a_report() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    let log = fs::read_to_string(at("a/log.jsonl")).expect("a log");
    let edited = |from: &str, to: &str| {
        assert!(log.contains(from), "{log}");
        fs::write(at("a/log.jsonl"), log.replacen(from, to, 1)).expect("a log");
        outcome(folder.path(), &["report", "a", "--html", "r.html", "--svg", "r.svg"])
    };
    let (code, message) = edited("\"evaluations\":64", "\"evaluations\":0");
    assert!(code == Some(2) && message.contains("log.jsonl:1: expected more than 0"), "{message}");
    let lines = log.lines().count();
    let last = format!("\"evaluations\":{},", 64 * lines);
    assert_eq!(edited(&last, "\"evaluations\":18446744073709551615,").0, Some(0));
    for value in ["-1", "1e400", "null", "18446744073709551616"] {
        let (code, message) = edited(&last, &format!("\"evaluations\":{value},"));
        let place = format!("log.jsonl:{lines}: ");
        assert!(code == Some(2) && message.contains(&place), "{value}: {message}");
    }
    for value in ["-1e300", "1e308", "1e39", "-3e38"] {
        for key in ["mean", "best", "validation", "spread"] {
            let at = log.find(&format!("\"{key}\":")).expect("a key");
            let end = at + log[at..].find(',').expect("an end");
            let (code, message) = edited(&log[at..end], &format!("\"{key}\":{value}"));
            assert_eq!(code, Some(0), "{key} {value}: {message}");
            let page = fs::read_to_string(folder.path().join("r.html")).expect("a page");
            assert!(!page.contains("NaN") && page.len() < 1_000_000, "{key} {value}");
        }
    }
    let species = "\"held_out\":null,\"species\":[[0,4294967295],[1,4294967295]]}";
    assert_eq!(edited("\"held_out\":null}", species).0, Some(0));
}

#[test]
fn a_run_draws_its_curve_and_writes_event_files_if_asked() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = ["train", "xor", "--backend", "cpu", "--out", "run", "--tensorboard", "--quiet"];
    run_successfully(folder.path(), &run);
    let curve = fs::read_to_string(folder.path().join("run/curve.svg")).expect("a curve");
    assert!(curve.contains("champion, training") && !curve.contains("NaN"), "{curve}");
    let names = fs::read_dir(folder.path().join("run")).expect("the folder");
    let events = names.map(|entry| entry.expect("an entry").path()).find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().contains("tfevents"))
    });
    let bytes = fs::read(events.expect("an event file")).expect("an event file");
    let tags = bytes.windows(12).filter(|window| window == b"fitness/best").count();
    let log = fs::read_to_string(folder.path().join("run/log.jsonl")).expect("a log");
    assert_eq!(tags, log.lines().count());
}

#[test]
fn a_resumed_run_fills_the_gap_in_its_event_files_if_asked() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = ["train", "xor", "--backend", "cpu", "--out", "run", "--until", "never"];
    let more = ["--tensorboard", "--generations", "5"];
    run_successfully(folder.path(), &[&run[..], &more].concat());
    let written = || {
        let written = tensorboard::written_generations(&folder.path().join("run"));
        written.expect("an event file").into_iter().collect::<Vec<_>>()
    };
    assert_eq!(written(), (1..=5).collect::<Vec<_>>());
    let resume = |more: &[&str]| {
        let arguments = [&["resume", "run", "--generations"], more].concat();
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let notes = resume(&["9"]);
    assert!(notes.contains("event files for TensorBoard"), "{notes}");
    assert_eq!(written(), (1..=5).collect::<Vec<_>>());
    let notes = resume(&["12", "--tensorboard"]);
    assert!(!notes.contains("event files"), "{notes}");
    assert_eq!(written(), (1..=12).collect::<Vec<_>>());
}

#[test]
fn completions_and_manual_pages_have_every_command() {
    let folder = TempDir::new().expect("a temporary folder");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run_successfully(folder.path(), &["completions", shell]);
        for command in ["train", "resume", "play", "export", "report", "watch"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    assert!(run_successfully(folder.path(), &["man"]).contains(".TH deme 1"));
    run_successfully(folder.path(), &["man", "."]);
    for page in ["deme.1", "deme-train.1", "deme-resume.1", "deme-export.1"] {
        let page = fs::read_to_string(folder.path().join(page)).expect("a page");
        assert!(page.contains(".SH SYNOPSIS"));
    }
    assert_eq!(deme(folder.path(), &["man", "no"]).output().expect("runs").status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let folder = trained();
    let script = "set -o pipefail; \"$0\" man | head -n 1; \"$0\" play a --json | head -c 1";
    let mut command = std::process::Command::new("bash");
    command.args(["-c", script]).arg(assert_cmd::cargo::cargo_bin!("deme"));
    let output = command.current_dir(folder.path()).output().expect("bash runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}
