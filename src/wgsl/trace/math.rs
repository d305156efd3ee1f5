//! Built-in functions, in terms of the operations of a program.

use naga::{Expression, Handle, MathFunction, Span};

use super::{Frame, Result, Tracer};
use crate::wgsl::builder::Value;
use crate::wgsl::leaves::Kind;
use crate::wgsl::operation::Operation::{self, *};
use crate::wgsl::shader::Refusal;

/// The leaves of the arguments of a function; empty where there is none.
type Arguments = [Vec<Value>; 4];

impl<'m> Tracer<'m> {
    pub(super) fn math(
        &mut self,
        frame: &mut Frame<'m>,
        function: MathFunction,
        handles: [Option<Handle<Expression>>; 4],
        span: Span,
    ) -> Result<Vec<Value>> {
        let kind = self.kind(frame, handles[0].expect("a function has an argument"))?;
        let mut arguments: Arguments = Default::default();
        for (argument, handle) in arguments.iter_mut().zip(handles) {
            if let Some(handle) = handle {
                *argument = self.leaves(frame, handle)?;
            }
        }
        if let Some(leaves) = self.of_vectors(function, &arguments) {
            return Ok(leaves);
        }
        let count = arguments.iter().map(Vec::len).max().unwrap_or(0);
        (0..count)
            .map(|k| {
                let at = |leaves: &Vec<Value>| match leaves.len() {
                    0 => Value::FALSE,
                    1 => leaves[0],
                    _ => leaves[k],
                };
                let scalars = [0, 1, 2, 3].map(|n| at(&arguments[n]));
                let result = match kind {
                    Kind::Number => self.of_numbers(function, scalars),
                    Kind::Signed | Kind::Unsigned | Kind::Boolean => {
                        self.of_words(function, scalars, kind == Kind::Signed)
                    }
                };
                result.ok_or_else(|| refusal(function, span))
            })
            .collect()
    }

    /// The functions of whole vectors.
    fn of_vectors(
        &mut self,
        function: MathFunction,
        [a, b, c, _]: &Arguments,
    ) -> Option<Vec<Value>> {
        Some(match function {
            MathFunction::Dot if self.builder.is_number(a[0]) => vec![self.dot(a, b)],
            MathFunction::Dot => {
                let mut sum = Value::Word(0);
                for (&x, &y) in a.iter().zip(b) {
                    let product = self.builder.binary(MultiplyWords, x, y);
                    sum = self.builder.binary(AddWords, sum, product);
                }
                vec![sum]
            }
            MathFunction::Length => vec![self.length(a)],
            MathFunction::Distance => {
                let away = self.each(Subtract, a, b);
                vec![self.length(&away)]
            }
            MathFunction::Normalize => {
                let length = self.length(a);
                self.each(Divide, a, &vec![length; a.len()])
            }
            MathFunction::Cross => [(1, 2), (2, 0), (0, 1)]
                .map(|(i, j)| {
                    let plus = self.builder.binary(Multiply, a[i], b[j]);
                    let minus = self.builder.binary(Multiply, a[j], b[i]);
                    self.builder.binary(Subtract, plus, minus)
                })
                .to_vec(),
            MathFunction::Reflect => {
                let dot = self.dot(a, b);
                let twice = self.builder.binary(Multiply, Value::number(2.0), dot);
                let change = self.each(Multiply, b, &vec![twice; b.len()]);
                self.each(Subtract, a, &change)
            }
            MathFunction::FaceForward => {
                let dot = self.dot(b, c);
                let is_behind = self.builder.binary(Less, dot, Value::number(0.0));
                a.iter()
                    .map(|&x| {
                        let other = self.builder.unary(Negate, x);
                        self.builder.select(is_behind, x, other)
                    })
                    .collect()
            }
            _ => return None,
        })
    }

