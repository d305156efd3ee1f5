//! Files of a room do not use each other in a circle, so each can be read with the files below it.
//!
//! A file uses the files that define the names in its `use` declarations and in its paths. A name
//! that a module only hands on (`pub use`) belongs to the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, assert_none, files};

/// Files that may stand in a circle with the others of their folder, each with its reason.
const LISTED: &[(&str, &str)] = &[];

/// The modules of the library: the text of each without comments and unit tests.
struct Modules {
    texts: BTreeMap<Vec<String>, String>,
    paths: BTreeMap<Vec<String>, String>,
    uses: BTreeMap<Vec<String>, Vec<Use>>,
}

/// One path of a `use` declaration.
#[derive(Clone)]
struct Use {
    path: Vec<String>,
    hands_on: bool,
}

impl Modules {
    fn read() -> Self {
        let (mut texts, mut paths, mut uses) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for file in files("src", ".rs") {
            let module = module(&file.path);
            let text = code_before_tests(&file);
            uses.insert(module.clone(), declarations(&text));
            texts.insert(module.clone(), text);
            paths.insert(module, file.path);
        }
        Self { texts, paths, uses }
    }

    /// The module that defines what a path names, if it is one of the library's.
    fn definer(&self, from: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
        let (mut at, mut rest) = match path.first().map(String::as_str) {
            Some("crate") => (Vec::new(), &path[1..]),
            Some("self") => (from.to_vec(), &path[1..]),
            Some("super") => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                (from[..from.len().checked_sub(ups)?].to_vec(), &path[ups..])
            }
            Some(first) if self.has(from, first) => (from.to_vec(), path),
            _ => return None,
        };
        while let Some(first) = rest.first().filter(|first| self.has(&at, first)) {
            at.push(first.clone());
            rest = &rest[1..];
        }
        let text = self.texts.get(&at).filter(|_| !at.is_empty())?;
        let Some(name) = rest.first() else { return Some(at) };
        if depth == 0 || name == "*" || defines(text, name) {
            return Some(at);
        }
        let handed_on = self.uses[&at].iter().filter(|one| one.path.last() == Some(name));
        let found = handed_on.filter_map(|one| self.definer(&at, &one.path, depth - 1)).next();
        Some(found.unwrap_or(at))
    }

    fn has(&self, module: &[String], child: &str) -> bool {
        let mut path = module.to_vec();
        path.push(child.to_owned());
        self.texts.contains_key(&path)
    }

    /// The modules of its own room that a module uses.
    fn used_by(&self, module: &[String]) -> BTreeSet<Vec<String>> {
        const DEPTH: usize = 8;
        let declared = self.uses[module].iter().filter(|one| !one.hands_on);
        let declared = declared.map(|one| one.path.clone());
        let written = written_paths(&self.texts[module]);
        let definers =
            declared.chain(written).filter_map(|path| self.definer(module, &path, DEPTH));
        definers.filter(|other| other != module && other.first() == module.first()).collect()
    }
}

