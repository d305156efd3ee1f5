//! Event files: a run as TensorBoard reads it, a scalar a series and generation.
//!
//! # Source
//!
//! TensorFlow's `record_writer.h` and `event.proto`: a record is its length, that length's masked
//! CRC-32C, the bytes of an event, and theirs; an event has a time, a step, and a summary of names
//! and numbers in the encoding of Protocol Buffers.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::run::Record;

/// What the first event of a file says.
const VERSION: &str = "brain.Event:2";

/// An event file that is being written.
pub struct Events {
    path: PathBuf,
    to: BufWriter<File>,
}

impl Events {
    /// Makes an event file in a folder, beside those of earlier processes.
    ///
    /// # Errors
    /// A folder that refuses it.
    pub fn create(folder: &Path) -> Result<Self> {
        let (seconds, process) = (now(), std::process::id());
        let path = folder.join(format!("events.out.tfevents.{seconds:.0}.deme.{process}"));
        let refused = |source| Error::Io { doing: "creating", path: path.clone(), source };
        let to = BufWriter::new(File::create_new(&path).map_err(refused)?);
        let mut events = Self { path, to };
        events.record(&event(0, &bytes(3, VERSION.as_bytes())))?;
        Ok(events)
    }

    /// Writes what a generation came to.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn write(&mut self, record: &Record) -> Result<()> {
        let mut values = Vec::new();
        for (name, number) in scalars(record) {
            let mut value = bytes(1, name.as_bytes());
            value.push((2 << 3) | 5);
            value.extend(number.to_le_bytes());
            values.extend(bytes(1, &value));
        }
        self.record(&event(record.generation.into(), &bytes(5, &values)))
    }

    /// Hands to the system what has been written.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn flush(&mut self) -> Result<()> {
        let flushed = self.to.flush();
        flushed.map_err(|source| self.refused(source))
    }

    fn record(&mut self, event: &[u8]) -> Result<()> {
        let length = (event.len() as u64).to_le_bytes();
        let parts = [&length[..], &masked(&length), event, &masked(event)];
        let written = parts.into_iter().try_for_each(|part| self.to.write_all(part));
        written.map_err(|source| self.refused(source))
    }

    fn refused(&self, source: std::io::Error) -> Error {
        Error::Io { doing: "writing", path: self.path.clone(), source }
    }
}

/// The series of a generation that have a number.
fn scalars(record: &Record) -> Vec<(&'static str, f32)> {
    let seconds = &record.seconds;
    let all = [
        ("fitness/best", record.best),
        ("fitness/mean", record.mean.map(|mean| mean as f32)),
        ("score/validation", Some(record.validation)),
        ("score/held_out", record.held_out),
        ("search/spread", Some(record.spread as f32)),
        ("search/failed", Some(record.failed as f32)),
        ("search/species", Some(record.species.len() as f32).filter(|count| *count > 0.0)),
        ("budget/evaluations", Some(record.evaluations as f32)),
        ("seconds/propose", Some(seconds.propose as f32)),
        ("seconds/spawn", Some(seconds.spawn as f32)),
        ("seconds/score", Some(seconds.score as f32)),
        ("seconds/recombine", Some(seconds.recombine as f32)),
        ("seconds/update", Some(seconds.update as f32)),
        ("seconds/examine", Some(seconds.examine as f32)),
    ];
    all.into_iter().filter_map(|(name, number)| Some((name, number?))).collect()
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// An event: when, at which step, and what.
fn event(step: u64, what: &[u8]) -> Vec<u8> {
    let mut event = vec![(1 << 3) | 1];
    event.extend(now().to_le_bytes());
    event.push(2 << 3);
    variable(&mut event, step);
    event.extend(what);
    event
}

/// A field of bytes.
fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
    let mut all = vec![(field << 3) | 2];
    variable(&mut all, value.len() as u64);
    all.extend(value);
    all
}

/// A whole number of as many bytes as it needs.
fn variable(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// A checksum as records have it, so that one of bytes that hold checksums is none of theirs.
fn masked(bytes: &[u8]) -> [u8; 4] {
    let sum = crc32c::crc32c(bytes);
    sum.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a file, each checked.
    fn events(mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let (length, rest) = bytes.split_at(8);
            assert_eq!(rest[..4], masked(length));
            let count = u64::from_le_bytes(length.try_into().expect("eight bytes")) as usize;
            let (event, rest) = rest[4..].split_at(count);
            assert_eq!(rest[..4], masked(event));
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
        let mut file = Events::create(folder.path()).expect("a file");
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
