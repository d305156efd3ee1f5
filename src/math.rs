//! Arithmetic for networks and tasks: one source text for several number types.
//!
//! [`Real`] is the interface of a number. `f64` implements it with the standard library, for the
//! reference backend. [`Lanes`], sixteen `f32` side by side, implements it with the approximations
//! of [`single`], for the CPU backend. Code has no branches: a comparison returns a mask, and
//! [`Real::select`] chooses by it.
//!
//! # Example
//!
//! ```
//! use deme::math::{Lanes, Plain, Real};
//! fn hypotenuse<R: Real>(a: R, b: R) -> R { (a * a + b * b).sqrt() }
//! assert_eq!(hypotenuse(3.0f64, 4.0), 5.0);
//! assert_eq!(hypotenuse(Lanes::<Plain>::from_f64(3.0), Lanes::from_f64(4.0)).0, [5.0; 16]);
//! ```

mod eigen;
mod function;
mod instruction_set;
mod lanes;
mod matrix;
pub mod single;

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

pub use eigen::Eigen;
pub use function::{FunctionBounds, MathFunction};
pub use instruction_set::{
    InstructionSet, Instructions, LANES, Neon, Plain, SimdWork, run_simd, run_simd_with,
};
pub use lanes::{LaneMask, Lanes};
pub use matrix::Matrix;

/// A boolean for each lane.
pub trait Mask:
    Copy + Not<Output = Self> + BitAnd<Output = Self> + BitOr<Output = Self> + Send + Sync
{
    /// Sets every lane to one boolean.
    fn from_bool(truth: bool) -> Self;
    /// True if any lane is true.
    fn any(self) -> bool;
    /// Sets each lane to `truths(lane)`.
    fn from_lanes(truths: impl Fn(usize) -> bool) -> Self;
    /// The boolean of one lane.
    fn lane(self, lane: usize) -> bool;
}

/// A number, or one number in each of several lanes.
///
/// Comparisons with NaN are false. Trigonometric functions take radians; their domain for
/// [`Lanes`] is |x| <= [`single::LARGEST_ANGLE`].
pub trait Real:
    Copy
    + Default
    + Send
    + Sync
    + std::fmt::Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// The result of a comparison.
    type Mask: Mask;
    /// The number of lanes.
    const WIDTH: usize;
    /// The number of sums that are best accumulated side by side.
    const ACCUMULATORS: usize;

    /// Sets every lane to a constant, rounded to the type.
    fn from_f64(value: f64) -> Self;
    /// Sets each lane to `values(lane)`.
    fn from_lanes(values: impl Fn(usize) -> f32) -> Self;
    /// The number of one lane, in double precision.
    fn lane(self, lane: usize) -> f64;

    /// True where `self < other`.
    fn below(self, other: Self) -> Self::Mask;
    /// True where `self > other`.
    #[inline(always)]
    fn above(self, other: Self) -> Self::Mask {
        other.below(self)
    }
    /// True where `self >= other`.
    fn at_least(self, other: Self) -> Self::Mask;
    /// Selects `yes` where the mask is true, and `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// `self * factor + term`, rounded once on instruction sets that fuse the two.
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        self * factor + term
    }
    /// The smaller number.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::select(other.below(self), other, self)
    }
    /// The larger number.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self::select(other.above(self), other, self)
    }
    /// The nearest number in [low, high].
    #[inline(always)]
    fn clamp(self, low: Self, high: Self) -> Self {
        self.max(low).min(high)
    }
    /// The absolute value.
    #[inline(always)]
    fn abs(self) -> Self {
        self.max(-self)
    }
    /// The largest whole number that is not greater.
    fn floor(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// e to the power of the number.
    fn exp(self) -> Self;
    /// The natural logarithm of a positive number.
    fn ln(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The logistic function, 1 / (1 + e^-x).
    #[inline(always)]
    fn sigmoid(self) -> Self {
        Self::from_f64(1.0) / (Self::from_f64(1.0) + (-self).exp())
    }
}

impl Mask for bool {
    fn from_bool(truth: bool) -> Self {
        truth
    }
    fn from_lanes(truths: impl Fn(usize) -> bool) -> Self {
        truths(0)
    }
    fn any(self) -> bool {
        self
    }
    fn lane(self, _: usize) -> bool {
        self
    }
}

impl Real for f64 {
    type Mask = bool;
    const WIDTH: usize = 1;
    const ACCUMULATORS: usize = 1;

    fn from_f64(value: f64) -> Self {
        value
    }
    fn from_lanes(values: impl Fn(usize) -> f32) -> Self {
        f64::from(values(0))
    }
    fn lane(self, _: usize) -> f64 {
        self
    }
    fn below(self, other: Self) -> bool {
        self < other
    }
    fn at_least(self, other: Self) -> bool {
        self >= other
    }
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    fn floor(self) -> Self {
        f64::floor(self)
    }
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    fn sin(self) -> Self {
        f64::sin(self)
    }
    fn cos(self) -> Self {
        f64::cos(self)
    }
    fn exp(self) -> Self {
        f64::exp(self)
    }
    fn ln(self) -> Self {
        f64::ln(self)
    }
    fn tanh(self) -> Self {
        f64::tanh(self)
    }
}
