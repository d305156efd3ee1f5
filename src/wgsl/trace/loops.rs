//! Loops: unrolled where the end is a constant, and otherwise run round by round.
//!
//! A loop that runs has *carried* leaves, which a round hands to the next, in variables. A lane
//! that leaves the loop stores what it has into other variables, one for each leaf in which rounds
//! differ. The leaves of both kinds are found by tracing the loop again until no more turn up.

use std::collections::{BTreeMap, BTreeSet};

use naga::{Block, Expression, Handle, Span};

use super::{Exit, Frame, Result, Tracer};
use crate::wgsl::builder::{Builder, Mark, Node, Value};
use crate::wgsl::operation::Operation::{CopyNumber, CopyWord};
use crate::wgsl::shader::Refusal;

/// The largest number of rounds that are unrolled.
const MOST_ROUNDS: usize = 300;
/// The largest number of nodes of an unrolled loop.
const MOST_UNROLLED: usize = 20_000;

/// The parts of a loop.
#[derive(Clone, Copy)]
struct Parts<'m> {
    body: &'m Block,
    continuing: &'m Block,
    break_if: Option<Handle<Expression>>,
}

/// The leaves that need a variable, of the lanes that leave a loop in one way: through `break`, or
/// through `return`. A leaf is true if it is a number.
#[derive(Default)]
struct Way(BTreeMap<usize, bool>);

/// The variables of a way.
struct WayVariables {
    /// The lanes that took the way.
    mask: u32,
    /// A variable for each leaf, by its index.
    leaves: Vec<(usize, u32)>,
}

impl<'m> Tracer<'m> {
    pub(super) fn run_loop(
        &mut self,
        frame: &mut Frame<'m>,
        body: &'m Block,
        continuing: &'m Block,
        break_if: Option<Handle<Expression>>,
        span: Span,
    ) -> Result<()> {
        let parts = Parts { body, continuing, break_if };
        if self.unroll(frame, parts)? {
            return Ok(());
        }
        self.run_rounds(frame, parts, span)
    }

    /// Traces one round of a loop. Lanes that go on are those of the flow afterwards.
    fn round(&mut self, frame: &mut Frame<'m>, parts: Parts<'m>) -> Result<()> {
        frame.continues.push(Vec::new());
        self.block(frame, parts.body)?;
        let mut exits = frame.continues.pop().expect("it was pushed above");
        if !exits.is_empty() {
            exits.push(self.exit(Vec::new()));
            self.merge(exits);
        }
        self.block(frame, parts.continuing)?;
        if let Some(condition) = parts.break_if
            && self.live != Value::FALSE
        {
            let condition = self.leaves(frame, condition)?[0];
            let mut exit = self.exit(Vec::new());
            exit.mask = self.builder.and(exit.mask, condition);
            if exit.mask != Value::FALSE {
                frame.breaks.last_mut().expect("the loop pushed it").push(exit);
            }
            let others = self.builder.not(condition);
            self.live = self.builder.and(self.live, others);
        }
        Ok(())
    }

    /// Traces a loop round by round until no lane is left. Returns false, with everything as it
    /// was, if there is no end to that.
    fn unroll(&mut self, frame: &mut Frame<'m>, parts: Parts<'m>) -> Result<bool> {
        let (mark, live, returns) = (self.builder.mark(), self.live, frame.returns.len());
        let environment = self.copied_environment();
        frame.breaks.push(Vec::new());
        for number in 0..MOST_ROUNDS {
            let before = self.copied_environment();
            self.round(frame, parts)?;
            if self.live == Value::FALSE {
                let left = frame.breaks.pop().expect("it was pushed above");
                self.merge(left);
                if self.live != Value::FALSE && frame.returns.len() == returns {
                    self.live = live;
                }
                return Ok(true);
            }
            // Some constant has to change from round to round, or no test can ever be a constant.
            let changes = before
                .iter()
                .zip(&self.environment)
                .any(|(before, after)| before != after && !matches!(after, Value::Node(_)));
            let is_long = self.builder.length_since(mark) > MOST_UNROLLED;
            if !changes || is_long || number + 1 == MOST_ROUNDS {
                break;
            }
        }
        frame.breaks.pop();
        frame.returns.truncate(returns);
        self.builder.rewind(mark);
        self.environment = environment;
        self.live = live;
        Ok(false)
    }

