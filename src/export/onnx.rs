//! A champion as an ONNX graph.
//!
//! # Shapes
//!
//! The input is `observation`, `f32[batch][inputs]`, in the task's own units. It is `f64` if `f32`
//! cannot hold the features of the table that the champion was trained on, such as time stamps in
//! milliseconds.
//!
//! The first output is `action`, the champion's readout: `i64[batch]` for a choice or a class,
//! `i64[batch][1]` for a side, and `f32[batch][..]` for forces or numbers. The second output is
//! `outputs`, `f32[batch][outputs]`, the values of the network, of which the readout is made. The
//! network of a regression computes standardised numbers; both of its outputs are in the unit of
//! the target, and `f64` if `f32` cannot hold that.
//!
//! A recurrent layer L reads its hidden state from `memoryL` and writes the next one to
//! `memoryL_next`, `f32[batch][width]`. The state is zero at the start of an episode. A recurrent
//! graph has one state, `memory0`.
//!
//! The metadata of the model hold the task, the network, the readout as a sentence, and the names
//! of the numbers of an observation, in their order.
//!
//! # Source
//!
//! The ONNX specification, IR version 8, operator set 17.

mod builder;
mod graph;

pub(super) use builder::OnnxGraph;

use super::activation::export_of;
use super::expect_network;
use super::graph::GraphNodes;
use super::layers::{LayerTensors, layer_tensors};
use super::metadata::metadata;
use super::protobuf::Message;
use crate::champion::{Champion, Readout, StandardisationPrecision, numbered};
use crate::error::Result;
use crate::network::{Activation, Cell};
use crate::task::{ActionPart, OutputScaling};
use builder::{DOUBLE, FLOAT, INT64, attribute};

const IR_VERSION: u64 = 8;
const OPERATOR_SET: u64 = 17;
/// Encodes the file.
///
/// # Errors
///
/// Returns an error if the champion is a point, or a graph with a cycle within one step.
pub fn onnx(champion: &Champion) -> Result<Vec<u8>> {
    expect_network(champion, "--onnx")?;
    let mut graph = OnnxGraph::default();
    graph.input("observation", float(champion.observation_precision()), champion.inputs());
    let answer = float(champion.answer_precision());
    match *champion.readout() {
        Readout::Choice { .. } | Readout::Class { .. } => graph.output("action", INT64, None),
        Readout::Force { count, .. } => graph.output("action", FLOAT, Some(count)),
        Readout::Mixed { ref parts } => graph.output("action", FLOAT, Some(parts.len())),
        Readout::Side => graph.output("action", INT64, Some(1)),
        Readout::Number | Readout::Point => {
            graph.output("action", answer, Some(champion.output_count()));
        }
    }
    graph.output("outputs", answer, Some(champion.output_count()));
    let mut value = graph.scale_inputs(champion, "observation".into());
    for (index, layer) in layer_tensors(champion).iter().enumerate() {
        value = graph.layer(index, layer, value);
    }
    if let Some(nodes) = GraphNodes::new(champion)? {
        value = graph.graph_nodes(&nodes, &value);
    }
    graph.readout(champion, &value);
    let properties = metadata(champion)
        .into_iter()
        .map(|(key, text)| Message::default().bytes(1, key).bytes(2, text));
    let model = Message::default()
        .whole(1, IR_VERSION)
        .bytes(2, "deme")
        .bytes(6, "A network trained by evolution; metadata say what its numbers mean.")
        .message(7, graph.message("champion"))
        .message(8, Message::default().bytes(1, "").whole(2, OPERATOR_SET))
        .messages(14, properties);
    Ok(model.into_bytes())
}

