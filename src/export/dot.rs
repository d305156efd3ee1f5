//! A champion's network in the language of Graphviz: `dot -Tsvg champion.dot` lays it out.
//!
//! The columns are those of [`NetworkDiagram`]. Edges of weights below zero are vermilion, others
//! blue, and as wide as the weight is large. The weight is the edge's tooltip, and its attribute
//! `weight_value`, which Graphviz ignores. Recurrent edges are dashed and do not move nodes.
//!
//! # Source
//!
//! <https://graphviz.org/doc/info/lang.html>

use std::fmt::Write;

use super::expect_network;
use super::metadata::comment_lines;
use crate::champion::{Champion, DiagramNode, NetworkDiagram, NodeRole};
use crate::draw::Colour;
use crate::error::{Result, escape_controls};

/// The width of the thinnest edge, and how much wider the widest one is.
const WIDTHS: [f64; 2] = [0.5, 3.5];

/// Writes the text.
///
/// # Errors
///
/// Returns an error if the champion has no diagram: see [`Champion::diagram`].
pub fn dot(champion: &Champion) -> Result<String> {
    expect_network(champion, "--dot")?;
    let diagram = champion.diagram()?;
    let mut text = String::from("// A network trained by evolution, written by deme.\n//\n");
    for line in comment_lines(champion) {
        let _ = writeln!(text, "// - {line}");
    }
    let title = quoted(&[&format!("{}: {}", champion.origin().task, champion.shape())]);
    let _ = write!(
        text,
        "digraph champion {{\n    graph [rankdir=LR, ranksep=1.2, bgcolor=white, labelloc=t, \
         fontname=\"DejaVu Sans\", label={title}];\n    node [shape=box, \
         style=\"rounded,filled\", fillcolor=white, \
         fontname=\"DejaVu Sans\", fontsize=11];\n    edge [arrowsize=0.6];\n"
    );
    write_columns(&mut text, &diagram);
    write_edges(&mut text, &diagram);
    text.push_str("}\n");
    Ok(text)
}

fn write_columns(text: &mut String, diagram: &NetworkDiagram) {
    let mut nodes = vec![Vec::new(); diagram.columns];
    for (index, node) in diagram.nodes.iter().enumerate() {
        nodes[node.column].push((index, node));
    }
    for (column, nodes) in nodes.into_iter().enumerate() {
        let rank = match column {
            0 => "min",
            last if last + 1 == diagram.columns => "max",
            _ => "same",
        };
        let _ = writeln!(text, "    {{\n        rank={rank};");
        for (index, node) in nodes {
            let colour = match node.role {
                NodeRole::Input | NodeRole::Bias => ", fillcolor=\"#f0f0ec\"",
                NodeRole::Hidden | NodeRole::Output => "",
            };
            let _ = writeln!(text, "        {index} [label={}{colour}];", label(node));
        }
        text.push_str("    }\n");
    }
}

fn write_edges(text: &mut String, diagram: &NetworkDiagram) {
    let largest =
        diagram.edges.iter().map(|edge| edge.weight.abs()).fold(f32::MIN_POSITIVE, f32::max);
    for edge in &diagram.edges {
        let colour = if edge.weight < 0.0 { Colour::VERMILION } else { Colour::BLUE }.hex();
        let width = WIDTHS[0] + WIDTHS[1] * f64::from(edge.weight.abs() / largest);
        let dashed = if edge.recurrent { ", style=dashed, constraint=false" } else { "" };
        let weight = edge.weight;
        let _ = writeln!(
            text,
            "    {} -> {} [color=\"{colour}\", penwidth={width:.2}, weight_value=\"{weight:?}\", \
             tooltip=\"{weight:?}\"{dashed}];",
            edge.source, edge.target
        );
    }
}

/// The label of a node: its name, its function, and its bias, each on a line if it has one.
fn label(node: &DiagramNode) -> String {
    let bias = node.bias.map(|bias| format!("bias {bias:?}")).unwrap_or_default();
    let lines = [&node.name, &node.function, &bias];
    quoted(
        &lines.map(String::as_str).into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>(),
    )
}

/// Lines of text as a quoted string of the language. It reads a backslash as an escape, and the
/// entities of HTML as their characters.
fn quoted(lines: &[&str]) -> String {
    let escaped = lines.iter().map(|line| {
        let line = escape_controls(line, |_| false);
        line.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
    });
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("\\n"))
}
