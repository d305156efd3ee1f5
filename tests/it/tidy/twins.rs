//! One idea has one stem in three trees: `src/`, `shaders/` and `tests/it/`.

use super::{assert_none, exists, files};

#[test]
fn every_shader_has_a_twin() {
    let shaders = files("shaders", ".wgsl").into_iter();
    let twins = shaders
        .filter(|file| !file.path.starts_with("shaders/kernel/"))
        .map(|file| file.path.replace("shaders/", "src/").replace(".wgsl", ".rs"));
    assert_none(&twins.filter(|twin| !exists(twin)).collect::<Vec<_>>());
}

#[test]
fn every_task_and_strategy_has_its_tests() {
    let mut missing = Vec::new();
    for room in ["task", "strategy"] {
        let list = format!("tests/it/{room}/mod.rs");
        let list = files("tests/it", &list["tests/it".len()..]).remove(0).text;
        for file in files(&format!("src/{room}"), ".rs") {
            let stem = file.stem();
            let test = format!("tests/it/{room}/{stem}.rs");
            let listed = stem == "mod" || list.contains(&format!("mod {stem};"));
            if !exists(&test) || !listed {
                missing.push(format!("{} has no test module {test}", file.path));
            }
        }
    }
    assert_none(&missing);
}

/// Modules whose tests are elsewhere.
const TESTED_ELSEWHERE: [(&str, &str); 2] = [
    ("report", "by measure.rs, and next to its own text"),
    ("lib", "by the examples of its documentation"),
];

#[test]
fn every_room_has_its_tests() {
    let rooms = files("src", ".rs").into_iter().filter_map(|file| {
        let inside = file.path.strip_prefix("src/").expect("a path of src");
        inside.split(['/', '.']).next().map(str::to_owned)
    });
    let untested = rooms.filter(|room| {
        let elsewhere = TESTED_ELSEWHERE.iter().any(|(other, _)| other == room);
        let here = ["", "/mod"].map(|end| exists(&format!("tests/it/{room}{end}.rs")));
        room != "main" && !elsewhere && here == [false, false]
    });
    assert_none(&untested.collect::<Vec<_>>());
}

/// Test files about a topic that crosses files; all others have the stem of what they test.
const TOPICS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "another_set",
            "docs",
            "examples",
            "gpu_device",
            "main",
            "own_control",
            "subgroup",
            "tensor",
            "variants",
        ],
    ),
    ("backend", &["behaviour", "conformance", "fused", "normalisation"]),
    (
        "cli",
        &[
            "bad_input",
            "files",
            "foreign_folder",
            "help",
            "hostile_text",
            "lists",
            "normalisation",
            "start",
            "tuning",
        ],
    ),
    ("gpu", &["dump"]),
    ("measure", &["timing"]),
    ("random", &["chunk"]),
    ("run", &["novelty"]),
    ("strategy", &["conformance", "few_genes", "functions", "landscape", "witness"]),
    ("task", &["defaults", "split"]),
];

#[test]
fn tests_have_the_stems_of_what_they_test() {
    let sources: Vec<(String, String)> = files("src", ".rs")
        .iter()
        .map(|file| (file.path["src/".len()..].to_owned(), file.stem().to_owned()))
        .collect();
    let mut strangers = Vec::new();
    for file in files("tests/it", ".rs") {
        let inside = &file.path["tests/it/".len()..];
        let (room, stem) = (inside.split_once('/').map_or("", |(room, _)| room), file.stem());
        let is_topic = TOPICS.iter().any(|(of, stems)| *of == room && stems.contains(&stem));
        let is_source = sources.iter().any(|(path, known)| {
            // A file has a stem; a folder has its name.
            let is_folder = path.contains(&format!("{stem}/"));
            let is_root = room.is_empty() && path.split(['/', '.']).next() == Some(stem);
            is_root || (!room.is_empty() && path.starts_with(room) && (known == stem || is_folder))
        });
        if !is_topic && !is_source && stem != "mod" && room != "tidy" {
            strangers.push(format!("{} has no twin in src", file.path));
        }
    }
    assert_none(&strangers);
}
