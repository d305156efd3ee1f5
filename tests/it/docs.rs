//! The README and the guide: their commands run, their links lead somewhere, and the pages that are
//! generated are those of the registries.
//!
//! A block that is fenced as `sh` is run; a page's blocks make one script, run in a folder of its
//! own that holds `data/`. A block fenced as `console` shows what a terminal shows, and is not run.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cli;

/// Commands that the test has done already, or that need another machine.
const DONE_BEFORE: &[(&str, &str)] = &[
    ("git clone ", "the test runs in a clone"),
    ("cd deme", "the test runs in a clone"),
    ("cargo install ", "the binary is built with the tests"),
    ("cargo build ", "the binary is built with the tests"),
    ("tests/run.sh", "the test is a part of it"),
    ("pip install ", "Python packages are not needed for the other commands"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every page for people: its path from the root, and its text.
fn pages() -> Vec<(String, String)> {
    let mut open = vec![root().join("docs/src")];
    let mut paths = vec!["README.md".into(), "ARCHITECTURE.md".into(), "CHANGELOG.md".into()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the guide") {
            let path = entry.expect("an entry of the guide").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                let path = path.strip_prefix(root()).expect("below the root");
                paths.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    paths.sort();
    let read = |path: String| {
        let text = std::fs::read_to_string(root().join(&path)).expect("a page is text");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// The commands of a page in one script, without those that are done before.
fn script(text: &str) -> String {
    let mut script = String::new();
    let mut is_inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_inside = line == "```sh";
        } else if is_inside && !DONE_BEFORE.iter().any(|(start, _)| line.starts_with(start)) {
            script.push_str(line);
            script.push('\n');
        }
    }
    script
}

/// Runs the commands of a page as a new user does, one after another.
fn run(page: &str, text: &str) {
    let script = script(text);
    if script.trim().is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    copy_data(folder.path());
    let binary = assert_cmd::cargo::cargo_bin("deme");
    let binaries = binary.parent().expect("the folder of the binary").display().to_string();
    let path = format!("{binaries}:{}", std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-euxo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("DEME_NO_TUNE", "1")
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{page}: {}\n{said}", output.status);
}

fn copy_data(folder: &Path) {
    std::fs::create_dir(folder.join("data")).expect("a folder for data");
    for entry in std::fs::read_dir(root().join("data")).expect("data/") {
        let path = entry.expect("an entry of data/").path();
        let name = path.file_name().expect("a name").to_owned();
        std::fs::copy(&path, folder.join("data").join(name)).expect("a copy");
    }
}

#[test]
fn the_commands_of_the_readme_run() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    assert!(script(&text).lines().count() > 10, "the README has commands");
    run("README.md", &text);
}

#[test]
fn the_commands_of_the_guide_run() {
    let is_written = |page: &str| page.starts_with("docs/src/") && !page[9..].contains('/');
    for (page, text) in pages().iter().filter(|(page, _)| is_written(page)) {
        run(page, text);
    }
}

/// Generated pages show how to train; two generations prove that the command is right.
#[test]
fn the_commands_of_generated_pages_run() {
    let is_generated = |page: &str| page.starts_with("docs/src/") && page[9..].contains('/');
    let shortened = |line: &str| match line.strip_prefix("deme train ") {
        Some(rest) => format!("deme train {rest} --generations 2 --until never --quiet\n"),
        None => format!("{line}\n"),
    };
    for (page, text) in pages().iter().filter(|(page, _)| is_generated(page)) {
        run(page, &text.lines().map(shortened).collect::<String>());
    }
}

#[test]
fn the_readme_is_short() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let lines = text.lines().count();
    assert!(lines <= 250, "README.md has {lines} lines; the guide has room for more");
}

/// The targets of the links and images of a page, outside its code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            links.extend(rest.split(')').next().map(str::to_owned));
        }
    }
    links
}

/// The anchor that mdBook and GitHub give a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for (page, text) in pages() {
        let folder = root().join(&page).parent().expect("a folder").to_owned();
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, fragment) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            let exists = target.exists();
            let has_anchor = fragment.is_empty()
                || std::fs::read_to_string(&target).is_ok_and(|text| {
                    text.lines()
                        .filter(|line| line.starts_with('#'))
                        .any(|line| anchor(line) == fragment)
                });
            if !exists || !has_anchor {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_page_of_the_guide_stands_in_its_summary() {
    let summary = std::fs::read_to_string(root().join("docs/src/SUMMARY.md")).expect("a summary");
    let listed = links(&summary);
    let pages = pages().into_iter().map(|(page, _)| page);
    let missing = pages
        .filter_map(|page| page.strip_prefix("docs/src/").map(str::to_owned))
        .filter(|page| page != "SUMMARY.md" && !listed.contains(page));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Generated pages; `docs/pages.sh` writes them.
#[test]
fn pages_of_tasks_and_strategies_are_those_of_the_registries() {
    let tasks = deme::task::names().map(|name| ("tasks", name));
    let strategies = deme::strategy::all().iter().map(|entry| ("strategies", entry.name));
    let mut stale = Vec::new();
    for (list, name) in tasks.chain(strategies) {
        let path = format!("docs/src/{list}/{name}.md");
        let page = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
        if page != cli::output(&[list, name, "--markdown"]) {
            stale.push(path);
        }
    }
    for list in ["tasks", "strategies"] {
        let path = format!("docs/src/{list}.md");
        let page = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
        if !page.ends_with(&cli::output(&[list, "--markdown"])) {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "run docs/pages.sh; stale: {}", stale.join(", "));
}
