//! Remarks on a table: contents from which nothing can be learned, and contents that its owner may
//! have overlooked.

use std::collections::BTreeMap;

use super::records::is_missing_mark;
use crate::draw::number::counted;
use crate::error::printable;

/// The names that a remark lists before it stops.
const MAX_NAMES: usize = 5;
/// The samples from which on a table can have suspiciously many classes.
const MIN_SAMPLES: usize = 20;

/// Returns remarks on classes. `labels` and `held_out` are `[samples]`; `names` is `[classes]`.
/// `is_guess` is true if the rule, and not the user, chose classes.
pub(super) fn of_classes(
    labels: &[u32],
    names: &[String],
    held_out: &[bool],
    is_guess: bool,
) -> Vec<String> {
    let mut counts = vec![[0; 2]; names.len()];
    for (&label, &held_out) in labels.iter().zip(held_out) {
        counts[label as usize][usize::from(held_out)] += 1;
    }
    let classes = || names.iter().zip(&counts);
    let mut remarks = Vec::new();
    let unknown = classes().filter(|(_, counts)| counts[0] == 0).map(|(name, _)| quoted(name));
    if let Some(list) = listed(unknown.collect()) {
        remarks.push(format!("no training sample has the class {list}: no network can learn it"));
    }
    if held_out.contains(&true) {
        let untested = classes().filter(|(_, counts)| counts[1] == 0);
        let untested = untested.map(|(name, [samples, _])| {
            format!("{} ({})", quoted(name), counted(*samples as u64, "samples"))
        });
        if let Some(list) = listed(untested.collect()) {
            remarks.push(format!("no held-out sample has the class {list}: nothing tests it"));
        }
    }
    let missing = names.iter().filter(|name| is_missing_mark(name)).map(|name| quoted(name));
    if let Some(list) = listed(missing.collect()) {
        remarks.push(format!("{list} is a class like the others here, not a missing value"));
    }
    let mut spellings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        spellings.entry(folded(name)).or_default().push(quoted(name));
    }
    let alike = spellings.into_values().filter(|names| names.len() > 1);
    if let Some(list) = listed(alike.map(|names| names.join(" and ")).collect()) {
        remarks.push(format!("classes that differ only in how they are written: {list}"));
    }
    let singles = counts.iter().filter(|[samples, held_out]| samples + held_out == 1).count();
    let (classes, samples) = (names.len(), labels.len());
    // Two samples of two classes cannot be otherwise.
    let are_mostly_single = samples > 2 && singles * 2 > classes;
    if are_mostly_single || (samples >= MIN_SAMPLES && classes * 2 > samples) {
        let numbers = match is_guess && names.iter().all(|name| name.parse::<f64>().is_ok()) {
            true => "if these are numbers to predict, use --goal regression; ",
            false => "",
        };
        remarks.push(format!(
            "there are {classes} classes for {samples} samples, and {singles} of the classes have \
             one sample; {numbers}if this column names or numbers the samples, choose another one \
             with --target"
        ));
    }
    remarks
}

/// Returns a remark on features without information. `scales` is `[features]`; `names` is, too, or
/// empty if they have no names.
pub(super) fn of_constants(scales: &[f64], names: &[String]) -> Option<String> {
    let constants = scales.iter().enumerate().filter(|(_, scale)| **scale == 0.0);
    let name = |index: usize| names.get(index).map_or(index.to_string(), |name| quoted(name));
    let constants: Vec<String> = constants.map(|(index, _)| name(index)).collect();
    let (count, all) = (constants.len(), scales.len());
    let list = listed(constants)?;
    if count == all {
        return Some(
            "all features are constant over the training samples: nothing to learn".into(),
        );
    }
    let (features, are) = if count == 1 { ("feature", "is") } else { ("features", "are") };
    Some(format!(
        "{count} of {all} features {are} constant over the training samples, and 0 for the \
         network: {features} {list}"
    ))
}

/// Returns a text without differences of case, spaces and the spelling of numbers.
fn folded(name: &str) -> String {
    /// The whole numbers beyond it are not all doubles.
    const EXACT: f64 = (1u64 << 53) as f64;
    let name = name.trim();
    match name.parse::<f64>() {
        Ok(number) if number.abs() < EXACT => number.to_string(),
        _ => name.to_lowercase(),
    }
}

fn quoted(name: &str) -> String {
    format!("'{}'", printable(name))
}

/// Joins names, without those beyond the limit. Returns nothing for no names.
fn listed(mut names: Vec<String>) -> Option<String> {
    let others = names.len().saturating_sub(MAX_NAMES);
    names.truncate(MAX_NAMES);
    let list = names.join(", ");
    match (names.len(), others) {
        (0, _) => None,
        (_, 0) => Some(list),
        _ => Some(format!("{list} and {others} others")),
    }
}
