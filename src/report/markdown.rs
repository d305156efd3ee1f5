//! Benchmark reports in Markdown: a table of the columns in which any row has a value, then the
//! crossovers, the warnings, the rooflines and the machine.
//!
//! Cells are padded, so the text can also be read without rendering. Long ones are shortened: the
//! other formats have all of them.

pub mod study;

use super::{BenchmarkReport, Measurement, Roofline};
use crate::error::{escape_controls, printable};
use crate::network::Precision;

/// The title of a column, and the text of a row's cell.
type Column<R> = (&'static str, fn(&R) -> Option<String>);

const COLUMNS: &[Column<Measurement>] = &[
    ("subject", |row| Some(row.subject.clone())),
    ("network", |row| row.network.clone()),
    ("parameters", |row| row.parameters.map(|n| n.to_string())),
    ("population", |row| row.population.map(|n| n.to_string())),
    ("batch", |row| row.batch.map(|n| n.to_string())),
    ("steps", |row| row.steps.map(|n| n.to_string())),
    ("backend", |row| Some(row.backend.clone())),
    ("adapter", |row| row.adapter.clone()),
    ("genes", |row| (row.precision == Precision::Half.name()).then(|| row.precision.clone())),
    ("kernels", |row| row.variant.clone()),
    ("median", |row| Some(duration(row.seconds_median))),
    ("min", |row| Some(duration(row.seconds_min))),
    ("max", |row| Some(duration(row.seconds_max))),
    ("evaluations/s", |row| row.evaluations_per_second.map(number)),
    ("steps/s", |row| row.steps_per_second.map(number)),
    ("GFLOP/s", |row| row.gflops.map(number)),
    ("GB/s", |row| row.gbytes_per_second.map(number)),
    ("of the roofline", |row| row.roofline_fraction.map(|share| format!("{:.1}%", 100.0 * share))),
    ("bound", |row| row.roofline_bound.clone()),
    ("host median", |row| (row.timing == "device").then(|| duration(row.host_seconds_median))),
    ("timing", |row| Some(row.timing.clone())),
    ("generations", |row| row.generations.filter(|&n| n > 1).map(|n| n.to_string())),
    ("samples", |row| Some(row.samples.to_string())),
];

/// Writes a report.
pub fn text(report: &BenchmarkReport) -> String {
    let table = table(COLUMNS, &report.rows);
    let crossovers = report.crossovers.iter().map(|crossover| format!("- {crossover}"));
    let warnings = report.warnings.iter().map(|warning| format!("- Warning: {}", escape(warning)));
    let rooflines =
        report.rooflines.iter().map(|roofline| format!("- {}", roofline_text(roofline)));
    let rooflines = rooflines.chain(report.rooflines.first().map(|_| COUNTED.to_owned()));
    let has_cycles = report.rows.iter().any(|row| row.generations.is_some_and(|n| n > 1));
    let cycles = has_cycles.then(|| CYCLES.to_owned()).into_iter().collect();
    let lists = [crossovers.collect(), warnings.collect(), cycles, rooflines.collect::<Vec<_>>()];
    page(table, &lists, report.machine.to_string())
}

/// Writes a table of the columns in which any row has a value.
fn table<R>(columns: &[Column<R>], rows: &[R]) -> String {
    let used = columns.iter().filter(|(_, cell)| rows.iter().any(|row| cell(row).is_some()));
    let padded = used.map(|(name, cell)| {
        let cell = |row: &R| escape(&printable(&cell(row).unwrap_or_default()));
        let cells: Vec<String> = rows.iter().map(cell).collect();
        let lengths = cells.iter().map(|cell| cell.chars().count());
        let width = lengths.fold(name.chars().count().max(3), usize::max);
        let column = [(*name).to_owned(), "-".repeat(width)].into_iter().chain(cells);
        // The widths of `format!` end at 65,535.
        let padded = |cell: String| {
            let missing = width - cell.chars().count();
            cell + &" ".repeat(missing)
        };
        column.map(padded).collect::<Vec<String>>()
    });
    let padded: Vec<Vec<String>> = padded.collect();
    let line = |index: usize| {
        let cells: Vec<&str> = padded.iter().map(|column| column[index].as_str()).collect();
        format!("| {} |", cells.join(" | "))
    };
    (0..rows.len() + 2).map(line).collect::<Vec<_>>().join("\n")
}

/// Returns a text that Markdown shows as it is: its punctuation marks no link, code, emphasis or
/// HTML, and ends no cell. Control characters become visible, so that it stays on its line.
pub fn escape(text: &str) -> String {
    let text = escape_controls(text, |_| false);
    let mut escaped = String::with_capacity(text.len());
    let (mut before, mut letters) = (None, text.chars().peekable());
    while let Some(letter) = letters.next() {
        let is_word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        let is_markup = match letter {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '&' | '$' => true,
            // Inside of a word it has no meaning.
            '_' | '~' => !(is_word(before) && is_word(letters.peek().copied())),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(letter);
        before = Some(letter);
    }
    escaped
}

/// Joins a table, the lists that are not empty, and the machine.
fn page(table: String, lists: &[Vec<String>], machine: String) -> String {
    let lists = lists.iter().filter(|list| !list.is_empty()).map(|list| list.join("\n"));
    let parts: Vec<String> = [table].into_iter().chain(lists).chain([machine]).collect();
    format!("{}\n", parts.join("\n\n"))
}

/// The meaning of a sample of several generations.
const CYCLES: &str = "- a sample is a whole cycle of the strategy, as many generations as the row \
    says: some of them decompose a matrix, and the others do not; its time is the mean of one \
    generation";

/// The rules by which operations and bytes are counted.
const COUNTED: &str = "- in a row, a multiply-add counts as two operations, and each weight, input \
    and output is moved once";

/// Writes a roofline as a sentence.
fn roofline_text(roofline: &Roofline) -> String {
    format!(
        "{} at most: {} GFLOP/s (a fused multiply-add is two), {} GB/s (read and written, beyond \
         the caches); {} clock, measured in this run",
        roofline.backend,
        number(roofline.gflops),
        number(roofline.gbytes_per_second),
        roofline.timing
    )
}

/// Writes a time with a suitable unit.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.3} s"),
        s if s >= 1e-3 => format!("{:.3} ms", s * 1e3),
        s => format!("{:.3} µs", s * 1e6),
    }
}

