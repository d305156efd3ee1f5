//! `--dump-wgsl`: every command that compiles shaders can write them to a folder.

use std::fs;

use tempfile::TempDir;

use super::{deme, text};
use crate::gpu::dump::shaders;
use crate::gpu_device::{adapter_name, on_own_gpu};

/// The shortest run of each command that has the flag.
const COMMANDS: [&[&str]; 3] = [
    &["train", "xor", "--generations", "2", "--until", "never", "--population", "8"],
    &["verify", "xor"],
    &["bench", "xor", "--population", "64", "--samples", "1"],
];

#[test]
fn every_command_on_a_gpu_writes_its_shaders() {
    on_own_gpu(|_| {
        let folder = TempDir::new().expect("a temporary folder");
        for command in COMMANDS {
            let name = command[0];
            let more = ["--backend", "gpu", "--adapter", &adapter_name(), "--dump-wgsl", name];
            let output = deme(folder.path(), &[command, &more].concat()).output();
            let output = output.expect("the command runs");
            assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
            let found = shaders(&folder.path().join(name));
            let written = found.iter().any(|(file, _)| file.contains("loss-"));
            assert!(written, "{name} wrote {} shaders", found.len());
        }
    });
}

#[test]
fn a_folder_that_cannot_be_written_to_is_refused_before_anything_is_done() {
    on_own_gpu(|_| {
        let folder = TempDir::new().expect("a temporary folder");
        fs::write(folder.path().join("file"), "").expect("a file");
        for command in COMMANDS {
            let adapter = adapter_name();
            let more = ["--backend", "gpu", "--adapter", &adapter, "--dump-wgsl", "file/below"];
            let output = deme(folder.path(), &[command, &more].concat()).output();
            let output = output.expect("the command runs");
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{command:?}: {message}");
            assert!(message.contains("--dump-wgsl"), "{message}");
            assert!(output.stdout.is_empty());
        }
        let left = fs::read_dir(folder.path()).expect("the folder").count();
        assert_eq!(left, 1, "something was written");
    });
}

#[test]
fn other_backends_have_no_shaders() {
    let folder = TempDir::new().expect("a temporary folder");
    for (command, backend) in [("train", "cpu"), ("train", "reference"), ("verify", "cpu")] {
        let arguments = [command, "xor", "--backend", backend, "--dump-wgsl", "shaders"];
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("--dump-wgsl: expected the gpu backend"), "{message}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
