//! A champion as a WGSL function without dependencies, for example for the shader of a game.

use super::activation::WGSL_EXP;
use super::expect_network;
use super::source::{Language, write_program};
use crate::champion::Champion;
use crate::error::Result;

const WGSL: Language = Language {
    file_comment: "//",
    comment: "//",
    preamble: "",
    variable: "var",
    array_binding: "var",
    whole_suffix: "u",
    index_type: "u32",
    observation: "observation",
    state: "(*memory)",
    signature: |inputs, state, result| match state {
        0 => format!("fn act(observation: array<f32, {inputs}>) -> {result}"),
        _ => format!(
            "fn act(observation: array<f32, {inputs}>, memory: ptr<function, array<f32, \
             {state}>>) -> {result}"
        ),
    },
    array_type: |count| format!("array<f32, {count}>"),
    array: |count, items| format!("array<f32, {count}>({items})"),
    zeros: |name, count| format!("var {name}: array<f32, {count}>;"),
    loop_head: |variable, first, end| {
        format!("for (var {variable} = {first}u; {variable} < {end}u; {variable}++) {{")
    },
    constant_name: str::to_owned,
    // Some implementations cannot index a constant by a variable; all can index a private variable.
    constant: |name, count, items| {
        format!("var<private> {name}: array<f32, {count}> = array<f32, {count}>({items});")
    },
    larger: |a, b| format!("max({a}, {b})"),
    smaller: |a, b| format!("min({a}, {b})"),
    clamp: |value, limit| format!("clamp({value}, -{limit:?}, {limit:?})"),
    give_back: |value| format!("return {value};"),
    exp: WGSL_EXP,
    activation: |export| export.wgsl,
};

/// Writes the text of a WGSL module.
///
/// # Errors
///
/// Returns an error if the champion is a point, or a graph with a cycle within one step.
pub fn wgsl(champion: &Champion) -> Result<String> {
    expect_network(champion, "--wgsl")?;
    write_program(champion, &WGSL)
}
