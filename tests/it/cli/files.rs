//! Data files as tasks: results, champions and refusals.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};

fn trained(folder: &Path, arguments: &[&str]) -> (Value, String) {
    let common = ["train", "--backend", "cpu", "--json"];
    let arguments: Vec<&str> = common.iter().chain(arguments).copied().collect();
    let output = deme(folder, &arguments).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    let json = serde_json::from_slice(&output.stdout).expect("one JSON document");
    (json, text(&output.stderr))
}

/// The bytes of an IDX file of doubles.
fn doubles(shape: &[u32], numbers: &[f64]) -> Vec<u8> {
    let mut file = vec![0, 0, 0x0E, shape.len() as u8];
    file.extend(shape.iter().flat_map(|length| length.to_be_bytes()));
    file.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    file
}

/// Samples of two numbers each, and a third number that is a function of them.
fn samples(count: usize, first: usize) -> (Vec<f64>, Vec<f64>) {
    let pair = |n: usize| [(n * 37 % 101) as f64 / 10.0, 500.0 + (n * 53 % 97) as f64];
    let pairs = (first..first + count).map(pair);
    let target = |[a, b]: [f64; 2]| 1e4 + 300.0 * a - 20.0 * b + 30.0 * a * a;
    (pairs.clone().flatten().collect(), pairs.map(target).collect())
}

fn tensor(tensors: &SafeTensors, name: &str) -> Vec<f64> {
    let view = tensors.tensor(name).unwrap_or_else(|_| panic!("a tensor {name}"));
    let bytes = view.data();
    match view.dtype() {
        safetensors::Dtype::F64 => {
            bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect()
        }
        _ => bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b).into()).collect(),
    }
}

#[test]
fn the_champion_of_a_regression_predicts_with_the_scaling_in_its_file() {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, bytes: Vec<u8>| {
        fs::write(folder.path().join(name), bytes).expect("a new file");
    };
    for (name, count, first) in [("train", 200, 0), ("t10k", 50, 1000)] {
        let (x, y) = samples(count, first);
        write(&format!("{name}-x-idx2"), doubles(&[count as u32, 2], &x));
        write(&format!("{name}-y-idx1"), doubles(&[count as u32], &y));
    }
    let asked = ["train-x-idx2", "--target", "train-y-idx1", "--goal", "regression"];
    let size = ["--network", "8", "--generations", "60", "--population", "64", "--out", "run"];
    let (json, notes) = trained(folder.path(), &[&asked[..], &size].concat());
    assert!(notes.contains("held-out part: t10k-x-idx2 and t10k-y-idx1"), "{notes}");
    assert_eq!(json["score_episodes"], 50);
    let score = json["score"].as_f64().expect("a score");
    assert!(score > 0.8, "{score}");

    let bytes = fs::read(folder.path().join("run/champion.safetensors")).expect("a champion");
    let tensors = SafeTensors::deserialize(&bytes).expect("tensors");
    let names = ["input.mean", "input.scale", "output.mean", "output.scale"];
    let [mean, scale, output_mean, output_scale] = names.map(|name| tensor(&tensors, name));
    let [hidden, hidden_bias, last, last_bias] =
        ["layer0.weight", "layer0.bias", "layer1.weight", "layer1.bias"]
            .map(|name| tensor(&tensors, name));
    let predict = |x: &[f64]| {
        let input = |i: usize| (x[i] - mean[i]) * scale[i];
        let unit = |h: usize| {
            (hidden[2 * h] * input(0) + hidden[2 * h + 1] * input(1) + hidden_bias[h]).tanh()
        };
        let sum: f64 = (0..8).map(|h| last[h] * unit(h)).sum();
        output_mean[0] + output_scale[0] * (sum + last_bias[0])
    };
    let (x, y) = samples(50, 1000);
    let average = y.iter().sum::<f64>() / 50.0;
    let errors = x.chunks(2).zip(&y).map(|(x, y)| (y - predict(x)).powi(2)).sum::<f64>();
    let total = y.iter().map(|y| (y - average).powi(2)).sum::<f64>();
    approx::assert_abs_diff_eq!(score, 1.0 - errors / total, epsilon = 1e-5);
}