/// Writes a number with about four digits, and with an exponent from a million.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{value:.3e}"),
        size if size >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    /// The texts of the cells of a table, and whether it has anything but text.
    fn cells(table: &str) -> (Vec<String>, bool) {
        let (mut cells, mut has_markup) = (Vec::new(), false);
        let math = Options::ENABLE_MATH | Options::ENABLE_FOOTNOTES;
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | math;
        for event in Parser::new_ext(table, options) {
            match event {
                Event::Start(Tag::TableCell) => cells.push(String::new()),
                Event::Text(text) => cells.last_mut().expect("a cell").push_str(&text),
                Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow)
                | Event::End(TagEnd::Table | TagEnd::TableHead)
                | Event::End(TagEnd::TableRow | TagEnd::TableCell) => {}
                _ => has_markup = true,
            }
        }
        (cells, has_markup)
    }

    proptest! {
        #[test]
        fn a_cell_is_read_as_the_text_that_was_written(
            text in "[a-c1_~*`|<>&;\\[\\]()!#$\\\\{}^=+:/. \\n\\r\\u{2028}-]{0,20}"
        ) {
            let table = format!("| a | b |\n| --- | --- |\n| {} | end |\n", escape(&text));
            let (cells, has_markup) = cells(&table);
            let visible = escape_controls(&text, |_| false);
            prop_assert!(!has_markup, "{}", table);
            prop_assert_eq!(cells, ["a", "b", visible.trim(), "end"], "{}", table);
        }
    }

    #[test]
    fn long_cells_are_shortened_and_the_columns_stay_aligned() {
        let network = ["1:softsign:nobias"; 4000].join("-");
        assert!(network.len() > 65_535);
        let row = |network: &str| Measurement {
            subject: "xor".into(),
            network: Some(network.to_owned()),
            ..Measurement::default()
        };
        let text = table(COLUMNS, &[row(&network), row("2-1|x")]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[2].contains("1:softsign:nobias-1:") && lines[2].contains("characters)"));
        assert!(lines[3].contains("2-1\\|x"), "{}", lines[3]);
        let widths = lines.iter().map(|line| line.chars().count()).collect::<Vec<usize>>();
        assert!(widths[0] < 1000 && widths.iter().all(|&width| width == widths[0]), "{widths:?}");
    }
}
