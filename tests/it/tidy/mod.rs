//! House style as tests: twins, imports, names, comments and lengths.

mod circles;
mod imports;
mod names;
mod prose;
mod text;
mod twins;

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

/// All Rust files of the project.
fn rust_files() -> Vec<File> {
    ["src", "tests/it", "benches"]
        .map(|folder| files(folder, ".rs"))
        .into_iter()
        .flatten()
        .collect()
}
