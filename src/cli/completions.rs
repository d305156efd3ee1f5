//! `deme completions`: commands, flags, tasks and strategies for a shell to complete.

use clap_complete::Shell;
use deme::error::Result;
use deme::task;

use super::names::{self, BENCHMARK_PARTS};
use super::output::{Outcome, print};

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

pub fn run(flags: &Flags, grammar: clap::Command) -> Result<Outcome> {
    let mut command = names::described(grammar);
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut command, "deme", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let script = if flags.shell == Shell::Zsh { with_files(&script) } else { script };
    print(script.trim_end())?;
    Ok(Outcome::Success)
}

/// The script of zsh, in which a task may also be a data file. Other shells complete files wherever
/// no name fits; zsh does so only through a function.
fn with_files(script: &str) -> String {
    let tasks: Vec<&str> = task::names().collect();
    let lists = [
        ("_deme_tasks", tasks.clone()),
        ("_deme_subjects", tasks.into_iter().chain(BENCHMARK_PARTS).collect()),
    ];
    let end = "if [ \"$funcstack[1]\"";
    let mut script = script.to_owned();
    for (function, names) in lists {
        let names = names.join(" ");
        script = script.replace(&format!(":({names})'"), &format!(":{function}'"));
        let body = format!("{function}() {{\n    compadd {names}\n    _files\n}}\n\n{end}");
        script = script.replacen(end, &body, 1);
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::grammar;

    #[test]
    fn zsh_completes_tasks_and_files() {
        let mut script = Vec::new();
        clap_complete::generate(Shell::Zsh, &mut grammar(), "deme", &mut script);
        let script = with_files(&String::from_utf8_lossy(&script));
        assert!(script.contains("_deme_tasks() {\n    compadd cartpole "), "{script}");
        for function in ["_deme_tasks", "_deme_subjects"] {
            assert!(script.matches(&format!(":{function}'")).count() >= 1, "{script}");
        }
    }
}
