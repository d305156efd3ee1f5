//! A champion as a Rust function without dependencies, not even on the standard library.
//!
//! Functions such as the hyperbolic tangent are written out, because `core` has none; their errors
//! are some 1e-6.

use super::activation::RUST_EXP;
use super::expect_network;
use super::source::{Language, write_program};
use crate::champion::Champion;
use crate::error::Result;

const RUST: Language = Language {
    file_comment: "//!",
    comment: "///",
    preamble: "\n#![allow(clippy::all, clippy::pedantic)]\n",
    variable: "let mut",
    array_binding: "let",
    whole_suffix: "",
    index_type: "usize",
    observation: "*observation",
    state: "memory",
    signature: |inputs, state, result| match state {
        0 => format!("pub fn act(observation: &[f32; {inputs}]) -> {result}"),
        _ => format!(
            "pub fn act(observation: &[f32; {inputs}], memory: &mut [f32; {state}]) -> {result}"
        ),
    },
    array_type: |count| format!("[f32; {count}]"),
    array: |_, items| format!("[{items}]"),
    zeros: |name, count| format!("let mut {name} = [0.0f32; {count}];"),
    loop_head: |variable, first, end| format!("for {variable} in {first}..{end} {{"),
    constant_name: str::to_uppercase,
    constant: |name, count, items| format!("const {name}: [f32; {count}] = [{items}];"),
    larger: |a, b| format!("{a}.max({b})"),
    smaller: |a, b| format!("{a}.min({b})"),
    clamp: |value, limit| format!("({value}).max(-{limit:?}).min({limit:?})"),
    give_back: str::to_owned,
    exp: RUST_EXP,
    activation: |export| export.rust,
};

/// Writes the text of a Rust module.
///
/// # Errors
///
/// Returns an error if the champion is a point, or a graph with a cycle within one step.
pub fn rust(champion: &Champion) -> Result<String> {
    expect_network(champion, "--rust")?;
    write_program(champion, &RUST)
}
