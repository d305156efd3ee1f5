//! Expressions: leaves of literals, composites, indices, loads and conversions.

use naga::{Expression, Handle, RelationalFunction, ScalarKind};

use super::{Data, Frame, Place, Result, Tracer, refuse};
use crate::wgsl::builder::Value;
use crate::wgsl::leaves::{self, Elements, Kind};
use crate::wgsl::operation::Operation::{
    AddWords, And, Equal, EqualWords, FromBits, FromSigned, FromUnsigned, MinimumUnsigned,
    MultiplyWords, ToBits, ToSigned, ToUnsigned,
};
use crate::wgsl::shader::Refusal;

impl<'m> Tracer<'m> {
    /// The value of an expression, which is computed on its first use if no statement emits it.
    pub(super) fn data(
        &mut self,
        frame: &mut Frame<'m>,
        handle: Handle<Expression>,
    ) -> Result<Data> {
        if let Some(data) = &frame.values[handle.index()] {
            self.copied += data.length();
            return Ok(data.clone());
        }
        let span = frame.function.expressions.get_span(handle);
        self.deeper(span)?;
        let data = self.evaluate(frame, handle)?;
        self.copied += data.length();
        self.depth -= 1;
        Ok(data)
    }

    /// The leaves of an expression that is not a pointer.
    pub(super) fn leaves(
        &mut self,
        frame: &mut Frame<'m>,
        handle: Handle<Expression>,
    ) -> Result<Vec<Value>> {
        match self.data(frame, handle)? {
            Data::Leaves(leaves) => Ok(leaves),
            Data::Pointer(_) => unreachable!("validated: it is a value"),
        }
    }

    /// Computes an expression.
    pub(super) fn evaluate(
        &mut self,
        frame: &mut Frame<'m>,
        handle: Handle<Expression>,
    ) -> Result<Data> {
        let span = frame.function.expressions.get_span(handle);
        let refused = |what: &str| refuse(span, what);
        let leaves = match frame.function.expressions[handle] {
            Expression::Literal(value) => vec![leaves::literal(value).map_err(refused)?],
            Expression::Constant(constant) => {
                self.constant(self.module.constants[constant].init)?
            }
            Expression::ZeroValue(ty) => leaves::zero(self.module, ty).map_err(refused)?,
            Expression::Compose { ref components, .. } => {
                let mut all = Vec::new();
                for &component in components {
                    all.extend(self.leaves(frame, component)?);
                }
                all
            }
            Expression::Access { base, index } => return self.access(frame, base, index),
            Expression::AccessIndex { base, index } => {
                return self.access_index(frame, base, index as usize);
            }
            Expression::Splat { size, value } => self.leaves(frame, value)?.repeat(size as usize),
            Expression::Swizzle { size, vector, pattern } => {
                let vector = self.leaves(frame, vector)?;
                pattern[..size as usize].iter().map(|&at| vector[at as usize]).collect()
            }
            Expression::FunctionArgument(index) => {
                return Ok(frame.arguments[index as usize].clone());
            }
            Expression::GlobalVariable(variable) => {
                return Ok(Data::Pointer(self.globals[&variable].clone()));
            }
            Expression::LocalVariable(variable) => {
                return Ok(Data::Pointer(frame.locals[variable.index()].clone()));
            }
            Expression::Load { pointer } => match self.data(frame, pointer)? {
                Data::Pointer(place) => self.load(&place),
                Data::Leaves(_) => unreachable!("validated: it is a pointer"),
            },
            Expression::Unary { op, expr } => self.unary(frame, op, expr)?,
            Expression::Binary { op, left, right } => self.binary(frame, op, left, right)?,
            Expression::Select { condition, accept, reject } => {
                let masks = self.leaves(frame, condition)?;
                let (yes, no) = (self.leaves(frame, accept)?, self.leaves(frame, reject)?);
                let mask = |k: usize| masks[if masks.len() == 1 { 0 } else { k }];
                (0..yes.len()).map(|k| self.builder.select(mask(k), yes[k], no[k])).collect()
            }
            Expression::Relational { fun, argument } => {
                vec![self.relation(frame, fun, argument)?]
            }
            Expression::Math { fun, arg, arg1, arg2, arg3 } => {
                self.math(frame, fun, [Some(arg), arg1, arg2, arg3], span)?
            }
            Expression::As { expr, kind, convert } => {
                self.convert(frame, expr, kind, convert.is_some())?
            }
            Expression::CallResult(_) => unreachable!("validated: the call has come"),
            Expression::Override(_) => {
                return Err(Refusal::new(span, "an override", "use a constant"));
            }
            Expression::ImageSample { .. }
            | Expression::ImageLoad { .. }
            | Expression::ImageQuery { .. } => {
                return Err(Refusal::new(span, "a texture", "keep all data in the state"));
            }
            Expression::ArrayLength(_) => {
                let instead = "give the array a constant length";
                return Err(Refusal::new(span, "an array without a length", instead));
            }
            _ => return Err(refused("this expression")),
        };
        Ok(Data::Leaves(leaves))
    }

    fn access_index(
        &mut self,
        frame: &mut Frame<'m>,
        base: Handle<Expression>,
        index: usize,
    ) -> Result<Data> {
        let span = frame.function.expressions.get_span(base);
        let data = self.data(frame, base)?;
        let inner = self.inner(frame, base);
        if let (naga::TypeInner::ValuePointer { .. }, Data::Pointer(place)) = (inner, &data) {
            let mut place = place.clone();
            place.offset += index.min(place.length - 1);
            place.length = 1;
            return Ok(Data::Pointer(place));
        }
        let (first, length) =
            leaves::member(self.module, inner, index).map_err(|what| refuse(span, what))?;
        Ok(match data {
            Data::Leaves(leaves) => Data::Leaves(leaves[first..first + length].to_vec()),
            Data::Pointer(mut place) => {
                place.offset += first;
                place.length = length;
                Data::Pointer(place)
            }
        })
    }

