//! Register programs: straight code with loops, over a file of registers.
//!
//! # Shapes
//!
//! There are two files of registers: numbers and words. The first registers of a file are the
//! inputs, then come the outputs that have a register of their own, then all others. Constants
//! follow the registers.

use super::operation::Operation::{self, *};

/// A register, or a constant behind the last register, of the file that the operation reads.
pub(super) type Register = u32;

/// An operation with its registers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Instruction {
    pub operation: Operation,
    pub target: Register,
    /// The sources. A gather has its index and its table. A repeat has its mask and the instruction
    /// with which a round begins. The second target of `SineCosine` is the second source.
    pub sources: [Register; 3],
}

/// A compiled program.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub(super) code: Vec<Instruction>,
    pub(super) numbers: File<f64>,
    pub(super) words: File<u32>,
    pub(super) tables: Vec<Vec<Register>>,
    /// The file of each table.
    pub(super) table_files: Vec<usize>,
    /// The register of each input and output, in the order of their declaration.
    pub(super) inputs: Vec<Register>,
    pub(super) outputs: Vec<Register>,
}

/// A file of registers.
#[derive(Clone, Debug, Default)]
pub(super) struct File<T> {
    pub registers: usize,
    pub constants: Vec<T>,
}

/// The place where a result of a program is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// The register of an input, so that the next run continues with the result.
    Input(usize),
    /// A register of its own.
    Output,
}

impl Program {
    /// The number of operations.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// True if there is nothing to compute.
    pub fn is_empty(&self) -> bool {
        self.code.is_empty()
    }
}

/// The two files.
pub(super) const NUMBER: usize = 0;
pub(super) const WORD: usize = 1;

impl Operation {
    /// The file of each source that is a register.
    pub(super) fn source_files(self) -> &'static [usize] {
        match self {
            Add | Subtract | Multiply | Divide | Minimum | Maximum | Less | AtMost | Equal => {
                &[NUMBER, NUMBER]
            }
            MultiplyAdd | MultiplySubtract | NegateMultiplyAdd => &[NUMBER, NUMBER, NUMBER],
            Negate | Absolute | Floor | SquareRoot | Sine | Cosine | Exponential | Logarithm
            | Tanh | ToSigned | ToUnsigned | ToBits | CopyNumber | SineCosine => &[NUMBER],
            SelectNumber => &[WORD, NUMBER, NUMBER],
            SelectWord => &[WORD, WORD, WORD],
            Not | CountOneBits | CountLeadingZeros | CountTrailingZeros | ReverseBits
            | FromSigned | FromUnsigned | FromBits | CopyWord | GatherNumber | GatherWord
            | Repeat => &[WORD],
            AddWords | SubtractWords | MultiplyWords | DivideSigned | DivideUnsigned
            | RemainderSigned | RemainderUnsigned | And | Or | ExclusiveOr | ShiftLeft
            | ShiftRight | ShiftRightSigned | MinimumSigned | MaximumSigned | MinimumUnsigned
            | MaximumUnsigned | EqualWords | LessSigned | LessUnsigned => &[WORD, WORD],
        }
    }
}
