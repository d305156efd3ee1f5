//! A champion as a Rust function without dependencies, not even on the standard library.
//!
//! Functions such as the hyperbolic tangent are written out, because `core` has none; their errors
//! are some 1e-6.

use super::activation::RUST_EXP;
use super::expect_network;
use super::language::{Language, WideNumbers};
use super::source::{number_lines, write_program};
use crate::champion::{Champion, Scaling};
use crate::error::Result;

const RUST: Language = Language {
    title_comment: "//!",
    fact_comment: "//",
    comment: "///",
    preamble: "\n#![allow(clippy::all, clippy::pedantic)]\n",
    variable: "let mut",
    array_binding: "let",
    whole_suffix: "",
    index_type: "usize",
    to_number: |index| format!("{index} as f32"),
    observation: "*observation",
    state: "memory",
    number_type: "f32",
    wide: WideNumbers {
        number_type: "f64",
        observation_note: "The observation has double precision: `f32` cannot hold the numbers \
that the network was\ntrained on.",
        answer_note: "The answer has double precision: `f32` cannot hold the numbers that the \
network predicts.",
        standardise,
        answer: |mean, scale, value| format!("{mean:?} + {scale:?} * {value} as f64"),
    },
    signature: |observation, state, result| match state {
        0 => format!("pub fn act(observation: &{observation}) -> {result}"),
        _ => format!(
            "pub fn act(observation: &{observation}, memory: &mut [f32; {state}]) -> {result}"
        ),
    },
    array_type: |number, count| format!("[{number}; {count}]"),
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

/// The statements that standardise an observation in double precision.
fn standardise(scaling: &Scaling) -> String {
    let count = scaling.means.len();
    let [means, scales] = [&scaling.means, &scaling.scales].map(|numbers| number_lines(numbers));
    format!(
        "    let means: [f64; {count}] = [
{means}    ];
    let scales: [f64; {count}] = [
{scales}    ];
    let mut x = [0.0f32; {count}];
    for i in 0..{count} {{
        x[i] = ((observation[i] - means[i]) * scales[i]) as f32;
    }}
"
    )
}
