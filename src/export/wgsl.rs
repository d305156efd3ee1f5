//! A champion as a WGSL function without dependencies, for example for the shader of a game.

use super::activation::WGSL_EXP;
use super::expect_network;
use super::language::{Language, WideNumbers};
use super::source::{number_lines, write_program};
use crate::champion::{Champion, Scaling, StandardisationPrecision};
use crate::error::{Error, Result};

const WGSL: Language = Language {
    title_comment: "//",
    fact_comment: "//",
    comment: "//",
    preamble: "",
    variable: "var",
    array_binding: "var",
    whole_suffix: "u",
    index_type: "u32",
    to_number: |index| format!("f32{index}"),
    observation: "observation",
    state: "(*memory)",
    number_type: "f32",
    wide: WideNumbers {
        number_type: "vec2<f32>",
        observation_note: "Each number x of the observation is a pair, because one f32 cannot hold \
the numbers that the\nnetwork was trained on: vec2(f32(x), f32(x - f32(x))), computed in double \
precision by the caller.",
        answer_note: "The answer is the sum of the two numbers, in double precision: one f32 \
cannot hold it.",
        standardise,
        answer: |mean, scale, value| {
            let [high, low]: [f32; 2] = parts(mean);
            format!("vec2<f32>({high:?}, {low:?} + {:?} * {value})", scale as f32)
        },
    },
    signature: |observation, state, result| match state {
        0 => format!("fn act(observation: {observation}) -> {result}"),
        _ => format!(
            "fn act(observation: {observation}, memory: ptr<function, array<f32, {state}>>) -> \
             {result}"
        ),
    },
    array_type: |number, count| format!("array<{number}, {count}>"),
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
/// Returns an error if the champion is a point, or a graph with a cycle within one step, or if it
/// was trained on numbers that two numbers of `f32` cannot hold: WGSL has no double precision.
pub fn wgsl(champion: &Champion) -> Result<String> {
    expect_network(champion, "--wgsl")?;
    let precisions = [champion.observation_precision(), champion.answer_precision()];
    if precisions.contains(&StandardisationPrecision::Double) {
        let expected = "numbers that the sum of two numbers of f32 can hold";
        let names = match precisions[0] {
            StandardisationPrecision::Double => champion.wide_inputs().join("', '"),
            _ => champion.port_names().outputs.concat(),
        };
        return Err(Error::invalid("--wgsl", expected, format!("those of '{names}'"))
            .advise("write --onnx, --rust or --json, which have double precision"));
    }
    write_program(champion, &WGSL)
}

/// A number in double precision as a sum of numbers of `f32`, the largest first.
fn parts<const COUNT: usize>(mut number: f64) -> [f32; COUNT] {
    [(); COUNT].map(|()| {
        let part = number as f32;
        number -= f64::from(part);
        part
    })
}

/// The statements that standardise an observation of pairs. Means have three parts: rounded to a
/// pair, a mean would differ from one of the whole numbers that pairs hold exactly.
fn standardise(scaling: &Scaling) -> String {
    let count = scaling.means.len();
    let parts: Vec<[f32; 3]> = scaling.means.iter().copied().map(parts).collect();
    let [first, second, third] =
        [0, 1, 2].map(|place| parts.iter().map(|parts| parts[place]).collect::<Vec<f32>>());
    let scales: Vec<f32> = scaling.scales.iter().map(|&scale| scale as f32).collect();
    let mut text = String::new();
    for (name, numbers) in
        [("means", first), ("seconds", second), ("thirds", third), ("scales", scales)]
    {
        let numbers = number_lines(&numbers);
        text.push_str(&format!("    var {name} = array<f32, {count}>(\n{numbers}    );\n"));
    }
    text.push_str(&format!(
        "    var pairs = observation;
    var x: array<f32, {count}>;
    for (var i = 0u; i < {count}u; i++) {{
        // Across the clamp, no compiler adds the small parts to the large ones.
        let large = clamp(pairs[i].x - means[i], -1e38, 1e38);
        x[i] = ((large + (pairs[i].y - seconds[i])) - thirds[i]) * scales[i];
    }}
"
    ));
    text
}
