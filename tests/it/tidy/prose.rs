//! A comment that documents an item begins with a noun or with a verb in the third person.

use super::{File, assert_none, files, rust_files};

/// First words that make a reader search for the subject of the sentence.
const REJECTED: &str = "what who whom whose those these they it none nothing nobody of as whether \
    how where when why which so same otherwise else if in on at by for from with without to not \
    only also behind beside beneath never always";

/// First words that are obscure in any sentence of documentation, and not only in its first one.
const OBSCURE: &str = "what who whom whose those none nothing nobody of as whether";

/// The lines of documentation in a file of Rust that begin a sentence inside a block, each with its
/// number: those after an empty line, a heading, or a line that ends a sentence.
fn inner_sentences(file: &File) -> Vec<(usize, String)> {
    let lines: Vec<&str> = file.text.lines().map(str::trim_start).collect();
    let mut found = Vec::new();
    let mut is_example = false;
    for (number, pair) in lines.windows(2).enumerate() {
        let Some(marker) = ["///", "//!"].into_iter().find(|marker| pair[0].starts_with(marker))
        else {
            is_example = false;
            continue;
        };
        let before = pair[0][marker.len()..].trim();
        is_example ^= before.starts_with("```");
        let begins = before.is_empty() || before.starts_with('#') || before.ends_with('.');
        if let Some(line) = pair[1].strip_prefix(marker)
            && begins
            && !is_example
        {
            found.push((number + 2, line.trim().to_owned()));
        }
    }
    found
}

/// The first words of every block of documentation in a file, each with its line.
fn openings(file: &File) -> Vec<(usize, String)> {
    let is_shader = file.path.ends_with(".wgsl");
    let lines: Vec<&str> = file.text.lines().map(str::trim_start).collect();
    let marker = |line: &str| {
        let markers: &[&str] = if is_shader { &["// "] } else { &["/// ", "//! "] };
        markers.iter().copied().find(|marker| line.starts_with(marker))
    };
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(marker) = marker(line) else { continue };
        let before = number.checked_sub(1).map_or("", |before| lines[before]);
        let continues = before.starts_with(marker.trim_end());
        if !continues && (!is_shader || number == 0 || documents_an_item(&lines[number..])) {
            found.push((number + 1, line[marker.len()..].to_owned()));
        }
    }
    found
}

/// True if comment lines stand before an item of a shader, and not before a statement.
fn documents_an_item(lines: &[&str]) -> bool {
    let item = lines.iter().find(|line| !line.starts_with("//"));
    item.is_some_and(|line| {
        ["fn ", "struct ", "@", "override ", "alias ", "var<"]
            .iter()
            .any(|start| line.starts_with(start))
    })
}

#[test]
fn documentation_begins_with_a_noun_or_a_verb() {
    let rejected: Vec<&str> = REJECTED.split_whitespace().collect();
    let mut complaints = Vec::new();
    for file in rust_files().into_iter().chain(files("shaders", ".wgsl")) {
        for (number, opening) in openings(&file) {
            let word: String = opening.chars().take_while(|c| c.is_alphabetic()).collect();
            let is_same = opening.to_lowercase().starts_with("the same ");
            if rejected.contains(&word.to_lowercase().as_str()) || is_same {
                complaints.push(format!("{}:{number}: {opening}", file.path));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn no_sentence_of_documentation_begins_obscurely() {
    let rejected: Vec<&str> = OBSCURE.split_whitespace().collect();
    let mut complaints = Vec::new();
    for file in rust_files() {
        for (number, sentence) in inner_sentences(&file) {
            let word: String = sentence.chars().take_while(|c| c.is_alphabetic()).collect();
            if rejected.contains(&word.to_lowercase().as_str()) {
                complaints.push(format!("{}:{number}: {sentence}", file.path));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn an_obscure_sentence_is_found() {
    let text = "/// The best.\n/// Of equals, the first.\n///\n/// As said.\nfn f() {}\n";
    let file = File { path: "example.rs".into(), text: text.into() };
    let found: Vec<(usize, String)> = inner_sentences(&file);
    assert!(found.contains(&(2, "Of equals, the first.".into())), "{found:?}");
    assert!(found.contains(&(4, "As said.".into())), "{found:?}");
}

#[test]
fn a_rejected_opening_is_found() {
    let text =
        "//! A file.\n\n/// What it holds.\nstruct A;\n/// The sum,\n/// of all.\nstruct B;\n";
    let file = File { path: "example.rs".into(), text: text.into() };
    let found: Vec<String> = openings(&file).into_iter().map(|(_, opening)| opening).collect();
    assert_eq!(found, ["A file.", "What it holds.", "The sum,"]);
    let text = "// A shader.\n\n// Of lanes.\nfn f() {\n    // In order.\n    let a = 1;\n}\n";
    let file = File { path: "example.wgsl".into(), text: text.into() };
    let found: Vec<String> = openings(&file).into_iter().map(|(_, opening)| opening).collect();
    assert_eq!(found, ["A shader.", "Of lanes."]);
}
