//! Operations of a register program, and their values for constants.

/// An operation on registers.
///
/// Number registers hold floating-point numbers, word registers hold 32-bit whole numbers or
/// booleans. A boolean has all bits set or none. The list gives the sources and the target of each
/// operation: N for a number, W for a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// N + N -> N.
    Add,
    /// N - N -> N.
    Subtract,
    /// N * N -> N.
    Multiply,
    /// N / N -> N.
    Divide,
    /// The smaller of N and N -> N.
    Minimum,
    /// The larger of N and N -> N.
    Maximum,
    /// -N -> N.
    Negate,
    /// |N| -> N.
    Absolute,
    /// The largest whole number that is not greater: N -> N.
    Floor,
    /// N -> N.
    SquareRoot,
    /// N in radians -> N.
    Sine,
    /// N in radians -> N.
    Cosine,
    /// e to the power of N -> N.
    Exponential,
    /// The natural logarithm: N -> N.
    Logarithm,
    /// The hyperbolic tangent: N -> N.
    Tanh,
    /// a * b + c, rounded once where the instruction set can: N, N, N -> N.
    MultiplyAdd,
    /// a * b - c: N, N, N -> N.
    MultiplySubtract,
    /// c - a * b: N, N, N -> N.
    NegateMultiplyAdd,
    /// N < N -> W.
    Less,
    /// N <= N -> W.
    AtMost,
    /// N == N -> W.
    Equal,
    /// The second where the first is true, and the third elsewhere: W, N, N -> N.
    SelectNumber,
    /// The second where the first is true, and the third elsewhere: W, W, W -> W.
    SelectWord,
    /// W + W -> W, modulo 2^32, as all operations on words.
    AddWords,
    /// W - W -> W.
    SubtractWords,
    /// W * W -> W.
    MultiplyWords,
    /// Signed W / W -> W. A division that has no result returns the dividend.
    DivideSigned,
    /// Unsigned W / W -> W. A division by zero returns the dividend.
    DivideUnsigned,
    /// Signed W % W -> W, with the sign of the dividend; 0 where a division has no result.
    RemainderSigned,
    /// Unsigned W % W -> W; 0 for a division by zero.
    RemainderUnsigned,
    /// W & W -> W.
    And,
    /// W | W -> W.
    Or,
    /// W ^ W -> W.
    ExclusiveOr,
    /// !W -> W.
    Not,
    /// W << (W modulo 32) -> W.
    ShiftLeft,
    /// Unsigned W >> (W modulo 32) -> W.
    ShiftRight,
    /// Signed W >> (W modulo 32) -> W.
    ShiftRightSigned,
    /// The smaller of two signed words -> W.
    MinimumSigned,
    /// The larger of two signed words -> W.
    MaximumSigned,
    /// The smaller of two unsigned words -> W.
    MinimumUnsigned,
    /// The larger of two unsigned words -> W.
    MaximumUnsigned,
    /// W == W -> W.
    EqualWords,
    /// Signed W < W -> W.
    LessSigned,
    /// Unsigned W < W -> W.
    LessUnsigned,
    /// The number of bits that are set: W -> W.
    CountOneBits,
    /// The number of clear bits above the highest one: W -> W.
    CountLeadingZeros,
    /// The number of clear bits below the lowest one: W -> W.
    CountTrailingZeros,
    /// The bits in reverse order: W -> W.
    ReverseBits,
    /// The whole part as a signed word, the nearest that there is; NaN gives 0: N -> W.
    ToSigned,
    /// The whole part as an unsigned word, the nearest that there is; NaN gives 0: N -> W.
    ToUnsigned,
    /// Signed W -> N.
    FromSigned,
    /// Unsigned W -> N.
    FromUnsigned,
    /// The bits of N in single precision -> W.
    ToBits,
    /// The number in single precision with the bits of W -> N.
    FromBits,
    /// N -> N.
    CopyNumber,
    /// W -> W.
    CopyWord,
    /// The number of a table at index W -> N. The last one if the index is too large.
    GatherNumber,
    /// The word of a table at index W -> W. The last one if the index is too large.
    GatherWord,
    /// The sine and the cosine of N in radians -> N, N.
    SineCosine,
    /// Goes back to the beginning of a loop if W is true in any lane.
    Repeat,
}

