//! `deme strategies`: how a population is made to learn, and what can be set.

use deme::error::Result;
use deme::strategy::{self, Entry};
use serde_json::{Value, json};

use super::table::table;
use super::{Outcome, print, print_json};

/// List the strategies and their settings.
#[derive(clap::Args)]
pub struct Flags {
    /// Print a JSON array instead of tables [default: off]
    #[arg(long)]
    json: bool,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    if flags.json {
        print_json(&strategy::all().iter().map(describe).collect::<Vec<_>>())?;
        return Ok(Outcome::Done);
    }
    let texts: Vec<String> = strategy::all().iter().map(page).collect();
    print(&texts.join("\n\n"))?;
    Ok(Outcome::Done)
}

fn page(entry: &Entry) -> String {
    let rows = entry.settings.iter().map(|setting| {
        vec![
            format!("  {}", setting.key),
            setting.default.to_owned(),
            setting.domain.to_string(),
            setting.meaning.to_owned(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let settings = table(&["  --set KEY=", "DEFAULT", "RANGE", "MEANING"], &rows);
    format!("{}: {}\n  {}\n{settings}", entry.name, entry.summary, entry.source)
}

fn describe(entry: &Entry) -> Value {
    let settings = entry.settings.iter().map(|setting| {
        json!({
            "key": setting.key,
            "meaning": setting.meaning,
            "range": setting.domain.to_string(),
            "default": setting.default,
        })
    });
    json!({
        "name": entry.name,
        "description": entry.summary,
        "source": entry.source,
        "settings": settings.collect::<Vec<_>>(),
    })
}
