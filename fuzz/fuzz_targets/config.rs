//! A configuration: read and checked, as `deme train --config FILE` does before it starts.
#![no_main]

use deme::run::Request;
use deme_fuzz::{save_seed, small_runs, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: {
        for run in small_runs(&["cartpole", "sphere-2"]) {
            save_seed(&run.name, &run.file("config.toml"));
        }
    },
    |file: &[u8]| {
        if let Ok(request) = Request::from_file(&write("config.toml", file)) {
            let _ = request.check();
        }
    }
);
