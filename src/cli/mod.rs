//! The command line: flags as typed, one struct a command, and what each exit code means.
//!
//! Results go to standard output; notes, progress and errors to standard error. Exit codes: 0 done,
//! 1 what was asked did not hold or broke on the way, 2 bad input.

mod bench;
mod compare;
mod devices;
mod dump;
mod export;
mod interrupt;
mod live;
mod play;
mod progress;
mod report;
mod resume;
mod run_flags;
mod shell;
mod sizes;
mod strategies;
mod table;
mod tasks;
mod threads;
mod train;
mod vectors;
mod verify;
mod watch;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::Instant;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use deme::error::{Error, Result};

const EXAMPLES: &str = "\
Examples:
  deme train cartpole                        learn to balance a pole
  deme play runs/cartpole-openai-es-1        watch it, and score it
  deme bench cartpole --backend cpu,gpu      compare a GPU with the CPU

Environment: DEME_VECTORS=avx512, avx2, neon or plain [default: the widest]";

/// All that fits a screen: what it is, the commands, three examples.
const SCREEN: &str = "{about}\n\n{usage-heading} {usage}\n\n{subcommands}{after-help}";

/// Trains neural networks by evolution: whole populations at once, on GPU or CPU.
#[derive(Parser)]
#[command(
    version,
    after_help = EXAMPLES,
    help_template = SCREEN,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Deme {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a network on a task
    Train(train::Flags),
    /// Go on with a run that was stopped
    Resume(resume::Flags),
    /// Play a run's champion on held-out episodes
    Play(play::Flags),
    /// Write a run's champion for other programs
    Export(export::Flags),
    /// Tell of runs: a page, a chart, tables
    Report(report::Flags),
    /// Show the curve of a run in progress
    Watch(watch::Flags),
    /// Compare strategies on a task, with the same seeds for each
    Compare(compare::Flags),
    /// Check the GPU or the fast CPU path against the reference
    Verify(verify::Flags),
    /// Measure how fast the backends are
    Bench(bench::Flags),
    /// List the GPUs of this machine, and the CPU's instruction sets
    Devices(devices::Flags),
    /// List the tasks
    Tasks(tasks::Flags),
    /// List the strategies and their settings
    Strategies(strategies::Flags),
    /// Print the completions of a shell
    #[command(hide = true)]
    Completions(shell::Completions),
    /// Print the manual page
    #[command(hide = true)]
    Man(shell::Man),
}

impl Command {
    fn run(&self, begun: Instant) -> Result<Outcome> {
        match self {
            Self::Train(flags) => train::run(flags, begun),
            Self::Resume(flags) => resume::run(flags, begun),
            Self::Play(flags) => play::run(flags),
            Self::Export(flags) => export::run(flags),
            Self::Report(flags) => report::run(flags),
            Self::Watch(flags) => watch::run(flags),
            Self::Compare(flags) => compare::run(flags),
            Self::Verify(flags) => verify::run(flags),
            Self::Bench(flags) => bench::run(flags),
            Self::Devices(flags) => devices::run(flags),
            Self::Tasks(flags) => tasks::run(flags),
            Self::Strategies(flags) => strategies::run(flags),
            Self::Completions(flags) => shell::completions(flags),
            Self::Man(flags) => shell::man(flags),
        }
    }
}

/// Whether what was asked for held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
enum Outcome {
    /// Exit code 0.
    Done,
    /// Exit code 1: a verification that failed, a run that was interrupted.
    Failed,
}

/// Parses, does, and says how it ended.
pub fn run(begun: Instant) -> ExitCode {
    // A number below zero is told what was expected, not that it is no flag.
    let numbers = |arg: clap::Arg| match arg.get_action().takes_values() {
        true => arg.allow_negative_numbers(true),
        false => arg,
    };
    let grammar = Deme::command().mut_subcommands(|command| command.mut_args(numbers));
    let parsed = Deme::from_arg_matches(&grammar.get_matches());
    let command = parsed.unwrap_or_else(|error| error.exit()).command;
    match vectors::choose().and_then(|()| command.run(begun)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(1),
        Err(error) => {
            note(&format!("error: {error}"));
            ExitCode::from(if error.is_input() { 2 } else { 1 })
        }
    }
}

/// Writes a result, and a line's end, to standard output. A reader who has seen enough is no error.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Io { doing: "writing to", path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

/// Writes a value as one JSON document.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|problem| Error::Io {
        doing: "writing JSON to",
        path: "standard output".into(),
        source: problem.into(),
    })?;
    print(&text)
}

/// Writes a line to standard error; if nobody can read it, there is nobody to tell.
fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