use Operation::*;

impl Operation {
    /// True if the target is a number register.
    pub(super) fn makes_number(self) -> bool {
        matches!(
            self,
            Add | Subtract
                | Multiply
                | Divide
                | Minimum
                | Maximum
                | Negate
                | Absolute
                | Floor
                | SquareRoot
                | Sine
                | Cosine
                | Exponential
                | Logarithm
                | Tanh
                | MultiplyAdd
                | MultiplySubtract
                | NegateMultiplyAdd
                | SelectNumber
                | FromSigned
                | FromUnsigned
                | FromBits
                | CopyNumber
                | GatherNumber
                | SineCosine
        )
    }

    /// The result of an operation on numbers that has a number as its result.
    pub(super) fn number(self, a: f64, b: f64) -> Option<f64> {
        Some(match self {
            Add => a + b,
            Subtract => a - b,
            Multiply => a * b,
            Divide => a / b,
            Minimum => {
                if b < a {
                    b
                } else {
                    a
                }
            }
            Maximum => {
                if b > a {
                    b
                } else {
                    a
                }
            }
            Negate => -a,
            Absolute => a.abs(),
            Floor => a.floor(),
            SquareRoot => a.sqrt(),
            Sine => a.sin(),
            Cosine => a.cos(),
            Exponential => a.exp(),
            Logarithm => a.ln(),
            Tanh => a.tanh(),
            _ => return None,
        })
    }

    /// The result of a comparison of numbers.
    pub(super) fn comparison(self, a: f64, b: f64) -> Option<bool> {
        Some(match self {
            Less => a < b,
            AtMost => a <= b,
            Equal => a == b,
            _ => return None,
        })
    }

    /// The result of an operation on words that has a word as its result. This is the definition
    /// of these operations: constants, lanes and the reference take it from here.
    #[inline(always)]
    pub(super) fn word(self, a: u32, b: u32) -> Option<u32> {
        let truth = |truth: bool| if truth { u32::MAX } else { 0 };
        let (signed_a, signed_b) = (a as i32, b as i32);
        Some(match self {
            AddWords => a.wrapping_add(b),
            SubtractWords => a.wrapping_sub(b),
            MultiplyWords => a.wrapping_mul(b),
            DivideSigned => signed_a.checked_div(signed_b).unwrap_or(signed_a) as u32,
            DivideUnsigned => a.checked_div(b).unwrap_or(a),
            RemainderSigned => signed_a.checked_rem(signed_b).unwrap_or(0) as u32,
            RemainderUnsigned => a.checked_rem(b).unwrap_or(0),
            And => a & b,
            Or => a | b,
            ExclusiveOr => a ^ b,
            Not => !a,
            ShiftLeft => a.wrapping_shl(b),
            ShiftRight => a.wrapping_shr(b),
            ShiftRightSigned => signed_a.wrapping_shr(b) as u32,
            MinimumSigned => signed_a.min(signed_b) as u32,
            MaximumSigned => signed_a.max(signed_b) as u32,
            MinimumUnsigned => a.min(b),
            MaximumUnsigned => a.max(b),
            EqualWords => truth(a == b),
            LessSigned => truth(signed_a < signed_b),
            LessUnsigned => truth(a < b),
            CountOneBits => a.count_ones(),
            CountLeadingZeros => a.leading_zeros(),
            CountTrailingZeros => a.trailing_zeros(),
            ReverseBits => a.reverse_bits(),
            _ => return None,
        })
    }
}