    fn of_numbers(&mut self, function: MathFunction, [a, b, c, _]: [Value; 4]) -> Option<Value> {
        let (zero, one) = (Value::number(0.0), Value::number(1.0));
        Some(match function {
            MathFunction::Abs => self.builder.unary(Absolute, a),
            MathFunction::Min => self.builder.binary(Minimum, a, b),
            MathFunction::Max => self.builder.binary(Maximum, a, b),
            MathFunction::Clamp => {
                let raised = self.builder.binary(Maximum, a, b);
                self.builder.binary(Minimum, raised, c)
            }
            MathFunction::Saturate => {
                let raised = self.builder.binary(Maximum, a, zero);
                self.builder.binary(Minimum, raised, one)
            }
            MathFunction::Sin => self.builder.unary(Sine, a),
            MathFunction::Cos => self.builder.unary(Cosine, a),
            MathFunction::Tan => {
                let sine = self.builder.unary(Sine, a);
                let cosine = self.builder.unary(Cosine, a);
                self.builder.binary(Divide, sine, cosine)
            }
            MathFunction::Tanh => self.builder.unary(Tanh, a),
            MathFunction::Exp => self.builder.unary(Exponential, a),
            MathFunction::Log => self.builder.unary(Logarithm, a),
            MathFunction::Exp2 => self.scaled(a, std::f64::consts::LN_2, Exponential),
            MathFunction::Log2 => {
                let logarithm = self.builder.unary(Logarithm, a);
                let factor = Value::number(f64::from(std::f32::consts::LOG2_E));
                self.builder.binary(Multiply, logarithm, factor)
            }
            MathFunction::Pow => {
                let logarithm = self.builder.unary(Logarithm, a);
                let power = self.builder.binary(Multiply, b, logarithm);
                self.builder.unary(Exponential, power)
            }
            MathFunction::Radians => self.times(a, std::f32::consts::PI / 180.0),
            MathFunction::Degrees => self.times(a, 180.0 / std::f32::consts::PI),
            MathFunction::Floor => self.builder.unary(Floor, a),
            MathFunction::Ceil => {
                let negative = self.builder.unary(Negate, a);
                let floor = self.builder.unary(Floor, negative);
                self.builder.unary(Negate, floor)
            }
            MathFunction::Trunc => self.truncate(a),
            MathFunction::Round => self.nearest(a),
            MathFunction::Fract => {
                let floor = self.builder.unary(Floor, a);
                self.builder.binary(Subtract, a, floor)
            }
            MathFunction::Sqrt => self.builder.unary(SquareRoot, a),
            MathFunction::InverseSqrt => {
                let root = self.builder.unary(SquareRoot, a);
                self.builder.binary(Divide, one, root)
            }
            MathFunction::Sign => {
                let is_above = self.builder.binary(Less, zero, a);
                let is_below = self.builder.binary(Less, a, zero);
                let low = self.builder.select(is_below, Value::number(-1.0), zero);
                self.builder.select(is_above, one, low)
            }
            MathFunction::Fma => {
                let product = self.builder.binary(Multiply, a, b);
                self.builder.binary(Add, product, c)
            }
            MathFunction::Mix => {
                let rest = self.builder.binary(Subtract, one, c);
                self.sum_of_products(&[(a, rest), (b, c)])
            }
            MathFunction::Step => {
                let is_there = self.builder.binary(AtMost, a, b);
                self.builder.select(is_there, one, zero)
            }
            MathFunction::SmoothStep => {
                let way = self.builder.binary(Subtract, c, a);
                let whole = self.builder.binary(Subtract, b, a);
                let share = self.builder.binary(Divide, way, whole);
                let raised = self.builder.binary(Maximum, share, zero);
                let t = self.builder.binary(Minimum, raised, one);
                let twice = self.builder.binary(Multiply, Value::number(2.0), t);
                let slope = self.builder.binary(Subtract, Value::number(3.0), twice);
                let square = self.builder.binary(Multiply, t, t);
                self.builder.binary(Multiply, square, slope)
            }
            _ => return None,
        })
    }

