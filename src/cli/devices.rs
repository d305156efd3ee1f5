//! `deme devices`: the GPUs of this machine, and what `--backend auto` would take.

use deme::error::Result;
use deme::gpu::{self, Adapter, Hardness};
use serde_json::{Value, json};

use super::table::table;
use super::{Outcome, print, print_json};

/// List the GPUs of this machine.
#[derive(clap::Args)]
pub struct Flags {
    /// Print a JSON array instead of a table [default: off]
    #[arg(long)]
    json: bool,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let adapters = gpu::adapters();
    if flags.json {
        let describe = |adapter: &Adapter| -> Value {
            json!({
                "name": adapter.name,
                "description": format!("{} adapter by {}", kind(adapter), adapter.interface),
                "backend": adapter.interface,
                "device_type": kind(adapter),
                "driver": adapter.driver,
            })
        };
        print_json(&adapters.iter().map(describe).collect::<Vec<_>>())?;
        return Ok(Outcome::Done);
    }
    if adapters.is_empty() {
        print("no GPU adapter was found; --backend auto takes the CPU")?;
        return Ok(Outcome::Done);
    }
    let rows = adapters.iter().map(|adapter| {
        let interface = adapter.interface.clone();
        vec![adapter.name.clone(), kind(adapter).into(), interface, adapter.driver.clone()]
    });
    let rows: Vec<_> = rows.collect();
    let taken = match adapters.iter().find(|adapter| adapter.hardness == Hardness::Hardware) {
        Some(adapter) => format!("--backend auto takes {}", adapter.name),
        None => "--backend auto takes the CPU: a software adapter is used only when named".into(),
    };
    print(&format!("{}\n\n{taken}", table(&["NAME", "TYPE", "BACKEND", "DRIVER"], &rows)))?;
    Ok(Outcome::Done)
}

fn kind(adapter: &Adapter) -> &'static str {
    match adapter.hardness {
        Hardness::Hardware => "hardware",
        Hardness::Software => "software",
    }
}
