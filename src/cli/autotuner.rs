//! The options of the autotuner, from the environment variables of the command.
//!
//! `DEME_CACHE` names the folder that stores its choices; by default it is the user's cache folder.
//! `DEME_NO_TUNE=1` turns measurement off.

use std::env;
use std::path::PathBuf;

use deme::backend::TuningOptions;

/// Returns the options that the environment describes.
pub fn options() -> TuningOptions {
    let is_off = env::var("DEME_NO_TUNE").is_ok_and(|value| value == "1");
    let named = env::var_os("DEME_CACHE").filter(|name| !name.is_empty());
    let default = || {
        let folders = directories::ProjectDirs::from("", "", "deme")?;
        Some(folders.cache_dir().to_owned())
    };
    TuningOptions { measure: !is_off, cache: named.map(PathBuf::from).or_else(default) }
}
