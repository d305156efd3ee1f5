//! Suggestions for a misspelt name: the closest of the names that exist.
//!
//! Names are compared without case, separators and a trailing version such as `-v1`. From the
//! strongest evidence to the weakest, a known name is close if it
//!
//! 1. equals the given name (`CartPole-v1` for `cartpole`),
//! 2. has it as its initials (`lr` for `learning-rate`),
//! 3. differs by a few typing errors (`sgima` for `sigma`),
//! 4. contains it, or is the greater part of it (`rate` for `learning-rate`).

use strsim::damerau_levenshtein;

use super::printable::printable;

/// The shortest name that may be part of another.
const SHORTEST_PART: usize = 3;
/// The length, in bytes, from which a name is not compared. The time to compare two names is the
/// product of their lengths.
const LONGEST: usize = 200;

/// The suggestion in the form in which a message continues, or an empty text.
pub(super) fn text(name: &str, known: &[String]) -> String {
    let sentence = |close| format!(" (did you mean '{}'?)", printable(close));
    closest(name, known).map_or_else(String::new, sentence)
}

/// Returns the known name that is closest to a name, if any is close.
fn closest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let name = plain(name);
    let comparable = known.iter().filter(|other| other.len() <= LONGEST);
    let ranked = comparable.filter_map(|other| Some((distance(&name, other)?, other.as_str())));
    // The first of equally close names wins.
    ranked.min_by_key(|&(distance, _)| distance).map(|(_, close)| close)
}

/// The kind of evidence, and the number of letters that differ; `None` if the names are not close.
fn distance(name: &str, known: &str) -> Option<(u32, usize)> {
    let initials: String =
        known.split(is_separator).filter_map(|word| word.chars().next()).collect();
    let known = plain(known);
    let [shorter, longer] = if name.len() < known.len() { [name, &known] } else { [&known, name] };
    let extra = longer.len() - shorter.len();
    let errors = damerau_levenshtein(name, &known);
    if name == known {
        Some((1, 0))
    } else if name.len() > 1 && name == initials {
        Some((2, 0))
    } else if 3 * errors <= longer.len() {
        Some((3, errors))
    } else if shorter.len() >= SHORTEST_PART
        && longer.contains(shorter)
        && (shorter == name || extra < shorter.len())
    {
        Some((4, extra))
    } else {
        None
    }
}

/// A name in lower case, without separators and without a trailing version.
fn plain(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let unversioned = lower.rsplit_once("-v").filter(|(_, version)| {
        !version.is_empty() && version.chars().all(|digit| digit.is_ascii_digit())
    });
    let base = unversioned.map_or(lower.as_str(), |(base, _)| base);
    base.chars().filter(|&letter| !is_separator(letter)).collect()
}

fn is_separator(letter: char) -> bool {
    matches!(letter, '-' | '_' | ' ')
}
