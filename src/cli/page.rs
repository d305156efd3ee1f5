//! Pages that describe one thing in full, as text for a terminal or as Markdown for the guide.

use super::table::Table;
use super::terminal;

/// Spaces before everything but headings.
const INDENT: usize = 2;

/// A page: a title, one line that sums it up, and sections.
pub struct Page {
    /// The name of the thing.
    pub title: String,
    /// One line without a full stop.
    pub summary: String,
    /// The sections, in reading order.
    pub sections: Vec<Section>,
}

/// A part of a page under its own heading.
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The content.
    pub content: Content,
}

/// The content of a section.
pub enum Content {
    /// Sentences.
    Paragraph(String),
    /// Names and what they stand for.
    Facts(Vec<(String, String)>),
    /// Rows under a header.
    Table {
        /// The names of the columns.
        header: &'static [&'static str],
        /// A cell per column in each row.
        rows: Vec<Vec<String>>,
    },
    /// Commands to type.
    Commands(Vec<String>),
}

impl Page {
    /// Adds a section.
    pub fn add(&mut self, heading: &'static str, content: Content) {
        self.sections.push(Section { heading, content });
    }

    /// The page as text of at most `width` columns.
    pub fn text(&self, width: Option<usize>) -> String {
        let title = terminal::fit(&format!("{}: {}", self.title, self.summary), width, INDENT);
        let sections = self.sections.iter().map(|section| section.text(width));
        [title].into_iter().chain(sections).collect::<Vec<_>>().join("\n\n")
    }

    /// The page as Markdown.
    pub fn markdown(&self) -> String {
        let title = format!("# {}\n\n{}.", self.title, capitalised(&self.summary));
        let sections = self.sections.iter().map(Section::markdown);
        [title].into_iter().chain(sections).collect::<Vec<_>>().join("\n\n")
    }
}

impl Section {
    fn text(&self, width: Option<usize>) -> String {
        let indented = |line: &str| format!("{}{line}", " ".repeat(INDENT));
        let content = match &self.content {
            Content::Paragraph(text) => terminal::fit(&indented(text), width, 0),
            Content::Facts(facts) => {
                let rows = facts.iter().map(|(name, value)| vec![name.clone(), value.clone()]);
                Table::new(["", ""], rows).indented(INDENT).fitted(width)
            }
            Content::Table { header, rows } => {
                let header = header.iter().map(|name| name.to_uppercase());
                Table::new(header, rows.iter().cloned()).indented(INDENT).fitted(width)
            }
            Content::Commands(lines) => {
                lines.iter().map(|line| indented(line)).collect::<Vec<_>>().join("\n")
            }
        };
        format!("{}\n{content}", self.heading)
    }

    fn markdown(&self) -> String {
        let content = match &self.content {
            Content::Paragraph(text) => text.clone(),
            Content::Facts(facts) => {
                let lines = facts.iter().map(|(name, value)| format!("- **{name}**: {value}"));
                lines.collect::<Vec<_>>().join("\n")
            }
            Content::Table { header, rows } => {
                let names = header.iter().map(|name| capitalised(name)).collect::<Vec<_>>();
                markdown_table(&names, rows)
            }
            Content::Commands(lines) => format!("```sh\n{}\n```", lines.join("\n")),
        };
        format!("## {}\n\n{content}", self.heading)
    }
}

/// A table in Markdown.
pub fn markdown_table(header: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule: Vec<String> = header.iter().map(|_| "---".to_owned()).collect();
    let lines = [line(header), line(&rule)].into_iter().chain(rows.iter().map(|row| line(row)));
    lines.collect::<Vec<_>>().join("\n")
}

/// A text whose first letter is a capital.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let mut page =
            Page { title: "cart".into(), summary: "balance a pole".into(), sections: Vec::new() };
        page.add("Reward", Content::Paragraph("One for every step.".into()));
        page.add("Defaults", Content::Facts(vec![("population".into(), "16".into())]));
        let rows = vec![vec!["x".into(), "m | cm".into()]];
        page.add("Observations", Content::Table { header: &["name", "unit"], rows });
        page.add("Example", Content::Commands(vec!["deme train cart".into()]));
        page
    }

    #[test]
    fn a_page_is_written_as_text() {
        let expected = "cart: balance a pole\n\nReward\n  One for every step.\n\nDefaults\n  \
            population  16\n\nObservations\n  NAME  UNIT\n  x     m | cm\n\nExample\n  \
            deme train cart";
        assert_eq!(page().text(None), expected);
        for width in 20..60 {
            let text = page().text(Some(width));
            assert!(text.lines().all(|line| terminal::columns(line) <= width), "{text}");
        }
    }

    #[test]
    fn a_page_is_written_as_markdown() {
        let expected = "# cart\n\nBalance a pole.\n\n## Reward\n\nOne for every step.\n\n\
            ## Defaults\n\n- **population**: 16\n\n## Observations\n\n| Name | Unit |\n\
            | --- | --- |\n| x | m \\| cm |\n\n## Example\n\n```sh\ndeme train cart\n```";
        assert_eq!(page().markdown(), expected);
    }
}
