//! House style as a test: twins, tests, import directions, lengths, and what must not be written.

use std::collections::BTreeMap;
use std::path::Path;

/// A file of the repository: its path from the root, with slashes, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    /// The name without folder and ending.
    fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().expect("a name");
        name.split('.').next().expect("a stem")
    }

    /// Lines and their numbers; of Rust, what stands in comments is left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().filter_map(|(number, line)| {
            let code = line.split("//").next().expect("a first part");
            (!code.trim().is_empty()).then_some((number + 1, code))
        })
    }
}

/// The files of a folder whose names end so, in order.
fn files(folder: &str, ending: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder of the repository");
            open.extend(entries.map(|entry| entry.expect("an entry of the repository").path()));
        } else if path.to_string_lossy().ends_with(ending) {
            let text = std::fs::read_to_string(&path).expect("a file of the repository");
            let path = path.strip_prefix(root).expect("below the root");
            found.push(File { path: path.to_string_lossy().replace('\\', "/"), text });
        }
    }
    assert!(!found.is_empty(), "{folder} has no {ending}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn exists(path: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists()
}

/// Fails with all complaints at once.
#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

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

/// Rooms whose tests stand elsewhere.
const TESTED_ELSEWHERE: [(&str, &str); 2] = [
    ("report", "by measure.rs, and beside its own text"),
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

#[test]
fn only_the_gpu_names_wgpu() {
    let outside = files("src", ".rs").into_iter().filter(|file| {
        let inside = ["src/gpu/", "src/backend/gpu.rs", "src/backend/gpu/"];
        !inside.iter().any(|path| file.path.starts_with(path))
    });
    let mut named = Vec::new();
    for file in outside {
        let lines = file.code().filter(|(_, code)| code.contains("wgpu"));
        named.extend(lines.map(|(number, code)| format!("{}:{number}: {code}", file.path)));
    }
    assert_none(&named);
}

/// The rooms, lowest first; those of one level may not import each other, but for what is listed.
const LEVELS: [&[&str]; 8] = [
    &["error", "random", "math"],
    &["network", "tensor_file", "draw"],
    &["task", "population", "gpu"],
    &["strategy", "backend", "champion"],
    &["backend::gpu"],
    &["run", "verify", "measure"],
    &["study", "play", "export"],
    &["report"],
];

/// Imports within a level, each with its reason.
const BESIDE: [(&str, &str); 4] = [
    // The error is everybody's.
    ("random", "error"),
    ("math", "error"),
    // A benchmark stands on the rungs that it has climbed.
    ("measure", "verify"),
    // What does not fit is refused as a run is.
    ("measure", "run"),
];

/// Imports upwards that the map forbids and a facade needs.
const UPWARDS: [(&str, &str); 1] = [
    // The trait's module hands out the backend on a GPU; choosing one opens it.
    ("backend", "backend::gpu"),
];

/// The room of a file.
fn room(path: &str) -> &str {
    let inside = path.strip_prefix("src/").expect("a path of src");
    // What opens a device belongs to what runs on it.
    if ["backend/gpu", "backend/selection"].iter().any(|path| inside.starts_with(path)) {
        return "backend::gpu";
    }
    inside.split(['/', '.']).next().expect("a room")
}

/// The rooms that a file names after `crate::`.
fn imports(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, code) in file.code() {
        for rest in code.split("crate::").skip(1) {
            let name: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push((number, name));
        }
    }
    found
}

#[test]
fn imports_go_downwards() {
    let level = |room: &str| LEVELS.iter().position(|rooms| rooms.contains(&room));
    let mut upwards = Vec::new();
    for file in files("src", ".rs") {
        let from = room(&file.path);
        if ["cli", "main", "lib"].contains(&from) {
            continue;
        }
        let from_level = level(from).unwrap_or_else(|| panic!("{from} has no level"));
        for (number, to) in imports(&file) {
            let to_level = level(&to).unwrap_or_else(|| panic!("{}: {to}?", file.path));
            let allowed = BESIDE.contains(&(from, &to)) || UPWARDS.contains(&(from, &to));
            if to != from && to_level >= from_level && !allowed {
                upwards.push(format!("{}:{number}: {from} imports {to}", file.path));
            }
        }
    }
    assert_none(&upwards);
}

#[test]
fn nobody_sees_what_must_stay_hidden() {
    // Strategies know no task and no device, tasks no device, and the device no task.
    let hidden = BTreeMap::from([
        ("strategy", ["task", "backend", "gpu", "run"].as_slice()),
        ("task", &["backend", "gpu", "strategy", "run"]),
        ("gpu", &["task", "network", "population", "strategy", "backend"]),
        ("network", &["task", "backend", "gpu"]),
        ("population", &["task", "backend", "gpu"]),
        ("champion", &["strategy", "backend", "gpu", "run"]),
    ]);
    let mut seen = Vec::new();
    for file in files("src", ".rs") {
        let from = room(&file.path);
        let forbidden = hidden.get(from).copied().unwrap_or_default();
        for (number, to) in imports(&file) {
            if forbidden.contains(&to.as_str()) {
                seen.push(format!("{}:{number}: {from} sees {to}", file.path));
            }
        }
    }
    assert_none(&seen);
}

/// Lines of a file, and columns of a line.
const LONGEST_FILE: usize = 450;
const LONGEST_LINE: usize = 100;

#[test]
fn files_and_lines_are_short() {
    let mut long = Vec::new();
    let rust =
        ["src", "tests/it", "benches"].map(|folder| files(folder, ".rs")).into_iter().flatten();
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
    let rust =
        ["src", "tests/it", "benches"].map(|folder| files(folder, ".rs")).into_iter().flatten();
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
        // Tests beside the text may unwrap.
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
    let rust =
        ["src", "tests/it", "benches"].map(|folder| files(folder, ".rs")).into_iter().flatten();
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
    let rust =
        ["src", "tests/it", "benches"].map(|folder| files(folder, ".rs")).into_iter().flatten();
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