impl OnnxGraph {
    fn scale_inputs(&mut self, champion: &Champion, value: String) -> String {
        let Some(scaling) = champion.scaling() else { return value };
        let (kind, width) = (float(champion.observation_precision()), [scaling.means.len()]);
        let mean = self.numbers_of(kind, "input.mean", &width, &scaling.means);
        let scale = self.numbers_of(kind, "input.scale", &width, &scaling.scales);
        let centred = self.apply("Sub", &[&value, &mean]);
        let mut scaled = self.apply("Mul", &[&centred, &scale]);
        if kind != FLOAT {
            scaled = self.cast(&scaled, FLOAT);
        }
        let Some(clip) = scaling.clip else { return scaled };
        let ends = [-clip, clip].map(|end| self.number(end as f32));
        self.apply("Clip", &[&scaled, &ends[0], &ends[1]])
    }

    /// Adds the product of a matrix and a value, and its bias if there is one.
    fn product(
        &mut self,
        value: &str,
        name: &str,
        [rows, columns]: [usize; 2],
        weights: [&[f32]; 2],
    ) -> String {
        let weight = self.numbers(&format!("{name}.weight"), &[rows, columns], weights[0]);
        let to = self.new_name("value");
        let transposed = vec![attribute("transB", 1)];
        if weights[1].is_empty() {
            self.node("Gemm", &[value, &weight], &to, transposed);
        } else {
            let bias = self.numbers(&format!("{name}.bias"), &[rows], weights[1]);
            self.node("Gemm", &[value, &weight, &bias], &to, transposed);
        }
        to
    }

