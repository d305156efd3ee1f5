//! Index checks: kernels in which every index is compared with the length of its array.
//!
//! A normal pipeline is compiled without runtime checks, because its kernels check their indices
//! themselves. With [`DeviceOptions::checks_indices`](super::DeviceOptions), the device rewrites
//! each kernel before it compiles it, in naga's representation. Every index into an array, a vector
//! or a matrix then passes through a function that compares it with the length: that of the
//! binding for an array without a fixed length, and that of the type otherwise. This covers reads
//! and writes, in storage, workgroup, private and function memory, because all of them are the
//! same expression. Constant indices into arrays with a fixed length are validated by naga.
//!
//! The function records an index out of bounds in a buffer with a word for each index of the text,
//! and replaces it by the last valid one. So a fault is found even if the value makes no
//! difference, and the kernel runs on.

mod operands;
mod rewriting;

use super::buffer::Buffer;
use super::source::ShaderSource;
use crate::error::{Error, Result};

/// A kernel with index checks, validated.
pub(super) struct CheckedModule {
    pub module: naga::Module,
    pub info: naga::valid::ModuleInfo,
    /// The binding of the record.
    pub binding: u32,
    /// The part and the line of each index.
    pub places: Vec<Place>,
}

/// The part and the line of an index.
pub(super) struct Place {
    pub part: String,
    pub line: String,
}

/// The record of a pipeline: a buffer with a word for each index, and the places of the indices.
pub(super) struct Record {
    pub binding: u32,
    pub buffer: Buffer,
    pub places: Vec<Place>,
}

/// The name of the function that every index passes through.
const CHECK: &str = "index_check";
/// The name of the record in the text.
const RECORD: &str = "index_record";

/// Returns the text of the check. `reach` is the distance to the last element that is accessed from
/// an index: more than 0 for matrices of tensor cores only.
fn check_text(binding: u32) -> String {
    format!(
        "@group(0) @binding({binding}) var<storage, read_write> {RECORD}: array<atomic<u32>>;
fn {CHECK}(index: u32, length: u32, reach: u32, place: u32) -> u32 {{
    let valid = length - min(length, reach);
    if (index >= valid) {{
        atomicMax(&{RECORD}[place], max(index, 1u));
    }}
    return min(index, max(valid, 1u) - 1u);
}}
"
    )
}

impl CheckedModule {
    /// Adds index checks to a shader.
    ///
    /// # Errors
    /// Returns an error if the shader is not valid, or if it has an operation that the checks do
    /// not cover.
    pub fn from_source(source: &ShaderSource) -> Result<Self> {
        let (plain, _) = source.validated()?;
        let bindings = plain.global_variables.iter().filter_map(|(_, one)| one.binding);
        let binding = bindings.map(|one| one.binding + 1).max().unwrap_or(0);
        let (head, tail) = source.text.split_at(directives_end(&source.text));
        let text = format!("{head}{}{tail}", check_text(binding));
        let checked = ShaderSource { text, ..source.clone() };
        let (mut module, info) = checked.validated()?;
        let spans = rewriting::add_checks(&mut module, &info, CHECK).map_err(|operation| {
            Error::Device {
                doing: format!("adding index checks to the shader '{}'", source.label),
                problem: format!("{operation} is not covered by index checks"),
            }
        })?;
        let info = checked.analyse(&module)?;
        let mut places: Vec<Place> =
            spans.into_iter().map(|span| Place::from_span(&checked.text, span)).collect();
        let is_record = |(_, one): &(_, &naga::GlobalVariable)| one.name.as_deref() == Some(RECORD);
        let record = module.global_variables.iter().find(is_record);
        // A kernel that reaches no index does not use the record.
        if record.is_none_or(|(record, _)| info.get_entry_point(0)[record].is_empty()) {
            places.clear();
        }
        Ok(Self { module, info, binding, places })
    }
}

/// Returns the end of the directives of a text, which precede all declarations.
fn directives_end(text: &str) -> usize {
    const DIRECTIVES: [&str; 4] = ["//", "enable ", "requires ", "diagnostic("];
    let is_before = |line: &&str| DIRECTIVES.iter().any(|start| line.starts_with(start));
    text.split_inclusive('\n').take_while(is_before).map(str::len).sum()
}

impl ShaderSource {
    /// Adds index checks to the text and validates the result, without a device.
    ///
    /// # Errors
    /// Returns an error if the shader is not valid, or if it has an operation that the checks do
    /// not cover.
    pub fn validate_with_index_checks(&self) -> Result<naga::Module> {
        CheckedModule::from_source(self).map(|checked| checked.module)
    }
}

impl Place {
    fn from_span(text: &str, span: naga::Span) -> Self {
        let begin = span.to_range().map_or(0, |range| range.start).min(text.len());
        let (before, after) = text.split_at(begin);
        let first = before.rfind('\n').map_or(0, |end| end + 1);
        let last = after.find('\n').map_or(text.len(), |end| begin + end);
        let header = before.lines().rev().find_map(|line| line.strip_prefix("// ---- "));
        let part = header.and_then(|header| header.strip_suffix(" ----"));
        Self {
            part: part.unwrap_or("an unnamed part").to_owned(),
            line: text[first..last].trim().to_owned(),
        }
    }
}
