//! Sixteen single-precision numbers side by side: the number type of the fast CPU path.
//!
//! Every operation is a plain loop over an array that is always inlined, so that the compiler turns
//! it into the widest vectors of the calling function. A product is fused with a sum only in
//! [`Real::mul_add`], so that all instruction sets that can fuse give the same bits.

// The compiler turns indexed loops over lanes into vectors.
#![allow(clippy::needless_range_loop)]

use std::marker::PhantomData;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::{Instructions, LANES, Mask, Plain, Real, single};

/// Sixteen numbers, with the instruction set that computes with them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Lanes<I = Plain>(pub [f32; LANES], PhantomData<I>);

/// Sixteen booleans: a lane has all bits set or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct LaneMask(pub [u32; LANES]);

// SAFETY: the type is sixteen `f32` without padding, and a marker of size zero.
unsafe impl<I: Instructions> bytemuck::Zeroable for Lanes<I> {}
unsafe impl<I: Instructions> bytemuck::Pod for Lanes<I> {}

impl<I: Instructions> Default for Lanes<I> {
    #[inline(always)]
    fn default() -> Self {
        // Written out, because the derived function is not inlined.
        Self::new([0.0; LANES])
    }
}

impl<I: Instructions> Lanes<I> {
    /// Makes lanes of sixteen numbers.
    #[inline(always)]
    pub fn new(numbers: [f32; LANES]) -> Self {
        Self(numbers, PhantomData)
    }

    /// Sets every lane to one number.
    #[inline(always)]
    pub fn splat(number: f32) -> Self {
        Self::new(I::splat(number))
    }

    /// Returns the same numbers for another instruction set.
    #[inline(always)]
    pub fn cast<J: Instructions>(self) -> Lanes<J> {
        Lanes::new(self.0)
    }
}

/// Evaluates an expression for each lane. A macro, because a closure cannot be forced inline.
macro_rules! each_lane {
    (|$l:ident| $value:expr) => {{
        let mut out = [0.0; LANES];
        for $l in 0..LANES {
            out[$l] = $value;
        }
        Self::new(out)
    }};
}

/// Sets all bits of the lanes where a condition holds.
macro_rules! where_lane {
    (|$l:ident| $truth:expr) => {{
        let mut out = [0; LANES];
        for $l in 0..LANES {
            out[$l] = if $truth { u32::MAX } else { 0 };
        }
        LaneMask(out)
    }};
}

macro_rules! arithmetic {
    ($($Trait:ident :: $method:ident => $operator:tt),*) => {$(
        impl<I: Instructions> $Trait for Lanes<I> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each_lane!(|l| self.0[l] $operator other.0[l])
            }
        }
    )*};
}
arithmetic!(Sub::sub => -, Div::div => /);

impl<I: Instructions> Add for Lanes<I> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::new(I::sums(&self.0, &other.0))
    }
}

impl<I: Instructions> Mul for Lanes<I> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::new(I::products(&self.0, &other.0))
    }
}

impl<I: Instructions> Neg for Lanes<I> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        each_lane!(|l| -self.0[l])
    }
}

impl Not for LaneMask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = !self.0[l];
        }
        Self(out)
    }
}

macro_rules! logic {
    ($($Trait:ident :: $method:ident => $operator:tt),*) => {$(
        impl $Trait for LaneMask {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let mut out = [0; LANES];
                for l in 0..LANES {
                    out[l] = self.0[l] $operator other.0[l];
                }
                Self(out)
            }
        }
    )*};
}
logic!(BitAnd::bitand => &, BitOr::bitor => |);

impl LaneMask {
    /// Packs the lanes into bits; the first lane is the lowest bit.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        let mut bits = 0;
        for l in 0..LANES {
            bits |= (self.0[l] & 1) << l;
        }
        bits
    }
}

impl Mask for LaneMask {
    #[inline(always)]
    fn from_bool(truth: bool) -> Self {
        Self([if truth { u32::MAX } else { 0 }; LANES])
    }
    #[inline(always)]
    fn from_lanes(truths: impl Fn(usize) -> bool) -> Self {
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = if truths(l) { u32::MAX } else { 0 };
        }
        Self(out)
    }
    #[inline(always)]
    fn any(self) -> bool {
        let mut any = 0;
        for l in 0..LANES {
            any |= self.0[l];
        }
        any != 0
    }
    #[inline(always)]
    fn lane(self, lane: usize) -> bool {
        self.0[lane] != 0
    }
}

impl<I: Instructions> Real for Lanes<I> {
    type Mask = LaneMask;
    const WIDTH: usize = LANES;
    const ACCUMULATORS: usize = I::ACCUMULATORS;

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        Self::splat(value as f32)
    }
    #[inline(always)]
    fn from_lanes(values: impl Fn(usize) -> f32) -> Self {
        // A plain loop is inlined where `array::from_fn` is not.
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = values(l);
        }
        Self::new(out)
    }
    #[inline(always)]
    fn lane(self, lane: usize) -> f64 {
        f64::from(self.0[lane])
    }
    #[inline(always)]
    fn below(self, other: Self) -> LaneMask {
        where_lane!(|l| self.0[l] < other.0[l])
    }
    #[inline(always)]
    fn at_least(self, other: Self) -> LaneMask {
        where_lane!(|l| self.0[l] >= other.0[l])
    }
    #[inline(always)]
    fn select(mask: LaneMask, yes: Self, no: Self) -> Self {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = if mask.0[l] != 0 { yes.0[l] } else { no.0[l] };
        }
        Self::new(out)
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self::new(I::mul_adds(&self.0, &factor.0, &term.0))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        each_lane!(|l| self.0[l].abs())
    }
    #[inline(always)]
    fn floor(self) -> Self {
        each_lane!(|l| single::floor(self.0[l]))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        each_lane!(|l| self.0[l].sqrt())
    }
    #[inline(always)]
    fn sin(self) -> Self {
        each_lane!(|l| single::sin::<I>(self.0[l]))
    }
    #[inline(always)]
    fn cos(self) -> Self {
        each_lane!(|l| single::cos::<I>(self.0[l]))
    }
    #[inline(always)]
    fn exp(self) -> Self {
        each_lane!(|l| single::exp::<I>(self.0[l]))
    }
    #[inline(always)]
    fn ln(self) -> Self {
        each_lane!(|l| single::ln::<I>(self.0[l]))
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        each_lane!(|l| single::tanh::<I>(self.0[l]))
    }
}