    /// Adds a layer; returns the name of its outputs.
    fn layer(&mut self, index: usize, layer: &LayerTensors, value: String) -> String {
        let bias = layer.bias.as_deref().unwrap_or_default();
        if layer.cell == Cell::Dense {
            let size = [layer.outputs, layer.inputs];
            let sum = self.product(&value, &format!("layer{index}"), size, [&layer.weight, bias]);
            return self.activate(layer.activation, sum);
        }
        let memory = format!("memory{index}");
        self.input(&memory, FLOAT, layer.state_size);
        let recurrent_bias = layer.recurrent_bias.as_deref().unwrap_or_default();
        let mut sums = |gate: usize, name: &str| -> [String; 2] {
            let cut = |numbers: &'_ [f32], width: usize| -> Vec<f32> {
                numbers.iter().skip(gate * width).take(width).copied().collect()
            };
            let outputs = layer.outputs;
            let forward = [cut(&layer.weight, outputs * layer.inputs), cut(bias, outputs)];
            let recurrent =
                [cut(&layer.recurrent_weight, outputs * outputs), cut(recurrent_bias, outputs)];
            let name = format!("layer{index}.{name}");
            [
                self.product(&value, &name, [outputs, layer.inputs], [&forward[0], &forward[1]]),
                self.product(
                    &memory,
                    &format!("{name}_recurrent"),
                    [outputs, outputs],
                    [&recurrent[0], &recurrent[1]],
                ),
            ]
        };
        let next = match layer.cell {
            Cell::Gru => {
                let [reset, update, candidate] =
                    [sums(0, "reset"), sums(1, "update"), sums(2, "candidate")];
                self.gru_state(&memory, reset, update, candidate)
            }
            Cell::Dense | Cell::Elman => {
                let [forward, recurrent] = sums(0, "sum");
                let sum = self.apply("Add", &[&forward, &recurrent]);
                self.activate(layer.activation, sum)
            }
        };
        let name = format!("{memory}_next");
        self.node("Identity", &[&next], &name, vec![]);
        self.output(&name, FLOAT, Some(layer.state_size));
        next
    }

    /// Adds the next hidden state of a GRU; returns its name.
    fn gru_state(
        &mut self,
        memory: &str,
        reset: [String; 2],
        update: [String; 2],
        candidate: [String; 2],
    ) -> String {
        let reset = self.apply("Add", &[&reset[0], &reset[1]]);
        let reset = self.apply("Sigmoid", &[&reset]);
        let update = self.apply("Add", &[&update[0], &update[1]]);
        let update = self.apply("Sigmoid", &[&update]);
        let recurrent = self.apply("Mul", &[&reset, &candidate[1]]);
        let sum = self.apply("Add", &[&candidate[0], &recurrent]);
        let new = self.apply("Tanh", &[&sum]);
        let difference = self.apply("Sub", &[memory, &new]);
        let old = self.apply("Mul", &[&update, &difference]);
        self.apply("Add", &[&new, &old])
    }

    fn activate(&mut self, activation: Activation, x: String) -> String {
        match export_of(activation) {
            Some(export) => (export.onnx)(self, &x),
            None => x,
        }
    }

    /// Adds the values `action` and `outputs`, from the output of the network.
    fn readout(&mut self, champion: &Champion, value: &str) {
        if let Readout::Number | Readout::Point = champion.readout() {
            return self.answer(champion, value);
        }
        self.node("Identity", &[value], "outputs", vec![]);
        match *champion.readout() {
            Readout::Mixed { ref parts } => self.mixed_action(parts),
            Readout::Force { limit, .. } => {
                let limit = self.number(limit as f32);
                let tanh = self.apply("Tanh", &["outputs"]);
                self.node("Mul", &[&tanh, &limit], "action", vec![]);
            }
            Readout::Side => {
                let zero = self.number(0.0);
                let above = self.apply("Greater", &["outputs", &zero]);
                self.node("Cast", &[&above], "action", vec![attribute("to", INT64)]);
            }
            Readout::Choice { .. } | Readout::Class { .. } | Readout::Number | Readout::Point => {
                let attributes = vec![attribute("axis", 1), attribute("keepdims", 0)];
                self.node("ArgMax", &["outputs"], "action", attributes);
            }
        }
    }

    /// Adds the value `action` of numbers of several kinds, from the value `outputs`.
    fn mixed_action(&mut self, parts: &[ActionPart]) {
        let count = parts.iter().map(|part| part.outputs()).sum();
        let outputs = self.columns("outputs", count, "output");
        let mut numbers = Vec::new();
        for (first, part) in numbered(parts) {
            numbers.push(match *part {
                ActionPart::Choice { count } => {
                    let own: Vec<&str> =
                        outputs[first..][..count].iter().map(String::as_str).collect();
                    let (own, choice) = (self.concatenate(&own), self.new_name("value"));
                    let attributes = vec![attribute("axis", 1), attribute("keepdims", 1)];
                    self.node("ArgMax", &[&own], &choice, attributes);
                    self.cast(&choice, FLOAT)
                }
                ActionPart::Range { low, high } => {
                    let [middle, half] = ActionPart::middle_and_half(low, high);
                    let [middle, half] = [middle, half].map(|value| self.number(value as f32));
                    let tanh = self.apply("Tanh", &[&outputs[first]]);
                    let scaled = self.apply("Mul", &[&tanh, &half]);
                    self.apply("Add", &[&scaled, &middle])
                }
                ActionPart::Output => outputs[first].clone(),
            });
        }
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        self.node("Concat", &numbers, "action", vec![attribute("axis", 1)]);
    }

    /// Adds the answer of a regression, in the unit of the target.
    fn answer(&mut self, champion: &Champion, value: &str) {
        let kind = float(champion.answer_precision());
        let none = [OutputScaling { mean: 0.0, deviation: 1.0 }];
        let scalings = match champion.output_scalings() {
            [] => &none,
            scalings => scalings,
        };
        let means: Vec<f64> = scalings.iter().map(|by| by.mean).collect();
        let deviations: Vec<f64> = scalings.iter().map(|by| by.deviation).collect();
        let mean = self.numbers_of(kind, "output.mean", &[means.len()], &means);
        let scale = self.numbers_of(kind, "output.scale", &[means.len()], &deviations);
        let value = if kind == FLOAT { value.to_owned() } else { self.cast(value, kind) };
        let scaled = self.apply("Mul", &[&value, &scale]);
        self.node("Add", &[&scaled, &mean], "action", vec![]);
        self.node("Identity", &["action"], "outputs", vec![]);
    }
}

/// The element type that holds numbers of a precision.
fn float(precision: StandardisationPrecision) -> u64 {
    match precision {
        StandardisationPrecision::Single => FLOAT,
        StandardisationPrecision::Pair | StandardisationPrecision::Double => DOUBLE,
    }
}
