//! The functions of [`Real`] that every backend approximates: one table for the kernels and the
//! verification.
//!
//! A new function takes one row here, a method of [`Real`], and the WGSL function `math_NAME` in
//! `shaders/math.wgsl`.

use super::Real;

/// The domain on which a function is verified, and the error that it may have there:
/// `|error| <= absolute + relative * |value|`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunctionBounds {
    /// The smallest argument.
    pub low: f64,
    /// The largest argument.
    pub high: f64,
    /// The absolute part of the error.
    pub absolute: f64,
    /// The relative part, without the error of a division.
    pub relative: f64,
    /// True if the function divides: WGSL allows a division an error of its own.
    pub divides: bool,
}

/// Defines [`MathFunction`] from rows of `Variant = method, bounds`. The method's name is also the
/// function's name in WGSL.
macro_rules! functions {
    ($($(#[$doc:meta])* $Variant:ident = $method:ident, $bounds:expr;)*) => {
        /// A function that tasks and networks use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum MathFunction {
            $($(#[$doc])* $Variant,)*
        }

        impl MathFunction {
            /// Every function. The index of a function is its id in WGSL.
            pub const ALL: [Self; [$(stringify!($method)),*].len()] = [$(Self::$Variant),*];

            /// The name of the method of [`Real`], and of the function in WGSL.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => stringify!($method),)*
                }
            }

            /// The bounds that every backend is verified against: the error measured over the
            /// whole domain (see [`single`](super::single)), plus up to a half of it for roundings
            /// that a device may fuse or order differently.
            pub const fn bounds(self) -> FunctionBounds {
                match self {
                    $(Self::$Variant => $bounds,)*
                }
            }

            /// The function's value.
            #[inline(always)]
            pub fn apply<R: Real>(self, x: R) -> R {
                match self {
                    $(Self::$Variant => x.$method(),)*
                }
            }
        }
    };
}

impl FunctionBounds {
    /// Makes bounds on a domain from -`reach` to `reach`.
    pub const fn within(reach: f64, absolute: f64, relative: f64, divides: bool) -> Self {
        Self { low: -reach, high: reach, absolute, relative, divides }
    }
}

const fn bounds(
    low: f64,
    high: f64,
    absolute: f64,
    relative: f64,
    divides: bool,
) -> FunctionBounds {
    FunctionBounds { low, high, absolute, relative, divides }
}

functions! {
    /// The sine of an angle in radians.
    Sin = sin, bounds(-8192.0, 8192.0, 1.4e-7, 0.0, false);
    /// The cosine of an angle in radians.
    Cos = cos, bounds(-8192.0, 8192.0, 1.4e-7, 0.0, false);
    /// The exponential function.
    Exp = exp, bounds(-87.0, 88.0, 0.0, 1.3e-7, false);
    /// The natural logarithm.
    Ln = ln, bounds(1e-30, 1e30, 0.0, 1.3e-7, true);
    /// The hyperbolic tangent.
    Tanh = tanh, bounds(-20.0, 20.0, 0.0, 5.2e-7, true);
    /// The logistic function.
    Sigmoid = sigmoid, bounds(-80.0, 80.0, 0.0, 2.2e-7, true);
}
