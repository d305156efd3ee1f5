//! A champion as a WGSL function that needs nothing: for a shader of a game, say.

use std::fmt::Write;

use super::expect_network;
use super::grown::{Words, statements};
use super::parts::{Part, words};
use super::program::{Function, Program, activated, numbers};
use super::rust::result;
use crate::champion::{Champion, Rule};
use crate::error::Result;
use crate::network::Cell;

/// How WGSL says what a graph does.
const WORDS: Words = Words {
    variable: "var",
    memory: "(*memory)",
    larger: |a, b| format!("max({a}, {b})"),
    smaller: |a, b| format!("min({a}, {b})"),
};

/// The text of a module.
///
/// # Errors
/// A champion that is a point, or a graph with a cycle in one step.
pub fn wgsl(champion: &Champion) -> Result<String> {
    expect_network(champion, "--wgsl")?;
    let program = Program::of(champion)?;
    let mut text = String::from("// A network trained by evolution, written by deme.\n//\n");
    for (key, word) in words(champion) {
        let _ = writeln!(text, "// - {key}: {}", word.replace('\n', " "));
    }
    function(&mut text, champion, &program);
    for (index, part) in program.parts.iter().enumerate() {
        constants(&mut text, index, part);
    }
    program.functions.iter().for_each(|function| text.push_str(helper(*function)));
    Ok(text)
}

fn function(text: &mut String, champion: &Champion, program: &Program) {
    let inputs = champion.inputs();
    let (_, kind) = result(champion.rule());
    text.push_str("\n// What to do about an observation, in the task's own units.\n");
    if program.memory > 0 {
        let _ = writeln!(
            text,
            "// `memory` is what the network remembers: zeros when an episode begins.\nfn \
             act(observation: array<f32, {inputs}>, memory: ptr<function, array<f32, {}>>) -> \
             {kind} {{",
            program.memory
        );
    } else {
        let _ = writeln!(text, "fn act(observation: array<f32, {inputs}>) -> {kind} {{");
    }
    text.push_str("    var x = observation;\n");
    if let Some(scaling) = champion.scaling() {
        let list = |values: &[f64]| {
            numbers(&values.iter().map(|&value| value as f32).collect::<Vec<f32>>())
        };
        let scaled = "(x[i] - means[i]) * scales[i]";
        let scaled = scaling.clip.map_or(scaled.to_owned(), |clip| {
            let clip = clip as f32;
            format!("clamp({scaled}, -{clip:?}, {clip:?})")
        });
        let (means, scales) = (list(&scaling.means), list(&scaling.scales));
        let _ = write!(
            text,
            r"    var means = array<f32, {inputs}>(
{means}    );
    var scales = array<f32, {inputs}>(
{scales}    );
    for (var i = 0u; i < {inputs}u; i++) {{
        x[i] = {scaled};
    }}
"
        );
    }
    let mut first = 0;
    let mut source = "x".to_owned();
    if let Some(grown) = &program.grown {
        statements(text, grown, &WORDS);
        let (outputs, list) = (champion.outputs_count(), grown.outputs(&WORDS));
        // Indexed by a variable below, so it must be one itself.
        let _ = writeln!(text, "    var y = array<f32, {outputs}>({list});");
        source = "y".into();
    }
    for (index, part) in program.parts.iter().enumerate() {
        source = layer(text, index, part, &source, first);
        first += if part.cell == Cell::Dense { 0 } else { part.outputs };
    }
    let output = champion.preparation().and_then(|preparation| preparation.output);
    let _ = match (champion.rule(), output) {
        (Rule::Choice { count } | Rule::Class { count }, _) => write!(
            text,
            r"    var choice = 0u;
    for (var k = 1u; k < {count}u; k++) {{
        if {source}[k] > {source}[choice] {{
            choice = k;
        }}
    }}
    return choice;
}}
"
        ),
        (Rule::Force { count, limit }, _) => {
            let limit = limit as f32;
            let forces = (0..count).map(|k| format!("{limit:?} * deme_tanh({source}[{k}])"));
            let forces = forces.collect::<Vec<_>>().join(", ");
            write!(text, "    return array<f32, {count}>({forces});\n}}\n")
        }
        (Rule::Side, _) => write!(text, "    return {source}[0] > 0.0;\n}}\n"),
        (Rule::Number | Rule::Point, output) => {
            let (mean, scale) = output.unwrap_or((0.0, 1.0));
            let (mean, scale) = (mean as f32, scale as f32);
            write!(text, "    return {mean:?} + {scale:?} * {source}[0];\n}}\n")
        }
    };
}

