//! `deme export`: what a table needs reaches the files, and all files are written or none.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = deme(folder, arguments).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// A number with gaps, a word with gaps, and a number to predict.
fn row(i: usize) -> [String; 3] {
    let size = if i % 11 == 3 { String::new() } else { format!("{}", 10 + i * 7 % 23) };
    let colour = if i % 13 == 5 { "" } else { ["red", "dark blue", "green"][i * 5 % 3] };
    [size, colour.to_owned(), format!("{}.5", i * 3 % 17)]
}

fn trained() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let rows: String = (0..60).map(|i| row(i).join(",") + "\n").collect();
    let table = format!("size,colour,weight\n{rows}");
    fs::write(folder.path().join("t.csv"), table).expect("a new file");
    let train = ["train", "t.csv", "--categories", "auto", "--missing", "mean", "--out", "run"];
    let short = ["--network", "4", "--generations", "5", "--backend", "cpu", "--quiet"];
    run(folder.path(), &[&train[..], &short].concat());
    folder
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// The inputs of a row by the rules of a document.
fn encoded(document: &Value, [size, colour, _]: &[String; 3]) -> Vec<f64> {
    let means = numbers(&document["input"]["mean"]);
    let names = document["observation"].as_array().expect("names").iter();
    let words = document["words"]["colour"].as_array().expect("words");
    assert!(document["missing"].as_str().is_some_and(|rule| rule.contains("mean of each input")));
    let input = |(name, mean): (&Value, f64)| match name.as_str().expect("a name") {
        "size" => size.parse().unwrap_or(mean),
        name => {
            let word = name.strip_prefix("colour=").expect("an input of the colours");
            assert!(words.contains(&word.into()), "{word}");
            if colour.is_empty() { mean } else { f64::from(u8::from(colour == word)) }
        }
    };
    names.zip(means).map(input).collect()
}

/// The answer of a document's network.
fn answer(document: &Value, inputs: &[f64]) -> f64 {
    let by = [&document["input"]["mean"], &document["input"]["scale"]].map(numbers);
    let standardised = inputs.iter().zip(&by[0]).zip(&by[1]);
    let mut x: Vec<f64> = standardised.map(|((x, mean), scale)| (x - mean) * scale).collect();
    for layer in document["layers"].as_array().expect("layers") {
        let rows = layer["weight"].as_array().expect("rows").iter().map(numbers);
        let sums = rows.zip(numbers(&layer["bias"])).map(|(weights, bias)| {
            bias + weights.iter().zip(&x).map(|(weight, x)| weight * x).sum::<f64>()
        });
        let is_tanh = layer["activation"] == "tanh";
        x = sums.map(|sum| if is_tanh { sum.tanh() } else { sum }).collect();
    }
    let [mean, scale] = ["mean", "scale"].map(|key| document["output"][key].as_f64());
    mean.expect("a mean") + scale.expect("a scale") * x[0]
}

#[test]
fn words_and_missing_values_reach_every_format() {
    let folder = trained();
    let files = ["--json", "c.json", "--rust", "c.rs", "--wgsl", "c.wgsl", "--onnx", "c.onnx"];
    run(folder.path(), &[&["export", "run"], &files[..]].concat());
    let read = |name: &str| fs::read(folder.path().join(name)).expect("a file");
    let document: Value = serde_json::from_slice(&read("c.json")).expect("JSON");
    let predicted = run(folder.path(), &["predict", "run", "t.csv", "--json"]);
    let predicted: Value = serde_json::from_str(&predicted).expect("JSON");
    let rows = predicted["predictions"].as_array().expect("rows");
    assert_eq!(rows.len(), 60);
    for (i, predicted) in rows.iter().enumerate() {
        let found = answer(&document, &encoded(&document, &row(i)));
        let expected = predicted["prediction"].as_f64().expect("a number");
        approx::assert_relative_eq!(found, expected, max_relative = 1e-9);
    }
    for name in ["c.rs", "c.wgsl", "c.onnx"] {
        let content = String::from_utf8_lossy(&read(name)).into_owned();
        for words in ["COLUMN=WORD is 1", "colour=dark blue", "mean of each input of its column: ["]
        {
            assert!(content.contains(words), "{name}: {words}");
        }
    }
}

#[test]
fn all_files_are_written_or_none() {
    let folder = trained();
    let files = ["--wgsl", "c.wgsl", "--json", "same", "--rust", "same"];
    let output = deme(folder.path(), &[&["export", "run"], &files[..]].concat()).output();
    let output = output.expect("the command runs");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("got one file for two") && output.stdout.is_empty(), "{message}");
    for name in ["c.wgsl", "same"] {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
}
