//! A champion as an ONNX graph.
//!
//! # Shapes
//!
//! In goes `observation`, `f32[batch][inputs]`, in the task's own units; out come `outputs`,
//! `f32[batch][outputs]`, as the network has them, and `action`, by the champion's rule:
//! `i64[batch]` of a choice, a class or a side, `f32[batch][..]` of forces or a number. A recurrent
//! layer L reads `memoryL` and writes `memoryL_next`, `f32[batch][width]`: zeros at an episode's
//! beginning, then what was written a step before. A graph that remembers has the one `memory0`.
//!
//! The model's metadata has the task, the network, and the rule as a sentence.
//!
//! # Source
//!
//! The ONNX specification, IR version 8, operator set 17.

mod grown;

use super::expect_network;
use super::grown::Grown;
use super::parts::{Part, parts, words};
use super::protobuf::Message;
use crate::champion::{Champion, Rule};
use crate::error::Result;
use crate::network::{Activation, Cell};

const IR_VERSION: u64 = 8;
const OPERATOR_SET: u64 = 17;
/// Types of numbers, and of attributes.
const SINGLE: u64 = 1;
const LONG: u64 = 7;
const ATTRIBUTE_WHOLE: u64 = 2;

/// The file.
///
/// # Errors
/// A champion that is a point, or a graph with a cycle in one step.
pub fn onnx(champion: &Champion) -> Result<Vec<u8>> {
    expect_network(champion, "--onnx")?;
    let mut graph = Graph::default();
    graph.input("observation", champion.inputs());
    let mut value = graph.scaled(champion, "observation".into());
    for (index, part) in parts(champion).iter().enumerate() {
        value = graph.layer(index, part, value);
    }
    if let Some(grown) = Grown::of(champion)? {
        value = graph.grown(&grown, &value);
    }
    graph.node("Identity", &[&value], "outputs", vec![]);
    graph.output("outputs", SINGLE, Some(champion.outputs_count()));
    graph.action(champion);
    let properties = words(champion)
        .into_iter()
        .map(|(key, word)| Message::default().bytes(1, key).bytes(2, word));
    let model = Message::default()
        .whole(1, IR_VERSION)
        .bytes(2, "deme")
        .bytes(6, "A network trained by evolution; metadata say what its numbers mean.")
        .message(7, graph.message(&champion.origin().task))
        .message(8, Message::default().bytes(1, "").whole(2, OPERATOR_SET))
        .messages(14, properties);
    Ok(model.done())
}

/// A graph that is being written.
#[derive(Default)]
struct Graph {
    nodes: Vec<Message>,
    numbers: Vec<Message>,
    inputs: Vec<Message>,
    outputs: Vec<Message>,
    /// Values that have no name of their own.
    unnamed: usize,
}

impl Graph {
    fn message(self, name: &str) -> Message {
        Message::default()
            .messages(1, self.nodes)
            .bytes(2, name)
            .messages(5, self.numbers)
            .messages(11, self.inputs)
            .messages(12, self.outputs)
    }

    fn input(&mut self, name: &str, width: usize) {
        self.inputs.push(described(name, SINGLE, Some(width)));
    }

    fn output(&mut self, name: &str, kind: u64, width: Option<usize>) {
        self.outputs.push(described(name, kind, width));
    }

    /// Adds numbers, and gives back their name.
    fn numbers(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let sizes = shape.iter().fold(Message::default(), |all, &size| all.whole(1, size as u64));
        self.numbers.push(sizes.whole(2, SINGLE).bytes(8, name).bytes(9, bytes));
        name.into()
    }

    /// Adds an operation that has a name for its result.
    fn node(&mut self, operation: &str, from: &[&str], to: &str, attributes: Vec<Message>) {
        let node = from.iter().fold(Message::default(), |all, name| all.bytes(1, name));
        let name = format!("{operation}_{}", self.nodes.len());
        let node = node.bytes(2, to).bytes(3, name).bytes(4, operation);
        self.nodes.push(node.messages(5, attributes));
    }

