//! `deme bench`: sweeps, comparisons, files, refusals and notes.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::{deme, json, text};
use crate::gpu_device::{adapter_name, on_gpu};

/// The JSON document of a benchmark.
fn bench(arguments: &[&str]) -> Value {
    let (code, document) = json(&[&["bench", "--json", "--samples", "2"], arguments].concat());
    assert_eq!(code, Some(0), "{arguments:?}");
    document
}

fn populations(document: &Value) -> Vec<u64> {
    let rows = document["rows"].as_array().expect("rows").iter();
    rows.map(|row| row["population"].as_u64().expect("a population")).collect()
}

#[test]
fn lists_and_ranges_may_be_mixed() {
    let cpu = ["cartpole", "--backend", "cpu", "--steps", "3", "--population"];
    let document = bench(&[&cpu[..], &["3,8..32x2,16..100"]].concat());
    assert_eq!(populations(&document), [3, 8, 16, 32, 16, 64, 100]);
}

#[test]
fn default_populations_leave_out_rows_that_take_long() {
    let cpu = ["--backend", "cpu"];
    let document = bench(&[&["cartpole", "--steps", "2"], &cpu[..]].concat());
    assert_eq!(populations(&document), [64, 256, 1024, 4096, 16_384, 65_536]);
    // A row with a population of 256 would take too long.
    let large = ["forward", "--network", "1000-1000-10", "--batch", "64"];
    assert_eq!(populations(&bench(&[&large[..], &cpu].concat())), [64]);
}

#[test]
fn two_backends_over_several_populations_are_compared() {
    let both = ["--population", "64,256", "--backend", "cpu,reference"];
    let document = bench(&[&["cartpole", "--steps", "200"], &both[..]].concat());
    let crossovers = document["crossovers"].as_array().expect("crossovers");
    let [crossover] = crossovers.as_slice() else { panic!("{crossovers:?}") };
    // The naive reference is never faster.
    assert_eq!((&crossover["from"], &crossover["to"]), (&"reference".into(), &"cpu".into()));
    assert_eq!((&crossover["subject"], &crossover["steps"]), (&"cartpole".into(), &200.into()));
    assert_eq!((&crossover["population"], &crossover["faster_from"]), (&Value::Null, &64.into()));
    assert_eq!(crossover["measured"], serde_json::json!([64, 256]));
    let rooflines = document["rooflines"].as_array().expect("rooflines");
    let backends: Vec<_> = rooflines.iter().map(|roofline| &roofline["backend"]).collect();
    assert_eq!(backends, ["cpu"]);
    assert!(rooflines[0]["gflops"].as_f64().is_some_and(|rate| rate > 0.1));
}

#[test]
fn rows_of_a_gpu_are_timed_by_its_clock_and_compared_with_its_roofline() {
    on_gpu(|device| {
        let adapter = adapter_name();
        let both = ["--backend", "cpu,gpu", "--adapter", &adapter, "--population", "64,128"];
        for subject in [&["cartpole", "--steps", "20"][..], &["forward", "--batch", "3"], &["xor"]]
        {
            let document = bench(&[subject, &both].concat());
            let rows = document["rows"].as_array().expect("rows");
            assert_eq!(rows.len(), 4);
            for row in rows.iter().filter(|row| row["backend"] == "gpu") {
                assert_eq!(row["timing"], if device.has_clock() { "device" } else { "host" });
                let [own, host] = ["seconds_median", "host_seconds_median"]
                    .map(|field| row[field].as_f64().expect("seconds"));
                assert!(0.0 < own && own < host * 1.01, "{row}");
                let share = row["roofline_fraction"].as_f64().expect("a share");
                assert!(0.0 < share && share <= 1.0, "{row}");
                assert!(["compute", "memory"].iter().any(|bound| row["roofline_bound"] == *bound));
            }
            assert_eq!(document["rooflines"].as_array().expect("rooflines").len(), 2);
            assert_eq!(document["crossovers"].as_array().expect("crossovers").len(), 1);
        }
        let sizes = ["generation", "--parameters", "50", "--strategy", "simple-ga"];
        let document = bench(&[&sizes[..], &both].concat());
        let timings = document["rows"].as_array().expect("rows").iter().map(|row| &row["timing"]);
        assert_eq!(timings.collect::<Vec<_>>(), ["host"; 4]);
    });
}