    fn of_words(
        &mut self,
        function: MathFunction,
        [a, b, c, _]: [Value; 4],
        is_signed: bool,
    ) -> Option<Value> {
        let (least, most) = if is_signed {
            (MinimumSigned, MaximumSigned)
        } else {
            (MinimumUnsigned, MaximumUnsigned)
        };
        Some(match function {
            MathFunction::Abs if is_signed => {
                let negative = self.builder.binary(SubtractWords, Value::Word(0), a);
                self.builder.binary(MaximumSigned, a, negative)
            }
            MathFunction::Abs => a,
            MathFunction::Min => self.builder.binary(least, a, b),
            MathFunction::Max => self.builder.binary(most, a, b),
            MathFunction::Clamp => {
                let raised = self.builder.binary(most, a, b);
                self.builder.binary(least, raised, c)
            }
            MathFunction::Sign => {
                let is_above = self.builder.binary(LessSigned, Value::Word(0), a);
                let is_below = self.builder.binary(LessSigned, a, Value::Word(0));
                let one = self.builder.and(is_above, Value::Word(1));
                self.builder.select(is_below, Value::Word(u32::MAX), one)
            }
            MathFunction::CountOneBits => self.builder.unary(CountOneBits, a),
            MathFunction::CountLeadingZeros => self.builder.unary(CountLeadingZeros, a),
            MathFunction::CountTrailingZeros => self.builder.unary(CountTrailingZeros, a),
            MathFunction::ReverseBits => self.builder.unary(ReverseBits, a),
            MathFunction::FirstTrailingBit => {
                let zeros = self.builder.unary(CountTrailingZeros, a);
                let is_none = self.builder.binary(EqualWords, a, Value::Word(0));
                self.builder.or(is_none, zeros)
            }
            MathFunction::FirstLeadingBit => {
                // Of a negative number it is the highest clear bit.
                let sign = self.builder.binary(ShiftRightSigned, a, Value::Word(31));
                let bits = match is_signed {
                    true => self.builder.binary(ExclusiveOr, a, sign),
                    false => a,
                };
                let zeros = self.builder.unary(CountLeadingZeros, bits);
                let bit = self.builder.binary(SubtractWords, Value::Word(31), zeros);
                let is_none = self.builder.binary(EqualWords, bits, Value::Word(0));
                self.builder.or(is_none, bit)
            }
            _ => return None,
        })
    }

    /// The nearest whole number; of two that are equally near, the even one.
    fn nearest(&mut self, number: Value) -> Value {
        let (half, one) = (Value::number(0.5), Value::number(1.0));
        let floor = self.builder.unary(Floor, number);
        let rest = self.builder.binary(Subtract, number, floor);
        let above = self.builder.binary(Add, floor, one);
        let halved = self.builder.binary(Multiply, floor, half);
        let whole = self.builder.unary(Floor, halved);
        let is_even = self.builder.binary(Equal, halved, whole);
        let even = self.builder.select(is_even, floor, above);
        let is_below = self.builder.binary(Less, rest, half);
        let is_above = self.builder.binary(Less, half, rest);
        let nearest = self.builder.select(is_above, above, even);
        self.builder.select(is_below, floor, nearest)
    }

    fn times(&mut self, number: Value, factor: f32) -> Value {
        self.builder.binary(Multiply, number, Value::number(f64::from(factor)))
    }

    fn scaled(&mut self, number: Value, factor: f64, operation: Operation) -> Value {
        let product = self.times(number, factor as f32);
        self.builder.unary(operation, product)
    }

    fn dot(&mut self, a: &[Value], b: &[Value]) -> Value {
        let factors: Vec<_> = a.iter().copied().zip(b.iter().copied()).collect();
        self.sum_of_products(&factors)
    }

    fn length(&mut self, a: &[Value]) -> Value {
        match a {
            [number] => self.builder.unary(Absolute, *number),
            _ => {
                let square = self.dot(a, a);
                self.builder.unary(SquareRoot, square)
            }
        }
    }

    fn each(&mut self, operation: Operation, a: &[Value], b: &[Value]) -> Vec<Value> {
        a.iter().zip(b).map(|(&x, &y)| self.builder.binary(operation, x, y)).collect()
    }
}

/// The refusal of a function that programs do not have.
fn refusal(function: MathFunction, span: Span) -> Refusal {
    let what = format!("the function {}", format!("{function:?}").to_lowercase());
    let instead = match function {
        MathFunction::Sinh | MathFunction::Cosh => "write it with exp",
        MathFunction::Asinh | MathFunction::Acosh | MathFunction::Atanh => "write it with log",
        MathFunction::Ldexp | MathFunction::Frexp | MathFunction::Modf => {
            "write it with floor, exp2 and bitcast"
        }
        MathFunction::ExtractBits | MathFunction::InsertBits => "write it with shifts and masks",
        _ => "write it with arithmetic and the functions that the guide lists",
    };
    Refusal::new(span, &what, instead)
}
