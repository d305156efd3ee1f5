//! The header of a NumPy array: the type of its elements, their order, and the shape.
//!
//! # Shapes
//!
//! ```text
//! \x93NUMPY  major  minor    the version: 1.0, 2.0 or 3.0
//! length                     of the text: u16 in version 1, u32 in the others, little-endian
//! text                       {'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }
//! ```
//!
//! The text is a Python dictionary with exactly these three keys. It is read token by token,
//! without recursion, and its length is limited as NumPy limits it.
//!
//! # Source
//!
//! The format specification in NumPy's `numpy.lib.format`.

use std::io::Read;

use super::numbers::{Endian, NumberType};
use crate::error::printable;

const MAGIC: &[u8] = b"\x93NUMPY";
/// The longest text in bytes: NumPy's own `max_header_size`.
const MAX_TEXT_BYTES: u32 = 10_000;

/// The type of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    Number(NumberType, Endian),
    /// Bytes of text in UTF-8, padded with zeros: `S`.
    Bytes {
        length: usize,
    },
    /// Code points of four bytes each, padded with zeros: `U`.
    CodePoints {
        length: usize,
        endian: Endian,
    },
}

/// The header of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NpyHeader {
    pub element: ElementType,
    /// True if the first dimension changes fastest.
    pub is_fortran: bool,
    pub shape: Vec<u64>,
}

impl ElementType {
    /// The size of an element in the file, in bytes.
    pub fn bytes_in_file(self) -> u64 {
        match self {
            Self::Number(kind, _) => kind.bytes_in_file(),
            Self::Bytes { length } => length as u64,
            Self::CodePoints { length, .. } => 4 * length as u64,
        }
    }

    /// Returns the type that NumPy abbreviates, such as `<f8`.
    ///
    /// # Errors
    /// Returns the types that can be read, and a remedy where there is one.
    fn from_name(name: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "expected numbers (f2, f4, f8, i1 to i8, u1 to u8, bool) or words (S, U), got {}{}",
                printable(name),
                remedy(name)
            )
        };
        let mut characters = name.chars();
        let endian = match characters.next() {
            Some('<' | '|') => Endian::Little,
            Some('>') => Endian::Big,
            _ => return Err(unknown()),
        };
        let letter = characters.next();
        let size = characters.as_str();
        if let (Some('S' | 'U'), Ok(length @ 1..)) = (letter, size.parse::<u32>()) {
            let length = length as usize;
            return Ok(match letter {
                Some('S') => Self::Bytes { length },
                _ => Self::CodePoints { length, endian },
            });
        }
        let kind = match (letter, size) {
            (Some('b'), "1") => NumberType::Bool,
            (Some('u'), "1") => NumberType::U8,
            (Some('u'), "2") => NumberType::U16,
            (Some('u'), "4") => NumberType::U32,
            (Some('u'), "8") => NumberType::U64,
            (Some('i'), "1") => NumberType::I8,
            (Some('i'), "2") => NumberType::I16,
            (Some('i'), "4") => NumberType::I32,
            (Some('i'), "8") => NumberType::I64,
            (Some('f'), "2") => NumberType::F16,
            (Some('f'), "4") => NumberType::F32,
            (Some('f'), "8") => NumberType::F64,
            _ => return Err(unknown()),
        };
        Ok(Self::Number(kind, endian))
    }
}

/// Returns advice for the types that people meet most often and that cannot be read.
fn remedy(name: &str) -> &'static str {
    match name.chars().nth(1) {
        Some('O') => {
            "; an array of Python objects can run code when it is read: save it after \
             .astype(str) or .astype(float)"
        }
        Some('M' | 'm') => "; convert dates to numbers with .astype('int64')",
        Some('c') => "; save the real and the imaginary parts as columns",
        Some('f' | 'g') => "; convert it with .astype('float64')",
        _ => "",
    }
}

