//! The writer of programs: a champion as one function, in any language that a [`Language`]
//! describes.
//!
//! A layer K has the constants `weight_K` and `bias_K`, and its outputs are `yK`. A node of a graph
//! is a number `nID`: its first edge begins it, every other edge is joined, and its activation ends
//! it. The hidden state is written after the last node, so that every node reads the state of the
//! step before.

use std::fmt::{Debug, Write};

use super::activation::{call, export_of};
use super::graph::GraphNodes;
use super::language::Language;
use super::layers::LayerTensors;
use super::metadata::comment_lines;
use super::program::Program;
use crate::champion::{Champion, Readout, StandardisationPrecision, numbered};
use crate::error::Result;
use crate::network::{Aggregation, Cell};
use crate::task::{ActionPart, OutputScaling};

/// Writes a champion as a program.
pub(super) fn write_program(champion: &Champion, language: &Language) -> Result<String> {
    let program = Program::new(champion)?;
    let mut writer = SourceWriter { language, text: String::new() };
    writer.header(champion);
    writer.act(champion, &program);
    for (index, layer) in program.layers.iter().enumerate() {
        writer.constants(index, layer);
    }
    if program.needs_exp {
        writer.text.push_str(language.exp);
    }
    for export in program.activations.iter().filter_map(|&activation| export_of(activation)) {
        writer.text.push_str((language.activation)(&export));
    }
    Ok(writer.text)
}

struct SourceWriter<'a> {
    language: &'a Language,
    text: String,
}

