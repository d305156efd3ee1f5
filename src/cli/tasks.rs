//! `deme tasks`: what there is to learn.

use deme::error::Result;
use deme::task::{self, Kind, Task};
use serde_json::{Value, json};

use super::table::table;
use super::{Outcome, print, print_json};

/// List the tasks.
#[derive(clap::Args)]
pub struct Flags {
    /// Print a JSON array instead of a table [default: off]
    #[arg(long)]
    json: bool,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let tasks = task::all();
    if flags.json {
        print_json(&tasks.iter().map(|task| describe(&**task)).collect::<Vec<_>>())?;
        return Ok(Outcome::Done);
    }
    let header = ["TASK", "INPUTS", "OUTPUTS", "STEPS", "SOLVED AT", "STRATEGY", "DESCRIPTION"];
    let rows = tasks.iter().map(|task| {
        let about = task.about();
        let steps = if task.step_limit() == 0 { "-".into() } else { task.step_limit().to_string() };
        vec![
            about.name.to_string(),
            task.inputs().to_string(),
            task.outputs().to_string(),
            steps,
            about.threshold.map_or("-".into(), |score| score.to_string()),
            about.defaults.strategy.to_owned(),
            about.summary.to_string(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let hint = "A file is a task too: .csv (deme train FILE.csv --target COLUMN), .npz, .npy, IDX";
    print(&format!("{}\n\n{hint}", table(&header, &rows)))?;
    Ok(Outcome::Done)
}

fn describe(task: &(dyn Task + 'static)) -> Value {
    let about = task.about();
    let defaults = &about.defaults;
    let settings: serde_json::Map<String, Value> =
        defaults.settings.iter().map(|&(key, value)| (key.into(), value.into())).collect();
    json!({
        "name": about.name,
        "description": about.summary,
        "source": about.source,
        "kind": match task.kind() {
            Kind::Control(_) => "control",
            Kind::Data(_) => "data",
            Kind::Function(_) => "function",
        },
        "inputs": task.inputs(),
        "outputs": task.outputs(),
        "step_limit": (task.step_limit() > 0).then(|| task.step_limit()),
        "threshold": about.threshold,
        "defaults": {
            "strategy": defaults.strategy,
            "network": defaults.network,
            "population": defaults.population,
            "generations": defaults.generations,
            "episodes": defaults.episodes,
            "settings": settings,
        },
    })
}
