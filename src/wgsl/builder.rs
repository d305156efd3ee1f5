//! A builder of straight code with loops: constants are folded and no value is computed twice.

use std::collections::HashMap;

use super::arithmetic::Arithmetic;
use super::operation::Operation::{self, *};

/// A scalar while a program is built: a constant, or the result of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// The bits of a number in double precision.
    Number(u64),
    /// A word: a whole number, or a boolean with all bits set or none.
    Word(u32),
    /// The result of the node with this index.
    Node(u32),
}

impl Value {
    pub(super) const FALSE: Self = Self::Word(0);
    pub(super) const TRUE: Self = Self::Word(u32::MAX);

    pub(super) fn number(number: f64) -> Self {
        Self::Number(number.to_bits())
    }

    pub(super) fn boolean(truth: bool) -> Self {
        if truth { Self::TRUE } else { Self::FALSE }
    }

    fn as_number(self) -> Option<f64> {
        match self {
            Self::Number(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    pub(super) fn as_word(self) -> Option<u32> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// A step of the program that is being built.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// The input with this index.
    Input { index: usize, is_number: bool },
    /// An operation on up to three values.
    Compute(Operation, [Value; 3]),
    /// An element of a table.
    Gather { is_number: bool, table: usize, index: Value },
    /// A register that is assigned to later, with its first value.
    Variable { is_number: bool, first: Value },
    /// The assignment of a value to a variable.
    Assign { variable: u32, value: Value },
    /// The assignment of a value to a variable in the lanes where a mask is true.
    AssignWhere { variable: u32, value: Value, mask: Value },
    /// The beginning of a loop.
    Loop,
    /// The end of the loop that the innermost open `Loop` began; repeats while any lane is alive.
    Repeat { alive: Value },
}

/// A state of the builder to which it can return.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    nodes: usize,
    tables: usize,
    known: usize,
}

impl Mark {
    /// True if a value was computed after the mark.
    pub fn is_before(self, value: Value) -> bool {
        matches!(value, Value::Node(node) if node as usize >= self.nodes)
    }
}

/// The nodes so far.
pub(super) struct Builder {
    arithmetic: Arithmetic,
    pub nodes: Vec<Node>,
    pub tables: Vec<Vec<Value>>,
    /// The values in all tables.
    pub tabled: usize,
    /// The index of each table.
    known_tables: HashMap<Vec<Value>, usize>,
    /// The nodes that can be used again, and the order in which they came.
    known: HashMap<Node, u32>,
    order: Vec<Node>,
}

/// An operand that an operation does not have.
const NONE: Value = Value::Word(0);

impl Builder {
    pub fn new(arithmetic: Arithmetic) -> Self {
        Self {
            arithmetic,
            nodes: Vec::new(),
            tables: Vec::new(),
            tabled: 0,
            known_tables: HashMap::new(),
            known: HashMap::new(),
            order: Vec::new(),
        }
    }

    pub fn input(&mut self, index: usize, is_number: bool) -> Value {
        self.push(Node::Input { index, is_number })
    }

    pub fn variable(&mut self, is_number: bool, first: Value) -> u32 {
        match self.push(Node::Variable { is_number, first }) {
            Value::Node(node) => node,
            Value::Number(_) | Value::Word(_) => unreachable!("a node was pushed"),
        }
    }

    /// Adds a node that has an effect, or a result of its own.
    pub fn push(&mut self, node: Node) -> Value {
        self.nodes.push(node);
        Value::Node(self.nodes.len() as u32 - 1)
    }

    pub fn mark(&self) -> Mark {
        Mark { nodes: self.nodes.len(), tables: self.tables.len(), known: self.order.len() }
    }

    /// Forgets all that came after a mark.
    pub fn rewind(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes);
        for table in self.tables.drain(mark.tables..) {
            self.tabled -= table.len();
            self.known_tables.remove(&table);
        }
        self.forget(mark);
    }

    /// Keeps the nodes that came after a mark, but uses none of them again: they are in a loop.
    pub fn forget(&mut self, mark: Mark) {
        for node in self.order.drain(mark.known..) {
            self.known.remove(&node);
        }
    }

    /// Returns the number of nodes since a mark.
    pub fn length_since(&self, mark: Mark) -> usize {
        self.nodes.len() - mark.nodes
    }

    /// True if the value is a number rather than a word.
    pub fn is_number(&self, value: Value) -> bool {
        match value {
            Value::Number(_) => true,
            Value::Word(_) => false,
            Value::Node(node) => match &self.nodes[node as usize] {
                Node::Input { is_number, .. }
                | Node::Gather { is_number, .. }
                | Node::Variable { is_number, .. } => *is_number,
                Node::Compute(operation, _) => operation.makes_number(),
                Node::Assign { .. }
                | Node::AssignWhere { .. }
                | Node::Loop
                | Node::Repeat { .. } => false,
            },
        }
    }

    pub fn unary(&mut self, operation: Operation, a: Value) -> Value {
        self.compute(operation, [a, NONE, NONE])
    }

    pub fn binary(&mut self, operation: Operation, a: Value, b: Value) -> Value {
        self.compute(operation, [a, b, NONE])
    }

    /// Returns `yes` where the mask is true, and `no` elsewhere.
    pub fn select(&mut self, mask: Value, yes: Value, no: Value) -> Value {
        if yes == no {
            return yes;
        }
        match (mask, yes, no) {
            (Value::TRUE, ..) => return yes,
            (Value::FALSE, ..) => return no,
            (_, Value::TRUE, Value::FALSE) => return mask,
            (_, Value::FALSE, Value::TRUE) => return self.not(mask),
            (_, _, Value::FALSE) => return self.and(mask, yes),
            (_, Value::TRUE, _) => return self.or(mask, no),
            _ => {}
        }
        let operation = if self.is_number(yes) { SelectNumber } else { SelectWord };
        self.compute(operation, [mask, yes, no])
    }

    pub fn and(&mut self, a: Value, b: Value) -> Value {
        self.binary(And, a, b)
    }

    pub fn or(&mut self, a: Value, b: Value) -> Value {
        self.binary(Or, a, b)
    }

    pub fn not(&mut self, a: Value) -> Value {
        self.unary(Not, a)
    }

    /// Returns the element of a table at an index.
    pub fn gather(&mut self, table: Vec<Value>, index: Value) -> Value {
        if let Some(word) = index.as_word() {
            return table[(word as usize).min(table.len() - 1)];
        }
        if table.iter().all(|&value| value == table[0]) {
            return table[0];
        }
        let is_number = self.is_number(table[0]);
        let table = match self.known_tables.get(&table) {
            Some(&known) => known,
            None => {
                self.tabled += table.len();
                self.known_tables.insert(table.clone(), self.tables.len());
                self.tables.push(table);
                self.tables.len() - 1
            }
        };
        self.reuse(Node::Gather { is_number, table, index })
    }

    /// Returns the result of an operation: a constant, a value that is known, or a new node.
    fn compute(&mut self, operation: Operation, sources: [Value; 3]) -> Value {
        if let Some(value) = self.folded(operation, sources) {
            return value;
        }
        let [a, b, c] = sources;
        if let (Divide, Arithmetic::Single, Value::Number(bits)) = (operation, self.arithmetic, b) {
            let reciprocal = 1.0 / f64::from_bits(bits);
            if (reciprocal as f32).is_normal() {
                return self.compute(Multiply, [a, self.rounded(reciprocal), c]);
            }
        }
        let swapped = matches!(
            operation,
            Add | Multiply | AddWords | MultiplyWords | And | Or | ExclusiveOr | Equal | EqualWords
        ) && order(b) < order(a);
        self.reuse(Node::Compute(operation, if swapped { [b, a, c] } else { sources }))
    }

    fn reuse(&mut self, node: Node) -> Value {
        if let Some(&index) = self.known.get(&node) {
            return Value::Node(index);
        }
        let value = self.push(node.clone());
        self.known.insert(node.clone(), self.nodes.len() as u32 - 1);
        self.order.push(node);
        value
    }

    fn folded(&self, operation: Operation, [a, b, c]: [Value; 3]) -> Option<Value> {
        if let Some(folded) = self.folded_conversion(operation, a) {
            return Some(folded);
        }
        let is_unary = b == NONE && matches!(a, Value::Number(_));
        if let (Some(x), Some(y)) = (a.as_number(), b.as_number().or(is_unary.then_some(0.0))) {
            if let Some(number) = operation.number(x, y) {
                return Some(self.rounded(number));
            }
            if let Some(truth) = operation.comparison(x, y) {
                return Some(Value::boolean(truth));
            }
        }
        if let (Some(x), Some(y)) = (a.as_word(), b.as_word())
            && let Some(word) = operation.word(x, y)
        {
            return Some(Value::Word(word));
        }
        let one = Value::number(1.0);
        let constant = |value| matches!(value, Value::Word(_));
        match operation {
            Multiply if a == one => Some(b),
            Multiply | Divide if b == one => Some(a),
            And if a == Value::TRUE || a == b => Some(b),
            And if b == Value::TRUE => Some(a),
            And if a == Value::FALSE || b == Value::FALSE => Some(Value::FALSE),
            Or if a == Value::FALSE || a == b => Some(b),
            Or if b == Value::FALSE => Some(a),
            Or if a == Value::TRUE || b == Value::TRUE => Some(Value::TRUE),
            Not => match a {
                Value::Node(node) => match &self.nodes[node as usize] {
                    Node::Compute(Not, [inner, ..]) => Some(*inner),
                    _ => None,
                },
                Value::Number(_) | Value::Word(_) => None,
            },
            AddWords | SubtractWords | ShiftLeft | ShiftRight
                if constant(b) && b == Value::Word(0) =>
            {
                Some(a)
            }
            EqualWords if a == b => Some(Value::TRUE),
            LessSigned | LessUnsigned if a == b => Some(Value::FALSE),
            SelectNumber | SelectWord if b == c => Some(b),
            _ => None,
        }
    }

    fn folded_conversion(&self, operation: Operation, a: Value) -> Option<Value> {
        match (operation, a) {
            (ToSigned, Value::Number(bits)) => {
                Some(Value::Word(f64::from_bits(bits) as i32 as u32))
            }
            (ToUnsigned, Value::Number(bits)) => Some(Value::Word(f64::from_bits(bits) as u32)),
            (FromSigned, Value::Word(word)) => Some(self.rounded(f64::from(word as i32))),
            (FromUnsigned, Value::Word(word)) => Some(self.rounded(f64::from(word))),
            (ToBits, Value::Number(bits)) => {
                Some(Value::Word((f64::from_bits(bits) as f32).to_bits()))
            }
            (FromBits, Value::Word(word)) => Some(Value::number(f64::from(f32::from_bits(word)))),
            _ => None,
        }
    }

    fn rounded(&self, number: f64) -> Value {
        Value::number(match self.arithmetic {
            Arithmetic::Single => f64::from(number as f32),
            Arithmetic::Double => number,
        })
    }
}

/// Orders the operands of an operation that commutes: constants come last.
fn order(value: Value) -> u64 {
    match value {
        Value::Node(node) => u64::from(node),
        Value::Number(_) | Value::Word(_) => u64::MAX,
    }
}
