//! The terminal: its width, and whether it takes colour.

use std::io::IsTerminal;

/// The least width that text is fitted to, in columns. On narrower terminals, lines are not broken.
const NARROWEST: usize = 20;

/// The width of the terminal that standard output goes to, in columns. Files and pipes have none.
pub fn width() -> Option<usize> {
    width_if(std::io::stdout().is_terminal())
}

/// The width of the terminal that standard error goes to, in columns. Files and pipes have none.
pub fn error_width() -> Option<usize> {
    width_if(std::io::stderr().is_terminal())
}

fn width_if(is_terminal: bool) -> Option<usize> {
    if !is_terminal {
        return None;
    }
    let (columns, _) = ratatui::crossterm::terminal::size().ok()?;
    Some(usize::from(columns)).filter(|&columns| columns >= NARROWEST)
}

/// True unless `NO_COLOR` is set and not empty.
pub fn has_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The columns that a text takes in a terminal.
pub fn columns(text: &str) -> usize {
    ratatui::text::Span::raw(text).width()
}

/// The gap between two fields of a line.
const FIELD_GAP: &str = "  ";

/// A line of whole fields in at most `width` columns. Those of the lowest rank come in first, and
/// the first of them always does.
pub fn fit_fields(fields: &[(u8, String)], width: usize) -> String {
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order.sort_by_key(|&index| fields[index].0);
    let mut shown: Vec<usize> = Vec::new();
    let line = |shown: &[usize]| {
        let texts = shown.iter().map(|&index| fields[index].1.as_str());
        texts.collect::<Vec<_>>().join(FIELD_GAP)
    };
    for index in order {
        let mut more = shown.clone();
        more.push(index);
        more.sort_unstable();
        if shown.is_empty() || columns(&line(&more)) <= width {
            shown = more;
        }
    }
    line(&shown)
}

/// Whole fields in lines of at most `width` columns, and in at most `most` lines: if there are
/// more, the last line says how many fields are not shown.
pub fn wrap_fields(fields: &[String], width: usize, most: usize) -> Vec<String> {
    for shown in (0..=fields.len()).rev() {
        let rest = fields.len() - shown;
        let more = (rest > 0).then(|| format!("and {rest} more"));
        let mut lines: Vec<String> = Vec::new();
        for field in fields[..shown].iter().chain(&more) {
            match lines.last_mut() {
                Some(line) if columns(line) + FIELD_GAP.len() + columns(field) <= width => {
                    line.push_str(FIELD_GAP);
                    line.push_str(field);
                }
                _ => lines.push(field.clone()),
            }
        }
        if lines.len() <= most.max(1) {
            return lines;
        }
    }
    Vec::new()
}

/// Breaks a text at spaces into lines of at most `width` columns. A word that is longer is broken
/// too.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    wrap_with(text, width, true)
}

fn wrap_with(text: &str, width: usize, breaks_words: bool) -> Vec<String> {
    let width = width.max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = columns(&line) + usize::from(!line.is_empty()) + columns(word);
        if needed > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for letter in word.chars() {
            let is_full = columns(&line) + columns(letter.encode_utf8(&mut [0; 4])) > width;
            if breaks_words && is_full {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    lines
}

/// Breaks each line of a text to the width of the terminal. The lines that follow a break are
/// indented by `indent` columns more than the line itself.
pub fn fit(text: &str, width: Option<usize>, indent: usize) -> String {
    fit_with(text, width, indent, true)
}

/// Does the same as [`fit`], but breaks no word and no line that is a command of deme: a path or a
/// command can still be copied.
pub fn fit_words(text: &str, width: Option<usize>, indent: usize) -> String {
    fit_with(text, width, indent, false)
}

fn fit_with(text: &str, width: Option<usize>, indent: usize, breaks_words: bool) -> String {
    let Some(width) = width else { return text.to_owned() };
    let fitted = text.lines().flat_map(|line| {
        let is_command = !breaks_words && line.trim_start().starts_with("deme ");
        if columns(line) <= width || is_command {
            return vec![line.to_owned()];
        }
        let own = line.len() - line.trim_start().len();
        let room = width.saturating_sub(own + indent);
        let broken = wrap_with(line.trim_start(), room, breaks_words);
        let indented = broken.into_iter().enumerate().map(|(number, part)| {
            let spaces = if number == 0 { own } else { own + indent };
            format!("{}{part}", " ".repeat(spaces))
        });
        indented.collect()
    });
    fitted.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_at_spaces_and_long_ones_break() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("漢字 x", 4), ["漢字", "x"]);
    }

    #[test]
    fn fields_are_whole_or_left_out() {
        let fields = [(2, "generation 8"), (3, "fitness 7.25"), (1, "return 446.5")];
        let fields = fields.map(|(rank, text)| (rank, text.to_owned()));
        assert_eq!(fit_fields(&fields, 40), "generation 8  fitness 7.25  return 446.5");
        assert_eq!(fit_fields(&fields, 39), "generation 8  return 446.5");
        assert_eq!(fit_fields(&fields, 25), "return 446.5");
        assert_eq!(fit_fields(&fields, 3), "return 446.5");
        let fields = ["one 1", "two 2", "three 3", "four 4"].map(String::from);
        assert_eq!(wrap_fields(&fields, 12, 9), ["one 1  two 2", "three 3", "four 4"]);
        assert_eq!(wrap_fields(&fields, 12, 2), ["one 1  two 2", "and 2 more"]);
        assert_eq!(wrap_fields(&fields, 40, 1), ["one 1  two 2  three 3  four 4"]);
        assert_eq!(wrap_fields(&fields, 1, 1), ["and 4 more"]);
        assert!(wrap_fields(&[], 9, 2).is_empty());
    }

    #[test]
    fn lines_fit_and_keep_their_indentation() {
        assert_eq!(fit("- one two three", Some(9), 2), "- one\n  two\n  three");
        assert_eq!(fit("  a b c", Some(5), 0), "  a b\n  c");
        assert_eq!(fit("a b c", None, 0), "a b c");
        assert_eq!(fit_words("cd /long/path", Some(5), 0), "cd\n/long/path");
        let command = "  deme resume 'my first  run'";
        assert_eq!(fit_words(command, Some(9), 2), command);
    }
}
