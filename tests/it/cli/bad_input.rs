//! Bad input: the command exits with code 2, prints one clear message, and writes nothing.

use std::fs;

use deme::strategy::{self, Domain, LessonKind, Setting};
use rayon::prelude::*;
use tempfile::TempDir;

use super::{deme, text};

/// Runs a command that must be refused, and returns its message.
fn refused(folder: &TempDir, arguments: &[&str]) -> String {
    let before = entries(folder);
    let output = deme(folder.path(), arguments).output().expect("the command runs");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert_eq!(message.matches("error:").count(), 1, "{arguments:?}: {message}");
    assert_eq!(entries(folder), before, "{arguments:?} wrote something");
    message
}

fn entries(folder: &TempDir) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.path().to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).expect("a folder of the test") {
            let path = entry.expect("an entry of the test").path();
            if path.is_dir() {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// Arguments after `train`, and words that the message must contain.
type Case<'a> = (&'a [&'a str], &'a [&'a str]);

/// Asserts that each case is refused.
fn assert_all_refused(cases: &[Case]) {
    let folder = folder();
    for (arguments, words) in cases {
        let arguments: Vec<&str> = ["train"].iter().chain(*arguments).copied().collect();
        let message = refused(&folder, &arguments);
        for word in *words {
            assert!(message.contains(word), "{arguments:?}: '{word}' is not in: {message}");
        }
    }
}

#[test]
fn unknown_names_are_refused_with_a_list_of_the_known_ones() {
    assert_all_refused(&[
        (&["cartpol"], &["unknown task 'cartpol'", "cartpole", "digits"]),
        (&[], &["TASK"]),
        (&["xor", "--strategy", "bfgs"], &["unknown strategy 'bfgs'", "openai-es"]),
        (&["xor", "--set", "sigmma=1"], &["'sigmma'", "sigma", "mutation-rate"]),
        (&["xor", "--set", "sigma"], &["KEY=VALUE"]),
        (
            &["xor", "--set", "sigma=0.1", "--set", "sigma=0.2"],
            &["--set sigma: expected one value", "'0.1' and '0.2'"],
        ),
        (&["xor", "--activation", "swish"], &["unknown activation 'swish'", "tanh", "relu"]),
        (&["xor", "--network", "4:swish"], &["unknown activation 'swish'", "tanh"]),
        (&["xor", "--initial", "he"], &["unknown value of --initial 'he'", "xavier", "normal"]),
        (&["xor", "--initial", "normal:wide"], &["--initial", "normal:wide", "a number"]),
        (&["xor", "--backend", "tpu"], &["unknown backend 'tpu'", "reference"]),
        (&["xor", "--recombine", "tpu"], &["tpu", "auto", "cpu", "gpu"]),
        (&["xor", "--recombine", "gpu", "--backend", "cpu"], &["--recombine", "--backend gpu"]),
        (&["xor", "--adapter", "x", "--backend", "cpu"], &["--adapter", "gpu"]),
        (&["xor", "--target", "y"], &["--target", ".csv", "'y' for xor"]),
        (&["xor", "--goal", "regression"], &["--goal", ".csv", "for xor"]),
        (&["xor", "--held-out", "0.5"], &["--held-out", ".csv", "for xor"]),
        (&["xor", "--colour", "red"], &["--colour"]),
        (&["sphere", "--strategy", "neat"], &["--strategy", "neat", "has no network"]),
        (&["sphere", "--strategy", "hyperneat"], &["--strategy", "hyperneat", "has no network"]),
    ]);
}

#[test]
fn sizes_and_budgets_out_of_range_are_refused() {
    let es = "--strategy=openai-es";
    assert_all_refused(&[
        (&["xor", "--population", "0"], &["--population", "from 2"]),
        (&["xor", "--population", "1"], &["--population", "from 2"]),
        (&["xor", "--population", "-4"], &["'-4' for '--population", "from 2 to 4294967295"]),
        (&["xor", "--generations", "-1"], &["'-1' for '--generations", "from 1 to 4294967295"]),
        (&["xor", "--episodes", "-1"], &["'-1' for '--episodes", "from 1 to 1000000"]),
        (&["t.csv", "--validation", "20%"], &["'20%' for '--validation", "below 1: 20% is 0.2"]),
        (&["t.csv", "--held-out", "some"], &["'some' for '--held-out", "below 1, such as 0.2"]),
        (&["xor", "--population", "many"], &["--population", "many", "a whole number"]),
        (&["xor", "--population", "65", es], &["--population", "even", "65"]),
        (&["xor", "--population", "1000000000000"], &["1000000000000 individuals", "largest"]),
        (&["xor", "--population", "1000000000000", es], &["1000000000000 individuals", "largest"]),
        (&["cartpole", "--generations", "0"], &["--generations", "from 1"]),
        (&["cartpole", "--evaluations", "0"], &["--evaluations", "one generation"]),
        (&["cartpole", "--evaluations", "63", "--population", "64", es], &["at least 64"]),
        (&["cartpole", "--episodes", "0"], &["--episodes", "from 1"]),
        (&["xor", "--episodes", "0"], &["--episodes", "from 1"]),
        (&["xor", "--seed", "-1"], &["'-1' for '--seed", "a whole number from 0"]),
        (&["xor", "--threads", "0"], &["--threads"]),
        (&["xor", "--until", "soon"], &["--until", "soon"]),
        (&["xor", "--until", "NaN"], &["--until", "NaN"]),
        (&["xor", "--until", "1.5"], &["--until", "0 to 1 (accuracy)"]),
        (&["cartpole", "--until", "600"], &["--until", "1 to 500", "solved"]),
        (&["cartpole", "--until", "-600"], &["--until", "1 to 500"]),
        (&["pendulum", "--until", "150"], &["--until", "-3254.721 to 0"]),
        (&["maze", "--until", "161"], &["--until", "to 160"]),
        (&["double-pole-hidden", "--until", "200"], &["--until", "0 to 1"]),
        (&["sphere-5", "--until", "0.001"], &["--until", "0 or less", "negated"]),
        (&["xor", "--seed", "-1"], &["from 0 to 18446744073709551615"]),
        (&["xor", "--seed", "18446744073709551616"], &["from 0 to 18446744073709551615"]),
        (&["cartpole", "--episodes", "4294967295"], &["--episodes", "from 1 to 1000000"]),
        (&["xor", "--episodes", "4294967295"], &["--episodes", "from 1 to 1000000"]),
        (&["xor", "--population", "3", "--strategy=xnes"], &["--population", "at least 4", "xnes"]),
    ]);
}

#[test]
fn invalid_networks_are_refused() {
    assert_all_refused(&[
        (&["xor", "--network", "0"], &["--network", "'0'"]),
        (&["xor", "--network", "8-0-8"], &["--network", "'0'"]),
        (&["xor", "--network", "99999999"], &["--network", "99999999"]),
        (&["xor", "--network", "abc"], &["--network", "'abc'"]),
        (&["xor", "--network", "8-"], &["--network"]),
        (&["xor", "--network", "-8"], &["-8"]),
        (&["xor", "--network", "4:elman"], &["--network", "data set", "no order"]),
        (&["cartpole", "--network", "4:gru:tanh"], &["--network", "gru", "'4:gru:tanh'"]),
        (&["cartpole", "--network", "4:nobias:nobias"], &["--network", "nobias"]),
        (&["xor", "--network", &["65536"; 9].join("-")], &["--network", "parameters"]),
    ]);
}

#[test]
fn settings_out_of_range_are_refused() {
    for entry in strategy::all() {
        let strategy = format!("--strategy={}", entry.name);
        for Setting { key, domain, .. } in entry.settings {
            let never = ["NaN", "inf", "-0.1", "1e300", "wide", ""];
            let others: &[&str] =
                if matches!(domain, Domain::Positive) { &["0", "1e-300"] } else { &[] };
            for value in never.iter().chain(others) {
                let setting = format!("--set={key}={value}");
                assert_all_refused(&[(&["xor", &strategy, &setting], &[key])]);
            }
        }
    }
}

/// Values of every kind that a user or a script may pass.
const VALUES: [&str; 9] = ["0", "-1", "1e39", "nan", "inf", "", "word", "1", "4294967295"];

/// Trains for one generation with a setting. A refusal leaves no folder, and nothing panics.
fn try_setting(folder: &TempDir, task: &str, strategy: &str, setting: &str) {
    let population = if task == "xor" { "--population=1" } else { "--population=24" };
    let out = format!("{task}-{strategy}-{}", setting.replace(['=', '.'], "-"));
    let (strategy, setting) = (format!("--strategy={strategy}"), format!("--set={setting}"));
    let sizes = [population, "--generations=1", "--backend=cpu", "--threads=1", "--quiet"];
    let mut arguments = vec!["train", task, &strategy, &setting, "--out", &out];
    arguments.extend(sizes);
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    let (code, message) = (output.status.code(), text(&output.stderr));
    assert!(matches!(code, Some(0..=2)), "{arguments:?}: {code:?}: {message}");
    let path = folder.path().join(&out);
    assert_eq!(code == Some(2), !path.exists(), "{arguments:?}: {code:?}: {message}");
    let _ = fs::remove_dir_all(path);
}

#[test]
fn no_value_of_any_setting_leaves_a_folder_with_a_refusal() {
    let folder = folder();
    strategy::all().par_iter().for_each(|entry| {
        for Setting { key, domain, .. } in entry.settings {
            let words: &[&str] = if let Domain::Word(words) = domain { words } else { &VALUES };
            for value in words {
                // The fitness of pendulum is negative, and xor has a gradient.
                let task = if entry.lesson == LessonKind::Loss { "xor" } else { "pendulum" };
                try_setting(&folder, task, entry.name, &format!("{key}={value}"));
            }
        }
    });
}

#[test]
fn settings_that_need_a_positive_fitness_are_refused_for_tasks_without_one() {
    for strategy in ["--strategy=neat", "--strategy=hyperneat"] {
        for setting in ["--set=sharing=fitness", "--set=paper=true"] {
            let words: &[&str] =
                &["--set sharing=fitness", "pendulum", "negative", "as low as -3254.7"];
            assert_all_refused(&[(&["pendulum", strategy, setting], words)]);
        }
    }
}

#[test]
fn a_comparison_of_too_many_seeds_is_refused() {
    let folder = folder();
    for seeds in ["0", "10001", "4294967295"] {
        let message = refused(&folder, &["compare", "xor", "--seeds", seeds]);
        assert!(message.contains("--seeds: expected a whole number from 1 to 10000"), "{message}");
    }
}

#[test]
fn an_existing_run_folder_is_left_alone() {
    let folder = folder();
    fs::create_dir(folder.path().join("mine")).expect("a new folder");
    assert!(refused(&folder, &["train", "xor", "--out", "mine"]).contains("mine exists already"));
    fs::write(folder.path().join("file"), "text").expect("a new file");
    assert!(refused(&folder, &["train", "xor", "--out", "file"]).contains("file exists already"));
    let inside_a_file = ["train", "xor", "--backend", "cpu", "--out", "file/run"];
    assert!(refused(&folder, &inside_a_file).contains("--out file/run: expected a folder"));
    assert_eq!(fs::read_to_string(folder.path().join("file")).expect("the file"), "text");
}

#[test]
fn an_invalid_configuration_file_is_refused_with_its_line() {
    let folder = folder();
    let cases = [
        ("task = \"xor\"\npopulaton = 64\n", "run.toml:2", "populaton"),
        ("task = \"xor\"\n\npopulation = \"many\"\n", "run.toml:3", "many"),
        ("task = \"xor\"\npopulation = -3\n", "run.toml:2", "-3"),
        ("task = \"xor\"\n[set\n", "run.toml:2", "unclosed"),
        ("task = \"xor\"\n[set]\nsigma = [1]\n", "run.toml", "array"),
        ("task = \"xor\"\n[set]\nsigmma = 1\n", "sigmma", "sigma"),
        ("task = \"xor\"\npopulation = 0\n", "--population", "0"),
    ];
    for (content, place, word) in cases {
        fs::write(folder.path().join("run.toml"), content).expect("a new file");
        let message = refused(&folder, &["train", "--config", "run.toml"]);
        assert!(message.contains(place) && message.contains(word), "{content}: {message}");
    }
    assert!(refused(&folder, &["train", "--config", "none.toml"]).contains("none.toml"));
    fs::write(folder.path().join("bytes.toml"), [0xff, 0xfe, 0x00]).expect("a new file");
    assert!(refused(&folder, &["train", "--config", "bytes.toml"]).contains("bytes.toml"));
}

#[test]
fn a_file_with_the_ending_of_another_format_is_refused() {
    let folder = folder();
    let cases: [(&[&str], &str); 13] = [
        (&["compare", "xor", "--csv", "a.json"], "--csv: expected a file whose name ends in .csv"),
        (&["compare", "xor", "--markdown", "a.html"], "--markdown"),
        (&["compare", "xor", "--svg", "a.png"], "--svg: expected a file whose name ends in .svg"),
        (&["bench", "xor", "--csv", "a.tsv"], "--csv"),
        (&["bench", "xor", "--svg", "a.pdf"], "--svg"),
        (
            &["report", "runs", "--html", "a.pdf"],
            "--html: expected a file whose name ends in .html",
        ),
        (&["report", "runs", "--species", "a.png"], "--species"),
        (&["predict", "run", "new.csv", "--out", "a.json"], "--out"),
        (&["play", "run", "--gif", "x.mp4"], "--gif"),
        (&["export", "run", "--onnx", "a.pt"], "--onnx: expected a file whose name ends in .onnx"),
        (&["export", "run", "--json", "a.onnx"], "--json"),
        (&["export", "run", "--rust", "a.py"], "--rust: expected a file whose name ends in .rs"),
        (&["export", "run", "--dot", "a.svg"], "--dot"),
    ];
    for (arguments, words) in cases {
        let message = refused(&folder, arguments);
        assert!(message.contains(words), "{message}");
        let name = arguments.last().expect("a file");
        assert!(message.contains(&format!("got {name}")), "{message}");
    }
}

#[test]
fn an_invalid_table_is_refused_with_its_line() {
    let folder = folder();
    let cases = [
        ("a,b,y\n1,2,0\n1,2\n", "t.csv:3", "expected 3 values, got 2"),
        ("a,b,y\n1,2,0\n1,two,1\n", "t.csv:3", "'two'"),
        ("a,b,y\n1,nan,0\n1,2,1\n", "t.csv:2", "'nan'"),
        ("a,b,y\n1,inf,0\n1,2,1\n", "t.csv:2", "'inf'"),
        ("a,b,y\n1,,0\n1,2,1\n", "t.csv:2", "column 'b': expected a value, got nothing"),
        ("a,b,y\n1,2,0\n1,2,inf\n", "t.csv:3", "column 'y': expected a class or a finite"),
        ("a,a,y\n1,2,0\n1,2,1\n", "t.csv:1", "'a' twice"),
        ("a,b,y\n1,2,0\n", "t.csv:1", "two classes, got one: '0'"),
        ("a,b,y\n1,2,0.5\n", "t.csv:1", "at least two samples"),
        ("a,b\n1,2\n3,4\n", "t.csv", "for --target 'y'; known: a, b"),
        ("a,b,y\n1,2,0\n3,4,0\n", "t.csv:1", "two classes"),
        ("a,b,y\n", "t.csv:1", "two classes"),
        ("", "t.csv: ", "empty"),
    ];
    for (content, place, word) in cases {
        fs::write(folder.path().join("t.csv"), content).expect("a new file");
        let message = refused(&folder, &["train", "t.csv", "--target", "y"]);
        assert!(message.contains(place) && message.contains(word), "{content}: {message}");
    }
    assert!(refused(&folder, &["train", "none.csv", "--target", "y"]).contains("none.csv"));
}

#[test]
fn nested_configurations_are_refused_at_once() {
    const DEPTH: usize = 100_000;
    let folder = folder();
    let path = vec!["a"; DEPTH].join(".");
    let texts = [
        format!("task = {}", "[".repeat(DEPTH)),
        format!("set = {}", "{a=".repeat(DEPTH)),
        format!("{path} = 1"),
        format!("[{path}]"),
        format!("set = {{ {path} = 1 }}"),
    ];
    for config in texts {
        fs::write(folder.path().join("c.toml"), &config).expect("a new file");
        let message = refused(&folder, &["train", "--config", "c.toml"]);
        assert!(message.contains("c.toml:"), "{message}");
    }
}

#[test]
fn a_study_is_no_run_and_two_samples_are_too_few_to_hold_one_out() {
    let folder = folder();
    let study = ["compare", "xor", "--seeds", "1", "--generations", "1", "--out", "study"];
    let done = deme(folder.path(), &study).args(["--backend", "cpu"]).output();
    assert_eq!(done.expect("the command runs").status.code(), Some(0));
    for command in ["play", "resume"] {
        let message = refused(&folder, &[command, "study"]);
        for words in ["got the folder of a study", "STRATEGY-SEED", "deme compare --resume"] {
            assert!(message.contains(words), "{command}: {message}");
        }
    }
    fs::write(folder.path().join("two.csv"), "size,price\n1,1.5\n2,2.5\n").expect("a new file");
    let message = refused(&folder, &["train", "two.csv"]);
    assert!(message.contains("got 1; 1 held out") && message.contains("--held-out 0"), "{message}");
}