    /// Adds an operation, and gives back the name of its result.
    fn then(&mut self, operation: &str, from: &[&str]) -> String {
        self.unnamed += 1;
        let to = format!("value{}", self.unnamed);
        self.node(operation, from, &to, vec![]);
        to
    }

    /// Adds one number, the same for all, and gives back its name.
    fn number(&mut self, value: f32) -> String {
        self.unnamed += 1;
        let name = format!("number{}", self.unnamed);
        self.numbers(&name, &[], &[value])
    }

    fn scaled(&mut self, champion: &Champion, value: String) -> String {
        let Some(scaling) = champion.scaling() else { return value };
        let narrow = |numbers: &[f64]| numbers.iter().map(|&x| x as f32).collect::<Vec<_>>();
        let width = [scaling.means.len()];
        let mean = self.numbers("input.mean", &width, &narrow(&scaling.means));
        let scale = self.numbers("input.scale", &width, &narrow(&scaling.scales));
        let apart = self.then("Sub", &[&value, &mean]);
        let scaled = self.then("Mul", &[&apart, &scale]);
        let Some(clip) = scaling.clip else { return scaled };
        let ends = [-clip, clip].map(|end| self.number(end as f32));
        self.then("Clip", &[&scaled, &ends[0], &ends[1]])
    }

    /// `value` by a matrix, and its bias.
    fn product(
        &mut self,
        value: &str,
        name: &str,
        [rows, columns]: [usize; 2],
        weights: [&[f32]; 2],
    ) -> String {
        let weight = self.numbers(&format!("{name}.weight"), &[rows, columns], weights[0]);
        self.unnamed += 1;
        let to = format!("value{}", self.unnamed);
        let transposed = vec![attribute("transB", 1)];
        if weights[1].is_empty() {
            self.node("Gemm", &[value, &weight], &to, transposed);
        } else {
            let bias = self.numbers(&format!("{name}.bias"), &[rows], weights[1]);
            self.node("Gemm", &[value, &weight, &bias], &to, transposed);
        }
        to
    }

