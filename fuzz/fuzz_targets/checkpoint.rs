//! A checkpoint: the run that it belongs to is resumed, for one generation.
#![no_main]

use std::fs;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use deme::run::{self, Observer, Record, ResumeRequest};
use deme::tensor_file::TensorFile;
use deme_fuzz::{SmallRun, mutate_tensors, save_seed, scratch, small_runs};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

const FILE: &str = "checkpoint.safetensors";
static RUNS: OnceLock<Vec<SmallRun>> = OnceLock::new();

/// Ends a run after the first generation.
struct OneGeneration;

impl Observer for OneGeneration {
    fn generation(&mut self, _: &Record) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_tensors(data, size, max_size, seed)
});

fuzz_target!(
    init: {
        for run in RUNS.get_or_init(|| small_runs(&["cartpole"])) {
            save_seed(&run.strategy, &run.file(FILE));
        }
    },
    |file: &[u8]| {
        let Ok(content) = TensorFile::parse(file) else { return };
        let runs = RUNS.get().expect("the runs of the start");
        let strategy = content.metadata("strategy");
        let Some(run) = runs.iter().find(|run| Some(&*run.strategy) == strategy) else { return };
        let folder = scratch().join("resumed");
        fs::create_dir_all(&folder).expect("a folder");
        for name in ["config.toml", "log.jsonl"] {
            fs::write(folder.join(name), run.file(name)).expect("room for a temporary file");
        }
        fs::write(folder.join(FILE), file).expect("room for a temporary file");
        let request = ResumeRequest { generations: Some(3), ..ResumeRequest::new(&folder) };
        let _ = run::resume(&request, &mut OneGeneration);
    }
);
