//! `deme tasks`: the list of tasks, and the description of one.

use deme::draw::number::exact;
use deme::error::{Result, quoted_word};
use deme::task::{self, Kind, Quantity, Task};
use serde::Serialize;
use serde_json::{Map, Value};

use super::headings::OUTPUT;
use super::output::{Outcome, print, print_json};
use super::page::{Content, Page, capitalised, markdown_table};
use super::table::{Table, grouped};
use super::{names, terminal};

/// List the tasks, or describe one
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Task to describe
    ///
    /// Observations, actions, reward, end of an episode, threshold, defaults and source.
    /// [default: list all]
    #[arg(value_name = "NAME", value_parser = names::tasks())]
    name: Option<String>,
    /// Print one JSON document
    ///
    /// An array of all tasks, or an object for one. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
    /// Print Markdown
    ///
    /// A table of all tasks, or a page for one. [default: off]
    #[arg(long, help_heading = OUTPUT, conflicts_with = "json")]
    markdown: bool,
}

const EXAMPLES: &str = "\
Examples:
  deme tasks
  deme tasks cartpole
  deme tasks ellipsoid-30-rotated    a function of 30 dimensions";

pub fn run(flags: &Flags) -> Result<Outcome> {
    match &flags.name {
        Some(name) => describe(flags, &TaskRecord::from_task(&*task::by_name(name)?))?,
        None => list(flags)?,
    }
    Ok(Outcome::Success)
}

fn describe(flags: &Flags, record: &TaskRecord) -> Result<()> {
    if flags.json {
        return print_json(record);
    }
    match flags.markdown {
        true => print(&record.page().markdown()),
        false => print(&record.page().text(terminal::width())),
    }
}

fn list(flags: &Flags) -> Result<()> {
    let all = task::all();
    let records = all.iter().map(|task| TaskRecord::from_task(&**task));
    if flags.json {
        return print_json(&records.collect::<Vec<_>>());
    }
    let header = ["task", "inputs", "outputs", "steps", "solved at", "strategy", "description"];
    let rows: Vec<Vec<String>> = records.map(|record| record.row()).collect();
    if flags.markdown {
        return print(&markdown_table(&header.map(capitalised), &rows));
    }
    let table = Table::new(header.map(str::to_uppercase), rows)
        .with_optional(&["OUTPUTS", "INPUTS", "STEPS", "STRATEGY"], "deme tasks NAME has all");
    let hint = "deme tasks NAME describes one. A data file is a task too: .csv (deme train \
                FILE.csv --target COLUMN), .npz, .npy, IDX";
    print(&format!("{}\n\n{}", table.text(), terminal::fit(hint, terminal::width(), 0)))
}

/// A task as `--json` prints it.
#[derive(Serialize)]
struct TaskRecord {
    name: String,
    description: String,
    source: String,
    kind: &'static str,
    inputs: usize,
    outputs: usize,
    step_limit: Option<u32>,
    threshold: Option<f64>,
    defaults: DefaultsRecord,
    input_kind: &'static str,
    input_quantities: Vec<QuantityRecord>,
    output_kind: &'static str,
    output_quantities: Vec<QuantityRecord>,
    facts: Map<String, Value>,
}

/// The defaults of a task.
#[derive(Serialize)]
struct DefaultsRecord {
    strategy: &'static str,
    network: &'static str,
    population: u32,
    generations: u32,
    episodes: u32,
    normalise_observations: bool,
    settings: Map<String, Value>,
}

/// An input or output of a task's networks.
#[derive(Serialize)]
struct QuantityRecord {
    name: String,
    meaning: String,
    unit: &'static str,
    /// The least value; null if there is none.
    low: Option<f64>,
    /// The largest value; null if there is none.
    high: Option<f64>,
    range: String,
    count: usize,
}

