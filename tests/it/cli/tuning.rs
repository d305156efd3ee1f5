//! `--variant`, and the autotuner that chooses a variant if none is named.

use std::fs;
use std::path::Path;

use deme::backend::Gpu;
use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};
use crate::gpu_device::{adapter_name, on_own_gpu};

/// Trains two short generations on the GPU with extra flags and a separate cache.
fn train(folder: &Path, out: &str, more: &[&str], tunes: bool) -> (Option<i32>, String) {
    let adapter = adapter_name();
    let common = ["train", "cartpole", "--network", "6", "--population", "32", "--episodes", "1"];
    let short = ["--generations", "2", "--until", "never", "--backend", "gpu", "--out", out];
    let mut command = deme(folder, &[&common[..], &short, &["--adapter", &adapter], more].concat());
    command.env("DEME_CACHE", folder.join("cache"));
    if tunes {
        command.env_remove("DEME_NO_TUNE");
    }
    let output = command.output().expect("the command runs");
    (output.status.code(), text(&output.stderr))
}

fn log(folder: &Path, out: &str) -> String {
    fs::read_to_string(folder.join(out).join("log.jsonl")).expect("the log of a run")
}

#[test]
fn variants_are_timed_once_cached_and_change_no_byte_of_the_log() {
    on_own_gpu(|_| {
        let folder = TempDir::new().expect("a temporary folder");
        let folder = folder.path();
        let (code, first) = train(folder, "first", &[], true);
        assert_eq!(code, Some(0), "{first}");
        assert!(first.contains("(the fastest of loop "), "{first}");
        let cache = fs::read_to_string(folder.join("cache/tuning.json")).expect("what was chosen");
        let cache: Value = serde_json::from_str(&cache).expect("a JSON document");
        assert_eq!(cache.as_object().expect("choices by keys").len(), 1, "{cache}");
        let (code, second) = train(folder, "second", &[], true);
        assert_eq!(code, Some(0), "{second}");
        assert!(second.contains("(the fastest in an earlier measurement)"), "{second}");
        for variant in ["loop", "unrolled", "team-8", "team-64", "fused-16"] {
            let (code, messages) = train(folder, variant, &["--variant", variant], true);
            assert_eq!(code, Some(0), "{messages}");
            assert!(messages.contains(&format!("kernels: {variant} (as requested)")), "{messages}");
            assert_eq!(log(folder, variant), log(folder, "first"), "{variant}");
        }
        let (code, untimed) = train(folder, "untimed", &[], false);
        assert_eq!(code, Some(0), "{untimed}");
        assert!(untimed.contains("(by size, without measurement)"), "{untimed}");
    });
}

/// Variants may round differently, and the autotuner may choose another one tomorrow.
#[test]
fn a_resumed_run_keeps_its_variant() {
    on_own_gpu(|_| {
        let folder = TempDir::new().expect("a temporary folder");
        let (code, begun) = train(folder.path(), "run", &[], false);
        assert_eq!(code, Some(0), "{begun}");
        assert!(begun.contains("kernels: unrolled (by size"), "{begun}");
        let mut command = deme(folder.path(), &["resume", "run", "--generations", "3"]);
        command.env("DEME_CACHE", folder.path().join("none")).env_remove("DEME_NO_TUNE");
        let output = command.output().expect("the command runs");
        let messages = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{messages}");
        assert!(messages.contains("kernels: unrolled (as the run began)"), "{messages}");
    });
}

#[test]
fn an_unsupported_variant_is_refused() {
    on_own_gpu(|_| {
        let folder = TempDir::new().expect("a temporary folder");
        let (code, messages) = train(folder.path(), "none", &["--variant", "team-7"], false);
        assert_eq!(code, Some(2), "{messages}");
        assert!(messages.contains("team-8") && messages.contains("unrolled"), "{messages}");
        let wide = ["--network", "33-16", "--variant", "unrolled"];
        let adapter = adapter_name();
        let run = ["train", "cartpole", "--backend", "gpu", "--adapter", &adapter];
        let output = deme(folder.path(), &[&run[..], &wide].concat()).output().expect("it runs");
        let messages = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{messages}");
        assert!(
            messages.contains("a variant that supports this network here: loop, team-8"),
            "{messages}"
        );
        let run = ["train", "cartpole", "--backend", "cpu", "--variant", "loop"];
        let output = deme(folder.path(), &run).output().expect("it runs");
        let messages = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{messages}");
        assert!(messages.contains("--variant: expected the gpu backend"), "{messages}");
        assert!(fs::read_dir(folder.path()).expect("a folder").next().is_none());
    });
}

#[test]
fn a_benchmark_lists_every_variant() {
    on_own_gpu(|device| {
        let adapter = adapter_name();
        let folder = TempDir::new().expect("a temporary folder");
        let bench = ["bench", "cartpole", "--network", "6", "--population", "64", "--steps", "5"];
        let more = ["--samples", "1", "--backend", "gpu", "--variants", "--json", "--adapter"];
        let arguments = [&bench[..], &more, &[&adapter]].concat();
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).expect("a JSON document");
        let rows = document["rows"].as_array().expect("rows");
        let names: Vec<&str> = rows.iter().filter_map(|row| row["variant"].as_str()).collect();
        let mut all = vec!["loop", "unrolled", "team-8", "team-16", "team-32", "team-64"];
        all.extend(["fused-8", "fused-16", "fused-32", "fused-64"]);
        all.extend(Gpu::limits_of(&device).subgroup.map(|_| "subgroup"));
        assert_eq!(names, all);
    });
}
