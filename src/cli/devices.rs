//! `deme devices`: the GPUs of this machine, the choice of `--backend auto`, and the CPU's
//! instruction sets.

use deme::error::Result;
use deme::gpu::{self, DeviceKind};
use deme::math::InstructionSet;
use serde_json::{Value, json};

use super::headings::OUTPUT;
use super::output::{Outcome, print, print_json};
use super::table::Table;
use super::{terminal, vectors};

/// List the GPUs of this machine, and the CPU's instruction sets
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Print a JSON array
    ///
    /// Instead of a table. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  deme devices
  deme train cartpole --adapter llvmpipe    use a GPU by a part of its name";

pub fn run(flags: &Flags) -> Result<Outcome> {
    let adapters = gpu::adapters();
    if flags.json {
        let describe = |adapter: &gpu::Adapter| -> Value {
            json!({
                "name": adapter.name,
                "description": format!("{} adapter by {}", adapter.kind, adapter.interface),
                "backend": adapter.interface,
                "device_type": adapter.kind.to_string(),
                "driver": adapter.driver,
            })
        };
        print_json(&adapters.iter().map(describe).collect::<Vec<_>>())?;
        return Ok(Outcome::Success);
    }
    if adapters.is_empty() {
        print_lines(&format!(
            "no GPU adapter found; --backend auto takes the CPU\n{}",
            processor()
        ))?;
        return Ok(Outcome::Success);
    }
    let rows = adapters.iter().map(|adapter| {
        let (name, kind) = (adapter.name.clone(), adapter.kind.to_string());
        vec![name, kind, adapter.interface.clone(), adapter.driver.clone()]
    });
    let choice = match adapters.iter().find(|adapter| adapter.kind == DeviceKind::Hardware) {
        Some(adapter) => format!("--backend auto takes {}", adapter.name),
        None => {
            "--backend auto takes the CPU: a software adapter is used only if it is named".into()
        }
    };
    let adapters = Table::new(["NAME", "TYPE", "BACKEND", "DRIVER"], rows);
    let adapters = adapters.with_optional(&["DRIVER"], "deme devices --json has all");
    print(&adapters.text())?;
    print_lines(&format!("\n{choice}\n{}", processor()))?;
    Ok(Outcome::Success)
}

/// Prints lines that fit the terminal.
fn print_lines(text: &str) -> Result<()> {
    print(&terminal::fit(text, terminal::width(), 0))
}

/// A sentence on the CPU's instruction sets. `deme bench --json` has the one in use for programs.
fn processor() -> String {
    let (used, available) = (InstructionSet::current().name(), vectors::available());
    let variable = vectors::VARIABLE;
    format!("the CPU computes with {used}; available: {available} ({variable} selects one)")
}
