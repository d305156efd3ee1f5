//! Names that a flag knows: shown in its help and completed by shells, but checked by the library,
//! whose errors are the same for a flag and for a line of a `--config` file.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use deme::backend::{BackendChoice, Variant};
use deme::network::{Activation, Precision};
use deme::{strategy, task};

/// The parts of a generation that can be measured in place of a task.
pub const BENCHMARK_PARTS: [&str; 4] = ["forward", "generation", "spawn", "recombine"];

/// The backends that can be measured.
pub const BENCHMARK_BACKENDS: [&str; 3] = ["cpu", "gpu", "reference"];

/// A parser that takes any text, and lists the known names.
#[derive(Clone)]
pub struct Names(Vec<PossibleValue>);

impl Names {
    fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self(names.into_iter().map(PossibleValue::new).collect())
    }
}

impl TypedValueParser for Names {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        flag: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, flag, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().cloned()))
    }
}

/// The built-in tasks.
pub fn tasks() -> Names {
    Names::new(task::names())
}

/// The subjects of a benchmark: the built-in tasks, and parts of a generation.
pub fn subjects() -> Names {
    Names::new(task::names().chain(BENCHMARK_PARTS))
}

/// The strategies.
pub fn strategies() -> Names {
    Names::new(strategy::all().iter().map(|entry| entry.name))
}

/// The activations.
pub fn activations() -> Names {
    Names::new(Activation::ALL.map(Activation::name))
}

/// The backends of a run.
pub fn backends() -> Names {
    Names::new(BackendChoice::NAMES)
}

/// The variants of the GPU's kernels.
pub fn variants() -> Names {
    Names::new(Variant::ALL.map(Variant::name))
}

/// The precisions of genes.
pub fn precisions() -> Names {
    Names::new(Precision::ALL.map(Precision::name))
}

/// A list of names that the library has no registry for.
pub fn listed(names: &'static [&'static str]) -> Names {
    Names::new(names.iter().copied())
}

/// Adds a line on each strategy to the names of a grammar, for shells that show it.
pub fn described(grammar: Command) -> Command {
    let describe = |value: PossibleValue| {
        let entry = strategy::all().iter().find(|entry| entry.name == value.get_name());
        entry.map_or(value.clone(), |entry| value.help(entry.summary))
    };
    grammar.mut_subcommands(|command| {
        command.mut_args(|arg| match arg.get_possible_values() {
            values if values.iter().any(|value| value.get_name() == strategy::all()[0].name) => {
                arg.value_parser(Names(values.into_iter().map(describe).collect()))
            }
            _ => arg,
        })
    })
}
