//! A champion's network in the language of Graphviz: `dot -Tsvg champion.dot` lays it out.
//!
//! Columns are those of [`Wiring`]; wires of weights below zero are vermilion, others blue, as wide
//! as the weight is large, with the weight as their tooltip and as `weight_value`, which Graphviz
//! leaves alone. Recurrent ones are dashed, and do not move nodes.
//!
//! # Source
//!
//! <https://graphviz.org/doc/info/lang.html>

use std::fmt::Write;

use super::expect_network;
use super::parts::words;
use crate::champion::{Champion, Role, Spot, Wiring};
use crate::error::Result;

/// The thinnest line, and what the strongest one has more.
const WIDTHS: [f64; 2] = [0.5, 3.5];

/// The text.
///
/// # Errors
/// What has no wiring: see [`Champion::wiring`].
pub fn dot(champion: &Champion) -> Result<String> {
    expect_network(champion, "--dot")?;
    let wiring = champion.wiring()?;
    let mut text = String::from("// A network trained by evolution, written by deme.\n//\n");
    for (key, word) in words(champion) {
        let _ = writeln!(text, "// - {key}: {}", word.replace('\n', " "));
    }
    let title = quoted(&format!("{}: {}", champion.origin().task, champion.shape()));
    let _ = write!(
        text,
        "digraph champion {{\n    graph [rankdir=LR, ranksep=1.2, bgcolor=white, labelloc=t, \
         fontname=\"DejaVu Sans\", label={title}];\n    node [shape=box, \
         style=\"rounded,filled\", fillcolor=white, \
         fontname=\"DejaVu Sans\", fontsize=11];\n    edge [arrowsize=0.6];\n"
    );
    columns(&mut text, &wiring);
    wires(&mut text, &wiring);
    text.push_str("}\n");
    Ok(text)
}

fn columns(text: &mut String, wiring: &Wiring) {
    for column in 0..wiring.columns {
        let rank = match column {
            0 => "min",
            last if last + 1 == wiring.columns => "max",
            _ => "same",
        };
        let _ = writeln!(text, "    {{\n        rank={rank};");
        let nodes = wiring.nodes.iter().enumerate().filter(|(_, node)| node.column == column);
        for (place, node) in nodes {
            let colour = match node.role {
                Role::Input | Role::Bias => ", fillcolor=\"#f0f0ec\"",
                Role::Hidden | Role::Output => "",
            };
            let _ = writeln!(text, "        {place} [label={}{colour}];", quoted(&label(node)));
        }
        text.push_str("    }\n");
    }
}

fn wires(text: &mut String, wiring: &Wiring) {
    let largest =
        wiring.wires.iter().map(|wire| wire.weight.abs()).fold(f32::MIN_POSITIVE, f32::max);
    for wire in &wiring.wires {
        let colour = if wire.weight < 0.0 { "#d55e00" } else { "#0072b2" };
        let width = WIDTHS[0] + WIDTHS[1] * f64::from(wire.weight.abs() / largest);
        let dashed = if wire.recurrent { ", style=dashed, constraint=false" } else { "" };
        let weight = wire.weight;
        let _ = writeln!(
            text,
            "    {} -> {} [color=\"{colour}\", penwidth={width:.2}, weight_value=\"{weight:?}\", \
             tooltip=\"{weight:?}\"{dashed}];",
            wire.source, wire.target
        );
    }
}

/// What is written in a node: its name, what it computes, and its bias, each where there is one.
fn label(node: &Spot) -> String {
    let bias = node.bias.map(|bias| format!("bias {bias:?}")).unwrap_or_default();
    let words = [node.name.clone(), node.function.clone(), bias];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join("\n")
}

/// A text as the language has it.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}
