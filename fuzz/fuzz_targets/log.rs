//! A log: read, and reported on.
#![no_main]

use std::fs;

use deme::report::{chart, csv, runs};
use deme_fuzz::{save_seed, scratch, small_runs};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: {
        let runs = small_runs(&["cartpole", "xor"]);
        for run in &runs {
            save_seed(&run.name, &run.file("log.jsonl"));
        }
        fs::create_dir_all(scratch().join("reported")).expect("a folder");
        fs::write(scratch().join("reported/config.toml"), runs[0].file("config.toml"))
            .expect("room for a temporary file");
    },
    |file: &[u8]| {
        let folder = scratch().join("reported");
        fs::write(folder.join("log.jsonl"), file).expect("room for a temporary file");
        let Ok(report) = runs::RunReport::read(&[folder]) else { return };
        runs::html::page(&report);
        runs::tables::markdown(&report);
        let _ = csv::text(&report.runs);
        if let Some(scene) = chart::learning::draw_groups(&report) {
            scene.svg();
        }
    }
);
