//! The start of the command: its duration, and the libraries that it does not load.

use tempfile::TempDir;

use super::{deme, json, text};

/// The limit on the time from the start of the process to the first generation. It is several times
/// the usual time, and less than it takes to read a data set or to open Vulkan.
const LONGEST_SECONDS: f64 = if cfg!(debug_assertions) { 0.3 } else { 0.03 };
/// The number of starts, of which the fastest counts: other processes hardly delay them all.
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

/// True if a command looks for Vulkan's loader, according to the messages of the dynamic linker.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn looks_for_vulkan(arguments: &[&str]) -> bool {
    let folder = TempDir::new().expect("a temporary folder");
    let output = deme(folder.path(), arguments).env("LD_DEBUG", "libs").output();
    let output = output.expect("the command runs");
    let messages = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {messages}");
    assert!(messages.contains("find library=libc.so"), "{arguments:?}: {messages}");
    messages.contains("find library=libvulkan")
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn commands_without_a_gpu_do_not_look_for_one() {
    assert!(looks_for_vulkan(&["devices"]), "this command must look for it");
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
