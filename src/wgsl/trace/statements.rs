//! Statements: blocks, branches, stores, calls and returns.

use naga::{Block, Expression, Handle, Span, Statement, SwitchCase, SwitchValue};

use super::{Data, Frame, Place, Result, Tracer};
use crate::wgsl::builder::Value;
use crate::wgsl::operation::Operation::EqualWords;
use crate::wgsl::shader::Refusal;

impl<'m> Tracer<'m> {
    /// Traces the statements of a block, up to one after which no lane is left.
    pub(super) fn block(&mut self, frame: &mut Frame<'m>, block: &'m Block) -> Result<()> {
        for (statement, &span) in block.span_iter() {
            if self.live == Value::FALSE {
                break;
            }
            self.deeper(span)?;
            self.statement(frame, statement, span)?;
            self.depth -= 1;
        }
        Ok(())
    }

    fn statement(
        &mut self,
        frame: &mut Frame<'m>,
        statement: &'m Statement,
        span: Span,
    ) -> Result<()> {
        match statement {
            Statement::Emit(range) => {
                for handle in range.clone() {
                    let data = self.evaluate(frame, handle)?;
                    frame.values[handle.index()] = Some(data);
                }
                Ok(())
            }
            Statement::Block(block) => self.block(frame, block),
            Statement::If { condition, accept, reject } => {
                self.branch(frame, *condition, accept, reject)
            }
            Statement::Switch { selector, cases } => self.switch(frame, *selector, cases),
            Statement::Loop { body, continuing, break_if } => {
                self.run_loop(frame, body, continuing, *break_if, span)
            }
            Statement::Break => {
                let exit = self.exit(Vec::new());
                frame.breaks.last_mut().expect("validated: there is a loop").push(exit);
                self.live = Value::FALSE;
                Ok(())
            }
            Statement::Continue => {
                let exit = self.exit(Vec::new());
                frame.continues.last_mut().expect("validated: there is a loop").push(exit);
                self.live = Value::FALSE;
                Ok(())
            }
            Statement::Return { value } => {
                let result = match value {
                    Some(value) => self.leaves(frame, *value)?,
                    None => Vec::new(),
                };
                let exit = self.exit(result);
                frame.returns.push(exit);
                self.live = Value::FALSE;
                Ok(())
            }
            Statement::Store { pointer, value } => {
                let leaves = self.leaves(frame, *value)?;
                let place = self.place(frame, *pointer)?;
                if !place.is_writable {
                    let what = "a store to a private variable";
                    let instead = "keep what changes in the state or in local variables";
                    return Err(Refusal::new(span, what, instead));
                }
                self.store(&place, &leaves);
                Ok(())
            }
            Statement::Call { function, arguments, result } => {
                let arguments = arguments
                    .iter()
                    .map(|&argument| self.data(frame, argument))
                    .collect::<Result<Vec<_>>>()?;
                let leaves = self.call(*function, arguments)?;
                if let Some(result) = result {
                    frame.values[result.index()] = Some(Data::Leaves(leaves));
                }
                Ok(())
            }
            Statement::Kill => Err(Refusal::new(span, "discard", "return a value")),
            Statement::ControlBarrier(_) | Statement::MemoryBarrier(_) => {
                Err(Refusal::new(span, "a barrier", "leave it out: lanes share nothing"))
            }
            Statement::Atomic { .. } | Statement::ImageAtomic { .. } => {
                Err(Refusal::new(span, "an atomic operation", "use a plain variable"))
            }
            Statement::ImageStore { .. } => {
                Err(Refusal::new(span, "a texture", "keep all data in the state"))
            }
            _ => Err(Refusal::new(
                span,
                "this statement",
                "use assignments, if, switch, loop, for, while, calls and return",
            )),
        }
    }

