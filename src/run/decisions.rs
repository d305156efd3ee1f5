//! The decisions of a run: the values of its `config.toml`, which each checkpoint repeats.
//!
//! A run whose configuration was changed by hand would go on with other settings than those that
//! its state came from, and its folder would no longer repeat the run. Resuming therefore compares
//! the values, not the text: comments and the layout may change.
//!
//! | values | if they differ |
//! |---|---|
//! | budgets, `until`, patience, checkpoint interval | a note: they decide when it stops or saves |
//! | backend, adapter, kernel variant, recombination | a note: they decide where it runs |
//! | the path of a data file | a note: the checkpoint has a checksum of the samples |
//! | everything else | an error |

use std::collections::BTreeMap;

use super::Request;
use crate::task;

/// The values that decide when a run stops or saves.
const BUDGETS: [&str; 5] = ["generations", "evaluations", "until", "patience", "checkpoint-every"];
/// The values that decide where a run takes place.
const PLACES: [&str; 4] = ["backend", "adapter", "variant", "recombine"];

/// The decisions of a run as texts by their keys, see [`Request::values`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Decisions(BTreeMap<String, String>);

impl Decisions {
    pub fn from_request(resolved: &Request) -> Self {
        Self(resolved.values())
    }

    /// Parses the text of [`Decisions::to_json`].
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(Self).map_err(|problem| format!("the decisions: {problem}"))
    }

    pub fn to_json(&self) -> String {
        serde_json::json!(self.0).to_string()
    }

    /// Compares the decisions that a run began with to those that it is resumed with. Returns notes
    /// on harmless differences; `requested` are the keys that the user has changed on purpose.
    ///
    /// # Errors
    /// Returns an error that names the first value that must not change.
    pub fn compare(&self, now: &Self, requested: &[&str]) -> Result<Vec<String>, String> {
        let mut notes = Vec::new();
        let mut keys: Vec<&String> = self.0.keys().chain(now.0.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys.into_iter().filter(|key| !requested.contains(&key.as_str())) {
            let (before, after) = (self.0.get(key), now.0.get(key));
            if are_equal(before, after) {
                continue;
            }
            let is_place = PLACES.contains(&key.as_str());
            let is_path = is_file(key, before) && is_file(key, after);
            let remedy = match before {
                Some(before) => format!("restore the value {before} in config.toml"),
                None => "remove it from config.toml".to_owned(),
            };
            let (before, after) = (text(before), text(after));
            if is_place || is_path || BUDGETS.contains(&key.as_str()) {
                notes.push(format!(
                    "config.toml has changed since the checkpoint: {key} was {before} and is \
                     {after}"
                ));
            } else {
                return Err(format!(
                    "expected {key} = {before} in config.toml, as the run began, got {after}; \
                     {remedy}"
                ));
            }
        }
        Ok(notes)
    }
}

/// True if two values are equal, also if they are written differently: 0.3 and 0.30.
fn are_equal(a: Option<&String>, b: Option<&String>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return a == b };
    let are_whole = a.parse::<u64>().is_ok() && b.parse::<u64>().is_ok();
    let equal_numbers = || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a == b);
    a == b || (!are_whole && equal_numbers())
}

/// True if a value is the path of a data file or of a world.
fn is_file(key: &str, value: Option<&String>) -> bool {
    let is_path = |value: &String| task::is_data_file(value) || task::is_world_file(value);
    ["task", "target"].contains(&key) && value.is_some_and(is_path)
}

fn text(value: Option<&String>) -> &str {
    value.map_or("none", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(values: &[(&str, &str)]) -> Decisions {
        Decisions(values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    #[test]
    fn values_count_and_not_how_they_are_written() {
        let begun = decisions(&[("set.sigma", "0.3"), ("seed", "18446744073709551615")]);
        let same = decisions(&[("set.sigma", "0.30"), ("seed", "18446744073709551615")]);
        assert_eq!(begun.compare(&same, &[]), Ok(vec![]));
        assert_eq!(Decisions::from_json(&begun.to_json()), Ok(begun.clone()));
        // Two whole numbers that are one as doubles.
        let other = decisions(&[("set.sigma", "0.3"), ("seed", "18446744073709551614")]);
        let error = begun.compare(&other, &[]).expect_err("another seed");
        assert!(error.contains("seed = 18446744073709551615 in config.toml"), "{error}");
        assert!(
            error.ends_with("restore the value 18446744073709551615 in config.toml"),
            "{error}"
        );
        assert!(begun.compare(&decisions(&[("seed", "1")]), &[]).is_err());
    }

    #[test]
    fn budgets_places_and_moved_files_are_noted_unless_the_user_named_them() {
        let begun = decisions(&[("generations", "5"), ("task", "/a/t.csv"), ("target", "y")]);
        let moved = decisions(&[
            ("generations", "9"),
            ("task", "/b/t.csv"),
            ("target", "y"),
            ("adapter", "x"),
        ]);
        let notes = begun.compare(&moved, &["generations"]).expect("notes");
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].ends_with("adapter was none and is x"), "{notes:?}");
        let column = decisions(&[("generations", "5"), ("task", "/a/t.csv"), ("target", "z")]);
        assert!(begun.compare(&column, &[]).is_err());
    }
}