    /// Traces a loop that runs until every lane has left it.
    fn run_rounds(&mut self, frame: &mut Frame<'m>, parts: Parts<'m>, span: Span) -> Result<()> {
        let (mark, live, returned) = (self.builder.mark(), self.live, frame.returns.len());
        let environment = self.copied_environment();
        let mut carried = BTreeSet::new();
        let (mut breaking, mut returning) = (Way::default(), Way::default());
        loop {
            let variables: Vec<(usize, u32)> =
                carried.iter().map(|&leaf| (leaf, self.variable_for(environment[leaf]))).collect();
            let break_variables = self.way_variables(&breaking);
            let return_variables = self.way_variables(&returning);
            let alive = self.builder.variable(false, live);
            self.builder.push(Node::Loop);
            for &(leaf, variable) in &variables {
                self.environment[leaf] = Value::Node(variable);
            }
            let before = self.copied_environment();
            self.live = Value::Node(alive);
            frame.breaks.push(Vec::new());
            self.round(frame, parts)?;
            let breaks = frame.breaks.pop().expect("it was pushed above");
            let returns = frame.returns.split_off(returned);
            let mut is_complete = true;
            if self.live != Value::FALSE {
                for (leaf, (before, after)) in before.iter().zip(&self.environment).enumerate() {
                    is_complete &= before == after || !carried.insert(leaf);
                }
            }
            is_complete &= breaking.complete(&breaks, mark, &self.builder);
            is_complete &= returning.complete(&returns, mark, &self.builder);
            if is_complete && breaks.is_empty() && returns.is_empty() {
                let what = "a loop without an end";
                return Err(Refusal::new(span, what, "leave it with break, return or a condition"));
            }
            if is_complete {
                self.end_rounds(
                    &variables,
                    alive,
                    &[(&breaks, &break_variables), (&returns, &return_variables)],
                );
                self.builder.forget(mark);
                if let Some(exit) = outcome(&returns, &return_variables) {
                    frame.returns.push(exit);
                }
                match outcome(&breaks, &break_variables) {
                    Some(exit) => {
                        self.live = if returns.is_empty() { live } else { exit.mask };
                        self.environment = exit.environment;
                    }
                    None => self.live = Value::FALSE,
                }
                return Ok(());
            }
            self.builder.rewind(mark);
            self.environment.clone_from(&environment);
            self.live = live;
        }
    }

    /// Adds what happens at the end of a round: exits are stored, and carried leaves handed on.
    fn end_rounds(
        &mut self,
        carried: &[(usize, u32)],
        alive: u32,
        ways: &[(&Vec<Exit>, &WayVariables)],
    ) {
        for (exits, variables) in ways {
            for exit in *exits {
                for &(leaf, variable) in &variables.leaves {
                    let (value, mask) = (exit.leaf(leaf), exit.mask);
                    self.builder.push(Node::AssignWhere { variable, value, mask });
                }
                let mask = self.builder.or(Value::Node(variables.mask), exit.mask);
                self.builder.push(Node::Assign { variable: variables.mask, value: mask });
            }
        }
        // A value that is itself a carried variable is copied before any of them changes.
        let next: Vec<Value> = carried
            .iter()
            .map(|&(leaf, _)| {
                let value = self.environment[leaf];
                if !carried.iter().any(|&(_, variable)| value == Value::Node(variable)) {
                    return value;
                }
                let copy = if self.builder.is_number(value) { CopyNumber } else { CopyWord };
                self.builder.push(Node::Compute(copy, [value, Value::FALSE, Value::FALSE]))
            })
            .collect();
        for (&(_, variable), value) in carried.iter().zip(next) {
            self.builder.push(Node::Assign { variable, value });
        }
        let value = self.live;
        self.builder.push(Node::Assign { variable: alive, value });
        self.builder.push(Node::Repeat { alive: Value::Node(alive) });
    }

    fn variable_for(&mut self, first: Value) -> u32 {
        let is_number = self.builder.is_number(first);
        self.builder.variable(is_number, first)
    }

    fn way_variables(&mut self, way: &Way) -> WayVariables {
        let mask = self.builder.variable(false, Value::FALSE);
        let leaves = way.0.iter().map(|(&leaf, &is_number)| {
            let zero = if is_number { Value::number(0.0) } else { Value::Word(0) };
            (leaf, self.builder.variable(is_number, zero))
        });
        WayVariables { mask, leaves: leaves.collect() }
    }
}

impl Exit {
    /// A leaf of the environment, or after those of the result.
    fn leaf(&self, index: usize) -> Value {
        match index.checked_sub(self.environment.len()) {
            None => self.environment[index],
            Some(index) => self.result[index],
        }
    }

    fn leaf_mut(&mut self, index: usize) -> &mut Value {
        match index.checked_sub(self.environment.len()) {
            None => &mut self.environment[index],
            Some(index) => &mut self.result[index],
        }
    }
}

impl Way {
    /// Adds the leaves in which the exits differ, or that a round computes. Returns true if all of
    /// them were known.
    fn complete(&mut self, exits: &[Exit], mark: Mark, builder: &Builder) -> bool {
        let Some(first) = exits.first() else { return true };
        let mut is_complete = true;
        for leaf in 0..first.environment.len() + first.result.len() {
            let value = first.leaf(leaf);
            let differs = exits.iter().any(|exit| exit.leaf(leaf) != value);
            if differs || mark.is_before(value) {
                is_complete &= self.0.insert(leaf, builder.is_number(value)).is_some();
            }
        }
        is_complete
    }
}

/// The exit of all lanes that left a loop in one way, or `None` if there was no such exit in it.
fn outcome(exits: &[Exit], variables: &WayVariables) -> Option<Exit> {
    let mut exit = exits.first()?.clone();
    exit.mask = Value::Node(variables.mask);
    for &(leaf, variable) in &variables.leaves {
        *exit.leaf_mut(leaf) = Value::Node(variable);
    }
    Some(exit)
}
