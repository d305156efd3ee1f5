//! The command that repeats a run: `deme train` with the flags that differ from the defaults.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::{quoted_path, quoted_word};
use crate::run::{LoadedTask, Request, SavedRun};

/// Returns a command that repeats a run, whose task is given if it could be loaded. If the flags
/// alone would not repeat it, the command names the configuration in the run folder.
pub(super) fn command(run: &SavedRun, task: Option<&LoadedTask>) -> String {
    let flags = task.and_then(|task| flags_of(&run.request, task));
    flags.unwrap_or_else(|| {
        format!("deme train --config {}", quoted_path(&run.folder.join("config.toml")))
    })
}

/// Returns the command with flags, if it gives the same configuration on this machine.
fn flags_of(request: &Request, task: &LoadedTask) -> Option<String> {
    let mut shares = Shares { request, task, known: Vec::new() };
    let mut resolve = |request: Request| {
        let loaded = shares.load(&request)?;
        Some(values(request.check_with_loaded_task(&loaded).ok()?.request()))
    };
    let wanted = values(request);
    let mut flags = Map::new();
    for key in ["task", "target", "goal", "strategy", "seed"] {
        if let Some(value) = wanted.get(key) {
            flags.insert(key.into(), value.clone());
        }
    }
    let parsed = |flags: &Map<String, Value>| -> Option<Request> {
        serde_json::from_value(Value::Object(flags.clone())).ok()
    };
    let least = parsed(&flags)?;
    let defaults = resolve(least.clone())?;
    let of_task = resolve(Request { strategy: None, ..least })?;
    if of_task.get("strategy") == wanted.get("strategy") {
        flags.remove("strategy");
    }
    add_differences(&mut flags, &wanted, &defaults);
    let mut repeated = resolve(parsed(&flags)?)?;
    if repeated != wanted {
        // A flag may change the default of another one, as --evaluations does.
        add_differences(&mut flags, &wanted, &repeated);
        repeated = resolve(parsed(&flags)?)?;
    }
    (repeated == wanted).then(|| written(&flags))
}

/// Adds the wanted values that differ from others to flags, and of settings only those.
fn add_differences(
    flags: &mut Map<String, Value>,
    wanted: &Map<String, Value>,
    others: &Map<String, Value>,
) {
    for (key, value) in wanted {
        match (value, others.get(key)) {
            (value, Some(other)) if value == other => {}
            (Value::Object(set), other) => {
                let is_equal = |name: &String, value: &Value| {
                    other.and_then(|other| other.get(name)) == Some(value)
                };
                let own = set.iter().filter(|(name, value)| !is_equal(name, value));
                let own = own.map(|(name, value)| (name.clone(), value.clone()));
                let known = flags.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(known) = known {
                    known.extend(own);
                }
            }
            _ => {
                flags.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}

/// The shares of held-out and of validation samples.
type Pair = [Option<f64>; 2];

/// The shares of a data file's samples that flags lead to. A share that is left out is a default
/// that only the file tells.
struct Shares<'a> {
    request: &'a Request,
    task: &'a LoadedTask,
    /// The shares that were given, and those that they led to.
    known: Vec<(Pair, Pair)>,
}

impl Shares<'_> {
    /// Returns the task with the shares of a request; `None` if the file cannot be read.
    fn load(&mut self, request: &Request) -> Option<LoadedTask> {
        let given = [request.held_out, request.validation];
        let own = [self.task.held_out, self.task.validation];
        let known = self.known.iter().find(|(known, _)| *known == given);
        let [held_out, validation] = match known {
            _ if given == own => own,
            Some((_, shares)) => *shares,
            None => {
                let [held_out, validation] = given;
                let request = Request { held_out, validation, ..self.request.clone() };
                let loaded = request.load_task().ok()?;
                let shares = [loaded.held_out, loaded.validation];
                self.known.push((given, shares));
                shares
            }
        };
        let task = Arc::clone(&self.task.task);
        Some(LoadedTask { task, held_out, validation, notes: Vec::new() })
    }
}

fn values(request: &Request) -> Map<String, Value> {
    // Checkpoints do not change a result, a repetition has a folder of its own, and the checksum of
    // a first genome is no flag.
    let request =
        Request { out: None, checkpoint_every: None, initial_checksum: None, ..request.clone() };
    match serde_json::to_value(request) {
        Ok(Value::Object(values)) => values,
        _ => Map::new(),
    }
}

/// The flags whose value may be left out, so that one that is given needs '='.
const OPTIONAL_VALUES: [&str; 3] = ["novelty", "normalise-observations", "no-header"];

fn written(flags: &Map<String, Value>) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut words = vec!["deme train".to_owned()];
    words.extend(flags.get("task").map(|task| quoted_path(Path::new(&plain(task)))));
    for (key, value) in flags.iter().filter(|(key, _)| *key != "task") {
        match value {
            Value::Object(set) => words.extend(set.iter().map(|(key, value)| {
                format!("--set {}", quoted_word(&format!("{key}={}", plain(value))))
            })),
            // With '=', a value that begins with a minus sign is no flag.
            value => words.push(match plain(value) {
                value if value.starts_with('-') || OPTIONAL_VALUES.contains(&key.as_str()) => {
                    format!("--{key}={}", quoted_word(&value))
                }
                value => format!("--{key} {}", quoted_word(&value)),
            }),
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command_of(folder: &str, request: Request) -> String {
        let task = request.load_task().ok();
        let run = SavedRun {
            folder: folder.into(),
            request,
            records: vec![],
            summary: None,
            notes: vec![],
        };
        command(&run, task.as_ref())
    }

    fn resolved(request: Request) -> Request {
        request.check().expect("a run").request().clone()
    }

    #[test]
    fn a_value_that_may_be_left_out_is_written_with_an_equals_sign() {
        let flags = |text| serde_json::from_str(text).expect("an object");
        let written = |text| super::written(&flags(text));
        assert_eq!(
            written(r#"{"task": "my data.csv", "no-header": true, "seed": 3}"#),
            "deme train 'my data.csv' --no-header=true --seed 3"
        );
        let request =
            Request { initial_checksum: Some("7".into()), ..Request::for_task("cartpole") };
        assert!(!values(&request).contains_key("initial-checksum"));
        assert!(serde_json::to_value(&request).is_ok_and(|all| all["initial-checksum"] == "7"));
    }

    #[test]
    fn a_command_has_the_flags_that_differ_from_the_defaults() {
        let of = |request: Request| command_of("runs/a", resolved(request));
        let plain = Request { seed: Some(3), ..Request::for_task("cartpole") };
        assert_eq!(of(plain.clone()), "deme train cartpole --seed 3");
        let set = [("sigma".to_owned(), "0.25".to_owned())].into_iter().collect();
        let task = Some("pendulum".into());
        let other = Request { task, set, until: Some("-500".into()), ..plain };
        let other = Request { population: Some(40), ..other };
        let other = Request { strategy: Some("snes".into()), evaluations: Some(4000), ..other };
        let written = of(other);
        for words in
            ["--strategy snes", "--seed 3", "--population 40", "--evaluations 4000", "--until=-500"]
        {
            assert!(written.contains(words), "{words}: {written}");
        }
        assert!(!written.contains("--generations") && !written.contains("--backend"), "{written}");
    }

    #[test]
    fn a_run_that_flags_cannot_repeat_is_repeated_by_its_configuration() {
        let lost = Request::for_task("lost.csv");
        assert_eq!(
            command_of("runs/it's", lost),
            r"deme train --config 'runs/it'\''s/config.toml'"
        );
    }
}
