//! A champion as a Rust function that needs nothing, not even the standard library.
//!
//! Functions such as the hyperbolic tangent are written out, with an error of some 1e-6, because
//! `core` has none.

use std::fmt::Write;

use super::expect_network;
use super::grown::{Words, statements};
use super::parts::{Part, words};
use super::program::{Function, Program, activated, numbers};
use crate::champion::{Champion, Rule};
use crate::error::Result;
use crate::network::Cell;

/// How Rust says what a graph does.
const WORDS: Words = Words {
    variable: "let mut",
    memory: "memory",
    larger: |a, b| format!("{a}.max({b})"),
    smaller: |a, b| format!("{a}.min({b})"),
};

/// The text of a module.
///
/// # Errors
/// A champion that is a point, or a graph with a cycle in one step.
pub fn rust(champion: &Champion) -> Result<String> {
    expect_network(champion, "--rust")?;
    let program = Program::of(champion)?;
    let mut text = String::from("//! A network trained by evolution, written by deme.\n//!\n");
    for (key, word) in words(champion) {
        let _ = writeln!(text, "//! - {key}: {}", word.replace('\n', " "));
    }
    text.push_str("\n#![allow(clippy::all, clippy::pedantic)]\n\n");
    function(&mut text, champion, &program);
    for (index, part) in program.parts.iter().enumerate() {
        constants(&mut text, index, part);
    }
    program.functions.iter().for_each(|function| text.push_str(helper(*function)));
    Ok(text)
}

fn function(text: &mut String, champion: &Champion, program: &Program) {
    let inputs = champion.inputs();
    let (kind, _) = result(champion.rule());
    text.push_str("/// What to do about an observation, in the task's own units.\n");
    if program.memory > 0 {
        let _ = writeln!(
            text,
            "///\n/// `memory` is what the network remembers: zeros when an episode begins.\n\
             pub fn act(observation: &[f32; {inputs}], memory: &mut [f32; {}]) -> {kind} {{",
            program.memory
        );
    } else {
        let _ = writeln!(text, "pub fn act(observation: &[f32; {inputs}]) -> {kind} {{");
    }
    text.push_str("    let mut x = *observation;\n");
    if let Some(scaling) = champion.scaling() {
        let clip = scaling.clip.map_or(String::new(), |clip| {
            let clip = clip as f32;
            format!(".max(-{clip:?}).min({clip:?})")
        });
        let list = |values: &[f64]| {
            numbers(&values.iter().map(|&value| value as f32).collect::<Vec<f32>>())
        };
        let (means, scales) = (list(&scaling.means), list(&scaling.scales));
        let _ = write!(
            text,
            r"    const MEANS: [f32; {inputs}] = [
{means}    ];
    const SCALES: [f32; {inputs}] = [
{scales}    ];
    for i in 0..{inputs} {{
        x[i] = ((x[i] - MEANS[i]) * SCALES[i]){clip};
    }}
"
        );
    } else {
        *text = text.replace("    let mut x = *observation;\n", "    let x = *observation;\n");
    }
    if let Some(grown) = &program.grown {
        statements(text, grown, &WORDS);
        let _ = writeln!(text, "    let x = [{}];", grown.outputs(&WORDS));
    }
    let mut first = 0;
    for (index, part) in program.parts.iter().enumerate() {
        layer(text, index, part, first);
        first += if part.cell == Cell::Dense { 0 } else { part.outputs };
    }
    let output = champion.preparation().and_then(|preparation| preparation.output);
    let _ = match (champion.rule(), output) {
        (Rule::Choice { count } | Rule::Class { count }, _) => write!(
            text,
            r"    let mut choice = 0;
    for k in 1..{count} {{
        if x[k] > x[choice] {{
            choice = k;
        }}
    }}
    choice
}}
"
        ),
        (Rule::Force { count, limit }, _) => {
            let limit = limit as f32;
            let forces = (0..count).map(|k| format!("{limit:?} * deme_tanh(x[{k}])"));
            write!(text, "    [{}]\n}}\n", forces.collect::<Vec<_>>().join(", "))
        }
        (Rule::Side, _) => write!(text, "    x[0] > 0.0\n}}\n"),
        (Rule::Number | Rule::Point, Some((mean, scale))) => {
            let (mean, scale) = (mean as f32, scale as f32);
            write!(text, "    {mean:?} + {scale:?} * x[0]\n}}\n")
        }
        (Rule::Number | Rule::Point, None) => write!(text, "    x[0]\n}}\n"),
    };
}

/// The type of an action, here and in WGSL.
pub(super) fn result(rule: Rule) -> (String, String) {
    match rule {
        Rule::Choice { .. } | Rule::Class { .. } => ("usize".into(), "u32".into()),
        Rule::Force { count, .. } => (format!("[f32; {count}]"), format!("array<f32, {count}>")),
        Rule::Side => ("bool".into(), "bool".into()),
        Rule::Number | Rule::Point => ("f32".into(), "f32".into()),
    }
}

fn constants(text: &mut String, index: usize, part: &Part) {
    let lists = [
        ("WEIGHT", Some(&part.weight)),
        ("BIAS", part.bias.as_ref()),
        ("RECURRENT_WEIGHT", Some(&part.recurrent_weight)),
        ("RECURRENT_BIAS", part.recurrent_bias.as_ref()),
    ];
    for (name, values) in lists {
        if let Some(values) = values.filter(|values| !values.is_empty()) {
            let count = values.len();
            let list = numbers(values);
            let _ = write!(text, "\nconst {name}_{index}: [f32; {count}] = [\n{list}];\n");
        }
    }
}