fn constants(text: &mut String, index: usize, part: &Part) {
    let lists = [
        ("weight", Some(&part.weight)),
        ("bias", part.bias.as_ref()),
        ("recurrent_weight", Some(&part.recurrent_weight)),
        ("recurrent_bias", part.recurrent_bias.as_ref()),
    ];
    for (name, values) in lists {
        if let Some(values) = values.filter(|values| !values.is_empty()) {
            let count = values.len();
            let list = numbers(values);
            // A constant may not be indexed by a variable everywhere; a private variable may.
            let _ = write!(
                text,
                "\nvar<private> {name}_{index}: array<f32, {count}> = array<f32, \
                 {count}>(\n{list});\n"
            );
        }
    }
}

/// Where a sum begins: at its bias, or at zero.
fn first(name: &str, index: usize, there_is: bool) -> String {
    if there_is { format!("{name}_{index}[o]") } else { "0.0".into() }
}

/// A layer's lines; gives back the name of its outputs.
fn layer(text: &mut String, index: usize, part: &Part, source: &str, state: usize) -> String {
    let (inputs, outputs) = (part.inputs, part.outputs);
    let target = format!("y{index}");
    let bias = first("bias", index, part.bias.is_some());
    let _ = writeln!(text, "    var {target}: array<f32, {outputs}>;");
    if part.cell == Cell::Dense {
        let value = activated(part.activation, "sum");
        let _ = write!(
            text,
            r"    for (var o = 0u; o < {outputs}u; o++) {{
        var sum = {bias};
        for (var i = 0u; i < {inputs}u; i++) {{
            sum += weight_{index}[o * {inputs}u + i] * {source}[i];
        }}
        {target}[o] = {value};
    }}
"
        );
        return target;
    }
    let sums = part.gates() * outputs;
    let recurrent = first("recurrent_bias", index, part.recurrent_bias.is_some());
    let value = match part.cell {
        Cell::Gru => format!("new_value + update * ((*memory)[{state}u + o] - new_value)"),
        _ => activated(part.activation, &format!("seen{index}[o] + kept{index}[o]")),
    };
    let gates = match part.cell {
        Cell::Gru => gates(index, outputs),
        _ => String::new(),
    };
    let _ = write!(
        text,
        r"    var seen{index}: array<f32, {sums}>;
    var kept{index}: array<f32, {sums}>;
    for (var o = 0u; o < {sums}u; o++) {{
        var seen = {bias};
        for (var i = 0u; i < {inputs}u; i++) {{
            seen += weight_{index}[o * {inputs}u + i] * {source}[i];
        }}
        var kept = {recurrent};
        for (var i = 0u; i < {outputs}u; i++) {{
            kept += recurrent_weight_{index}[o * {outputs}u + i] * (*memory)[{state}u + i];
        }}
        seen{index}[o] = seen;
        kept{index}[o] = kept;
    }}
    for (var o = 0u; o < {outputs}u; o++) {{
{gates}        {target}[o] = {value};
    }}
    for (var o = 0u; o < {outputs}u; o++) {{
        (*memory)[{state}u + o] = {target}[o];
    }}
"
    );
    target
}

/// The gates of a GRU's output `o`.
fn gates(index: usize, outputs: usize) -> String {
    let (seen, kept, last) = (format!("seen{index}"), format!("kept{index}"), 2 * outputs);
    format!(
        r"        let reset = deme_sigmoid({seen}[o] + {kept}[o]);
        let update = deme_sigmoid({seen}[{outputs}u + o] + {kept}[{outputs}u + o]);
        let new_value = deme_tanh({seen}[{last}u + o] + reset * {kept}[{last}u + o]);
"
    )
}

fn helper(function: Function) -> &'static str {
    match function {
        // WGSL has its own; beyond these it may not be trusted.
        Function::Exp => {
            "\nfn deme_exp(x: f32) -> f32 {\n    return exp(clamp(x, -87.0, 88.0));\n}\n"
        }
        Function::Tanh => {
            "\nfn deme_tanh(x: f32) -> f32 {\n    return tanh(clamp(x, -10.0, 10.0));\n}\n"
        }
        Function::Sigmoid => {
            "\nfn deme_sigmoid(x: f32) -> f32 {\n    return 1.0 / (1.0 + deme_exp(-x));\n}\n"
        }
        Function::Sin => "\nfn deme_sin(x: f32) -> f32 {\n    return sin(x);\n}\n",
        Function::Relu => "\nfn deme_relu(x: f32) -> f32 {\n    return max(x, 0.0);\n}\n",
        Function::Gelu => GELU,
        Function::Silu => "\nfn deme_silu(x: f32) -> f32 {\n    return x * deme_sigmoid(x);\n}\n",
        Function::Softsign => {
            "\nfn deme_softsign(x: f32) -> f32 {\n    return x / (1.0 + abs(x));\n}\n"
        }
    }
}

const GELU: &str = "
fn deme_gelu(x: f32) -> f32 {
    return 0.5 * x * (1.0 + deme_tanh(0.7978846 * (x + 0.044715 * x * x * x)));
}
";
