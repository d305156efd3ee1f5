//! Shaders as text: parts, joined behind a preamble of constants.
//!
//! A kernel is a list of parts, each a file of `shaders/` or text that was generated. The preamble
//! is made from Rust, so no number is written twice. [`ShaderSource::validate`] parses what came
//! out with naga, without any device.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use naga::valid::{Capabilities, ValidationFlags};

use crate::error::{Error, Result};

/// Constants of a preamble, in the order they were given.
#[derive(Clone, Debug, Default)]
pub struct Constants(String);

impl Constants {
    /// Adds a whole number.
    #[must_use]
    pub fn whole(mut self, name: &str, value: usize) -> Self {
        self.line(name, "u32", format_args!("{value}u"));
        self
    }

    /// Adds a number; the text is the shortest that reads back as the same bits.
    #[must_use]
    pub fn number(mut self, name: &str, value: f32) -> Self {
        self.line(name, "f32", format_args!("{value:?}f"));
        self
    }

    /// Adds another name of a type.
    #[must_use]
    pub fn alias(mut self, name: &str, of: &str) -> Self {
        writeln!(self.0, "alias {name} = {of};").expect("a String takes any text");
        self
    }

    /// Adds a directive, such as `enable f16`; they stand before all else.
    #[must_use]
    pub fn directive(mut self, directive: &str) -> Self {
        self.0.insert_str(0, &format!("{directive};\n"));
        self
    }

    fn line(&mut self, name: &str, kind: &str, value: impl Display) {
        writeln!(self.0, "const {name}: {kind} = {value};").expect("a String takes any text");
    }
}

/// A change to a part of a shader: the planted faults of verification. Where the text to be found
/// is missing, nothing changes, and the fault is not caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The part: its path in `shaders/`.
    pub part: &'static str,
    /// Text that stands in the part.
    pub find: &'static str,
    /// Text that shall stand there.
    pub replace: &'static str,
}

/// A composed shader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShaderSource {
    /// Its name, for errors and for the device.
    pub label: String,
    /// The whole text.
    pub text: String,
}

/// Builds a [`ShaderSource`] part by part.
#[derive(Clone, Debug)]
pub struct Composer {
    source: ShaderSource,
    edits: Vec<Edit>,
}

impl Composer {
    /// A shader that begins with the constants.
    pub fn new(label: impl Into<String>, constants: &Constants, edits: &[Edit]) -> Self {
        let source = ShaderSource { label: label.into(), text: String::new() };
        let composer = Self { source, edits: edits.to_vec() };
        composer.part("preamble", &constants.0)
    }

    /// Adds a part; `name` is its path in `shaders/`.
    #[must_use]
    pub fn part(mut self, name: &str, text: &str) -> Self {
        let mut text = Cow::Borrowed(text);
        for edit in self.edits.iter().filter(|edit| edit.part == name) {
            text = Cow::Owned(text.replacen(edit.find, edit.replace, 1));
        }
        let _ = writeln!(self.source.text, "// ---- {name} ----\n{}", text.trim_end());
        self
    }

    /// The shader.
    pub fn finish(self) -> ShaderSource {
        self.source
    }
}

impl ShaderSource {
    /// Parses and validates the text with naga; needs no device.
    ///
    /// # Errors
    /// [`Error::Device`] quotes the line that is wrong.
    pub fn validate(&self) -> Result<naga::Module> {
        self.validated().map(|(module, _)| module)
    }

    /// What the extensions that the text asks for allow; a device may have none of it.
    fn capabilities(&self) -> Capabilities {
        let tensor = Capabilities::COOPERATIVE_MATRIX | Capabilities::SUBGROUP;
        self.text.lines().fold(Capabilities::empty(), |all, line| match line {
            "enable f16;" => all | Capabilities::SHADER_FLOAT16,
            "enable wgpu_cooperative_matrix;" => all | tensor,
            // There is nothing yet to enable these by.
            _ if line.contains("@builtin(subgroup_") => all | Capabilities::SUBGROUP,
            _ => all,
        })
    }

    /// The text, parsed, and what is known of it.
    pub(super) fn validated(&self) -> Result<(naga::Module, naga::valid::ModuleInfo)> {
        let wrong = |problem: String| Error::Device {
            doing: format!("validating the shader '{}'", self.label),
            problem,
        };
        let module = naga::front::wgsl::parse_str(&self.text)
            .map_err(|error| wrong(error.emit_to_string(&self.text)))?;
        let info = naga::valid::Validator::new(ValidationFlags::all(), self.capabilities())
            .validate(&module)
            .map_err(|error| wrong(error.emit_to_string(&self.text)))?;
        Ok((module, info))
    }
}