#[test]
fn every_format_has_the_same_content() {
    let folder = TempDir::new().expect("a temporary folder");
    let flags = ["bench", "cartpole", "--steps", "5", "--population", "16,64", "--samples", "2"];
    let files = ["--backend", "cpu,reference", "--csv", "a.csv", "--markdown", "a.md"];
    let arguments = [&flags[..], &files, &["--svg", "a.svg"]].concat();
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{err}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a written file");
    let (csv, markdown, svg) = (read("a.csv"), read("a.md"), read("a.svg"));
    assert_eq!(csv.lines().count(), 5);
    assert!(csv.starts_with("subject,network,parameters,population,"), "{csv}");
    assert_eq!(out.trim(), markdown.trim());
    assert!(
        markdown.contains("- cartpole, 16-16: ") && markdown.contains("- cpu at most: "),
        "{markdown}"
    );
    // Repetitions this short cause a warning on standard error and under the table.
    assert!(err.contains("warning: ") && err.contains("less than 1 ms"), "{err}");
    assert!(markdown.contains("- Warning: ") && markdown.contains("less than 1 ms"), "{markdown}");
    assert!(svg.starts_with("<svg") && svg.contains("reference"), "{svg}");
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_measured() {
    let forward = ["forward", "--network", "1000-1000", "--population", "4000000000"];
    let generation = ["generation", "--strategy", "ga", "--population", "4000000000"];
    let sizes: [&[&str]; 4] = [
        &forward,
        &generation,
        &["cartpole", "--population", "64,4000000000"],
        &["forward", "--network", "8-65536-65536-65536-8", "--population", "1"],
    ];
    for arguments in sizes {
        let all = [&["bench", "--backend", "cpu", "--json"], arguments].concat();
        let output = deme(&std::env::temp_dir(), &all).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty());
        for word in ["--population", "individuals", "are free", "the largest that fits is"] {
            assert!(message.contains(word), "{arguments:?}: '{word}' is not in: {message}");
        }
    }
}

#[test]
fn invalid_sizes_are_refused() {
    let cases: [(&[&str], &str); 7] = [
        (&["cartpole", "--population", "0"], "--population"),
        (&["cartpole", "--population", "64..8"], "range"),
        (&["cartpole", "--population", "8..64x1"], "factor"),
        (&["cartpole", "--population", "4294967296"], "--population"),
        (&["forward", "--batch", "some"], "--batch"),
        (&["cartpole", "--samples", "0"], "--samples"),
        (&["cartpol"], "forward"),
    ];
    for (arguments, word) in cases {
        let all = [&["bench", "--backend", "cpu"], arguments].concat();
        let output = deme(&std::env::temp_dir(), &all).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(word), "{arguments:?}: {message}");
    }
}

#[test]
fn a_table_is_read_with_the_flags_of_train() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let row = |i: usize| {
        let (colour, gap) = (["red", "blue"][i % 2], if i == 3 { "" } else { "1.5" });
        format!("{i}:{colour}:{gap}:{}:x{i}\n", i % 3)
    };
    let rows: String = (0..60).map(row).collect();
    std::fs::write(folder.path().join("t.csv"), rows).expect("a new file");
    let bench = |more: &[&str]| {
        let all = ["bench", "t.csv", "--backend", "cpu", "--population", "8", "--samples", "1"];
        let flags = ["--no-header", "--drop", "column5", "--target", "column4", "--delimiter", ":"];
        let output = deme(folder.path(), &[&all[..], &flags, more].concat()).output();
        let output = output.expect("the command runs");
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, output) = bench(&["--categories", "auto", "--missing", "mean", "--json"]);
    assert_eq!(code, Some(0), "{output}");
    // Four inputs, a hidden layer of 32 and three classes: a number, two words, one with a gap.
    assert!(output.contains("\"parameters\": 259"), "{output}");
    let (code, output) = bench(&["--categories", "auto"]);
    assert!(code == Some(2) && output.contains("--missing"), "{output}");
    let features = ["--missing", "drop", "--categories", "refuse", "--features", "column1"];
    let (code, output) = bench(&features);
    assert!(code == Some(2) && output.contains("nothing beside --features"), "{output}");
}

#[test]
fn flags_without_effect_are_noted() {
    let cases: [(&[&str], &[&str]); 4] = [
        (&["forward", "--drop", "a", "--missing", "mean"], &["drop", "missing"]),
        (&["cartpole", "--steps", "2", "--batch", "3", "--strategy", "ga"], &["batch", "strategy"]),
        (&["forward", "--steps", "3", "--batch", "2"], &["steps"]),
        (&["generation", "--parameters", "9", "--network", "4"], &["network"]),
    ];
    for (arguments, idle) in cases {
        let common = ["bench", "--backend", "cpu", "--population", "8", "--samples", "1"];
        let all = [&common[..], arguments].concat();
        let output = deme(&std::env::temp_dir(), &all).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0));
        let message = text(&output.stderr);
        let noted = message.lines().filter_map(|line| line.strip_prefix("note: --"));
        let noted: BTreeSet<_> = noted.filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(noted, idle.iter().copied().collect(), "{message}");
    }
}
