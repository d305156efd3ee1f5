//! Public types are nouns, and each name has one meaning in the whole crate.

use std::collections::BTreeMap;

use super::{File, assert_none, files};

/// Nouns that end as participles do.
const NOUNS: &[&str] = &[
    "Binding",
    "Heading",
    "Mapping",
    "Offspring",
    "Preprocessing",
    "Scaling",
    "Setting",
    "Sharing",
    "Tuning",
];

/// The public types that a file of the library defines, each with its line.
fn public_types(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, code) in file.code() {
        let code = code.trim_start();
        let kinds = ["struct ", "enum ", "trait ", "type ", "union "];
        let Some(item) = code.strip_prefix("pub ") else { continue };
        if let Some(name) = kinds.iter().find_map(|kind| item.strip_prefix(kind)) {
            let name = name.chars().take_while(|c| c.is_alphanumeric()).collect();
            found.push((number, name));
        }
    }
    found
}

/// The files of the library; commands name their flags alike.
fn library() -> Vec<File> {
    files("src", ".rs").into_iter().filter(|file| !file.path.starts_with("src/cli/")).collect()
}

#[test]
fn a_public_type_name_has_one_meaning() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in library() {
        for (number, name) in public_types(&file) {
            places.entry(name).or_default().push(format!("{}:{number}", file.path));
        }
    }
    assert!(places.len() > 100, "only {} public types were found", places.len());
    let several = places.into_iter().filter(|(_, places)| places.len() > 1);
    let several = several.map(|(name, places)| format!("{name}: {}", places.join(", ")));
    assert_none(&several.collect::<Vec<_>>());
}

#[test]
fn public_types_are_nouns() {
    let mut participles = Vec::new();
    for file in library() {
        for (number, name) in public_types(&file) {
            let is_noun = NOUNS.iter().any(|noun| name.ends_with(noun));
            if (name.ends_with("ed") || name.ends_with("ing")) && !is_noun {
                participles.push(format!("{}:{number}: {name}", file.path));
            }
        }
    }
    assert_none(&participles);
}
