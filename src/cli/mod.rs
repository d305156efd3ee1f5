//! The command line: one struct of flags per command, and the meaning of each exit code.
//!
//! Results go to standard output; notes, progress and errors go to standard error. Exit code 0
//! means that the command succeeded, 1 that it failed or that a check did not pass, and 2 that the
//! input was wrong.

mod aliases;
mod autotuner;
mod bench;
mod compare;
mod completions;
mod data_flags;
mod devices;
mod dump;
mod export;
mod headings;
mod interrupt;
mod live;
mod man;
mod names;
mod new;
mod output;
mod page;
mod play;
mod predict;
mod progress;
mod report;
mod resume;
mod run_flags;
mod sizes;
mod strategies;
mod study_progress;
mod table;
mod tasks;
mod terminal;
mod threads;
mod train;
mod vectors;
mod verify;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use clap::error::ContextValue;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};
use deme::error::{Result, printable};

use headings::OUTPUT;
use output::{Outcome, note};

const EXAMPLES: &str = "\
Examples; deme COMMAND --help explains every flag:
  deme train cartpole                      learn to balance a pole
  deme play runs/cartpole-openai-es-1      watch the result, and score it
  deme bench cartpole --backend cpu,gpu    compare a GPU with the CPU";

const DETAILS: &str = "\
Examples:
  deme train cartpole                      learn to balance a pole
  deme play runs/cartpole-openai-es-1      watch the result, and score it
  deme bench cartpole --backend cpu,gpu    compare a GPU with the CPU

Environment variables:
  DEME_VECTORS  instruction set of the CPU path: avx512, avx2, neon or plain
                [default: the widest of this processor; deme devices lists them]
  DEME_NO_TUNE  1 chooses GPU kernels by size, without timing them [default: 0]
  DEME_CACHE    folder of timing results [default: the system's cache folder]
  RAYON_NUM_THREADS
                CPU threads where --threads is not given [default: all]
  NO_COLOR      not empty: no colours [default: unset]

Exit codes: 0 success; 1 failure, or a check that did not pass; 2 wrong input.

deme COMMAND --help explains every flag, with examples. Everything works offline.";

/// The top-level help, which fits a screen.
const SCREEN: &str = "{about}\n{usage-heading} {usage}\n\n{subcommands}{after-help}";

/// Trains neural networks by evolution: whole populations at once, on GPU or CPU.
#[derive(Parser)]
#[command(
    version,
    after_help = EXAMPLES,
    after_long_help = DETAILS,
    help_template = SCREEN,
    max_term_width = 100,
    subcommand_required = true,
    disable_help_subcommand = true
)]
struct Deme {
    #[command(subcommand)]
    command: Command,
}

/// The commands, in the order of the help. The documentation of their flags describes them.
#[derive(Subcommand)]
enum Command {
    Train(train::Flags),
    Resume(resume::Flags),
    Play(play::Flags),
    Predict(predict::Flags),
    Export(export::Flags),
    Report(report::Flags),
    Watch(watch::Flags),
    Compare(compare::Flags),
    Verify(verify::Flags),
    Bench(bench::Flags),
    Devices(devices::Flags),
    Tasks(tasks::Flags),
    New(new::Flags),
    Strategies(strategies::Flags),
    Completions(completions::Flags),
    Man(man::Flags),
}

impl Command {
    fn run(&self, started_at: Instant) -> Result<Outcome> {
        match self {
            Self::Train(flags) => train::run(flags, started_at),
            Self::Resume(flags) => resume::run(flags, started_at),
            Self::Play(flags) => play::run(flags),
            Self::Predict(flags) => predict::run(flags),
            Self::Export(flags) => export::run(flags),
            Self::Report(flags) => report::run(flags),
            Self::Watch(flags) => watch::run(flags),
            Self::Compare(flags) => compare::run(flags),
            Self::Verify(flags) => verify::run(flags),
            Self::Bench(flags) => bench::run(flags),
            Self::Devices(flags) => devices::run(flags),
            Self::Tasks(flags) => tasks::run(flags),
            Self::New(flags) => new::run(flags),
            Self::Strategies(flags) => strategies::run(flags),
            Self::Completions(flags) => completions::run(flags, grammar()),
            Self::Man(flags) => man::run(flags, grammar()),
        }
    }
}

/// Parses the arguments, runs the command and returns its exit code.
pub fn run(started_at: Instant) -> ExitCode {
    let arguments = help_last(std::env::args_os().collect());
    let grammar = if arguments.iter().any(|argument| argument == "-h") {
        brief(grammar())
    } else {
        grammar()
    };
    let parsed = grammar
        .try_get_matches_from(arguments)
        .and_then(|matches| Deme::from_arg_matches(&matches));
    let command = match parsed {
        Ok(deme) => deme.command,
        Err(error) => {
            let error = aliases::explain(escaped(error));
            // Help that cannot be written has no other way to its reader.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match vectors::select().and_then(|()| command.run(started_at)) {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Failure) => ExitCode::from(1),
        Err(error) => {
            note(&format!("error: {error}"));
            ExitCode::from(if error.is_input() { 2 } else { 1 })
        }
    }
}

/// Escapes and shortens the arguments that an error repeats.
fn escaped(mut error: clap::Error) -> clap::Error {
    let typed: Vec<_> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) if printable(text) != *text => Some((kind, printable(text))),
            _ => None,
        })
        .collect();
    for (kind, text) in typed {
        error.insert(kind, ContextValue::String(text));
    }
    error
}

/// Turns `deme` and `deme help COMMAND` into `deme -h` and `deme COMMAND --help`.
fn help_last(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.len() < 2 {
        arguments.push("-h".into());
    } else if arguments[1] == "help" {
        arguments.remove(1);
        arguments.truncate(2);
        arguments.push("--help".into());
    }
    arguments
}

/// The grammar: every command and flag.
fn grammar() -> clap::Command {
    // For a negative number, the error then says which numbers are expected.
    let allow_negative = |arg: clap::Arg| match arg.get_action().takes_values() {
        true => arg.allow_negative_numbers(true),
        false => arg,
    };
    let help = || {
        let help = clap::Arg::new("help").short('h').long("help").action(ArgAction::Help);
        help.help("Print a summary (-h) or details (--help)").help_heading(OUTPUT)
    };
    let command = Deme::command();
    command.mut_subcommands(|command| {
        command.mut_args(allow_negative).disable_help_flag(true).arg(help())
    })
}

/// The grammar for `-h`, whose help has one line per flag.
fn brief(grammar: clap::Command) -> clap::Command {
    grammar.mut_subcommands(|command| {
        let command = command.after_help("--help explains every flag, with examples.");
        command.mut_args(|arg| match arg.get_action().takes_values() {
            true => arg.hide_possible_values(true),
            false => arg,
        })
    })
}
