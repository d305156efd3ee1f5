//! Shaders as naga reads them: parsed, validated, and refused with the place of what is wrong.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{Function, Handle, Module, Span};

use super::operation::Operation;
use crate::error::{Error, Result};

/// The functions of `shaders/math.wgsl` that are single operations of a program.
const NATIVES: [(&str, Operation); 5] = [
    ("math_sin", Operation::Sine),
    ("math_cos", Operation::Cosine),
    ("math_exp", Operation::Exponential),
    ("math_ln", Operation::Logarithm),
    ("math_tanh", Operation::Tanh),
];

/// A text that has been parsed and validated.
#[derive(Debug)]
pub struct Shader {
    pub(super) module: Module,
    pub(super) info: ModuleInfo,
    pub(super) natives: HashMap<Handle<Function>, Operation>,
    text: String,
    path: PathBuf,
}

/// A construct that programs do not have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub span: Span,
    pub what: String,
    pub instead: String,
}

impl Refusal {
    pub fn new(span: Span, what: &str, instead: &str) -> Self {
        Self { span, what: what.to_owned(), instead: instead.to_owned() }
    }
}

impl Shader {
    /// Parses and validates a text. The path is for errors.
    ///
    /// # Errors
    /// Returns [`Error::File`] with the line that is wrong.
    pub fn parse(text: &str, path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let wrong =
            |line: usize, problem: String| Error::File { path: path.clone(), line, problem };
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            let module = naga::front::wgsl::parse_str(text).map_err(|error| {
                let line = error.location(text).map_or(0, |place| place.line_number as usize);
                wrong(line, error.emit_to_string(text))
            })?;
            let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
                .validate(&module)
                .map_err(|error| {
                    let line = error.location(text).map_or(0, |place| place.line_number as usize);
                    wrong(line, error.emit_to_string(text))
                })?;
            Ok((module, info))
        }));
        let (module, info) = parsed.unwrap_or_else(|_| {
            Err(wrong(0, "expected WGSL, got a text that the parser cannot handle".into()))
        })?;
        let natives = module
            .functions
            .iter()
            .filter_map(|(handle, function)| {
                let name = function.name.as_deref()?;
                let native = NATIVES.iter().find(|(native, _)| *native == name)?;
                Some((handle, native.1))
            })
            .collect();
        Ok(Self { module, info, natives, text: text.to_owned(), path })
    }

    /// Returns the function with a name.
    pub(super) fn function(&self, name: &str) -> Option<Handle<Function>> {
        let mut functions = self.module.functions.iter();
        functions.find(|(_, function)| function.name.as_deref() == Some(name)).map(|(at, _)| at)
    }

    /// True if the text has a function with a name.
    pub fn has(&self, function: &str) -> bool {
        self.function(function).is_some()
    }

    /// The error of a text that is not what its user needs.
    pub fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::File { path: self.path.clone(), line: 0, problem: problem.into() }
    }

    /// True if a function, or one that it calls, reads a global variable.
    pub fn reads(&self, function: &str, variable: &str) -> bool {
        let mut variables = self.module.global_variables.iter();
        let found = variables.find(|(_, global)| global.name.as_deref() == Some(variable));
        match (self.function(function), found) {
            (Some(function), Some((global, _))) => !self.info[function][global].is_empty(),
            _ => false,
        }
    }

    /// The error of a function that the text does not have.
    pub(super) fn missing(&self, name: &str) -> Error {
        self.wrong(format!("expected the function {name}, got a text without it"))
    }

    /// The error of a refused construct, with its line and a mark under it.
    pub(super) fn error(&self, refusal: &Refusal) -> Error {
        let Refusal { span, what, instead } = refusal;
        let (line, shown) = match span.to_range() {
            Some(_) => {
                let place = span.location(&self.text);
                (place.line_number as usize, marked(&self.text, place))
            }
            None => (0, String::new()),
        };
        let problem = format!("{what} is not supported; {instead}{shown}");
        Error::File { path: self.path.clone(), line, problem }
    }
}

/// The line of a place, with a mark under it.
fn marked(text: &str, place: naga::SourceLocation) -> String {
    let Some(line) = text.lines().nth(place.line_number.saturating_sub(1) as usize) else {
        return String::new();
    };
    let column = place.line_position.saturating_sub(1) as usize;
    let length = (place.length as usize).clamp(1, line.len().saturating_sub(column).max(1));
    let before: String =
        line.chars().take(column).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("\n  {line}\n  {before}{}", "^".repeat(length))
}
