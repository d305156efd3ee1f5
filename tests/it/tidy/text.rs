//! Texts: lengths, openings, and words that must not stand in them.

use super::{File, assert_none, exists, files, rust_files};

/// Lines of a file, and columns of a line.
const LONGEST_FILE: usize = 450;
const LONGEST_LINE: usize = 100;

#[test]
fn files_and_lines_are_short() {
    let mut long = Vec::new();
    let rust = rust_files().into_iter();
    for file in rust.chain(files("shaders", ".wgsl")) {
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            long.push(format!("{} has {lines} lines", file.path));
        }
        for (number, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > LONGEST_LINE {
                long.push(format!("{}:{} has {columns} columns", file.path, number + 1));
            }
        }
    }
    assert_none(&long);
}

#[test]
fn every_file_opens_with_what_it_is() {
    let rust = rust_files().into_iter();
    let shaders = files("shaders", ".wgsl");
    let without = rust
        .map(|file| (file, "//! "))
        .chain(shaders.into_iter().map(|file| (file, "// ")))
        .filter(|(file, opening)| !file.text.starts_with(opening))
        .map(|(file, _)| file.path);
    assert_none(&without.collect::<Vec<_>>());
}

/// Text that must not stand in some files.
#[track_caller]
fn assert_absent(folder: &str, words: &[&str], spared: &[&str]) {
    let mut found = Vec::new();
    for file in files(folder, ".rs") {
        if spared.iter().any(|path| file.path.starts_with(path)) {
            continue;
        }
        // Tests next to the code may unwrap.
        let text = file.text.split("#[cfg(test)]").next().expect("a first part").to_owned();
        let text = File { path: file.path, text };
        for (number, code) in text.code() {
            if words.iter().any(|word| code.contains(word)) {
                found.push(format!("{}:{number}: {}", text.path, code.trim()));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn the_library_does_not_unwrap() {
    assert_absent("src", &[".unwrap()"], &[]);
}

#[test]
fn the_library_does_not_print() {
    let printing = ["println!", "print!", "eprintln!", "eprint!", "dbg!"];
    assert_absent("src", &printing, &["src/cli/", "src/main.rs"]);
}

#[test]
fn randomness_comes_from_places_alone() {
    assert_absent("src", &["rand::rng(", "thread_rng", "from_os_rng", "rand::random"], &[]);
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["TO", "FIX", "XX"].iter().zip(["DO", "ME", "X"]).map(|(a, b)| format!("{a}{b}"));
    let words: Vec<String> = words.chain([["un", "implemented!"].concat()]).collect();
    let rust = rust_files().into_iter();
    let mut left = Vec::new();
    for file in rust.chain(files("shaders", ".wgsl")) {
        for (number, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                left.push(format!("{}:{}: {line}", file.path, number + 1));
            }
        }
    }
    assert_none(&left);
}

#[test]
fn files_that_are_named_exist() {
    let rust = rust_files().into_iter();
    let mut missing = Vec::new();
    for file in rust.chain(files("shaders", ".wgsl")) {
        for (number, line) in file.text.lines().enumerate() {
            let Some((_, comment)) = line.split_once("//") else { continue };
            let words = comment.split(|c: char| !(c.is_alphanumeric() || "/._-".contains(c)));
            let named = words.map(|word| word.trim_end_matches('.')).filter(|word| {
                let rooted = ["src/", "shaders/", "tests/", "data/"].iter();
                rooted.clone().any(|root| word.starts_with(root)) && word.contains('.')
            });
            for name in named.filter(|name| !exists(name)) {
                missing.push(format!("{}:{} names {name}", file.path, number + 1));
            }
        }
    }
    assert_none(&missing);
}