/// The module of a file: its folders and its stem.
fn module(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs"));
    let mut parts: Vec<String> =
        inside.expect("a Rust file of src").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

fn code_before_tests(file: &File) -> String {
    let lines: Vec<&str> = file.code().map(|(_, code)| code).collect();
    lines.join("\n").split("#[cfg(test)]").next().expect("a first part").to_owned()
}

/// True if a text defines an item of a name.
fn defines(text: &str, name: &str) -> bool {
    let kinds = ["struct", "enum", "trait", "type", "fn", "const", "static", "union"];
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    words.windows(2).any(|pair| kinds.contains(&pair[0]) && pair[1] == name)
}

/// The paths of all `use` declarations of a text.
fn declarations(text: &str) -> Vec<Use> {
    let mut found = Vec::new();
    for statement in text.split(';') {
        let start = statement.lines().position(is_use);
        let Some(start) = start else { continue };
        let statement: Vec<&str> = statement.lines().skip(start).collect();
        let statement = statement.join(" ");
        let (visibility, tree) = statement.split_once("use ").expect("a use declaration");
        let hands_on = visibility.trim_start().starts_with("pub");
        let paths = expand(tree.trim(), &[]);
        found.extend(paths.into_iter().map(|path| Use { path, hands_on }));
    }
    found
}

/// True if a line begins a `use` declaration, public or not, rather than a line of text.
fn is_use(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("pub").unwrap_or(line);
    let line = match line.strip_prefix('(') {
        Some(line) => line.split_once(')').map_or("", |(_, rest)| rest),
        None => line,
    };
    let Some(tree) = line.trim_start().strip_prefix("use ") else { return false };
    tree.contains("::") || !tree.contains(' ')
}

/// The paths of a tree such as `a::{b, c::{d, e}}`.
fn expand(tree: &str, before: &[String]) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, inside)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().expect("a first part");
        let parts = name.split("::").map(|part| part.trim().to_owned());
        return vec![before.iter().cloned().chain(parts).collect()];
    };
    let head = head.trim_end_matches("::").split("::").filter(|part| !part.is_empty());
    let before: Vec<String> =
        before.iter().cloned().chain(head.map(|part| part.trim().to_owned())).collect();
    let inside = inside.trim_end().strip_suffix('}').expect("a closed brace");
    let (mut depth, mut part, mut found) = (0, String::new(), Vec::new());
    for c in inside.chars().chain([',']) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            if !part.trim().is_empty() {
                found.extend(expand(&part, &before));
            }
            part.clear();
        } else {
            part.push(c);
        }
    }
    found
}

/// The paths with at least two parts that a text names outside its `use` declarations.
fn written_paths(text: &str) -> Vec<Vec<String>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    for statement in text.split(';') {
        let code = statement.lines().take_while(|line| !is_use(line));
        let words = code.flat_map(|line| line.split(|c: char| !is_part(c)));
        let paths = words.filter(|word| word.contains("::"));
        let paths = paths.map(|word| word.trim_matches(':').split("::").map(str::to_owned));
        found.extend(paths.map(Vec::from_iter));
    }
    found.retain(|path| path.len() > 1 && !path.contains(&String::new()));
    found
}

/// The circles of a graph: sets of modules that reach each other.
fn circles(uses: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> Vec<BTreeSet<Vec<String>>> {
    let reach = |from: &Vec<String>| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = open.pop() {
            for other in uses.get(&module).into_iter().flatten() {
                if reached.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        reached
    };
    let reached: BTreeMap<_, _> = uses.keys().map(|module| (module, reach(module))).collect();
    let mut found = BTreeSet::new();
    for (&module, others) in &reached {
        if others.contains(module) {
            let back = others.iter().filter(|other| reached[other].contains(module));
            found.insert(back.cloned().collect::<BTreeSet<_>>());
        }
    }
    found.into_iter().collect()
}

#[test]
fn files_of_a_room_use_each_other_in_one_direction() {
    let modules = Modules::read();
    let is_listed =
        |module: &[String]| LISTED.iter().any(|(path, _)| modules.paths[module] == *path);
    let mut uses = BTreeMap::new();
    for module in modules.texts.keys().filter(|module| !is_listed(module)) {
        let others = modules.used_by(module).into_iter().filter(|other| !is_listed(other));
        uses.insert(module.clone(), others.collect::<BTreeSet<_>>());
    }
    let mut complaints = Vec::new();
    for circle in circles(&uses) {
        complaints.push("a circle:".to_owned());
        for module in &circle {
            let others = uses[module].intersection(&circle);
            let others: Vec<&str> = others.map(|other| modules.paths[other].as_str()).collect();
            complaints.push(format!("  {} uses {}", modules.paths[module], others.join(", ")));
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_listed_file_exists() {
    for (path, reason) in LISTED {
        assert!(super::exists(path), "{path} is listed, and does not exist");
        assert!(!reason.is_empty(), "{path} needs a reason");
    }
}
