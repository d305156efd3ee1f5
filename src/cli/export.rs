//! `deme export`: writes a run's champion in the formats of other programs.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, ValueHint, value_parser};
use deme::champion::{Champion, StandardisationPrecision};
use deme::error::{Error, Result, printable};
use deme::export::{ExportFormat, FORMATS};
use deme::files;
use deme::report;

use super::headings::OUTPUT;
use super::output::{Outcome, note, print};
use super::table::grouped;

/// Write a run's champion for other programs
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Run folder of `deme train`, or a champion.safetensors
    #[arg(value_name = "DIR", value_hint = ValueHint::AnyPath)]
    folder: PathBuf,
    #[command(flatten)]
    outputs: Outputs,
}

const EXAMPLES: &str = "\
Examples:
  deme export runs/pendulum-simple-ga-1 --onnx pendulum.onnx
  deme export runs/pendulum-simple-ga-1 --rust policy.rs --json policy.json";

/// The files to write, each with its format. Every row of [`FORMATS`] is a flag.
struct Outputs(Vec<(&'static ExportFormat, PathBuf)>);

impl Args for Outputs {
    fn augment_args(command: Command) -> Command {
        let flags = FORMATS.iter().map(|format| {
            Arg::new(format.name)
                .long(format.name)
                .value_name("FILE")
                .value_hint(ValueHint::FilePath)
                .value_parser(value_parser!(PathBuf))
                .help(format.description)
                .help_heading(OUTPUT)
        });
        command.args(flags)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Outputs {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let file = |format: &'static ExportFormat| {
            Some((format, matches.get_one::<PathBuf>(format.name)?.clone()))
        };
        Ok(Self(FORMATS.iter().filter_map(file).collect()))
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let outputs = &flags.outputs.0;
    if outputs.is_empty() {
        let formats: Vec<String> = FORMATS.iter().map(|one| format!("--{}", one.name)).collect();
        let expected = format!("a file for a format: {}", formats.join(", "));
        return Err(Error::invalid("deme export", expected, "none"));
    }
    for (format, path) in outputs {
        report::expect_output(&format!("--{}", format.name), path, format.endings)?;
    }
    let champion = Champion::read(&flags.folder)?;
    if let Some(line) = precision_note(&champion) {
        note(&line);
    }
    // All formats are encoded first: if one refuses the champion, nothing is written.
    let encoded = outputs.iter().map(|(format, _)| (format.encode)(&champion));
    let encoded = encoded.collect::<Result<Vec<Vec<u8>>>>()?;
    let files = outputs.iter().zip(&encoded).map(|((_, path), bytes)| (path.as_path(), &bytes[..]));
    files::write_all(&files.collect::<Vec<_>>())?;
    for ((_, path), bytes) in outputs.iter().zip(&encoded) {
        print(&format!("{} ({} bytes)", path.display(), grouped(bytes.len() as u64)))?;
    }
    Ok(Outcome::Success)
}

/// A note about columns that `f32` cannot hold, and so about the type of an observation.
fn precision_note(champion: &Champion) -> Option<String> {
    let wide = champion.wide_inputs();
    let is_wide = champion.answer_precision() != StandardisationPrecision::Single;
    let names = wide.iter().map(|name| format!("'{}'", printable(name))).collect::<Vec<_>>();
    let subject = match (&names[..], is_wide) {
        ([], false) => return None,
        ([], true) => "the target".into(),
        ([name], _) => format!("column {name}"),
        (names, _) => format!("columns {}", names.join(", ")),
    };
    Some(format!(
        "note: f32 cannot hold {subject}; the exports take and give such numbers as f64, and \
         --wgsl as pairs of f32"
    ))
}
