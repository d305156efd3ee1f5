//! Tables for people: aligned, and never wider than the terminal.

use deme::error::Result;

use super::output::print;
use super::terminal::{self, columns};

/// Columns between two cells.
const GAP: usize = 2;
/// A column wider than this may be wrapped before another column is left out.
const COMFORTABLE: usize = 28;

/// Rows of text under a header.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The columns that may be left out, the first ones first, and where to see them.
    optional: Vec<&'static str>,
    elsewhere: &'static str,
    indent: usize,
}

impl Table {
    /// A table with a cell per column in each row.
    pub fn new<H: Into<String>>(
        header: impl IntoIterator<Item = H>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        Self {
            header: header.into_iter().map(Into::into).collect(),
            rows: rows.into_iter().collect(),
            optional: Vec::new(),
            elsewhere: "",
            indent: 0,
        }
    }

    /// Names columns that a narrow terminal leaves out, in this order, and says where to see them.
    #[must_use]
    pub fn with_optional(mut self, names: &[&'static str], elsewhere: &'static str) -> Self {
        (self.optional, self.elsewhere) = (names.to_vec(), elsewhere);
        self
    }

    /// Indents every line.
    #[must_use]
    pub fn indented(mut self, spaces: usize) -> Self {
        self.indent = spaces;
        self
    }

    /// The table, as wide as the terminal at most.
    pub fn text(&self) -> String {
        self.fitted(terminal::width())
    }

    /// The table in at most `width` columns, or as wide as it is.
    pub fn fitted(&self, width: Option<usize>) -> String {
        let mut shown: Vec<usize> = (0..self.header.len()).collect();
        let Some(width) = width.map(|width| width.saturating_sub(self.indent)) else {
            return self.lines(&shown, &self.natural(&shown));
        };
        let mut left_out: Vec<&str> = Vec::new();
        for name in &self.optional {
            if self.shrunk(&shown, width, Self::comfortable).is_some() {
                break;
            }
            let before = shown.len();
            shown.retain(|&column| self.header[column] != *name);
            if shown.len() < before {
                left_out.push(name);
            }
        }
        let widths = self
            .shrunk(&shown, width, Self::comfortable)
            .or_else(|| self.shrunk(&shown, width, Self::longest_word))
            .or_else(|| self.shrunk(&shown, width, |_, _| 1))
            .unwrap_or_else(|| self.natural(&shown));
        let table = self.lines(&shown, &widths);
        if left_out.is_empty() {
            return table;
        }
        let note =
            format!("(not shown at this width: {}; {})", left_out.join(", "), self.elsewhere);
        let note = terminal::fit(&note, Some(width), 1);
        let indent = " ".repeat(self.indent);
        let note: Vec<String> = note.lines().map(|line| format!("{indent}{line}")).collect();
        format!("{table}\n{}", note.join("\n"))
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        let all = std::iter::once(&self.header).chain(&self.rows);
        all.filter_map(move |row| row.get(column)).map(String::as_str)
    }

    /// The widths of the columns if nothing is wrapped.
    fn natural(&self, shown: &[usize]) -> Vec<usize> {
        let widest = |&column: &usize| self.cells(column).map(columns).max().unwrap_or(0);
        shown.iter().map(widest).collect()
    }

    /// The least width of a column that reads well.
    fn comfortable(&self, column: usize) -> usize {
        let natural = self.cells(column).map(columns).max().unwrap_or(0);
        self.longest_word(column).max(natural.min(COMFORTABLE))
    }

    /// The least width of a column that breaks no word.
    fn longest_word(&self, column: usize) -> usize {
        let words = self.cells(column).flat_map(|cell| cell.split(' '));
        words.map(columns).max().unwrap_or(0)
    }

    /// Widths that fit, made by narrowing the widest column again and again, or none.
    fn shrunk(
        &self,
        shown: &[usize],
        width: usize,
        least: fn(&Self, usize) -> usize,
    ) -> Option<Vec<usize>> {
        let least: Vec<usize> = shown.iter().map(|&column| least(self, column)).collect();
        let mut widths = self.natural(shown);
        let gaps = GAP * shown.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > width {
            let narrowable = (0..widths.len()).filter(|&column| widths[column] > least[column]);
            let widest = narrowable.max_by_key(|&column| widths[column])?;
            widths[widest] -= 1;
        }
        Some(widths)
    }

    fn lines(&self, shown: &[usize], widths: &[usize]) -> String {
        let indent = " ".repeat(self.indent);
        let has_header = self.header.iter().any(|cell| !cell.is_empty());
        let rows = has_header.then_some(&self.header).into_iter().chain(&self.rows);
        let mut lines = Vec::new();
        for row in rows {
            let cell = |column: &usize| row.get(*column).map_or("", String::as_str);
            let wrapped: Vec<Vec<String>> = shown
                .iter()
                .zip(widths)
                .map(|(column, &width)| terminal::wrap(cell(column), width))
                .collect();
            let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
            for number in 0..height {
                let mut line = indent.clone();
                for (parts, width) in wrapped.iter().zip(widths) {
                    let part = parts.get(number).map_or("", String::as_str);
                    line.push_str(part);
                    line.push_str(&" ".repeat(width.saturating_sub(columns(part)) + GAP));
                }
                lines.push(line.trim_end().to_owned());
            }
        }
        lines.join("\n")
    }
}

/// Prints a report in Markdown. If the terminal is too narrow, the table is fitted to it.
pub fn print_report(markdown: &str, optional: &[&'static str]) -> Result<()> {
    print(&fit_report(markdown.trim_end(), optional, terminal::width()))
}

/// A report in Markdown with its tables and sentences in at most `width` columns.
fn fit_report(markdown: &str, optional: &[&'static str], width: Option<usize>) -> String {
    let is_wide = |width| markdown.lines().any(|line| columns(line) > width);
    if !width.is_some_and(is_wide) {
        return markdown.to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in markdown.lines().chain([""]) {
        if line.starts_with('|') {
            rows.push(cells_of_markdown(line));
            continue;
        }
        if rows.len() > 1 {
            let (header, rule) = (rows.remove(0), 0);
            rows.remove(rule);
            let elsewhere = "--json and --csv have all";
            let table = Table::new(header, std::mem::take(&mut rows));
            parts.push(table.with_optional(optional, elsewhere).fitted(width));
        }
        parts.push(terminal::fit(line, width, 2));
    }
    parts.pop();
    parts.join("\n")
}

/// The cells of one line of a Markdown table.
fn cells_of_markdown(line: &str) -> Vec<String> {
    let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
    inside.split(" | ").map(|cell| unescaped(cell.trim())).collect()
}

/// A text of Markdown without the backslashes that escape its punctuation.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped = letters.next_if(|next| letter == '\\' && next.is_ascii_punctuation());
        plain.push(escaped.unwrap_or(letter));
    }
    plain
}

/// A whole number with a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A large number in three or four digits: 950, 12.3 k, 4.56 M.
pub fn scaled(number: f64) -> String {
    const UNITS: [&str; 5] = ["", " k", " M", " G", " T"];
    let (mut value, mut unit) = (number, 0);
    while value.abs() >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = match value.abs() {
        _ if unit == 0 => 0,
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}{}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(scaled(950.4), "950");
        assert_eq!(scaled(12_345.0), "12.3 k");
        assert_eq!(scaled(999_900.0), "1.00 M");
    }

    fn table() -> Table {
        let row = |name: &str, number: &str, text: &str| {
            vec![name.to_owned(), number.to_owned(), text.to_owned()]
        };
        let rows = [
            row("one", "12345678", "a sentence that is much longer than the rest of its row"),
            row("漢字", "1", "short"),
        ];
        Table::new(["NAME", "NUMBER", "MEANING"], rows).with_optional(&["NUMBER"], "see elsewhere")
    }

    #[test]
    fn a_table_without_a_terminal_is_as_wide_as_its_cells() {
        let text = table().fitted(None);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "NAME  NUMBER    MEANING");
        assert_eq!(lines[2], "漢字  1         short");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn a_report_is_left_alone_unless_it_is_too_wide() {
        let report =
            "| a | b | c |\n| --- | --- | --- |\n| 1 | x \\| y | 3 |\n\n- a sentence of words";
        assert_eq!(fit_report(report, &["b"], None), report);
        assert_eq!(fit_report(report, &["b"], Some(80)), report);
        let fitted = fit_report(report, &["b"], Some(14));
        assert_eq!(fitted, "a  b      c\n1  x | y  3\n\n- a sentence\n  of words");
    }

    #[test]
    fn a_narrow_table_wraps_first_and_leaves_columns_out_next() {
        let wrapped = table().fitted(Some(50));
        assert!(wrapped.contains("12345678") && !wrapped.contains("not shown"), "{wrapped}");
        let narrow = table().fitted(Some(36));
        assert!(narrow.contains("(not shown at this width: NUMBER;"), "{narrow}");
        assert!(!narrow.contains("12345678"), "{narrow}");
        for width in 20..100 {
            let text = table().fitted(Some(width));
            assert!(text.lines().all(|line| columns(line) <= width), "{width}:\n{text}");
            assert!(text.contains("short"), "{width}:\n{text}");
        }
    }
}
