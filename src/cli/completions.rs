//! `deme completions`: commands, flags, tasks and strategies for a shell to complete.

use clap_complete::Shell;
use deme::error::Result;

use super::{Outcome, grammar, names, print};

/// Print the completions of a shell
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Shell to complete for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  deme completions bash > ~/.local/share/bash-completion/completions/deme
  deme completions zsh > ~/.zfunc/_deme
  deme completions fish > ~/.config/fish/completions/deme.fish";

pub fn run(flags: &Flags) -> Result<Outcome> {
    let mut text = Vec::new();
    let mut command = names::described(grammar());
    clap_complete::generate(flags.shell, &mut command, "deme", &mut text);
    print(String::from_utf8_lossy(&text).trim_end())?;
    Ok(Outcome::Success)
}