impl TaskRecord {
    fn from_task(task: &(dyn Task + 'static)) -> Self {
        let (about, description) = (task.about(), task.description());
        let quantities = |all: Vec<Quantity>| all.iter().map(QuantityRecord::new).collect();
        let facts = description.facts.into_iter().map(|(title, text)| (title.into(), text.into()));
        let defaults = &about.defaults;
        Self {
            name: about.name.to_string(),
            description: about.summary.to_string(),
            source: about.source.to_string(),
            kind: match task.kind() {
                Kind::Control(_) => "control",
                Kind::Data(_) => "data",
                Kind::Function(_) => "function",
            },
            inputs: task.inputs(),
            outputs: task.outputs(),
            step_limit: Some(task.step_limit()).filter(|&steps| steps > 0),
            threshold: about.threshold,
            defaults: DefaultsRecord {
                strategy: defaults.strategy,
                network: defaults.network,
                population: defaults.population,
                generations: defaults.generations,
                episodes: defaults.episodes,
                normalise_observations: defaults.normalise_observations,
                settings: defaults.settings.iter().map(|&(k, v)| (k.into(), v.into())).collect(),
            },
            input_kind: description.input_heading,
            input_quantities: quantities(description.inputs),
            output_kind: description.output_heading,
            output_quantities: quantities(description.outputs),
            facts: facts.collect(),
        }
    }

    /// The row of the table of all tasks.
    fn row(&self) -> Vec<String> {
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        vec![
            self.name.clone(),
            self.inputs.to_string(),
            self.outputs.to_string(),
            or_dash(self.step_limit.map(|steps| steps.to_string())),
            or_dash(self.threshold.map(exact)),
            self.defaults.strategy.to_owned(),
            self.description.clone(),
        ]
    }

    /// The page of one task.
    fn page(&self) -> Page {
        let (title, summary) = (self.name.clone(), self.description.clone());
        let mut page = Page { title, summary, sections: Vec::new() };
        page.add(plural(self.input_kind), table(&self.input_quantities));
        page.add(plural(self.output_kind), table(&self.output_quantities));
        let mut facts: Vec<(String, String)> = Vec::new();
        for (title, text) in self.facts.iter().filter(|(title, _)| *title != "source") {
            facts.push((capitalised(title), text.as_str().unwrap_or_default().to_owned()));
        }
        if let Some(steps) = self.step_limit {
            facts.push(("Step limit".into(), format!("{} steps", grouped(steps.into()))));
        }
        let solved = self.threshold.map_or("no published threshold".into(), |score| {
            format!("a held-out score of {} or more", exact(score))
        });
        facts.push(("Solved at".into(), solved));
        facts.push(("Source".into(), self.source.clone()));
        page.add("Rules", Content::Facts(facts));
        page.add("Defaults", Content::Facts(self.defaults.facts()));
        page.add(
            "Example",
            Content::Commands(vec![format!("deme train {}", quoted_word(&self.name))]),
        );
        page
    }
}

impl DefaultsRecord {
    fn facts(&self) -> Vec<(String, String)> {
        let set = self
            .settings
            .iter()
            .map(|(key, value)| format!("--set {key}={}", value.as_str().unwrap_or_default()));
        let set: Vec<String> = set.collect();
        let network = if self.network.is_empty() { "none" } else { self.network };
        let mut facts = vec![
            ("Strategy".into(), format!("--strategy {}", self.strategy)),
            ("Network".into(), format!("--network {network}")),
            ("Population".into(), format!("--population {}", self.population)),
            ("Generations".into(), format!("--generations {}", self.generations)),
            ("Episodes".into(), format!("--episodes {}", self.episodes)),
        ];
        if self.normalise_observations {
            facts.push(("Observations".into(), "--normalise-observations".into()));
        }
        if !set.is_empty() {
            facts.push(("Settings".into(), set.join(" ")));
        }
        facts
    }
}

impl QuantityRecord {
    fn new(quantity: &Quantity) -> Self {
        let finite = |limit: f64| Some(limit).filter(|limit| limit.is_finite());
        Self {
            name: quantity.name.to_string(),
            meaning: quantity.meaning.to_string(),
            unit: quantity.unit,
            low: finite(quantity.low),
            high: finite(quantity.high),
            range: quantity.range(),
            count: quantity.count,
        }
    }
}

/// A table of quantities, numbered in the order of a network's inputs or outputs.
fn table(quantities: &[QuantityRecord]) -> Content {
    let mut first = 0;
    let rows = quantities.iter().map(|quantity| {
        let last = first + quantity.count.max(1) - 1;
        let index = if last > first { format!("{first}-{last}") } else { first.to_string() };
        first = last + 1;
        let unit = if quantity.unit.is_empty() { "-" } else { quantity.unit };
        let (name, meaning) = (quantity.name.clone(), quantity.meaning.clone());
        vec![index, name, meaning, unit.to_owned(), quantity.range.clone()]
    });
    Content::Table { header: &["#", "name", "meaning", "unit", "range"], rows: rows.collect() }
}

/// The heading of a section on inputs or outputs.
fn plural(kind: &str) -> &'static str {
    match kind {
        "observation" => "Observations",
        "feature" => "Features",
        "gene" => "Genes",
        "action" => "Actions",
        "value" => "Value",
        _ => "Outputs",
    }
}
