//! The start: how long it takes, and what is left alone.

use tempfile::TempDir;

use super::{deme, json, text};

/// From the start of the process to the first generation, in a build with optimisations: several
/// times what it takes, and less than reading one data set by the way, or opening Vulkan, costs.
const LONGEST_SECONDS: f64 = if cfg!(debug_assertions) { 0.3 } else { 0.03 };
/// The least of so many counts: other processes delay one start, hardly all.
const STARTS: usize = 15;

#[test]
fn a_run_starts_at_once() {
    let folder = TempDir::new().expect("a temporary folder");
    let least = (0..STARTS).map(|start| {
        let out = folder.path().join(start.to_string());
        let out = out.to_str().expect("a path in UTF-8");
        let run = ["train", "cartpole", "--backend", "cpu", "--generations", "1", "--json"];
        let (code, summary) = json(&[&run[..], &["--quiet", "--out", out]].concat());
        assert_eq!(code, Some(0));
        let (setup, wall) = (&summary["setup_seconds"], &summary["wall_seconds"]);
        let setup = setup.as_f64().expect("seconds");
        assert!(setup > 0.0 && setup < wall.as_f64().expect("seconds"), "{summary}");
        setup
    });
    let least = least.fold(f64::INFINITY, f64::min);
    assert!(least < LONGEST_SECONDS, "{least} s");
}

/// Whether a command looks for Vulkan's loader, by what the system's own loader says that it does.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn looks_for_vulkan(arguments: &[&str]) -> bool {
    let folder = TempDir::new().expect("a temporary folder");
    let output = deme(folder.path(), arguments).env("LD_DEBUG", "libs").output();
    let output = output.expect("the command runs");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    assert!(said.contains("find library=libc.so"), "{arguments:?}: {said}");
    said.contains("find library=libvulkan")
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_needs_no_gpu_does_not_look_for_one() {
    assert!(looks_for_vulkan(&["devices"]), "or this test sees nothing");
    let commands: [&[&str]; 6] = [
        &["--version"],
        &["tasks"],
        &["strategies"],
        &["train", "xor", "--backend", "cpu", "--generations", "1"],
        &["train", "xor", "--backend", "reference", "--generations", "1"],
        &["verify", "xor", "--backend", "cpu"],
    ];
    for arguments in commands {
        assert!(!looks_for_vulkan(arguments), "{arguments:?}");
    }
}
