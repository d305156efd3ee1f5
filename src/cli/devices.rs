//! `deme devices`: the GPUs of this machine, what `--backend auto` would take, and the CPU's
//! instruction sets.

use deme::error::Result;
use deme::gpu::{self, Hardness};
use deme::math::Vectors;
use serde_json::{Value, json};

use super::table::table;
use super::{Outcome, print, print_json, vectors};

/// List the GPUs of this machine, and the CPU's instruction sets.
#[derive(clap::Args)]
pub struct Flags {
    /// Print a JSON array instead of a table [default: off]
    #[arg(long)]
    json: bool,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let adapters = gpu::adapters();
    if flags.json {
        let describe = |adapter: &gpu::Adapter| -> Value {
            json!({
                "name": adapter.name,
                "description": format!("{} adapter by {}", adapter.hardness, adapter.interface),
                "backend": adapter.interface,
                "device_type": adapter.hardness.to_string(),
                "driver": adapter.driver,
            })
        };
        print_json(&adapters.iter().map(describe).collect::<Vec<_>>())?;
        return Ok(Outcome::Done);
    }
    if adapters.is_empty() {
        print(&format!("no GPU adapter was found; --backend auto takes the CPU\n{}", processor()))?;
        return Ok(Outcome::Done);
    }
    let rows = adapters.iter().map(|adapter| {
        let (name, kind) = (adapter.name.clone(), adapter.hardness.to_string());
        vec![name, kind, adapter.interface.clone(), adapter.driver.clone()]
    });
    let rows: Vec<_> = rows.collect();
    let taken = match adapters.iter().find(|adapter| adapter.hardness == Hardness::Hardware) {
        Some(adapter) => format!("--backend auto takes {}", adapter.name),
        None => "--backend auto takes the CPU: a software adapter is used only when named".into(),
    };
    let adapters = table(&["NAME", "TYPE", "BACKEND", "DRIVER"], &rows);
    print(&format!("{adapters}\n\n{taken}\n{}", processor()))?;
    Ok(Outcome::Done)
}

/// The instruction sets, for a person: a program meets the one in use in `deme bench --json`.
fn processor() -> String {
    let (used, known) = (Vectors::in_use().name(), vectors::known());
    format!("the CPU computes with {used}, and has: {known} ({} chooses)", vectors::VARIABLE)
}
