//! `deme strategies`: the list of strategies, and the description of one with its settings.

use deme::error::Result;
use deme::strategy::{self, Entry, LessonKind, PointDefault};
use serde::Serialize;
use serde_json::{Map, Value};

use super::headings::OUTPUT;
use super::output::{Outcome, print, print_json};
use super::page::{Content, Page, capitalised, markdown_table};
use super::table::Table;
use super::{names, terminal};

/// List the strategies, or describe one and its settings
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Strategy to describe
    ///
    /// Its idea, when to use it, its settings with their defaults and ranges, and its source.
    /// [default: list all]
    #[arg(value_name = "NAME", value_parser = names::strategies())]
    name: Option<String>,
    /// Print one JSON document
    ///
    /// An array of all strategies, or an object for one. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
    /// Print Markdown
    ///
    /// A table of all strategies, or a page for one. [default: off]
    #[arg(long, help_heading = OUTPUT, conflicts_with = "json")]
    markdown: bool,
}

const EXAMPLES: &str = "\
Examples:
  deme strategies
  deme strategies openai-es";

pub fn run(flags: &Flags) -> Result<Outcome> {
    match &flags.name {
        Some(name) => describe(flags, &StrategyRecord::from_entry(strategy::by_name(name)?))?,
        None => list(flags)?,
    }
    Ok(Outcome::Success)
}

fn describe(flags: &Flags, record: &StrategyRecord) -> Result<()> {
    if flags.json {
        return print_json(record);
    }
    match flags.markdown {
        true => print(&record.page().markdown()),
        false => print(&record.page().text(terminal::width())),
    }
}

fn list(flags: &Flags) -> Result<()> {
    let records = strategy::all().iter().map(StrategyRecord::from_entry);
    if flags.json {
        return print_json(&records.collect::<Vec<_>>());
    }
    let header = ["strategy", "description", "source"];
    let rows: Vec<Vec<String>> = records
        .map(|record| [record.name, record.description, record.source].map(String::from).to_vec())
        .collect();
    if flags.markdown {
        return print(&markdown_table(&header.map(capitalised), &rows));
    }
    let table = Table::new(header.map(str::to_uppercase), rows)
        .with_optional(&["SOURCE"], "deme strategies NAME has it");
    let hint = "deme strategies NAME describes one, with its settings for --set KEY=VALUE";
    print(&format!("{}\n\n{}", table.text(), terminal::fit(hint, terminal::width(), 0)))
}

/// A strategy as `--json` prints it.
#[derive(Serialize)]
struct StrategyRecord {
    name: &'static str,
    description: &'static str,
    source: &'static str,
    settings: Vec<SettingRecord>,
    idea: &'static str,
    when: &'static str,
    presets: Vec<PresetRecord>,
    on_functions: FunctionRecord,
    /// A task of the kind that the strategy learns from.
    #[serde(skip)]
    example: &'static str,
}

/// The meaning of a function's deviation.
const DEVIATION: &str =
    "the function's: 0.1, or 5 for rastrigin and ackley, where a run also starts";

/// The defaults of a strategy on functions.
#[derive(Serialize)]
struct FunctionRecord {
    /// True if the strategy searches points as well as networks.
    accepted: bool,
    population: Option<u32>,
    settings: Map<String, Value>,
    /// Defaults in multiples of the function's deviation.
    deviations: Map<String, Value>,
}

impl FunctionRecord {
    fn from_entry(entry: &Entry) -> Self {
        let (mut settings, mut deviations) = (Map::new(), Map::new());
        for default in entry.points.settings {
            match *default {
                PointDefault::Value(key, value) => settings.insert(key.into(), value.into()),
                PointDefault::Deviations(key, factor) => {
                    deviations.insert(key.into(), factor.into())
                }
            };
        }
        let accepted = !entry.needs_network() && entry.lesson != LessonKind::Episodes;
        let population = entry.points.population;
        Self { accepted, population, settings, deviations }
    }

    /// The facts for a person.
    fn content(&self) -> Content {
        if !self.accepted {
            return Content::Paragraph("Refused: a function has points and no networks.".into());
        }
        let number = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let population = self.population.map(|count| ("population".to_owned(), count.to_string()));
        let scaled = self.deviations.iter();
        let scaled = scaled.map(|(key, value)| (key.clone(), format!("{value} x deviation")));
        let plain = self.settings.iter().map(|(key, value)| (key.clone(), number(value)));
        let meaning = ("deviation".to_owned(), DEVIATION.to_owned());
        Content::Facts(population.into_iter().chain(scaled).chain(plain).chain([meaning]).collect())
    }
}

/// A setting of a strategy.
#[derive(Serialize)]
struct SettingRecord {
    key: &'static str,
    meaning: &'static str,
    range: String,
    default: &'static str,
}

/// A setting whose value changes the defaults of others.
#[derive(Serialize)]
struct PresetRecord {
    key: &'static str,
    value: &'static str,
    defaults: Map<String, Value>,
}

impl StrategyRecord {
    fn from_entry(entry: &'static Entry) -> Self {
        let settings = entry.settings.iter().map(|setting| SettingRecord {
            key: setting.key,
            meaning: setting.meaning,
            range: setting.domain.to_string(),
            default: setting.default,
        });
        let presets = entry.presets.iter().map(|preset| PresetRecord {
            key: preset.key,
            value: preset.value,
            defaults: preset.others.iter().map(|&(k, v)| (k.into(), v.into())).collect(),
        });
        Self {
            example: match entry.lesson {
                LessonKind::Loss => "digits",
                LessonKind::None | LessonKind::Episodes => "cartpole",
            },
            name: entry.name,
            description: entry.summary,
            source: entry.source,
            settings: settings.collect(),
            idea: entry.idea,
            when: entry.when,
            presets: presets.collect(),
            on_functions: FunctionRecord::from_entry(entry),
        }
    }

    /// The page of one strategy.
    fn page(&self) -> Page {
        let (title, summary) = (self.name.to_owned(), self.description.to_owned());
        let mut page = Page { title, summary, sections: Vec::new() };
        page.add("Idea", Content::Paragraph(self.idea.to_owned()));
        page.add("When to use it", Content::Paragraph(self.when.to_owned()));
        if !self.settings.is_empty() {
            let rows = self.settings.iter().map(|setting| {
                let (key, default) = (setting.key.to_owned(), setting.default.to_owned());
                vec![key, default, setting.range.clone(), setting.meaning.to_owned()]
            });
            let header = &["setting", "default", "range", "meaning"];
            page.add("Settings", Content::Table { header, rows: rows.collect() });
        }
        if !self.presets.is_empty() {
            let facts = self.presets.iter().map(|preset| {
                let others = preset
                    .defaults
                    .iter()
                    .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
                let others: Vec<String> = others.collect();
                let name = format!("{}={}", preset.key, preset.value);
                (name, format!("changes the defaults: {}", others.join(", ")))
            });
            page.add("Presets", Content::Facts(facts.collect()));
        }
        page.add("On functions", self.on_functions.content());
        page.add("Source", Content::Paragraph(self.source.to_owned()));
        let mut command = format!("deme train {} --strategy {}", self.example, self.name);
        if let Some(setting) = self.settings.first() {
            command.push_str(&format!(" --set {}={}", setting.key, setting.default));
        }
        page.add("Example", Content::Commands(vec![command]));
        page
    }
}