#[test]
fn a_file_with_an_odd_name_is_a_task_and_its_folder_repeats_the_run() {
    let folder = TempDir::new().expect("a temporary folder");
    let name = "we ird\u{e9}'\"#=[1].csv";
    let rows: String =
        (0..40).map(|i| format!("{},{}\n", i, ["p", "q"][usize::from(i > 20)])).collect();
    fs::write(folder.path().join(name), format!("size,kind\n{rows}")).expect("a new file");
    let sizes = ["--generations", "5", "--population", "16", "--held-out", "0.5", "--out", "a"];
    let (first, notes) = trained(folder.path(), &[&[name][..], &sizes].concat());
    assert_eq!(first["task"], "we ird\u{e9}'\"#=[1]");
    assert_eq!(first["score_episodes"], 20);
    assert!(notes.contains("20 held out; column 'kind' is one of 2 classes"), "{notes}");
    let (again, _) = trained(folder.path(), &["--config", "a/config.toml", "--out", "b"]);
    assert_eq!(first["score"], again["score"]);
    assert_eq!(first["best_fitness"], again["best_fitness"]);
    let bytes = fs::read(folder.path().join("a/champion.safetensors")).expect("a champion");
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    let about = header.metadata().as_ref().expect("metadata");
    assert_eq!(about["classes"], r#"["p","q"]"#);
    assert_eq!(about["columns"], r#"["size"]"#);
    assert_eq!(about["target"], "kind");
}

#[test]
fn the_result_names_its_score() {
    let folder = TempDir::new().expect("a temporary folder");
    let rows: String = (0..40).map(|i| format!("{i},{}.5\n", i * i)).collect();
    fs::write(folder.path().join("t.csv"), format!("a,y\n{rows}")).expect("a new file");
    for (task, word) in [("t.csv", "R^2"), ("xor", "accuracy"), ("cartpole", "mean return")] {
        let arguments = ["train", task, "--backend", "cpu", "--generations", "1"];
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        let line = text(&output.stdout);
        let first = line.lines().next().unwrap_or_default();
        assert!(first.contains(&format!(", {word} ")), "{line}");
    }
}

#[test]
fn bench_takes_a_data_file_and_verify_says_why_not() {
    let folder = TempDir::new().expect("a temporary folder");
    let rows: String = (0..40).map(|i| format!("{i},{}\n", i % 2)).collect();
    fs::write(folder.path().join("t.csv"), format!("a,y\n{rows}")).expect("a new file");
    let bench = ["bench", "t.csv", "--target", "y", "--population", "16", "--backend", "cpu"];
    let few = ["--samples", "2", "--json"];
    let output = deme(folder.path(), &[&bench[..], &few].concat()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(json["rows"][0]["subject"], "t");
    let output = deme(folder.path(), &["verify", "t.csv", "--backend", "cpu"]).output();
    let output = output.expect("the command runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the file 't.csv'"), "{}", text(&output.stderr));
}

#[test]
fn invalid_data_files_are_refused_and_nothing_is_written() {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("a new file");
    };
    write("t.txt", b"a,y\n1,2\n");
    write("t.csv", b"a,y\n1,p\n2,q\n");
    write("text.npy", b"a,y\n1,2\n");
    write("text.npz", b"a,y\n1,2\n");
    write("text.idx", b"a,y\n1,2\n");
    write("empty.idx", b"");
    write("cut.idx.gz", &[0x1f, 0x8b, 8, 0, 0]);
    write("three.idx", &doubles(&[3, 1], &[1.0, 2.0, 3.0]));
    write("two.idx", &doubles(&[2], &[1.0, 2.0]));
    let before = fs::read_dir(folder.path()).expect("the folder").count();
    let cases: [(&[&str], &str); 13] = [
        (&["t.txt"], "the file 't.txt'"),
        (&["none.npz"], "none.npz"),
        (&["text.npy", "--target", "text.npy"], "\\x93NUMPY"),
        (&["text.npz"], "PK"),
        (&["text.idx", "--target", "two.idx"], "begins with 0 0"),
        (&["empty.idx", "--target", "two.idx"], "empty file"),
        (&["cut.idx.gz", "--target", "two.idx"], "cut.idx.gz"),
        (&["three.idx", "--target", "two.idx"], "two.idx: expected 3 labels"),
        (&["three.idx", "--target", "none.idx"], "none.idx"),
        (&["three.idx"], "--target"),
        (&["t.csv", "--held-out", "1"], "--held-out"),
        (&["t.csv", "--held-out", "-1"], "--held-out"),
        (&["t.csv", "--goal", "clustering"], "--goal"),
    ];
    for (arguments, words) in cases {
        let arguments: Vec<&str> = ["train"].iter().chain(arguments).copied().collect();
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(words), "{arguments:?}: '{words}' is not in: {message}");
        assert_eq!(message.matches("error:").count(), 1, "{message}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), before);
}

#[test]
fn a_file_without_a_header_is_taken_by_every_command_that_reads_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let rows: String =
        (0..40).map(|i| format!("{}.5,{}\n", i, ["p", "q"][usize::from(i > 20)])).collect();
    fs::write(folder.path().join("t.csv"), rows).expect("a new file");
    let train = ["train", "t.csv", "--backend", "cpu", "--generations", "2"];
    let refused = deme(folder.path(), &train).output().expect("the command runs");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--no-header"), "{}", text(&refused.stderr));
    assert!(!folder.path().join("runs").exists());

    let sizes = ["--generations", "2", "--population", "16", "--out", "a"];
    let (first, _) = trained(folder.path(), &[&["t.csv", "--no-header"][..], &sizes].concat());
    let config = fs::read_to_string(folder.path().join("a/config.toml")).expect("a configuration");
    assert!(config.contains("no-header = true"), "{config}");
    let (again, _) = trained(folder.path(), &["--config", "a/config.toml", "--out", "b"]);
    assert_eq!(first["best_fitness"], again["best_fitness"]);
    for arguments in [
        &["play", "a"][..],
        &["compare", "t.csv", "--no-header", "--seeds", "1", "--generations", "1"],
        &["bench", "t.csv", "--no-header", "--backend", "cpu", "--population", "8"],
    ] {
        let output = deme(folder.path(), arguments).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
    let output = deme(folder.path(), &["train", "xor", "--no-header"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--no-header: expected a file"));
}

#[test]
fn an_output_that_is_an_input_is_refused_also_through_a_link() {
    let folder = TempDir::new().expect("a temporary folder");
    let table: String = (0..40).map(|row| format!("{row},{}\n", ["p", "q"][row % 2])).collect();
    let table = format!("a,y\n{table}");
    let path = folder.path().join("data.csv");
    std::fs::write(&path, &table).expect("a new file");
    let short = ["--generations", "1", "--network", "2", "--backend", "cpu"];
    let train = [&["train", "data.csv", "--out", "run"][..], &short].concat();
    assert_eq!(deme(folder.path(), &train).output().expect("it runs").status.code(), Some(0));
    let mut outputs = vec!["data.csv", "./data.csv"];
    if cfg!(unix) {
        outputs.push("link.csv");
        #[cfg(unix)]
        std::os::unix::fs::symlink("data.csv", folder.path().join("link.csv")).expect("a link");
    }
    for output in outputs {
        let compare = [&["compare", "data.csv", "--seeds", "1", "--csv", output][..], &short];
        for arguments in [
            vec!["predict", "run", "data.csv", "--out", output],
            compare.concat(),
            vec!["bench", "data.csv", "--population", "64", "--csv", output],
        ] {
            let done = deme(folder.path(), &arguments).output().expect("the command runs");
            let message = text(&done.stderr);
            assert_eq!(done.status.code(), Some(2), "{arguments:?}: {message}");
            assert!(message.contains("another file than the input"), "{message}");
            assert_eq!(std::fs::read_to_string(&path).expect("the input"), table, "{arguments:?}");
        }
    }
}
