//! The arithmetic of a program: single or double precision.

/// The precision in which a program computes with numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `f32`; products are fused with sums where the instruction set can.
    Single,
    /// `f64`, for the reference. The constants of a text are those of `f32`.
    Double,
}
