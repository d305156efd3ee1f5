//! Endings of the names of output files: the ending of another format is a mistake.

use std::path::Path;

use crate::error::{Error, Result};

/// The endings of formats that deme or other programs know. A name may have any other ending.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    // Tables, texts and settings.
    "csv", "tsv", "json", "jsonl", "html", "htm", "md", "markdown", "xml", "toml", "yaml", "yml",
    "xlsx", "xls", "ods", "parquet", "pdf", "tex",
    // Pictures and films.
    "svg", "gif", "png", "apng", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "eps", "ps", "mp4",
    "webm", "mov", "avi", "mkv",
    // Networks and arrays.
    "onnx", "safetensors", "pt", "pth", "pb", "tflite", "h5", "hdf5", "keras", "pkl", "pickle",
    "npy", "npz", "gguf",
    // Programs and graphs.
    "rs", "wgsl", "glsl", "hlsl", "spv", "c", "h", "cpp", "py", "js", "ts", "go", "dot", "gv",
    "graphml",
    // Archives.
    "gz", "zip", "tar", "zst", "xz", "bz2", "7z",
];

/// Checks that a file's name does not have the ending of another format. `endings` are those of
/// the format, the usual one first. A name without an ending is allowed, and so is one whose ending
/// is of no format, such as `results-0.5`.
///
/// # Errors
///
/// Returns an error that names the flag.
pub fn expect_ending(flag: &str, path: &Path, endings: &[&str]) -> Result<()> {
    let is_one_of = |all: &[&str]| {
        let found = path.extension();
        found.is_some_and(|found| all.iter().any(|ending| found.eq_ignore_ascii_case(ending)))
    };
    if !is_one_of(KNOWN) || is_one_of(endings) {
        return Ok(());
    }
    let usual = endings.first().copied().unwrap_or_default();
    Err(Error::invalid(flag, format!("a file whose name ends in .{usual}"), path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ending_of_another_format_is_refused() {
        let refusal = |path: &str, endings: &[&str]| {
            expect_ending("--x", Path::new(path), endings).err().map(|error| error.to_string())
        };
        for path in ["a.csv", "a.CSV", "a", "/dev/stdout", "run-0.5", "a.txt", "a.part", ".csv"] {
            assert_eq!(refusal(path, &["csv"]), None, "{path}");
        }
        assert_eq!(refusal("a.htm", &["html", "htm"]), None);
        for path in ["a.mp4", "a.CSV", "a.csv.gz", "a.html"] {
            let expected = format!("--x: expected a file whose name ends in .gif, got {path}");
            assert_eq!(refusal(path, &["gif"]), Some(expected));
        }
    }
}
