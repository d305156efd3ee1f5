//! Shaders as text: a preamble of constants, followed by parts.
//!
//! A kernel is a list of parts, each a file of `shaders/` or generated text. The preamble is
//! generated from Rust, so no number is written twice. [`ShaderSource::validate`] parses what came
//! out with naga, without any device.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use naga::valid::{Capabilities, ValidationFlags};

use crate::error::{Error, Result};

/// The constants of a preamble, in the order of insertion.
#[derive(Clone, Debug, Default)]
pub struct Constants(String);

impl Constants {
    /// Adds a whole number.
    #[must_use]
    pub fn whole(mut self, name: &str, value: usize) -> Self {
        self.line(name, "u32", format_args!("{value}u"));
        self
    }

    /// Adds a number, as the shortest text that reads back as the same bits.
    #[must_use]
    pub fn number(mut self, name: &str, value: f32) -> Self {
        self.line(name, "f32", format_args!("{value:?}f"));
        self
    }

    /// Adds an alias of a type.
    #[must_use]
    pub fn alias(mut self, name: &str, of: &str) -> Self {
        writeln!(self.0, "alias {name} = {of};").expect("a String takes any text");
        self
    }

    /// Returns the text of the constants.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Adds a directive, such as `enable f16`, before everything else.
    #[must_use]
    pub fn directive(mut self, directive: &str) -> Self {
        self.0.insert_str(0, &format!("{directive};\n"));
        self
    }

    fn line(&mut self, name: &str, kind: &str, value: impl Display) {
        writeln!(self.0, "const {name}: {kind} = {value};").expect("a String takes any text");
    }
}

/// A change to a part of a shader, by which verification plants a fault. If the text is not found,
/// nothing changes, and verification reports that the fault was not caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The path of the part in `shaders/`.
    pub part: &'static str,
    /// The text to find in the part.
    pub find: &'static str,
    /// The text that replaces it.
    pub replace: &'static str,
}

/// A composed shader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShaderSource {
    /// The name, for errors and for the device.
    pub label: String,
    /// The whole text.
    pub text: String,
    /// False if a part was written by a user: the device then checks its indices and loops.
    pub is_trusted: bool,
}

/// A builder that composes a [`ShaderSource`] part by part.
#[derive(Clone, Debug)]
pub struct Composer {
    source: ShaderSource,
    edits: Vec<Edit>,
}

impl Composer {
    /// Begins a shader with its constants.
    pub fn new(label: impl Into<String>, constants: &Constants, edits: &[Edit]) -> Self {
        let source = ShaderSource { label: label.into(), text: String::new(), is_trusted: true };
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

    /// Marks the shader as one with a part that a user wrote.
    #[must_use]
    pub fn untrusted(mut self) -> Self {
        self.source.is_trusted = false;
        self
    }

    /// Returns the composed shader.
    pub fn finish(self) -> ShaderSource {
        self.source
    }
}

impl ShaderSource {
    /// Parses and validates the text with naga, without a device.
    ///
    /// # Errors
    /// Returns [`Error::Device`] with the line that is wrong.
    pub fn validate(&self) -> Result<naga::Module> {
        self.validated().map(|(module, _)| module)
    }

    /// Returns the capabilities that the text enables. A device need not have them.
    fn capabilities(&self) -> Capabilities {
        let tensor = Capabilities::COOPERATIVE_MATRIX | Capabilities::SUBGROUP;
        self.text.lines().fold(Capabilities::empty(), |all, line| match line {
            "enable f16;" => all | Capabilities::SHADER_FLOAT16,
            "enable wgpu_cooperative_matrix;" => all | tensor,
            // WGSL has no directive for these built-ins yet.
            _ if line.contains("@builtin(subgroup_") => all | Capabilities::SUBGROUP,
            _ => all,
        })
    }

    /// Parses and validates the text, and returns naga's analysis too.
    pub(super) fn validated(&self) -> Result<(naga::Module, naga::valid::ModuleInfo)> {
        let module = naga::front::wgsl::parse_str(&self.text)
            .map_err(|error| self.invalid(error.emit_to_string(&self.text)))?;
        let info = self.analyse(&module)?;
        Ok((module, info))
    }

    /// Validates a module that was made from the text, and returns naga's analysis.
    pub(super) fn analyse(&self, module: &naga::Module) -> Result<naga::valid::ModuleInfo> {
        naga::valid::Validator::new(ValidationFlags::all(), self.capabilities())
            .validate(module)
            .map_err(|error| self.invalid(error.emit_to_string(&self.text)))
    }

    fn invalid(&self, problem: String) -> Error {
        Error::Device { doing: format!("validating the shader '{}'", self.label), problem }
    }
}
