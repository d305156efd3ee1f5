//! Rung 7 for worlds: faults made from the text of a world itself.
//!
//! A fault changes a number by 1 %, swaps an operator, or moves an index. The implementation runs
//! the changed text, and rung 4 compares it with the reference of the right one. Each fault must be
//! caught there, or else change nothing: the reference of the changed text then computes the same
//! numbers, to the bit, in all cases.

use std::sync::Arc;

use super::steps;
use super::{Comparison, Implementation, Rung};
use crate::error::Result;
use crate::task::{Kind, Task, World};

/// The largest number of faults of a text. They are spread over it evenly.
const MOST_FAULTS: usize = 40;

/// A change of a text.
#[derive(Clone, Debug, PartialEq)]
struct TextFault {
    /// The line, counted from 1.
    line: usize,
    /// The text before and after the change.
    from: String,
    to: String,
    text: String,
}

/// Plants faults in the text of a task and checks that each is caught or changes nothing.
pub(super) fn check(
    implementation: &dyn Implementation,
    task: &Arc<dyn Task>,
) -> Result<Vec<Rung>> {
    let Kind::Control(simulation) = task.kind() else { return Ok(Vec::new()) };
    let shape = simulation.shape();
    let (Some(reference), Some(text)) = (simulation.reference(), shape.wgsl) else {
        return Ok(Vec::new());
    };
    let subject = format!("{}, faults in its text", task.about().name);
    let limit = "each caught at rung 4, or the same numbers";
    let mut caught = Comparison::new("7 faults", subject, limit);
    let cases = steps::cases(&shape, reference);
    let faults = faults(text);
    let stride = faults.len().div_ceil(MOST_FAULTS).max(1);
    for fault in faults.into_iter().step_by(stride) {
        // A text that does not compile shows the fault at once.
        let Ok(world) = World::with_text(&**task, fault.text.clone()) else { continue };
        let wrong: Arc<dyn Task> = Arc::new(world);
        let Kind::Control(changed) = wrong.kind() else { continue };
        let found = implementation.steps(wrong.as_ref(), changed, &cases)?;
        let rung = steps::compare(task, reference, shape.actions, &cases, &found, Some(1));
        let results = |reference| steps::results(reference, &cases);
        let is_fine =
            !rung.passed() || changed.reference().map(results) == Some(results(reference));
        caught.check_that(is_fine, || {
            let TextFault { line, from, to, .. } = fault;
            format!("line {line}, '{from}' changed to '{to}': not caught, and not without effect")
        });
    }
    Ok(vec![caught.into_rung()])
}

/// Returns the faults of a text, in its order.
fn faults(text: &str) -> Vec<TextFault> {
    let mut faults = Vec::new();
    let mut offset = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let code = line.split("//").next().unwrap_or("");
        for (at, length, to) in line_faults(code) {
            let range = offset + at..offset + at + length;
            let mut changed = text.to_owned();
            changed.replace_range(range.clone(), &to);
            let from = text[range].to_owned();
            faults.push(TextFault { line: index + 1, from, to, text: changed });
        }
        offset += line.len();
    }
    faults
}

/// Returns the faults of a line of code: the place, the length and the replacement of each.
fn line_faults(code: &str) -> Vec<(usize, usize, String)> {
    const OPERATORS: [(&str, &str); 6] = [
        (" + ", " - "),
        (" - ", " + "),
        (" * ", " / "),
        (" / ", " * "),
        (" < ", " > "),
        (" > ", " < "),
    ];
    let mut faults = Vec::new();
    // Loops and declarations of sizes would only fail to end or to compile.
    if code.trim_start().starts_with("for ") || code.contains("array<") {
        return faults;
    }
    for (from, to) in OPERATORS {
        faults.extend(code.match_indices(from).map(|(at, _)| (at, from.len(), to.to_owned())));
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let mut start = 0;
    for word in code.split(|c: char| !is_part(c)) {
        let before = code[..start].chars().next_back();
        let number = word.strip_suffix('f').unwrap_or(word);
        if word.contains('.')
            && word.starts_with(|c: char| c.is_ascii_digit())
            && let Ok(value) = number.parse::<f64>()
            && value != 0.0
        {
            faults.push((start, word.len(), format!("{:?}", value * 1.01)));
        } else if before == Some('[')
            && let Ok(index) = word.trim_end_matches('u').parse::<usize>()
        {
            let other = if index == 0 { 1 } else { index - 1 };
            faults.push((start, word.len(), format!("{other}u")));
        }
        start += word.len() + code[start + word.len()..].chars().next().map_or(0, char::len_utf8);
    }
    faults.sort_by_key(|&(at, ..)| at);
    faults
}
