//! Imports point downward, in the order that the documentation of the crate lists the rooms.

use std::collections::BTreeMap;

use super::{File, assert_none, files};

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

/// A file that is created elsewhere could follow a link of somebody else's run folder, or be left
/// half written.
#[test]
fn only_one_room_creates_files() {
    const CREATIONS: [&str; 4] = ["fs::write(", "File::create", "OpenOptions", "fs::rename("];
    let mut found = Vec::new();
    for file in files("src", ".rs").into_iter().filter(|file| room(&file.path) != "files") {
        let code = file.code().take_while(|(_, code)| !code.contains("#[cfg(test)]"));
        let creating = code.filter(|(_, code)| CREATIONS.iter().any(|word| code.contains(word)));
        found.extend(creating.map(|(number, code)| format!("{}:{number}: {code}", file.path)));
    }
    assert_none(&found);
}

/// The rooms in the order of the table in `src/lib.rs`. A room may import the rooms above it.
fn rooms() -> Vec<String> {
    let text = files("src", "lib.rs").remove(0).text;
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | [`"));
    let rooms: Vec<String> =
        rows.map(|row| row.split('`').next().expect("a first part").to_owned()).collect();
    assert!(rooms.len() > 10, "src/lib.rs lists the rooms");
    rooms
}

/// The room of a file.
fn room(path: &str) -> &str {
    let inside = path.strip_prefix("src/").expect("a path of src");
    inside.split(['/', '.']).next().expect("a room")
}

/// The rooms that a file names after `crate::`, each with its line.
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
fn imports_point_downward() {
    let rooms = rooms();
    let place = |room: &str| rooms.iter().position(|known| known == room);
    let mut upward = Vec::new();
    for file in files("src", ".rs") {
        let from = room(&file.path);
        if ["cli", "main", "lib"].contains(&from) {
            continue;
        }
        let Some(from_place) = place(from) else {
            upward.push(format!("src/lib.rs does not list the room {from}"));
            continue;
        };
        for (number, to) in imports(&file) {
            let is_above = place(&to).is_some_and(|to_place| to_place < from_place);
            if to != from && !is_above {
                upward.push(format!("{}:{number}: {from} imports {to}", file.path));
            }
        }
    }
    assert_none(&upward);
}

#[test]
fn rooms_do_not_see_what_is_hidden_from_them() {
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