    fn branch(
        &mut self,
        frame: &mut Frame<'m>,
        condition: Handle<Expression>,
        accept: &'m Block,
        reject: &'m Block,
    ) -> Result<()> {
        let condition = self.leaves(frame, condition)?[0];
        match condition {
            Value::TRUE => return self.block(frame, accept),
            Value::FALSE => return self.block(frame, reject),
            Value::Node(_) | Value::Number(_) | Value::Word(_) => {}
        }
        let (live, environment) = (self.live, self.copied_environment());
        let exits = frame.exits();
        self.live = self.builder.and(live, condition);
        self.block(frame, accept)?;
        let accepted = self.exit(Vec::new());

        self.environment = environment;
        let rejected = self.builder.not(condition);
        self.live = self.builder.and(live, rejected);
        self.block(frame, reject)?;
        match (accepted.mask, self.live) {
            (Value::FALSE, _) => {}
            (_, Value::FALSE) => {
                self.environment = accepted.environment;
                self.live = accepted.mask;
            }
            _ => {
                let mut merged = std::mem::take(&mut self.environment);
                self.overlay(condition, &accepted.environment, &mut merged);
                self.environment = merged;
                self.live = if frame.exits() == exits {
                    live
                } else {
                    self.builder.or(accepted.mask, self.live)
                };
            }
        }
        Ok(())
    }

    fn switch(
        &mut self,
        frame: &mut Frame<'m>,
        selector: Handle<Expression>,
        cases: &'m [SwitchCase],
    ) -> Result<()> {
        let selector = self.leaves(frame, selector)?[0];
        let (live, environment) = (self.live, self.copied_environment());
        let exits = frame.exits();
        // The lanes of each case: those whose selector it names; the others have the default.
        let mut masks = Vec::new();
        let mut named = Value::FALSE;
        for case in cases {
            let value = match case.value {
                SwitchValue::I32(value) => Value::Word(value as u32),
                SwitchValue::U32(value) => Value::Word(value),
                SwitchValue::Default => {
                    masks.push(None);
                    continue;
                }
            };
            let mask = self.builder.binary(EqualWords, selector, value);
            named = self.builder.or(named, mask);
            masks.push(Some(mask));
        }
        let others = self.builder.not(named);
        frame.breaks.push(Vec::new());
        let mut entering = Value::FALSE;
        for (case, mask) in cases.iter().zip(masks) {
            entering = self.builder.or(entering, mask.unwrap_or(others));
            if case.fall_through {
                continue;
            }
            self.environment.clone_from(&environment);
            self.live = self.builder.and(live, entering);
            self.block(frame, &case.body)?;
            let exit = self.exit(Vec::new());
            frame.breaks.last_mut().expect("it was pushed above").push(exit);
            entering = Value::FALSE;
        }
        let left = frame.breaks.pop().expect("it was pushed above");
        self.merge(left);
        if self.live != Value::FALSE && frame.exits() == exits {
            self.live = live;
        }
        Ok(())
    }

    /// The place that an expression points to.
    fn place(&mut self, frame: &mut Frame<'m>, pointer: Handle<Expression>) -> Result<Place> {
        match self.data(frame, pointer)? {
            Data::Pointer(place) => Ok(place),
            Data::Leaves(_) => unreachable!("validated: it is a pointer"),
        }
    }

    /// Stores leaves at a place.
    fn store(&mut self, place: &Place, leaves: &[Value]) {
        let (offsets, index) = self.elements(place);
        let Some(index) = index else {
            self.environment[place.offset..][..leaves.len()].copy_from_slice(leaves);
            return;
        };
        for (number, offset) in offsets.into_iter().enumerate() {
            let is_here = self.builder.binary(EqualWords, index, Value::Word(number as u32));
            for (k, &leaf) in leaves.iter().enumerate() {
                let old = self.environment[offset + k];
                self.environment[offset + k] = self.builder.select(is_here, leaf, old);
            }
        }
    }
}

impl Frame<'_> {
    /// The number of exits that are on their way to an outer construct.
    pub(super) fn exits(&self) -> usize {
        let pending = |exits: &Vec<Vec<super::Exit>>| exits.iter().map(Vec::len).sum::<usize>();
        self.returns.len() + pending(&self.breaks) + pending(&self.continues)
    }
}
