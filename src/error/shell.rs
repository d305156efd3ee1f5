//! Words of a printed command, in quotes where a shell needs them. A command that is copied into a
//! shell then has the path or the value that was meant.

use std::path::Path;

use super::printable::is_control;

/// Returns a word as a POSIX shell reads it back: as it is, or in single quotes. A word with
/// control characters becomes `$'...'`, in which they are escaped.
///
/// # Examples
///
/// ```
/// use deme::error::quoted_word;
/// assert_eq!(quoted_word("runs/xor-ga-1"), "runs/xor-ga-1");
/// assert_eq!(quoted_word("it's $5"), r"'it'\''s $5'");
/// ```
pub fn quoted_word(word: &str) -> String {
    quoted(word.as_bytes())
}

/// Returns a path as [`quoted_word`] returns a word. One that begins with a minus sign begins with
/// `./` instead, so that it is no flag.
pub fn quoted_path(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    match bytes.first() {
        Some(b'-') => quoted(&[b"./", bytes].concat()),
        _ => quoted(bytes),
    }
}

fn quoted(word: &[u8]) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,+@%".contains(letter);
    match std::str::from_utf8(word) {
        // In some shells, a word that begins with '=' is the path of a command.
        Ok(word) if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) => {
            word.to_owned()
        }
        Ok(word) if !word.contains(is_control) => format!("'{}'", word.replace('\'', r"'\''")),
        _ => format!("$'{}'", with_escapes(word)),
    }
}

/// Escapes the control characters and the bytes that are no text, byte by byte, in octal.
fn with_escapes(word: &[u8]) -> String {
    let mut escaped = String::with_capacity(word.len() + 16);
    let octal = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:03o}")).collect::<String>();
    for chunk in word.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\'' | '\\' => escaped.extend(['\\', letter]),
                letter if is_control(letter) => {
                    escaped += &octal(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                letter => escaped.push(letter),
            }
        }
        escaped += &octal(chunk.invalid());
    }
    escaped
}
