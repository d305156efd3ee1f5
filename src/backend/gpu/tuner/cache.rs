//! The tuning cache: a JSON file with the variants that earlier measurements chose, by key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::backend::Variant;
use crate::files;

const FILE: &str = "tuning.json";

/// The choices of earlier measurements.
pub(super) struct TuningCache {
    folder: Option<PathBuf>,
}

impl TuningCache {
    /// Creates a cache in a folder; without one it stores nothing.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Returns the choice that is stored under a key.
    pub fn get(&self, key: &str) -> Option<Variant> {
        let choices = read(self.folder.as_deref()?);
        choices.get(key).and_then(|name| Variant::by_name(name).ok())
    }

    /// Stores a choice. A folder that cannot be written is no error: the next run measures again.
    pub fn insert(&self, key: &str, variant: Variant) {
        let Some(folder) = &self.folder else { return };
        let mut choices = read(folder);
        choices.insert(key.to_owned(), variant.name().to_owned());
        if let Ok(mut text) = serde_json::to_string_pretty(&choices)
            && std::fs::create_dir_all(folder).is_ok()
        {
            text.push('\n');
            let _ = files::replace(folder, FILE, text.as_bytes());
        }
    }
}

/// Reads the choices by their keys; a missing or damaged file has no choices.
fn read(folder: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join(FILE));
    text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_choices_are_found_and_a_damaged_file_counts_as_empty() {
        let folder = std::env::temp_dir().join(format!("deme-tuning-{}", std::process::id()));
        let cache = TuningCache::new(Some(folder.clone()));
        assert_eq!(cache.get("a"), None);
        cache.insert("a", Variant::Team(8));
        cache.insert("b", Variant::Unrolled);
        assert_eq!(cache.get("a"), Some(Variant::Team(8)));
        assert_eq!(cache.get("b"), Some(Variant::Unrolled));
        std::fs::write(folder.join(FILE), "{\"a\": \"te").expect("a folder to write to");
        assert_eq!(cache.get("a"), None);
        cache.insert("a", Variant::Loop);
        assert_eq!(cache.get("a"), Some(Variant::Loop));
        std::fs::remove_dir_all(&folder).expect("a folder of ours");
        assert_eq!(TuningCache::new(None).get("a"), None);
    }
}
