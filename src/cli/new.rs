//! `deme new`: the file of a world of one's own, to start from.

use std::io::Write;
use std::path::PathBuf;

use deme::error::{Error, Result, quoted_path};
use deme::{files, task};

use super::output::{Outcome, note};

/// Write a world of your own to start from, in WGSL
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// File to write; its name ends in .wgsl
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  deme new swing.wgsl      write a world with comments
  deme train swing.wgsl    train networks in it";

pub fn run(flags: &Flags) -> Result<Outcome> {
    let path = &flags.file;
    if !task::is_world_file(&path.to_string_lossy()) {
        return Err(Error::invalid("FILE", "a name that ends in .wgsl", path.display()));
    }
    if files::exists(path) {
        let expected = "a file that does not exist, because deme new overwrites nothing";
        return Err(Error::invalid("FILE", expected, path.display()));
    }
    let io = |source| Error::Io { doing: "writing", path: path.clone(), source };
    let written = files::create_new(path)?.write_all(task::WORLD_TEMPLATE.as_bytes());
    written.map_err(io).inspect_err(|_| {
        // Half a world would only be in the way of the next attempt.
        let _ = std::fs::remove_file(path);
    })?;
    let command = format!("deme train {}", quoted_path(path));
    note(&format!("wrote {}; train networks in it with: {command}", path.display()));
    Ok(Outcome::Success)
}
