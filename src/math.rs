//! Arithmetic that networks and tasks are written in: one text, several number types.
//!
//! [`Real`] is what a task may do with a number. `f64` implements it with the standard library and
//! serves the reference; [`Lanes`], sixteen `f32` side by side, implements it with the
//! approximations of [`single`] and serves the fast CPU path. Code is written without branches:
//! comparisons give a mask, and [`Real::select`] chooses by it.
//!
//! # Example
//!
//! ```
//! use deme::math::{Lanes, Plain, Real};
//! fn hypotenuse<R: Real>(a: R, b: R) -> R { (a * a + b * b).sqrt() }
//! assert_eq!(hypotenuse(3.0f64, 4.0), 5.0);
//! assert_eq!(hypotenuse(Lanes::<Plain>::of(3.0), Lanes::of(4.0)).0, [5.0; 16]);
//! ```

mod instructions;
mod lanes;
pub mod single;

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

pub use instructions::{
    Avx2, Avx512, Instructions, LANES, Neon, Plain, Vectorised, Vectors, vectorised,
    vectorised_with,
};
pub use lanes::{LaneMask, Lanes};

/// A truth value for each lane.
pub trait Mask:
    Copy + Not<Output = Self> + BitAnd<Output = Self> + BitOr<Output = Self> + Send + Sync
{
    /// The same truth in every lane.
    fn of(truth: bool) -> Self;
    /// Whether any lane is true.
    fn any(self) -> bool;
    /// A truth for each lane.
    fn from_lanes(truths: impl Fn(usize) -> bool) -> Self;
    /// The truth of one lane.
    fn lane(self, lane: usize) -> bool;
}

/// A number, or several side by side.
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
    /// What a comparison gives.
    type Mask: Mask;
    /// Numbers side by side.
    const WIDTH: usize;
    /// Sums that are best added to side by side.
    const SUMS: usize;

    /// The same constant in every lane, rounded to the type.
    fn of(value: f64) -> Self;
    /// The single-precision value of each lane: `values(lane)`.
    fn from_lanes(values: impl Fn(usize) -> f32) -> Self;
    /// One lane, widened.
    fn lane(self, lane: usize) -> f64;

    /// Where `self < other`.
    fn below(self, other: Self) -> Self::Mask;
    /// Where `self > other`.
    #[inline(always)]
    fn above(self, other: Self) -> Self::Mask {
        other.below(self)
    }
    /// Where `self >= other`.
    fn at_least(self, other: Self) -> Self::Mask;
    /// `yes` where the mask is true, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// `self * factor + term`, rounded once where that is fast.
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
    /// The distance from zero.
    #[inline(always)]
    fn abs(self) -> Self {
        self.max(-self)
    }
    /// The largest whole number that is not above.
    fn floor(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// e to the power.
    fn exp(self) -> Self;
    /// The natural logarithm of a positive number.
    fn ln(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The logistic function, 1 / (1 + e^-x).
    #[inline(always)]
    fn sigmoid(self) -> Self {
        Self::of(1.0) / (Self::of(1.0) + (-self).exp())
    }
}

impl Mask for bool {
    fn of(truth: bool) -> Self {
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
    const SUMS: usize = 1;

    fn of(value: f64) -> Self {
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
