//! Mutations of archives: the content of one file changes, and its checksum fits again.

use std::io::{Cursor, Read, Write};

use libfuzzer_sys::fuzzer_mutate;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::tensors::mutated;

/// Mutates a file in the archive of `data[..size]`, or the archive as bytes. Returns the new size.
pub fn mutate_archive(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let forged = if seed.is_multiple_of(4) { None } else { forge(&data[..size], seed / 4) };
    match forged {
        Some(forged) if forged.len() <= max_size => {
            data[..forged.len()].copy_from_slice(&forged);
            forged.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
}

fn forge(archive: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut from = ZipArchive::new(Cursor::new(archive)).ok()?;
    let chosen = seed as usize % from.len().max(1);
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let file = from.by_index(index).ok()?;
        let name = file.name().ok()?.into_owned();
        let method = file.compression();
        let mut bytes = Vec::new();
        file.take(1 << 20).read_to_end(&mut bytes).ok()?;
        if index == chosen {
            bytes = mutated(&bytes);
        }
        let method = match method {
            CompressionMethod::Deflated => CompressionMethod::Deflated,
            _ => CompressionMethod::Stored,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        to.start_file(name, options).ok()?;
        to.write_all(&bytes).ok()?;
    }
    Some(to.finish().ok()?.into_inner())
}
