//! Operators: arithmetic, comparisons and logic, component by component, and small matrices.

use naga::{BinaryOperator, Expression, Handle, TypeInner, UnaryOperator};

use super::{Frame, Result, Tracer, refuse};
use crate::wgsl::builder::Value;
use crate::wgsl::leaves::Kind;
use crate::wgsl::operation::Operation::{self, *};

impl<'m> Tracer<'m> {
    pub(super) fn unary(
        &mut self,
        frame: &mut Frame<'m>,
        operator: UnaryOperator,
        operand: Handle<Expression>,
    ) -> Result<Vec<Value>> {
        let kind = self.kind(frame, operand)?;
        let leaves = self.leaves(frame, operand)?;
        let one = |leaf: Value| match (operator, kind) {
            (UnaryOperator::Negate, Kind::Number) => self.builder.unary(Negate, leaf),
            (UnaryOperator::Negate, _) => self.builder.binary(SubtractWords, Value::Word(0), leaf),
            (UnaryOperator::LogicalNot | UnaryOperator::BitwiseNot, _) => self.builder.not(leaf),
        };
        Ok(leaves.into_iter().map(one).collect())
    }

    pub(super) fn binary(
        &mut self,
        frame: &mut Frame<'m>,
        operator: BinaryOperator,
        left: Handle<Expression>,
        right: Handle<Expression>,
    ) -> Result<Vec<Value>> {
        let kind = self.kind(frame, left)?;
        let types = (self.inner(frame, left).clone(), self.inner(frame, right).clone());
        let (a, b) = (self.leaves(frame, left)?, self.leaves(frame, right)?);
        if operator == BinaryOperator::Multiply
            && let Some(product) = self.matrix_product(&types, &a, &b)
        {
            return Ok(product);
        }
        let count = a.len().max(b.len());
        let at = |leaves: &[Value], k: usize| leaves[if leaves.len() == 1 { 0 } else { k }];
        (0..count)
            .map(|k| {
                let (x, y) = (at(&a, k), at(&b, k));
                self.operate(operator, kind, x, y).ok_or_else(|| {
                    refuse(frame.function.expressions.get_span(left), "this operator here")
                })
            })
            .collect()
    }

    /// The result of an operator on two scalars of a kind.
    fn operate(
        &mut self,
        operator: BinaryOperator,
        kind: Kind,
        a: Value,
        b: Value,
    ) -> Option<Value> {
        use BinaryOperator as Operator;
        let by_kind = |number: Operation, signed: Operation, unsigned: Operation| match kind {
            Kind::Number => Some(number),
            Kind::Signed => Some(signed),
            Kind::Unsigned => Some(unsigned),
            Kind::Boolean => None,
        };
        let builder = &mut self.builder;
        let equal = if kind == Kind::Number { Equal } else { EqualWords };
        let less = by_kind(Less, LessSigned, LessUnsigned);
        Some(match operator {
            Operator::Add => builder.binary(by_kind(Add, AddWords, AddWords)?, a, b),
            Operator::Subtract => {
                builder.binary(by_kind(Subtract, SubtractWords, SubtractWords)?, a, b)
            }
            Operator::Multiply => {
                builder.binary(by_kind(Multiply, MultiplyWords, MultiplyWords)?, a, b)
            }
            Operator::Divide => {
                builder.binary(by_kind(Divide, DivideSigned, DivideUnsigned)?, a, b)
            }
            Operator::Modulo if kind == Kind::Number => {
                // With the sign of the dividend, as WGSL defines it.
                let quotient = builder.binary(Divide, a, b);
                let whole = self.truncate(quotient);
                let product = self.builder.binary(Multiply, b, whole);
                self.builder.binary(Subtract, a, product)
            }
            Operator::Modulo => {
                builder.binary(by_kind(Divide, RemainderSigned, RemainderUnsigned)?, a, b)
            }
            Operator::Equal => builder.binary(equal, a, b),
            Operator::NotEqual => {
                let same = builder.binary(equal, a, b);
                builder.not(same)
            }
            Operator::Less => builder.binary(less?, a, b),
            Operator::Greater => builder.binary(less?, b, a),
            Operator::LessEqual if kind == Kind::Number => builder.binary(AtMost, a, b),
            Operator::GreaterEqual if kind == Kind::Number => builder.binary(AtMost, b, a),
            Operator::LessEqual => {
                let greater = builder.binary(less?, b, a);
                builder.not(greater)
            }
            Operator::GreaterEqual => {
                let below = builder.binary(less?, a, b);
                builder.not(below)
            }
            Operator::And | Operator::LogicalAnd => builder.and(a, b),
            Operator::InclusiveOr | Operator::LogicalOr => builder.or(a, b),
            Operator::ExclusiveOr => builder.binary(ExclusiveOr, a, b),
            Operator::ShiftLeft => builder.binary(ShiftLeft, a, b),
            Operator::ShiftRight => {
                let shift = if kind == Kind::Signed { ShiftRightSigned } else { ShiftRight };
                builder.binary(shift, a, b)
            }
        })
    }

    /// The product of a matrix with a vector or a matrix, or `None` if it is another product.
    fn matrix_product(
        &mut self,
        types: &(TypeInner, TypeInner),
        a: &[Value],
        b: &[Value],
    ) -> Option<Vec<Value>> {
        // A vector on the left is a row; on the right it is a column.
        let (rows, inner, columns) = match *types {
            (TypeInner::Matrix { columns, rows, .. }, TypeInner::Vector { .. }) => {
                (rows as usize, columns as usize, 1)
            }
            (TypeInner::Vector { size, .. }, TypeInner::Matrix { columns, .. }) => {
                (1, size as usize, columns as usize)
            }
            (TypeInner::Matrix { columns, rows, .. }, TypeInner::Matrix { columns: more, .. }) => {
                (rows as usize, columns as usize, more as usize)
            }
            _ => return None,
        };
        let mut product = Vec::with_capacity(rows * columns);
        for column in 0..columns {
            for row in 0..rows {
                let factors = (0..inner).map(|k| (a[k * rows + row], b[column * inner + k]));
                let factors: Vec<_> = factors.collect();
                product.push(self.sum_of_products(&factors));
            }
        }
        Some(product)
    }

    /// The sum of products, from the first to the last.
    pub(super) fn sum_of_products(&mut self, factors: &[(Value, Value)]) -> Value {
        let mut sum = None;
        for &(a, b) in factors {
            let product = self.builder.binary(Multiply, a, b);
            sum = Some(match sum {
                None => product,
                Some(sum) => self.builder.binary(Add, sum, product),
            });
        }
        sum.unwrap_or(Value::number(0.0))
    }

    /// The whole part of a number, towards zero.
    pub(super) fn truncate(&mut self, number: Value) -> Value {
        let size = self.builder.unary(Absolute, number);
        let whole = self.builder.unary(Floor, size);
        let negative = self.builder.unary(Negate, whole);
        let is_below = self.builder.binary(Less, number, Value::number(0.0));
        self.builder.select(is_below, negative, whole)
    }
}
