//! Shaders are written to a folder when they are compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use deme::backend::{Backend, Gpu};
use deme::gpu::{Device, DeviceOptions};
use deme::population::Proposal;

use crate::backend::{few_steps, gaussian, network, task_by_name};
use crate::gpu_device::{adapter_name, on_own_gpu};

/// Reads and parses the shaders of a folder, and returns their names and texts.
pub fn shaders(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of the shaders") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a text");
        let parsed = naga::front::wgsl::parse_str(&text);
        parsed.unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(&text)));
        found.push((name, text));
    }
    found
}

#[test]
fn every_compiled_shader_is_written_in_full() {
    on_own_gpu(|_| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let deep = folder.path().join("deep/er");
        let options = DeviceOptions { dump: Some(deep.clone()), ..DeviceOptions::default() };
        let device = Device::open_with(Some(&adapter_name()), &options);
        let device = Arc::new(device.expect("the adapter of the tests"));
        assert!(shaders(&deep).is_empty(), "nothing is compiled yet");
        let task = task_by_name("cartpole");
        let network = network(task.as_ref());
        let genes = network.parameters();
        let mut gpu = Gpu::new(Arc::clone(&device), task, network).expect("a small network");
        gpu.spawn(&Proposal::Gaussian(gaussian(genes, 10))).expect("a recipe");
        gpu.score(&few_steps(1)).expect("a score");
        let found = shaders(&deep);
        assert_eq!(found.len() as u64, device.resource_counts().pipelines);
        let labels: BTreeSet<&str> =
            found.iter().map(|(name, _)| name.split('-').next().expect("a label")).collect();
        assert_eq!(labels, ["average", "perturb", "rollout"].into());
        for (name, text) in &found {
            let hash = name.trim_end_matches(".wgsl").rsplit('-').next().expect("a hash");
            assert_eq!(hash.len(), 8, "{name}");
            assert!(text.contains("fn main("), "{name} is not complete");
        }
    });
}

#[test]
fn a_folder_that_cannot_be_created_is_refused_before_a_device_is_opened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let options = DeviceOptions { dump: Some(file.join("below")), ..DeviceOptions::default() };
    let refused = Device::open_with(Some("no such adapter"), &options).err().expect("refused");
    assert!(refused.is_input());
    let message = refused.to_string();
    assert!(message.contains("--dump-wgsl") && message.contains("below"), "{message}");
}
