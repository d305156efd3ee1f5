//! Text from files, flags and paths, made safe to print: a cell of a table cannot move the cursor,
//! reverse the reading direction of a line, or fill the screen.

use std::borrow::Cow;

/// The characters of a name or cell that a message repeats.
const LONGEST_NAME: usize = 80;

/// True for a character that changes how a terminal or an editor shows other characters: controls
/// (C0, DEL and C1), bidirectional controls, line and paragraph separators, the byte order mark and
/// tags.
pub fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Returns a text in which every character that [`is_control`] names, except those that `keep`
/// allows, is escaped as in Rust: `\u{1b}`, `\n`.
pub fn escape_controls(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_escaped = |letter: char| is_control(letter) && !keep(letter);
    if !text.contains(is_escaped) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match is_escaped(letter) {
            true => escaped.extend(letter.escape_default()),
            false => escaped.push(letter),
        }
    }
    escaped.into()
}

/// Returns a name or a cell as a message repeats it: with every control character escaped, and
/// shortened to about 80 characters.
///
/// # Examples
///
/// ```
/// use deme::error::printable;
/// assert_eq!(printable("red\u{1b}[31m"), "red\\u{1b}[31m");
/// let long = "x".repeat(1000);
/// assert!(printable(&long).ends_with("x… (1000 characters)"));
/// ```
pub fn printable(text: &str) -> String {
    shortened(text, LONGEST_NAME, |_| false)
}

/// Returns a text with control characters escaped, except those that `keep` allows. Of more than
/// `longest` characters, only the first ones are kept, followed by the count of all.
pub(super) fn shortened(text: &str, longest: usize, keep: impl Fn(char) -> bool) -> String {
    match text.char_indices().nth(longest) {
        None => escape_controls(text, keep).into_owned(),
        Some((end, _)) => {
            let start = escape_controls(&text[..end], keep);
            format!("{start}… ({} characters)", text.chars().count())
        }
    }
}
