//! Metadata: facts about a champion, as pairs of a key and a text. All formats but JSON write them.
//!
//! Names come from data and may contain any character, such as a line break that would end a
//! comment. No text here has a control character: in a list they are escaped as JSON escapes them,
//! and elsewhere as Rust does.

use crate::champion::Champion;
use crate::error::{escape_controls, is_control};
use crate::task::{MissingValues, OutputScaling};

/// Returns the metadata of a champion, in the order in which they are written.
pub(super) fn metadata(champion: &Champion) -> Vec<(&'static str, String)> {
    let (origin, names) = (champion.origin(), champion.port_names());
    let mut pairs = vec![
        ("task", text(&origin.task)),
        ("strategy", text(&origin.strategy)),
        ("generation", origin.generation.to_string()),
        ("seed", origin.seed.to_string()),
        ("network", champion.shape()),
        ("action", sentence(champion)),
    ];
    let mut add = |key, names: &[String]| {
        if !names.is_empty() {
            pairs.push((key, list(names)));
        }
    };
    add("observation", &names.inputs);
    match champion.preprocessing() {
        None => add("actions", &names.outputs),
        Some(preprocessing) => {
            add("columns", &preprocessing.columns);
            add("classes", &preprocessing.classes);
            pairs.push(("target", text(&preprocessing.targets.join(","))));
            if preprocessing.targets.len() > 1 {
                pairs.push(("targets", list(&preprocessing.targets)));
            }
        }
    }
    if let Some(preprocessing) = champion.preprocessing()
        && let Some(table) = &preprocessing.table
    {
        if table.features.iter().any(|column| !column.words.is_empty()) {
            pairs.push(("words", WORDS.to_owned()));
        }
        if table.missing == MissingValues::Mean {
            let means = &preprocessing.input_means;
            pairs.push(("missing", format!("{MISSING}: {means:?}")));
        }
    }
    let wide = champion.wide_inputs();
    if !wide.is_empty() {
        let (columns, needs) =
            if wide.len() == 1 { ("column", "needs") } else { ("columns", "need") };
        let list = list(&wide);
        pairs.push(("precision", format!("the {columns} {list} {needs} more than f32")));
    }
    pairs
}

/// The rule for the inputs of a column of words.
const WORDS: &str =
    "the input COLUMN=WORD is 1 in a row that has the word in the column, and else 0";

/// The rule for missing values that become a mean.
pub(super) const MISSING: &str = "a missing value is given as the mean of each input of its column";

/// Returns the readout of a champion in words.
pub(super) fn sentence(champion: &Champion) -> String {
    match champion.output_scalings() {
        [OutputScaling { mean, deviation }] => format!(
            "the answer is {mean:?} + {deviation:?} * output of the network, in the unit of the \
             target"
        ),
        [] => champion.readout().sentence(),
        scalings => {
            let answer =
                |by: &OutputScaling| format!("{:?} + {:?} * output", by.mean, by.deviation);
            let answers: Vec<String> = scalings.iter().map(answer).collect();
            format!(
                "each answer is that of an output of the network, in the unit of its target: {}",
                answers.join("; ")
            )
        }
    }
}

/// Returns the metadata as lines of a comment, without the sign that begins a comment. A line never
/// ends or begins a block comment.
pub(super) fn comment_lines(champion: &Champion) -> Vec<String> {
    let pairs = metadata(champion).into_iter();
    let line = |(key, text): (&str, String)| {
        format!("{key}: {}", text.replace("*/", "*\\u{2f}").replace("/*", "\\u{2f}*"))
    };
    pairs.map(line).collect()
}

fn text(name: &str) -> String {
    escape_controls(name, |_| false).into_owned()
}

/// Names as a list in JSON, with control characters escaped.
fn list(names: &[String]) -> String {
    let mut escaped = String::new();
    for letter in serde_json::json!(names).to_string().chars() {
        if !is_control(letter) {
            escaped.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}
