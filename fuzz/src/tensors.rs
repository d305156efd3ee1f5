//! Mutations of tensor files: one entry changes, and the offsets and the checksum fit again.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value, json};

/// The room that a mutated entry has to grow, in bytes.
const GROWTH: usize = 64;

/// Mutates a metadata entry or a tensor of the file in `data[..size]`, or its header as a whole.
/// Returns the new size.
pub fn mutate_tensors(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    match forge(&data[..size], seed) {
        Some(forged) if forged.len() <= max_size => {
            data[..forged.len()].copy_from_slice(&forged);
            forged.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
}

fn forge(file: &[u8], seed: u32) -> Option<Vec<u8>> {
    let (length, rest) = file.split_first_chunk::<8>()?;
    let (text, body) = rest.split_at_checked(u64::from_le_bytes(*length).try_into().ok()?)?;
    let mut header: Map<String, Value> = serde_json::from_slice(text).ok()?;
    let mut names: Vec<(u64, String)> = Vec::new();
    for (name, entry) in &header {
        if name != "__metadata__" {
            names.push((entry["data_offsets"][0].as_u64()?, name.clone()));
        }
    }
    names.sort();
    let metadata = header.get("__metadata__")?.as_object()?;
    let keys: Vec<String> = metadata.keys().filter(|key| *key != "checksum").cloned().collect();
    let choice = seed as usize % (keys.len() + names.len() + 1);
    if let Some(key) = keys.get(choice) {
        let value = mutated(header["__metadata__"][key].as_str()?.as_bytes());
        header["__metadata__"][key] = json!(String::from_utf8_lossy(&value));
    }
    let mut numbers = Vec::new();
    for (index, (_, name)) in names.iter().enumerate() {
        let range = &header[name]["data_offsets"];
        let bytes = body.get(range[0].as_u64()? as usize..range[1].as_u64()? as usize)?;
        let first = numbers.len();
        if index + keys.len() == choice {
            let width = match header[name]["dtype"].as_str()? {
                "F64" => 8,
                "F32" => 4,
                _ => 1,
            };
            let changed = mutated(bytes);
            let count = changed.len() / width;
            header[name]["shape"] = json!([count]);
            numbers.extend(&changed[..count * width]);
        } else {
            numbers.extend(bytes);
        }
        header[name]["data_offsets"] = json!([first, numbers.len()]);
    }
    header["__metadata__"]["checksum"] = json!("00000000");
    let mut text = serde_json::to_vec(&header).ok()?;
    if choice == keys.len() + names.len() {
        text = mutated(&text);
    }
    Some(with_checksum([&(text.len() as u64).to_le_bytes()[..], &text, &numbers].concat()))
}

/// Writes the checksum of a file over the zeros in its header.
fn with_checksum(mut file: Vec<u8>) -> Vec<u8> {
    const ZEROS: &[u8] = b"\"checksum\":\"00000000";
    if let Some(at) = file.windows(ZEROS.len()).position(|bytes| bytes == ZEROS) {
        let sum = format!("{:08x}", crc32fast::hash(&file));
        let end = at + ZEROS.len();
        file[end - sum.len()..end].copy_from_slice(sum.as_bytes());
    }
    file
}

/// Some bytes after a mutation of the fuzzer.
pub(crate) fn mutated(bytes: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed.resize(bytes.len() + GROWTH, 0);
    let most = changed.len();
    let size = fuzzer_mutate(&mut changed, bytes.len(), most);
    changed.truncate(size);
    changed
}