    fn access(
        &mut self,
        frame: &mut Frame<'m>,
        base: Handle<Expression>,
        index: Handle<Expression>,
    ) -> Result<Data> {
        let span = frame.function.expressions.get_span(base);
        let index = self.leaves(frame, index)?[0];
        if let Some(word) = index.as_word() {
            // An index that is too large, or negative, is the last one, as on the GPU.
            return self.access_index(frame, base, word as usize);
        }
        let data = self.data(frame, base)?;
        let inner = self.inner(frame, base);
        let elements = match (inner, &data) {
            (naga::TypeInner::ValuePointer { .. }, Data::Pointer(place)) => {
                Elements { count: place.length, stride: 1 }
            }
            _ => leaves::elements(self.module, inner).map_err(|what| refuse(span, what))?,
        };
        let Elements { count, stride } = elements;
        let last = Value::Word(count as u32 - 1);
        let index = self.builder.binary(MinimumUnsigned, index, last);
        Ok(match data {
            Data::Pointer(mut place) => {
                place.length = stride;
                place.indices.push((index, count, stride));
                Data::Pointer(place)
            }
            Data::Leaves(leaves) => {
                self.copied += leaves.len();
                let column = |k: usize| (0..count).map(|i| leaves[i * stride + k]).collect();
                let gathered = (0..stride).map(|k| self.builder.gather(column(k), index));
                Data::Leaves(gathered.collect())
            }
        })
    }

    /// Loads the leaves of a place.
    fn load(&mut self, place: &Place) -> Vec<Value> {
        let (offsets, index) = self.elements(place);
        let Some(index) = index else {
            return self.environment[place.offset..place.offset + place.length].to_vec();
        };
        let leaf = |k: usize| {
            let table = offsets.iter().map(|offset| self.environment[offset + k]).collect();
            self.builder.gather(table, index)
        };
        (0..place.length).map(leaf).collect()
    }

    /// The offsets of all elements that the indices of a place can choose, and the number of the
    /// one that they choose.
    pub(super) fn elements(&mut self, place: &Place) -> (Vec<usize>, Option<Value>) {
        let chosen: usize = place.indices.iter().map(|&(_, count, _)| count).product();
        self.copied += chosen * place.length;
        let (mut offsets, mut number) = (vec![place.offset], None);
        for &(index, count, stride) in &place.indices {
            offsets = offsets
                .iter()
                .flat_map(|offset| (0..count).map(move |i| offset + i * stride))
                .collect();
            number = Some(match number {
                None => index,
                Some(number) => {
                    let rows = Value::Word(count as u32);
                    let row = self.builder.binary(MultiplyWords, number, rows);
                    self.builder.binary(AddWords, row, index)
                }
            });
        }
        (offsets, number)
    }

    fn relation(
        &mut self,
        frame: &mut Frame<'m>,
        function: RelationalFunction,
        argument: Handle<Expression>,
    ) -> Result<Value> {
        let span = frame.function.expressions.get_span(argument);
        let leaves = self.leaves(frame, argument)?;
        let mut result = leaves[0];
        match function {
            RelationalFunction::All => {
                for &leaf in &leaves[1..] {
                    result = self.builder.and(result, leaf);
                }
            }
            RelationalFunction::Any => {
                for &leaf in &leaves[1..] {
                    result = self.builder.or(result, leaf);
                }
            }
            RelationalFunction::IsNan | RelationalFunction::IsInf => {
                return Err(refuse(span, "isNan or isInf"));
            }
        }
        Ok(result)
    }

    fn convert(
        &mut self,
        frame: &mut Frame<'m>,
        operand: Handle<Expression>,
        kind: ScalarKind,
        converts: bool,
    ) -> Result<Vec<Value>> {
        let from = self.kind(frame, operand)?;
        let to = match kind {
            ScalarKind::Float | ScalarKind::AbstractFloat => Kind::Number,
            ScalarKind::Sint | ScalarKind::AbstractInt => Kind::Signed,
            ScalarKind::Uint => Kind::Unsigned,
            ScalarKind::Bool => Kind::Boolean,
        };
        let leaves = self.leaves(frame, operand)?;
        let builder = &mut self.builder;
        let one = |leaf: Value| match (from, to, converts) {
            _ if from == to => leaf,
            (Kind::Number, _, false) => builder.unary(ToBits, leaf),
            (_, Kind::Number, false) => builder.unary(FromBits, leaf),
            (_, _, false) => leaf,
            (Kind::Number, Kind::Signed, _) => builder.unary(ToSigned, leaf),
            (Kind::Number, Kind::Unsigned, _) => builder.unary(ToUnsigned, leaf),
            (Kind::Signed, Kind::Number, _) => builder.unary(FromSigned, leaf),
            (Kind::Unsigned, Kind::Number, _) => builder.unary(FromUnsigned, leaf),
            (Kind::Boolean, Kind::Number, _) => {
                builder.select(leaf, Value::number(1.0), Value::number(0.0))
            }
            (Kind::Boolean, ..) => builder.binary(And, leaf, Value::Word(1)),
            (Kind::Number, Kind::Boolean, _) => {
                let is_zero = builder.binary(Equal, leaf, Value::number(0.0));
                builder.not(is_zero)
            }
            (_, Kind::Boolean, _) => {
                let is_zero = builder.binary(EqualWords, leaf, Value::Word(0));
                builder.not(is_zero)
            }
            _ => leaf,
        };
        Ok(leaves.into_iter().map(one).collect())
    }
}