impl NpyHeader {
    /// Reads a header. The reader is then at the first element.
    ///
    /// # Errors
    /// Returns an error if the reader fails, or if the header is not one of an array that can be
    /// read.
    pub fn read(reader: &mut impl Read) -> Result<Self, String> {
        let cut = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                "expected a NumPy header, got the end of the file".to_owned()
            }
            _ => error.to_string(),
        };
        let mut begin = [0; 8];
        reader.read_exact(&mut begin).map_err(cut)?;
        if !begin.starts_with(MAGIC) {
            return Err("expected a NumPy array, which begins with \\x93NUMPY".into());
        }
        let length = match begin[MAGIC.len()] {
            1 => {
                let mut length = [0; 2];
                reader.read_exact(&mut length).map_err(cut)?;
                u16::from_le_bytes(length).into()
            }
            2 | 3 => {
                let mut length = [0; 4];
                reader.read_exact(&mut length).map_err(cut)?;
                u32::from_le_bytes(length)
            }
            other => return Err(format!("expected the NumPy format 1, 2 or 3, got {other}")),
        };
        if length > MAX_TEXT_BYTES {
            let expected = format!("expected a header of at most {MAX_TEXT_BYTES} bytes");
            return Err(format!("{expected}, as NumPy does, got {length}"));
        }
        let mut text = vec![0; length as usize];
        reader.read_exact(&mut text).map_err(cut)?;
        let text = String::from_utf8(text).map_err(|_| "expected a header in UTF-8".to_owned())?;
        Self::parse(&text)
    }

    /// Parses the text of a header.
    fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Tokens { rest: text };
        let (mut element, mut is_fortran, mut shape) = (None, None, None);
        tokens.expect('{')?;
        while !tokens.accept('}') {
            let key = tokens.string()?;
            tokens.expect(':')?;
            match key {
                "descr" if element.is_none() => element = Some(tokens.element()?),
                "fortran_order" if is_fortran.is_none() => is_fortran = Some(tokens.boolean()?),
                "shape" if shape.is_none() => shape = Some(tokens.shape()?),
                _ => {
                    let expected = "expected the keys descr, fortran_order and shape, once each";
                    return Err(format!("{expected}, in the header, got '{}'", printable(key)));
                }
            }
            if !tokens.accept(',') {
                tokens.expect('}')?;
                break;
            }
        }
        if !tokens.rest.trim_matches([' ', '\n', '\0']).is_empty() {
            return Err(tokens.fault("the end of the header"));
        }
        let missing = |key| format!("expected the key {key} in the header, got none");
        Ok(Self {
            element: element.ok_or_else(|| missing("descr"))?,
            is_fortran: is_fortran.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }
}

/// The part of a header that is still to be read.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn fault(&self, expected: &str) -> String {
        let got = if self.rest.is_empty() { "its end".into() } else { printable(self.rest) };
        format!("expected {expected} in the header, got {got}")
    }

    /// Moves past a character after spaces, if it is the next one.
    fn accept(&mut self, character: char) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, character: char) -> Result<(), String> {
        if self.accept(character) { Ok(()) } else { Err(self.fault(&format!("'{character}'"))) }
    }

    /// Returns a string without its quotes. No string of a header contains quotes or backslashes.
    fn string(&mut self) -> Result<&'a str, String> {
        let quote = ['\'', '"'].into_iter().find(|&quote| self.accept(quote));
        let quote = quote.ok_or_else(|| self.fault("a string"))?;
        let (string, rest) = self.rest.split_once(quote).ok_or_else(|| self.fault("a quote"))?;
        self.rest = rest;
        Ok(string)
    }

    fn element(&mut self) -> Result<ElementType, String> {
        if self.rest.trim_start().starts_with('[') {
            let got = printable(self.rest.trim());
            return Err(format!(
                "expected numbers or words, got records: {got}; save each field as an array of its \
                 own"
            ));
        }
        ElementType::from_name(self.string()?)
    }

    fn boolean(&mut self) -> Result<bool, String> {
        let rest = self.rest.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(self.fault("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<u64>, String> {
        self.expect('(')?;
        let mut shape = Vec::new();
        while !self.accept(')') {
            self.rest = self.rest.trim_start();
            let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at(end);
            let length = digits.parse().map_err(|_| self.fault("a length below 2^64"))?;
            shape.push(length);
            // Python 2 wrote long integers as 3L.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            if !self.accept(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(shape)
    }
}
