//! Activation functions of layers and graph nodes.
//!
//! A new activation takes one row and one function here, and the WGSL function `activation_NAME`
//! in `shaders/network/activation.wgsl`. The command line, the kernels and the verification read
//! [`Activation::ALL`].
//!
//! # Source
//!
//! `gelu` is the tanh form of Hendrycks and Gimpel 2016, section 2, not the exact form with the
//! error function: the two differ by 5e-4 at most. `silu` is section 2 of Elfwing, Uchibe and Doya
//! 2018.

use serde::{Deserialize, Serialize};

use crate::error::{Result, by_name};
use crate::math::{Real, single};

/// The error that the single-precision form of a function may have:
/// `|error| <= absolute + relative * |value|` for arguments from `-reach` to `reach`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorBound {
    /// The largest magnitude of an argument that is verified.
    pub reach: f64,
    /// The absolute part.
    pub absolute: f64,
    /// The relative part, without the error of a division.
    pub relative: f64,
    /// True if the function divides: WGSL allows a division an error of its own.
    pub divides: bool,
}

/// Defines [`Activation`] from rows of `Variant = function, error bound`. The function's name is
/// also the name of the activation in specs and in WGSL.
macro_rules! activations {
    ($($(#[$doc:meta])* $Variant:ident = $function:ident, $bound:expr;)*) => {
        /// An activation function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Activation {
            $($(#[$doc])* $Variant,)*
        }

        impl Activation {
            /// Every variant, in the order of the documentation. The index of a variant is its id
            /// in WGSL.
            pub const ALL: [Self; [$(stringify!($function)),*].len()] = [$(Self::$Variant),*];

            /// The name used in a network's spec and in WGSL.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => stringify!($function),)*
                }
            }

            /// The bound that every implementation is verified against: the error measured over
            /// the whole domain, plus up to a half of it for roundings that a device may fuse or
            /// order differently.
            pub const fn error_bound(self) -> ErrorBound {
                match self {
                    $(Self::$Variant => $bound,)*
                }
            }

            /// Replaces each number by the function's value.
            #[inline(always)]
            pub fn apply_all<R: Real>(self, numbers: &mut [R]) {
                // One decision for all numbers, so that the work on one overlaps with that on the
                // next. Plain loops, since closures cannot be forced inline.
                match self {
                    $(Self::$Variant => {
                        for number in numbers {
                            *number = $function(*number);
                        }
                    })*
                }
            }
        }
    };
}

activations! {
    /// The hyperbolic tangent.
    Tanh = tanh, ErrorBound { reach: 20.0, absolute: 0.0, relative: 5.2e-7, divides: true };
    /// max(x, 0).
    Relu = relu, ErrorBound { reach: 1e6, absolute: 0.0, relative: 0.0, divides: false };
    /// 1 / (1 + e^-x).
    Sigmoid = sigmoid, ErrorBound { reach: 80.0, absolute: 0.0, relative: 2.2e-7, divides: true };
    /// The identity.
    Linear = linear, ErrorBound { reach: 1e6, absolute: 0.0, relative: 0.0, divides: false };
    /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
    Gelu = gelu, ErrorBound { reach: 1e3, absolute: 1e-7, relative: 2.2e-7, divides: true };
    /// x / (1 + e^-x).
    Silu = silu, ErrorBound { reach: 80.0, absolute: 0.0, relative: 2.2e-7, divides: true };
    /// The sine. Beyond [`single::LARGEST_ANGLE`], every backend takes the sine of the nearest
    /// angle within.
    Sin = sin, ErrorBound { reach: 1e5, absolute: 1.4e-7, relative: 0.0, divides: false };
    /// x / (1 + |x|).
    Softsign = softsign, ErrorBound { reach: 1e6, absolute: 0.0, relative: 1.2e-7, divides: true };
}

impl Activation {
    /// Returns the activation with a name.
    ///
    /// # Errors
    /// Returns [`Error::Unknown`](crate::error::Error::Unknown) with the names that exist.
    pub fn by_name(name: &str) -> Result<Self> {
        by_name("activation", name, Self::ALL, |activation| activation.name())
    }

    /// The function's value.
    #[inline(always)]
    pub fn apply<R: Real>(self, x: R) -> R {
        let mut number = [x];
        self.apply_all(&mut number);
        number[0]
    }
}

#[inline(always)]
fn tanh<R: Real>(x: R) -> R {
    x.tanh()
}

#[inline(always)]
fn relu<R: Real>(x: R) -> R {
    x.max(R::from_f64(0.0))
}

#[inline(always)]
fn sigmoid<R: Real>(x: R) -> R {
    x.sigmoid()
}

#[inline(always)]
fn linear<R: Real>(x: R) -> R {
    x
}

/// Computes (1 + tanh(y)) / 2 as the logistic function of 2 y, which subtracts no near equals.
#[inline(always)]
fn gelu<R: Real>(x: R) -> R {
    // 2 sqrt(2 / pi), and 0.044715 times that.
    const SLOPE: f64 = 1.595_769_121_605_730_8;
    const CUBE: f64 = 0.044_715 * SLOPE;
    let twice = x * (x * x).mul_add(R::from_f64(CUBE), R::from_f64(SLOPE));
    x / (R::from_f64(1.0) + (-twice).exp())
}

#[inline(always)]
fn silu<R: Real>(x: R) -> R {
    x / (R::from_f64(1.0) + (-x).exp())
}

#[inline(always)]
fn sin<R: Real>(x: R) -> R {
    let largest = R::from_f64(f64::from(single::LARGEST_ANGLE));
    x.clamp(-largest, largest).sin()
}

#[inline(always)]
fn softsign<R: Real>(x: R) -> R {
    x / (R::from_f64(1.0) + x.abs())
}