    fn layer(&mut self, index: usize, part: &Part, value: String) -> String {
        let bias = part.bias.as_deref().unwrap_or_default();
        if part.cell == Cell::Dense {
            let size = [part.outputs, part.inputs];
            let sum = self.product(&value, &format!("layer{index}"), size, [&part.weight, bias]);
            return self.activated(part.activation, sum);
        }
        let memory = format!("memory{index}");
        self.input(&memory, part.outputs);
        let recurrent_bias = part.recurrent_bias.as_deref().unwrap_or_default();
        let mut sums = |gate: usize, name: &str| -> [String; 2] {
            let cut = |numbers: &'_ [f32], width: usize| -> Vec<f32> {
                numbers.iter().skip(gate * width).take(width).copied().collect()
            };
            let outputs = part.outputs;
            let seen = [cut(&part.weight, outputs * part.inputs), cut(bias, outputs)];
            let kept =
                [cut(&part.recurrent_weight, outputs * outputs), cut(recurrent_bias, outputs)];
            let name = format!("layer{index}.{name}");
            [
                self.product(&value, &name, [outputs, part.inputs], [&seen[0], &seen[1]]),
                self.product(
                    &memory,
                    &format!("{name}_recurrent"),
                    [outputs, outputs],
                    [&kept[0], &kept[1]],
                ),
            ]
        };
        let next = if part.cell == Cell::Gru {
            let [reset, update, candidate] =
                [sums(0, "reset"), sums(1, "update"), sums(2, "candidate")];
            self.gated(&memory, reset, update, candidate)
        } else {
            let [seen, kept] = sums(0, "sum");
            let sum = self.then("Add", &[&seen, &kept]);
            self.activated(part.activation, sum)
        };
        let name = format!("{memory}_next");
        self.node("Identity", &[&next], &name, vec![]);
        self.output(&name, SINGLE, Some(part.outputs));
        next
    }

    /// What a GRU remembers next.
    fn gated(
        &mut self,
        memory: &str,
        reset: [String; 2],
        update: [String; 2],
        candidate: [String; 2],
    ) -> String {
        let reset = self.then("Add", &[&reset[0], &reset[1]]);
        let reset = self.then("Sigmoid", &[&reset]);
        let update = self.then("Add", &[&update[0], &update[1]]);
        let update = self.then("Sigmoid", &[&update]);
        let kept = self.then("Mul", &[&reset, &candidate[1]]);
        let sum = self.then("Add", &[&candidate[0], &kept]);
        let new = self.then("Tanh", &[&sum]);
        let apart = self.then("Sub", &[memory, &new]);
        let old = self.then("Mul", &[&update, &apart]);
        self.then("Add", &[&new, &old])
    }

    fn activated(&mut self, activation: Activation, x: String) -> String {
        match activation {
            Activation::Linear => x,
            Activation::Tanh => self.then("Tanh", &[&x]),
            Activation::Relu => self.then("Relu", &[&x]),
            Activation::Sigmoid => self.then("Sigmoid", &[&x]),
            Activation::Sin => self.then("Sin", &[&x]),
            Activation::Softsign => self.then("Softsign", &[&x]),
            Activation::Silu => {
                let share = self.then("Sigmoid", &[&x]);
                self.then("Mul", &[&x, &share])
            }
            Activation::Gelu => {
                // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
                let numbers = [0.044_715, (2.0 / std::f64::consts::PI).sqrt() as f32, 1.0, 0.5];
                let [cube, root, one, half] = numbers.map(|number| self.number(number));
                let square = self.then("Mul", &[&x, &x]);
                let square = self.then("Mul", &[&square, &cube]);
                let square = self.then("Add", &[&square, &one]);
                let inner = self.then("Mul", &[&x, &square]);
                let inner = self.then("Mul", &[&inner, &root]);
                let bent = self.then("Tanh", &[&inner]);
                let bent = self.then("Add", &[&bent, &one]);
                let halved = self.then("Mul", &[&x, &half]);
                self.then("Mul", &[&halved, &bent])
            }
        }
    }

    fn action(&mut self, champion: &Champion) {
        match champion.rule() {
            Rule::Choice { .. } | Rule::Class { .. } => {
                let attributes = vec![attribute("axis", 1), attribute("keepdims", 0)];
                self.node("ArgMax", &["outputs"], "action", attributes);
                self.output("action", LONG, None);
            }
            Rule::Force { count, limit } => {
                let limit = self.number(limit as f32);
                let bent = self.then("Tanh", &["outputs"]);
                self.node("Mul", &[&bent, &limit], "action", vec![]);
                self.output("action", SINGLE, Some(count));
            }
            Rule::Side => {
                let zero = self.number(0.0);
                let above = self.then("Greater", &["outputs", &zero]);
                self.node("Cast", &[&above], "action", vec![attribute("to", LONG)]);
                self.output("action", LONG, Some(1));
            }
            Rule::Number | Rule::Point => {
                let output = champion.preparation().and_then(|preparation| preparation.output);
                let (mean, scale) = output.unwrap_or((0.0, 1.0));
                let [mean, scale] = [mean, scale].map(|number| self.number(number as f32));
                let scaled = self.then("Mul", &["outputs", &scale]);
                self.node("Add", &[&scaled, &mean], "action", vec![]);
                self.output("action", SINGLE, Some(1));
            }
        }
    }
}

fn attribute(name: &str, value: u64) -> Message {
    Message::default().bytes(1, name).whole(3, value).whole(20, ATTRIBUTE_WHOLE)
}

/// A value's name, type and shape: a batch of rows, or of single numbers.
fn described(name: &str, kind: u64, width: Option<usize>) -> Message {
    let batch = Message::default().message(1, Message::default().bytes(2, "batch"));
    let shape = width
        .into_iter()
        .fold(batch, |shape, width| shape.message(1, Message::default().whole(1, width as u64)));
    let tensor = Message::default().whole(1, kind).message(2, shape);
    Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}
