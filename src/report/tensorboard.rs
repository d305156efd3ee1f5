//! TensorBoard event files: a run as scalars, one for each series and generation.
//!
//! # Source
//!
//! TensorFlow's `record_writer.h` and `event.proto`. A record is a length, the masked CRC-32C of
//! the length, the bytes of an event, and their masked CRC-32C. An event has a time, a step, and a
//! summary of names and numbers in the encoding of Protocol Buffers.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::files;
use crate::run::Record;

/// The version in the first event of a file.
const VERSION: &str = "brain.Event:2";

/// A writer of an event file.
pub struct EventWriter {
    path: PathBuf,
    to: BufWriter<File>,
}

impl EventWriter {
    /// Creates an event file in a folder, and leaves those of earlier processes.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be created.
    pub fn create(folder: &Path) -> Result<Self> {
        let (seconds, process) = (now(), std::process::id());
        let path = folder.join(format!("events.out.tfevents.{seconds:.0}.deme.{process}"));
        let to = BufWriter::new(files::create_new(&path)?);
        let mut writer = Self { path, to };
        writer.write_record(&event(0, &bytes_field(3, VERSION.as_bytes())))?;
        Ok(writer)
    }

    /// Writes the scalars of a generation.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn write(&mut self, record: &Record) -> Result<()> {
        let mut values = Vec::new();
        for (name, number) in scalars(record) {
            let mut value = bytes_field(1, name.as_bytes());
            value.push((2 << 3) | 5);
            value.extend(number.to_le_bytes());
            values.extend(bytes_field(1, &value));
        }
        self.write_record(&event(record.generation.into(), &bytes_field(5, &values)))
    }

    /// Flushes buffered events to the file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        let flushed = self.to.flush();
        flushed.map_err(|source| self.write_error(source))
    }

    fn write_record(&mut self, event: &[u8]) -> Result<()> {
        let length = (event.len() as u64).to_le_bytes();
        let parts = [&length[..], &masked_checksum(&length), event, &masked_checksum(event)];
        let written = parts.into_iter().try_for_each(|part| self.to.write_all(part));
        written.map_err(|source| self.write_error(source))
    }

    fn write_error(&self, source: std::io::Error) -> Error {
        Error::Io { doing: "writing", path: self.path.clone(), source }
    }
}

/// The series of a generation that have a value.
fn scalars(record: &Record) -> Vec<(&'static str, f32)> {
    let seconds = &record.seconds;
    let all = [
        ("fitness/best", record.best),
        ("fitness/mean", record.mean.map(|mean| mean as f32)),
        ("score/training", record.training),
        ("score/validation", record.validation),
        ("score/held_out", record.held_out),
        ("search/spread", Some(record.step_size as f32)),
        ("search/failed", Some(record.failed as f32)),
        ("search/species", Some(record.species.len() as f32).filter(|count| *count > 0.0)),
        ("budget/evaluations", Some(record.evaluations as f32)),
        ("seconds/propose", Some(seconds.propose as f32)),
        ("seconds/spawn", Some(seconds.spawn as f32)),
        ("seconds/score", Some(seconds.score as f32)),
        ("seconds/recombine", Some(seconds.recombine as f32)),
        ("seconds/update", Some(seconds.update as f32)),
        ("seconds/examine", Some(seconds.validate as f32)),
    ];
    all.into_iter().filter_map(|(name, number)| Some((name, number?))).collect()
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// An event with the current time, a step and its content.
fn event(step: u64, content: &[u8]) -> Vec<u8> {
    let mut event = vec![(1 << 3) | 1];
    event.extend(now().to_le_bytes());
    event.push(2 << 3);
    push_varint(&mut event, step);
    event.extend(content);
    event
}

/// A field of bytes.
fn bytes_field(field: u8, value: &[u8]) -> Vec<u8> {
    let mut all = vec![(field << 3) | 2];
    push_varint(&mut all, value.len() as u64);
    all.extend(value);
    all
}

/// Appends a whole number with as many bytes as it needs.
fn push_varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// The CRC-32C of a record, masked so that data that contain checksums have different ones.
fn masked_checksum(bytes: &[u8]) -> [u8; 4] {
    let sum = crc32c::crc32c(bytes);
    sum.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the events of a file, after checking their checksums.
    fn events(mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let (length, rest) = bytes.split_at(8);
            assert_eq!(rest[..4], masked_checksum(length));
            let count = u64::from_le_bytes(length.try_into().expect("eight bytes")) as usize;
            let (event, rest) = rest[4..].split_at(count);
            assert_eq!(rest[..4], masked_checksum(event));
            found.push(event.to_vec());
            bytes = &rest[4..];
        }
        found
    }

    #[test]
    fn records_are_framed_as_tensorflow_frames_them() {
        // The check value of CRC-32C, and its mask by TensorFlow's rule.
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut file = EventWriter::create(folder.path()).expect("a file");
        let line = "{\"generation\":300,\"evaluations\":8,\"environment_steps\":0,\"best\":2.5,\
                    \"mean\":null,\"failed\":0,\"spread\":0.5,\"validation\":-1.5,\
                    \"champion\":true,\"held_out\":null}";
        file.write(&serde_json::from_str(line).expect("a record")).expect("an event");
        file.flush().expect("a disk");
        let bytes = std::fs::read(&file.path).expect("the file");
        let found = events(&bytes);
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with(b"brain.Event:2"));
        // Step 300 in two bytes, then the summary.
        assert_eq!(found[1][9..12], [2 << 3, 0xac, 0x02]);
        let holds = |words: &[u8]| found[1].windows(words.len()).any(|window| window == words);
        assert!(holds(b"fitness/best") && holds(&2.5f32.to_le_bytes()));
        assert!(holds(&(-1.5f32).to_le_bytes()) && !holds(b"fitness/mean"));
    }
}
