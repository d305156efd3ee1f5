//! `deme predict`: a champion's predictions for the rows of a file.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use deme::champion::Champion;
use deme::draw::number;
use deme::error::Result;
use deme::play::{RowPredictions, RowScores};
use deme::report::{self, predictions};
use deme::run::{self, NewRowsOptions};
use serde_json::{Value, json};

use super::headings::OUTPUT;
use super::output::{self, Outcome, note, print, print_json};
use super::table::Table;

/// Predict the rows of a file with a champion
///
/// The file is read as training read its own, and its rows need no target. Columns are found by
/// their names: further columns are ignored. Rows with a target are scored.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Run folder of `deme train`, or a champion.safetensors
    #[arg(value_name = "RUN", value_hint = ValueHint::AnyPath)]
    run: PathBuf,
    /// Data file, or a data set's name
    ///
    /// A .csv or .tsv (also .gz), .npy, .npz or IDX file. A champion of a built-in data set also
    /// takes the name of that data set, for its held-out samples.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Column, array or file of the targets
    ///
    /// [default: the column of training's name; y or y_test of a .npz file; none beside a .npy or
    /// IDX file]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// First line of a CSV file is a row
    ///
    /// The columns are then found by their places. [default: that of training]
    #[arg(long)]
    no_header: bool,
    /// Separator of a CSV file's columns
    ///
    /// One ASCII character, such as ';', or tab. [default: decided by all lines]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// CSV file for the predictions
    ///
    /// A column for the prediction, and one for the probability of each class. [default: the first
    /// rows are printed]
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Print one JSON document
    ///
    /// Scores, and the predictions unless --out takes them. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  deme predict runs/iris-openai-es-1 new-flowers.csv
  deme predict runs/iris-openai-es-1 new-flowers.csv --out predictions.csv
  deme predict runs/digits-openai-es-1 digits --json";

/// The number of rows that are printed for people.
const SHOWN_ROWS: usize = 20;
/// The number of probabilities that are printed for people.
const SHOWN_CLASSES: usize = 8;
/// The largest confusion matrix that is printed.
const SHOWN_MATRIX: usize = 20;

pub fn run(flags: &Flags) -> Result<Outcome> {
    if let Some(path) = &flags.out {
        report::expect_output("--out", path, report::CSV)?;
        let target = flags.target.as_deref().map(Path::new);
        let inputs = [&*flags.run, &*flags.file].into_iter().chain(target);
        output::expect_no_input("--out", path, &inputs.collect::<Vec<_>>())?;
    }
    let delimiter = flags.delimiter.as_deref().map(str::parse).transpose()?;
    let options =
        NewRowsOptions { target: flags.target.as_deref(), no_header: flags.no_header, delimiter };
    let mut champion = Champion::read(&flags.run)?;
    let rows = run::read_new_rows(&champion, &flags.file, options)?;
    rows.notes.iter().for_each(|line| note(&format!("note: {line}")));
    let predictions = RowPredictions::new(&mut champion, &rows)?;
    if let Some(path) = &flags.out {
        report::write(path, predictions::csv(&predictions)?)?;
    }
    match flags.json {
        true => print_json(&document(flags, &champion, &predictions))?,
        false => print(&describe(flags.out.as_deref(), &predictions))?,
    }
    Ok(Outcome::Success)
}

/// The JSON document.
fn document(flags: &Flags, champion: &Champion, predictions: &RowPredictions) -> Value {
    let mut document = json!({
        "task": champion.origin().task,
        "file": flags.file.display().to_string(),
        "rows": predictions.len(),
        "targets": predictions.targets,
        "classes": predictions.classes,
        "scores": predictions.scores,
    });
    match &flags.out {
        Some(path) => document["out"] = json!(path.display().to_string()),
        None => document["predictions"] = json!(predictions::json(predictions)),
    }
    document
}

/// The predictions and their scores, for people.
fn describe(out: Option<&Path>, predictions: &RowPredictions) -> String {
    let rows = number::counted(predictions.len() as u64, "rows");
    let first = match out {
        Some(path) => format!("{}: predictions of {rows}", path.display()),
        None => first_rows(predictions, &rows),
    };
    let scores = predictions.scores.as_ref().map(|scores| describe_scores(predictions, scores));
    [Some(first), scores].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// The first rows as a table, and where to find the others.
fn first_rows(predictions: &RowPredictions, rows: &str) -> String {
    let header = predictions::header(predictions);
    let classes = predictions.classes.len();
    // Many probabilities are too wide for people; that of the prediction says most.
    let hides = |column: usize| classes > SHOWN_CLASSES && (2..2 + classes).contains(&column);
    let shown = |cells: Vec<String>| -> Vec<String> {
        let cells = cells.into_iter().enumerate().filter(|(column, _)| !hides(*column));
        cells.map(|(_, cell)| cell).collect()
    };
    let rounded = |row: usize| {
        let cells = predictions::cells(predictions, row).into_iter().enumerate();
        let is_number = |column| match classes {
            0 => column > 0,
            _ => (2..2 + classes).contains(&column),
        };
        let cell = |(column, cell): (usize, String)| match cell.parse::<f64>() {
            Ok(number) if is_number(column) => number::score(number),
            _ => cell,
        };
        shown(cells.map(cell).collect())
    };
    let count = predictions.len().min(SHOWN_ROWS);
    let table = Table::new(shown(header), (0..count).map(rounded)).text();
    match predictions.len() > count {
        true => format!("{table}\n({count} of {rows}; --out FILE writes all)"),
        false => table,
    }
}

fn describe_scores(predictions: &RowPredictions, scores: &RowScores) -> String {
    match scores {
        RowScores::Classes { rows, accuracy, unknown_classes, confusion } => {
            let rows = number::counted(*rows as u64, "rows");
            let mut text = format!("accuracy {} over {rows}", number::score(*accuracy));
            if *unknown_classes > 0 {
                let unknown = number::counted(*unknown_classes as u64, "rows");
                text += &format!("\nof a class that training never saw: {unknown}");
            }
            if confusion.len() <= SHOWN_MATRIX {
                let header = std::iter::once("class \\ predicted".to_owned());
                let header: Vec<String> = header.chain(predictions.classes.clone()).collect();
                let line = |(class, counts): (&String, &Vec<usize>)| {
                    let counts = counts.iter().map(usize::to_string);
                    std::iter::once(class.clone()).chain(counts).collect::<Vec<String>>()
                };
                let lines = predictions.classes.iter().zip(confusion).map(line);
                text += &format!("\n\n{}", Table::new(header, lines).text());
            }
            text
        }
        RowScores::Numbers { rows, r2, targets } => {
            let r2_text = |r2: Option<f64>| r2.map_or("-".to_owned(), number::score);
            let line = |target: &deme::play::TargetScore| {
                vec![
                    target.name.clone(),
                    r2_text(target.r2),
                    number::score(target.rmse),
                    number::score(target.mae),
                ]
            };
            let table = Table::new(["target", "R^2", "RMSE", "MAE"], targets.iter().map(line));
            let rows = number::counted(*rows as u64, "rows");
            match targets.len() {
                1 => format!("over {rows}\n{}", table.text()),
                _ => format!("R^2 {} over {rows}\n{}", r2_text(*r2), table.text()),
            }
        }
    }
}
