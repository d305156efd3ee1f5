//! Metadata: what a champion is, as pairs of a key and a text that every format writes.

use crate::champion::Champion;

/// Returns the metadata of a champion, in the order in which they are written.
pub(super) fn metadata(champion: &Champion) -> Vec<(&'static str, String)> {
    let origin = champion.origin();
    let mut pairs = vec![
        ("task", origin.task.clone()),
        ("strategy", origin.strategy.clone()),
        ("generation", origin.generation.to_string()),
        ("seed", origin.seed.to_string()),
        ("network", champion.shape()),
        ("action", champion.readout().sentence()),
    ];
    if let Some(preprocessing) = champion.preprocessing() {
        pairs.push(("target", preprocessing.target.clone()));
        let lists = [("columns", &preprocessing.columns), ("classes", &preprocessing.classes)];
        for (key, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
            pairs.push((key, serde_json::json!(names).to_string()));
        }
    }
    pairs
}
