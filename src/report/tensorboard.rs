//! TensorBoard event files: a run as scalars, one for each series and generation.
//!
//! # Source
//!
//! TensorFlow's `record_writer.h` and `event.proto`. A record is a length, the masked CRC-32C of
//! the length, the bytes of an event, and their masked CRC-32C. An event has a time, a step, and a
//! summary of names and numbers in the encoding of Protocol Buffers.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::files;
use crate::run::Record;

/// The version in the first event of a file.
const VERSION: &str = "brain.Event:2";

/// The beginning of the names of event files.
const PREFIX: &str = "events.out.tfevents.";

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
        let path = folder.join(format!("{PREFIX}{seconds:.0}.deme.{process}"));
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

    /// Writes the generations of a log that no event file of its folder has, as far as a log knows
    /// them: it has no times.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn write_missing(&mut self, log: &[Record], written: &BTreeSet<u64>) -> Result<()> {
        let is_missing = |record: &&Record| !written.contains(&record.generation.into());
        log.iter().filter(is_missing).try_for_each(|record| self.write(record))
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

/// Returns the generations that the event files of a folder have; `None` if it has no such file. A
/// file is read up to its first incomplete event, which a killed process leaves.
pub fn written_generations(folder: &Path) -> Option<BTreeSet<u64>> {
    let names = folder.read_dir().ok()?.flatten().map(|entry| entry.path());
    let is_event_file = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
    };
    let mut files = names.filter(is_event_file).peekable();
    files.peek()?;
    let bytes = files.filter_map(|path| files::read(&path).ok().flatten());
    Some(bytes.flat_map(|bytes| steps(&bytes)).collect())
}

/// Returns the steps of the events of a file, without that of its version.
fn steps(mut bytes: &[u8]) -> BTreeSet<u64> {
    let mut steps = BTreeSet::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<8>() {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok();
        // A checksum of four bytes stands before the event, and another one after it.
        let Some(end) = length.and_then(|length| length.checked_add(4)) else { break };
        let Some(event) = rest.get(4..end) else { break };
        let Some(rest) = end.checked_add(4).and_then(|end| rest.get(end..)) else { break };
        // The event begins with its time, in nine bytes, and its step.
        steps.extend(event.get(9..).and_then(read_step).filter(|&step| step > 0));
        bytes = rest;
    }
    steps
}

/// Reads the field of a step.
fn read_step(field: &[u8]) -> Option<u64> {
    let (&key, digits) = field.split_first()?;
    let last = digits.iter().take(10).position(|byte| byte & 0x80 == 0)?;
    let number = digits[..=last].iter().rev();
    let number = number.fold(0, |number: u64, byte| number << 7 | u64::from(byte & 0x7f));
    (key == 2 << 3).then_some(number)
}

/// The series of a generation that have a value.
fn scalars(record: &Record) -> Vec<(&'static str, f32)> {
    let seconds = &record.seconds;
    // A record that was read from a log has no times.
    let has_times = seconds.total() > 0.0;
    let time = |seconds: f64| has_times.then_some(seconds as f32);
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
        ("seconds/propose", time(seconds.propose)),
        ("seconds/spawn", time(seconds.spawn)),
        ("seconds/score", time(seconds.score)),
        ("seconds/recombine", time(seconds.recombine)),
        ("seconds/update", time(seconds.update)),
        ("seconds/examine", time(seconds.validate)),
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
        // The line of a log has no times.
        assert!(!holds(b"seconds/"));
        assert_eq!(steps(&bytes), BTreeSet::from([300]));
        assert_eq!(steps(&bytes[..bytes.len() - 1]), BTreeSet::new());
        assert_eq!(written_generations(folder.path()), Some(BTreeSet::from([300])));
        let other = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(written_generations(other.path()), None);
    }
}
