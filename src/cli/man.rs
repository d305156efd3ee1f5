//! `deme man`: the manual page of the command, or one page for each of its commands.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use deme::error::{Error, Result};
use deme::files;

use super::output::{Outcome, print};

/// Print the manual page, or write one for every command
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Folder for a page of every command
    ///
    /// [default: print the page of deme itself]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  deme man | man -l -
  deme man ~/.local/share/man/man1";

pub fn run(flags: &Flags, grammar: clap::Command) -> Result<Outcome> {
    let Some(folder) = &flags.folder else {
        let mut text = Vec::new();
        let written = clap_mangen::Man::new(grammar).render(&mut text);
        written.map_err(|source| failed(Path::new("the manual page"), source))?;
        print(String::from_utf8_lossy(&text).trim_end())?;
        return Ok(Outcome::Success);
    };
    if !folder.is_dir() {
        let what = folder.display().to_string();
        return Err(Error::invalid(what, "a folder that exists", "none"));
    }
    let mut grammar = grammar.disable_help_subcommand(true);
    grammar.build();
    let mut pages = Vec::new();
    add_pages(grammar, folder, &mut pages)?;
    let pages: Vec<(&Path, &[u8])> =
        pages.iter().map(|(path, page)| (path.as_path(), &page[..])).collect();
    files::write_all(&pages)?;
    Ok(Outcome::Success)
}

/// Adds the page of a command and those of its subcommands, each with its path.
fn add_pages(
    command: clap::Command,
    folder: &Path,
    pages: &mut Vec<(PathBuf, Vec<u8>)>,
) -> Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        add_pages(inner.clone(), folder, pages)?;
    }
    let page = clap_mangen::Man::new(command);
    let path = folder.join(page.get_filename());
    let mut text = Vec::new();
    page.render(&mut text).map_err(|source| failed(&path, source))?;
    pages.push((path, text));
    Ok(())
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Io { doing: "writing", path: path.into(), source }
}
