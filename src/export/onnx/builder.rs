//! The builder of an ONNX graph: its values, numbers and operations.

use crate::export::protobuf::Message;

/// The element type `f32`.
pub(super) const FLOAT: u64 = 1;
/// The element type `f64`.
pub(super) const DOUBLE: u64 = 11;
/// The element type `i64`.
pub(super) const INT64: u64 = 7;
/// The type of an attribute that is a whole number.
const ATTRIBUTE_INT: u64 = 2;

/// An ONNX graph that is being built.
#[derive(Default)]
pub(in crate::export) struct OnnxGraph {
    pub(super) nodes: Vec<Message>,
    pub(super) numbers: Vec<Message>,
    inputs: Vec<Message>,
    outputs: Vec<Message>,
    /// The number of values that were given a numbered name.
    unnamed: usize,
}

impl OnnxGraph {
    /// Returns the graph as a message.
    pub fn message(self, name: &str) -> Message {
        Message::default()
            .messages(1, self.nodes)
            .bytes(2, name)
            .messages(5, self.numbers)
            .messages(11, self.inputs)
            .messages(12, self.outputs)
    }

    /// Adds an input of the graph.
    pub fn input(&mut self, name: &str, kind: u64, width: usize) {
        self.inputs.push(value_info(name, kind, Some(width)));
    }

    /// Adds an output of the graph. Outputs are in the order of these calls.
    pub fn output(&mut self, name: &str, kind: u64, width: Option<usize>) {
        self.outputs.push(value_info(name, kind, width));
    }

    /// Adds constant numbers; returns their name.
    pub fn numbers(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, shape, FLOAT, bytes)
    }

    /// Adds constant numbers of a type, from numbers in double precision; returns their name.
    pub fn numbers_of(&mut self, kind: u64, name: &str, shape: &[usize], values: &[f64]) -> String {
        if kind != DOUBLE {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            return self.numbers(name, shape, &values);
        }
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, shape, DOUBLE, bytes)
    }

    fn tensor(&mut self, name: &str, shape: &[usize], kind: u64, bytes: Vec<u8>) -> String {
        let sizes = shape.iter().fold(Message::default(), |all, &size| all.whole(1, size as u64));
        self.numbers.push(sizes.whole(2, kind).bytes(8, name).bytes(9, bytes));
        name.into()
    }

    /// Converts a value to another type; returns its name.
    pub fn cast(&mut self, value: &str, kind: u64) -> String {
        let to = self.new_name("value");
        self.node("Cast", &[value], &to, vec![attribute("to", kind)]);
        to
    }

    /// Adds an operation whose result has a name.
    pub fn node(&mut self, operation: &str, from: &[&str], to: &str, attributes: Vec<Message>) {
        let node = from.iter().fold(Message::default(), |all, name| all.bytes(1, name));
        let name = format!("{operation}_{}", self.nodes.len());
        let node = node.bytes(2, to).bytes(3, name).bytes(4, operation);
        self.nodes.push(node.messages(5, attributes));
    }

    /// Returns a name that no other value has.
    pub fn new_name(&mut self, prefix: &str) -> String {
        self.unnamed += 1;
        format!("{prefix}{}", self.unnamed)
    }

    /// Adds an operation; returns the name of its result.
    pub fn apply(&mut self, operation: &str, from: &[&str]) -> String {
        let to = self.new_name("value");
        self.node(operation, from, &to, vec![]);
        to
    }

    /// Adds one constant number for the whole batch; returns its name.
    pub fn number(&mut self, value: f32) -> String {
        let name = self.new_name("number");
        self.numbers(&name, &[], &[value])
    }
}

/// An attribute that is a whole number.
pub(super) fn attribute(name: &str, value: u64) -> Message {
    Message::default().bytes(1, name).whole(3, value).whole(20, ATTRIBUTE_INT)
}

/// The name, type and shape of a value: a batch of rows, or of single numbers.
fn value_info(name: &str, kind: u64, width: Option<usize>) -> Message {
    let batch = Message::default().message(1, Message::default().bytes(2, "batch"));
    let shape = width
        .into_iter()
        .fold(batch, |shape, width| shape.message(1, Message::default().whole(1, width as u64)));
    let tensor = Message::default().whole(1, kind).message(2, shape);
    Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}
