//! Decompression of gzip files with padding.
//!
//! A file is one or more gzip members. Tapes and some tools pad it with zeros, which `gunzip` and
//! this reader ignore. Other bytes after a member are an error, because they may be a damaged
//! member; `gunzip` drops them with a warning.
//!
//! # Source
//!
//! P. Deutsch, "GZIP file format specification version 4.3", RFC 1952.

use std::io::{BufRead, Error, Read, Result};

use flate2::bufread::GzDecoder;

use super::format::GZIP;

/// A reader of the decompressed bytes of all members.
pub struct Gunzip<R> {
    /// The decoder of a member; `None` after the last one.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gunzip<R> {
    /// Begins with the first member, which the source must be at.
    pub fn new(source: R) -> Self {
        Self { member: Some(GzDecoder::new(source)) }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while let Some(member) = &mut self.member {
            let length = member.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let ended = self.member.take().map(GzDecoder::into_inner);
            self.member = ended.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// Skips padding, and returns the next member if there is one.
fn next_member<R: BufRead>(mut source: R) -> Result<Option<GzDecoder<R>>> {
    loop {
        let bytes = source.fill_buf()?;
        let Some(&first) = bytes.first() else { return Ok(None) };
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        if zeros == 0 {
            return if first == GZIP[0] {
                Ok(Some(GzDecoder::new(source)))
            } else {
                let problem = "expected zeros or another gzip member after the first, got other \
                               bytes: the file may be damaged";
                Err(Error::other(problem))
            };
        }
        source.consume(zeros);
    }
}
