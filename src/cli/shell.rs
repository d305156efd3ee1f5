//! `deme completions` and `deme man`: what a shell and `man` know of the command.

use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::Shell;
use deme::error::{Error, Result};

use super::{Deme, Outcome, print};

/// Print the completions of a shell.
#[derive(clap::Args)]
pub struct Completions {
    /// The shell that is to complete
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Print the manual page, or write one for every command.
#[derive(clap::Args)]
pub struct Man {
    /// Folder to write a page of every command into [default: print the command's own]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub fn completions(flags: &Completions) -> Result<Outcome> {
    let mut text = Vec::new();
    clap_complete::generate(flags.shell, &mut Deme::command(), "deme", &mut text);
    print(String::from_utf8_lossy(&text).trim_end())?;
    Ok(Outcome::Done)
}

pub fn man(flags: &Man) -> Result<Outcome> {
    let Some(folder) = &flags.folder else {
        let mut text = Vec::new();
        let written = clap_mangen::Man::new(Deme::command()).render(&mut text);
        written.map_err(|source| failed(Path::new("the manual page"), source))?;
        print(String::from_utf8_lossy(&text).trim_end())?;
        return Ok(Outcome::Done);
    };
    if !folder.is_dir() {
        let what = folder.display().to_string();
        return Err(Error::invalid(what, "a folder that is there", "none"));
    }
    // `deme help` has no page of its own.
    let command = Deme::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, folder).map_err(|source| failed(folder, source))?;
    Ok(Outcome::Done)
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Io { doing: "writing", path: path.into(), source }
}