/// Where a sum begins: at its bias, or at zero.
fn first(name: &str, index: usize, there_is: bool, at: &str) -> String {
    if there_is { format!("{name}_{index}[{at}]") } else { "0.0".into() }
}

fn layer(text: &mut String, index: usize, part: &Part, first_state: usize) {
    let (inputs, outputs) = (part.inputs, part.outputs);
    let bias = part.bias.is_some();
    let start = first("BIAS", index, bias, "o");
    if part.cell == Cell::Dense {
        let value = activated(part.activation, "sum");
        let _ = write!(
            text,
            r"    let mut y = [0.0f32; {outputs}];
    for o in 0..{outputs} {{
        let mut sum = {start};
        for i in 0..{inputs} {{
            sum += WEIGHT_{index}[o * {inputs} + i] * x[i];
        }}
        y[o] = {value};
    }}
    let x = y;
"
        );
        return;
    }
    let sums = part.gates() * outputs;
    let recurrent = first("RECURRENT_BIAS", index, part.recurrent_bias.is_some(), "o");
    let state = first_state;
    let value = match part.cell {
        Cell::Gru => {
            "new + update * (memory[STATE + o] - new)".replace("STATE", &state.to_string())
        }
        _ => activated(part.activation, "seen[o] + kept[o]"),
    };
    let gates = match part.cell {
        Cell::Gru => gates(outputs),
        _ => String::new(),
    };
    let _ = write!(
        text,
        r"    let mut seen = [0.0f32; {sums}];
    let mut kept = [0.0f32; {sums}];
    for o in 0..{sums} {{
        seen[o] = {start};
        for i in 0..{inputs} {{
            seen[o] += WEIGHT_{index}[o * {inputs} + i] * x[i];
        }}
        kept[o] = {recurrent};
        for i in 0..{outputs} {{
            kept[o] += RECURRENT_WEIGHT_{index}[o * {outputs} + i] * memory[{state} + i];
        }}
    }}
    let mut y = [0.0f32; {outputs}];
    for o in 0..{outputs} {{
{gates}        y[o] = {value};
    }}
    for o in 0..{outputs} {{
        memory[{state} + o] = y[o];
    }}
    let x = y;
"
    );
}

/// The gates of a GRU's output `o`.
fn gates(outputs: usize) -> String {
    let last = 2 * outputs;
    format!(
        r"        let reset = deme_sigmoid(seen[o] + kept[o]);
        let update = deme_sigmoid(seen[{outputs} + o] + kept[{outputs} + o]);
        let new = deme_tanh(seen[{last} + o] + reset * kept[{last} + o]);
"
    )
}

fn helper(function: Function) -> &'static str {
    match function {
        Function::Exp => EXP,
        Function::Tanh => TANH,
        Function::Sigmoid => {
            "\nfn deme_sigmoid(x: f32) -> f32 {\n    1.0 / (1.0 + deme_exp(-x))\n}\n"
        }
        Function::Sin => SIN,
        Function::Relu => "\nfn deme_relu(x: f32) -> f32 {\n    if x > 0.0 { x } else { 0.0 }\n}\n",
        Function::Gelu => {
            "\nfn deme_gelu(x: f32) -> f32 {\n    0.5 * x * (1.0 + deme_tanh(0.797_884_6 * (x + \
             0.044_715 * x * x * x)))\n}\n"
        }
        Function::Silu => "\nfn deme_silu(x: f32) -> f32 {\n    x * deme_sigmoid(x)\n}\n",
        Function::Softsign => {
            "\nfn deme_softsign(x: f32) -> f32 {\n    x / (1.0 + if x < 0.0 { -x } else { x })\n}\n"
        }
    }
}

const EXP: &str = "
fn deme_exp(x: f32) -> f32 {
    let x = if x > 88.0 { 88.0 } else if x < -87.0 { -87.0 } else { x };
    let turns = (x * 1.442_695 + if x < 0.0 { -0.5 } else { 0.5 }) as i32;
    let r = (x - turns as f32 * 0.693_145_75) - turns as f32 * 1.428_606_8e-6;
    let tail = 0.166_666_67 + r * (0.041_666_67 + r * (0.008_333_334 + r * 0.001_388_889));
    let power = 1.0 + r * (1.0 + r * (0.5 + r * tail));
    power * f32::from_bits(((turns + 127) as u32) << 23)
}
";

const TANH: &str = "
fn deme_tanh(x: f32) -> f32 {
    let size = if x < 0.0 { -x } else { x };
    if size < 0.02 {
        return x - x * x * x / 3.0;
    }
    let value = 1.0 - 2.0 / (deme_exp(2.0 * if size > 10.0 { 10.0 } else { size }) + 1.0);
    if x < 0.0 { -value } else { value }
}
";

const SIN: &str = "
fn deme_sin(x: f32) -> f32 {
    let turns = (x * 0.318_309_9 + if x < 0.0 { -0.5 } else { 0.5 }) as i32;
    let r = ((x - turns as f32 * 3.140_625) - turns as f32 * 0.000_967_502_6) - turns as f32 * \
1.509_958e-7;
    let s = r * r;
    let value = r * (1.0 + s * (-0.166_666_67 + s * (0.008_333_333 + s * (-0.000_198_412_7 + s * \
2.755_731e-6))));
    if turns % 2 == 0 { value } else { -value }
}
";