impl SourceWriter<'_> {
    /// Adds a line, indented by a number of levels.
    fn line(&mut self, level: usize, line: &str) {
        let _ = writeln!(self.text, "{:1$}{line}", "", 4 * level);
    }

    fn whole(&self, value: usize) -> String {
        format!("{value}{}", self.language.whole_suffix)
    }

    /// Opens a loop from zero.
    fn open_loop(&mut self, level: usize, variable: &str, count: usize) {
        let head = (self.language.loop_head)(variable, 0, count);
        self.line(level, &head);
    }

    fn header(&mut self, champion: &Champion) {
        let title = self.language.title_comment;
        self.line(0, &format!("{title} A network trained by evolution, written by deme."));
        let comment = self.language.fact_comment;
        self.line(0, comment);
        for line in comment_lines(champion) {
            self.line(0, &format!("{comment} - {line}"));
        }
        self.text.push_str(self.language.preamble);
        self.text.push('\n');
    }

    fn act(&mut self, champion: &Champion, program: &Program) {
        let language = self.language;
        let (comment, state_size) = (language.comment, program.state_size);
        let returned = "Returns the action for an observation, in the task's own units.";
        self.line(0, &format!("{comment} {returned}"));
        let is_wide = |precision| precision != StandardisationPrecision::Single;
        let [wide_observation, wide_answer] =
            [champion.observation_precision(), champion.answer_precision()].map(is_wide);
        for (is_wide, note) in [
            (wide_observation, language.wide.observation_note),
            (wide_answer, language.wide.answer_note),
        ] {
            if is_wide {
                self.line(0, comment);
                note.lines().for_each(|line| self.line(0, &format!("{comment} {line}")));
            }
        }
        if state_size > 0 {
            let state = "`memory` is the hidden state: all zeros at the start of an episode.";
            self.line(0, comment);
            self.line(0, &format!("{comment} {state}"));
        }
        let result = match *champion.readout() {
            Readout::Choice { .. } | Readout::Class { .. } => language.index_type.to_owned(),
            Readout::Force { count, .. } => (language.array_type)(language.number_type, count),
            Readout::Mixed { ref parts } => {
                (language.array_type)(language.number_type, parts.len())
            }
            Readout::Side => "bool".into(),
            Readout::Number | Readout::Point => {
                let number =
                    if wide_answer { language.wide.number_type } else { language.number_type };
                match champion.output_count() {
                    1 => number.into(),
                    count => (language.array_type)(number, count),
                }
            }
        };
        let number =
            if wide_observation { language.wide.number_type } else { language.number_type };
        let observation = (language.array_type)(number, champion.inputs());
        let signature = (language.signature)(&observation, state_size, &result);
        self.line(0, &format!("{signature} {{"));
        self.scale_inputs(champion);
        let mut outputs = "x".to_owned();
        if let Some(graph) = &program.graph {
            self.graph(graph);
            outputs = "y".into();
        }
        for (index, layer) in program.layers.iter().enumerate() {
            outputs = self.layer(index, layer, &outputs);
        }
        self.readout(champion, &outputs);
        self.line(0, "}");
    }

    fn scale_inputs(&mut self, champion: &Champion) {
        let (language, inputs) = (self.language, champion.inputs());
        let Some(scaling) = champion.scaling() else {
            let (binding, observation) = (language.array_binding, language.observation);
            return self.line(1, &format!("{binding} x = {observation};"));
        };
        if champion.observation_precision() != StandardisationPrecision::Single {
            return self.text.push_str(&(language.wide.standardise)(scaling));
        }
        self.line(1, &format!("{} x = {};", language.variable, language.observation));
        for (name, values) in [("means", &scaling.means), ("scales", &scaling.scales)] {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            let list = (language.array)(inputs, &format!("\n{}    ", number_lines(&values)));
            self.line(1, &format!("{} {name} = {list};", language.array_binding));
        }
        let scaled = "(x[i] - means[i]) * scales[i]";
        let scaled = match scaling.clip {
            Some(limit) => (language.clamp)(scaled, limit as f32),
            None => scaled.into(),
        };
        self.open_loop(1, "i", inputs);
        self.line(2, &format!("x[i] = {scaled};"));
        self.line(1, "}");
    }

    /// Writes the statements that find the largest of some outputs; returns its index among them,
    /// as a number.
    fn choice(&mut self, outputs: &str, first: usize, count: usize) -> String {
        let (language, name) = (self.language, format!("choice_{first}"));
        self.line(1, &format!("{} {name} = {};", language.variable, self.whole(first)));
        self.line(1, &(language.loop_head)("k", first + 1, first + count));
        self.line(2, &format!("if {outputs}[k] > {outputs}[{name}] {{"));
        self.line(3, &format!("{name} = k;"));
        self.line(2, "}");
        self.line(1, "}");
        (language.to_number)(&format!("({name} - {})", self.whole(first)))
    }

    fn readout(&mut self, champion: &Champion, outputs: &str) {
        let language = self.language;
        let wide = champion.answer_precision() != StandardisationPrecision::Single;
        let value = match *champion.readout() {
            Readout::Choice { count } | Readout::Class { count } => {
                let zero = self.whole(0);
                self.line(1, &format!("{} choice = {zero};", language.variable));
                self.line(1, &(language.loop_head)("k", 1, count));
                self.line(2, &format!("if {outputs}[k] > {outputs}[choice] {{"));
                self.line(3, "choice = k;");
                self.line(2, "}");
                self.line(1, "}");
                "choice".into()
            }
            Readout::Force { count, limit } => {
                let limit = limit as f32;
                let forces = (0..count).map(|k| format!("{limit:?} * deme_tanh({outputs}[{k}])"));
                (language.array)(count, &forces.collect::<Vec<_>>().join(", "))
            }
            Readout::Mixed { ref parts } => {
                let numbers = numbered(parts).map(|(first, part)| match *part {
                    ActionPart::Choice { count } => self.choice(outputs, first, count),
                    ActionPart::Range { low, high } => {
                        let [middle, half] = ActionPart::middle_and_half(low, high);
                        let (middle, half) = (middle as f32, half as f32);
                        format!("{middle:?} + {half:?} * deme_tanh({outputs}[{first}])")
                    }
                    ActionPart::Output => format!("{outputs}[{first}]"),
                });
                let numbers: Vec<String> = numbers.collect();
                (language.array)(parts.len(), &numbers.join(", "))
            }
            Readout::Side => format!("{outputs}[0] > 0.0"),
            Readout::Number | Readout::Point => {
                let scalings = champion.output_scalings();
                let answer = |k: usize| {
                    let value = format!("{outputs}[{k}]");
                    match scalings.get(k) {
                        None => value,
                        Some(&OutputScaling { mean, deviation }) if wide => {
                            (language.wide.answer)(mean, deviation, &value)
                        }
                        Some(&OutputScaling { mean, deviation }) => {
                            format!("{:?} + {:?} * {value}", mean as f32, deviation as f32)
                        }
                    }
                };
                match champion.output_count() {
                    1 => answer(0),
                    count => {
                        let answers: Vec<String> = (0..count).map(answer).collect();
                        (language.array)(count, &answers.join(", "))
                    }
                }
            }
        };
        self.line(1, &(language.give_back)(&value));
    }

    fn constants(&mut self, index: usize, layer: &LayerTensors) {
        let lists = [
            ("weight", Some(&layer.weight)),
            ("bias", layer.bias.as_ref()),
            ("recurrent_weight", Some(&layer.recurrent_weight)),
            ("recurrent_bias", layer.recurrent_bias.as_ref()),
        ];
        for (name, values) in lists {
            if let Some(values) = values.filter(|values| !values.is_empty()) {
                let name = self.constant_name(name, index);
                let items = format!("\n{}", number_lines(values));
                let _ = writeln!(
                    self.text,
                    "\n{}",
                    (self.language.constant)(&name, values.len(), &items)
                );
            }
        }
    }

    fn constant_name(&self, name: &str, index: usize) -> String {
        (self.language.constant_name)(&format!("{name}_{index}"))
    }

    /// The first term of a sum: the bias of output `o`, or zero.
    fn bias(&self, name: &str, index: usize, bias: Option<&Vec<f32>>) -> String {
        match bias {
            Some(_) => format!("{}[o]", self.constant_name(name, index)),
            None => "0.0".into(),
        }
    }

    /// Adds `sum`: a bias, and the products of one row of a constant with values.
    fn weighted_sum(&mut self, sum: &str, bias: &str, weight: &str, width: usize, value: &str) {
        self.line(2, &format!("{} {sum} = {bias};", self.language.variable));
        self.open_loop(2, "i", width);
        let width = self.whole(width);
        self.line(3, &format!("{sum} += {weight}[o * {width} + i] * {value};"));
        self.line(2, "}");
    }

    /// Adds a layer; returns the name of its outputs.
    fn layer(&mut self, index: usize, layer: &LayerTensors, source: &str) -> String {
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let target = format!("y{index}");
        let zeros = self.language.zeros;
        let bias = self.bias("bias", index, layer.bias.as_ref());
        let weight = self.constant_name("weight", index);
        let input = format!("{source}[i]");
        self.line(1, &zeros(&target, outputs));
        if layer.cell == Cell::Dense {
            self.open_loop(1, "o", outputs);
            self.weighted_sum("sum", &bias, &weight, inputs, &input);
            self.line(2, &format!("{target}[o] = {};", call(layer.activation, "sum")));
            self.line(1, "}");
            return target;
        }
        let sums = layer.gates * outputs;
        let recurrent_bias = self.bias("recurrent_bias", index, layer.recurrent_bias.as_ref());
        let recurrent_weight = self.constant_name("recurrent_weight", index);
        let (memory, first) = (self.language.state, self.whole(layer.first_state));
        let (forward, recurrent) = (format!("forward{index}"), format!("recurrent{index}"));
        self.line(1, &zeros(&forward, sums));
        self.line(1, &zeros(&recurrent, sums));
        self.open_loop(1, "o", sums);
        self.weighted_sum("forward", &bias, &weight, inputs, &input);
        let before = format!("{memory}[{first} + i]");
        self.weighted_sum("recurrent", &recurrent_bias, &recurrent_weight, outputs, &before);
        self.line(2, &format!("{forward}[o] = forward;"));
        self.line(2, &format!("{recurrent}[o] = recurrent;"));
        self.line(1, "}");
        self.open_loop(1, "o", outputs);
        let value = match layer.cell {
            Cell::Gru => {
                self.gates(&forward, &recurrent, outputs);
                format!("new_value + update * ({memory}[{first} + o] - new_value)")
            }
            Cell::Dense | Cell::Elman => {
                call(layer.activation, &format!("{forward}[o] + {recurrent}[o]"))
            }
        };
        self.line(2, &format!("{target}[o] = {value};"));
        self.line(1, "}");
        self.open_loop(1, "o", outputs);
        self.line(2, &format!("{memory}[{first} + o] = {target}[o];"));
        self.line(1, "}");
        target
    }

    /// Adds the gates of output `o` of a GRU.
    fn gates(&mut self, forward: &str, recurrent: &str, outputs: usize) {
        let (one, two) = (self.whole(outputs), self.whole(2 * outputs));
        self.line(2, &format!("let reset = deme_sigmoid({forward}[o] + {recurrent}[o]);"));
        self.line(
            2,
            &format!("let update = deme_sigmoid({forward}[{one} + o] + {recurrent}[{one} + o]);"),
        );
        self.line(
            2,
            &format!(
                "let new_value = deme_tanh({forward}[{two} + o] + reset * {recurrent}[{two} + o]);"
            ),
        );
    }

    /// Adds the nodes of a graph, the next hidden state, and the outputs `y`.
    fn graph(&mut self, graph: &GraphNodes) {
        let language = self.language;
        let mut first = 0;
        for (index, id) in graph.ids.iter().enumerate() {
            let end = graph.phenotype.nodes[index].end as usize;
            self.node(graph, index, &format!("n{id}"), first..end);
            first = end;
        }
        for (place, &slot) in graph.phenotype.state_sources.iter().enumerate() {
            if let Some(value) = self.slot(graph, slot) {
                self.line(1, &format!("{}[{place}] = {value};", language.state));
            }
        }
        let slots = &graph.phenotype.outputs;
        let names = slots.iter().filter_map(|&slot| self.slot(graph, slot));
        let list = (language.array)(slots.len(), &names.collect::<Vec<_>>().join(", "));
        self.line(1, &format!("{} y = {list};", language.array_binding));
    }

    fn node(
        &mut self,
        graph: &GraphNodes,
        index: usize,
        name: &str,
        edges: std::ops::Range<usize>,
    ) {
        let (language, node) = (self.language, &graph.phenotype.nodes[index]);
        let edges = &graph.phenotype.edges[edges];
        let mut terms = edges.iter().map(|edge| match self.slot(graph, edge.source) {
            Some(source) => format!("{:?} * {source}", edge.weight),
            None => format!("{:?}", edge.weight),
        });
        let start = terms.next().unwrap_or_else(|| "0.0".into());
        let join = |term: String| match node.aggregation {
            Aggregation::Sum | Aggregation::Mean => format!("{name} += {term}"),
            Aggregation::Product => format!("{name} *= {term}"),
            Aggregation::Maximum => format!("{name} = {}", (language.larger)(name, &term)),
            Aggregation::Minimum => format!("{name} = {}", (language.smaller)(name, &term)),
        };
        let mut changes: Vec<String> = terms.map(join).collect();
        if node.aggregation == Aggregation::Mean && edges.len() > 1 {
            changes.push(format!("{name} /= {:?}", edges.len() as f32));
        }
        let joined = match node.response == 1.0 {
            true => name.to_owned(),
            false => format!("{:?} * {name}", node.response),
        };
        let value = call(node.activation, &joined);
        if value != name {
            changes.push(format!("{name} = {value}"));
        }
        let keyword = if changes.is_empty() { "let" } else { language.variable };
        self.line(1, &format!("{keyword} {name}: f32 = {start};"));
        for change in changes {
            self.line(1, &format!("{change};"));
        }
    }

    /// The expression of a slot, or `None` for the bias, which is 1.
    fn slot(&self, graph: &GraphNodes, slot: i32) -> Option<String> {
        let Ok(index) = usize::try_from(slot) else {
            return Some(format!("{}[{}]", self.language.state, -1 - slot));
        };
        let inputs = graph.phenotype.inputs;
        match index.checked_sub(inputs + 1) {
            Some(node) => Some(format!("n{}", graph.ids[node])),
            None => (index < inputs).then(|| format!("x[{index}]")),
        }
    }
}

/// Numbers in indented lines of six.
pub(super) fn number_lines(values: &[impl Debug]) -> String {
    let mut text = String::new();
    for row in values.chunks(6) {
        let row: Vec<String> = row.iter().map(|value| format!("{value:?}")).collect();
        text.push_str(&format!("    {},\n", row.join(", ")));
    }
    text
}
