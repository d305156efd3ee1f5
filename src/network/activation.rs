//! Activation functions of layers and graph nodes.
//!
//! A new activation takes one row, a function and its derivative here, and the WGSL function
//! `activation_NAME` in `shaders/network/activation.wgsl`. The command line, the kernels and the
//! verification read [`Activation::ALL`].
//!
//! # Derivatives
//!
//! A derivative is a function of the argument `x` and the value `y`. Where there is none, it is
//! that of one side: 0 for `relu` at 0. That of `step` is 0 everywhere, so no gradient passes
//! through a layer of it.
//!
//! # Source
//!
//! `gelu` is the tanh form of Hendrycks and Gimpel 2016, section 2, not the exact form with the
//! error function: the two differ by 5e-4 at most. `silu` is section 2 of Elfwing, Uchibe and Doya
//! 2018.

use serde::{Deserialize, Serialize};

use crate::error::{Result, by_name};
use crate::math::{FunctionBounds, Instructions, Lanes, Real, SimdWork, single};

/// Defines [`Activation`] from rows of `Variant = function, derivative, bounds`. The function's
/// name is also the name of the activation in specs and in WGSL.
macro_rules! activations {
    ($($(#[$doc:meta])* $Variant:ident = $function:ident, $slope:expr, $bounds:expr;)*) => {
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

            /// The bounds that every backend is verified against: the error measured over the
            /// whole domain, plus up to a half of it for roundings that a device may fuse or order
            /// differently.
            pub const fn bounds(self) -> FunctionBounds {
                match self {
                    $(Self::$Variant => $bounds,)*
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

            /// Multiplies each slope by the derivative at an argument and its value.
            #[inline(always)]
            pub fn multiply_slopes<R: Real>(self, arguments: &[R], values: &[R], slopes: &mut [R]) {
                match self {
                    $(Self::$Variant => {
                        for ((slope, &x), &y) in slopes.iter_mut().zip(arguments).zip(values) {
                            *slope = *slope * $slope(x, y);
                        }
                    })*
                }
            }
        }
    };
}

activations! {
    /// The hyperbolic tangent.
    Tanh = tanh, tanh_slope, FunctionBounds::within(20.0, 0.0, 5.2e-7, true);
    /// max(x, 0).
    Relu = relu, relu_slope, FunctionBounds::within(1e6, 0.0, 0.0, false);
    /// 1 / (1 + e^-x).
    Sigmoid = sigmoid, sigmoid_slope, FunctionBounds::within(80.0, 0.0, 2.2e-7, true);
    /// The identity.
    Linear = linear, linear_slope, FunctionBounds::within(1e6, 0.0, 0.0, false);
    /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
    Gelu = gelu, gelu_slope, FunctionBounds::within(1e3, 1e-7, 2.2e-7, true);
    /// x / (1 + e^-x).
    Silu = silu, silu_slope, FunctionBounds::within(80.0, 0.0, 2.2e-7, true);
    /// The sine. Beyond [`single::LARGEST_ANGLE`], every backend takes the sine of the nearest
    /// angle within.
    Sin = sin, sin_slope, FunctionBounds::within(1e5, 1.4e-7, 0.0, false);
    /// x / (1 + |x|).
    Softsign = softsign, softsign_slope, FunctionBounds::within(1e6, 0.0, 1.2e-7, true);
    /// 1 where x > 0, else 0: a hard threshold, whose derivative is 0.
    Step = step, step_slope, FunctionBounds::within(1e6, 0.0, 0.0, false);
}

impl Activation {
    /// Returns the activation with a name.
    ///
    /// # Errors
    /// Returns [`Error::Unknown`](crate::error::Error::Unknown) with the names that exist.
    pub fn by_name(name: &str) -> Result<Self> {
        by_name("activation", name, Self::ALL, |activation| activation.name())
    }

    /// Replaces each number by the function's value, in a function that is compiled once for an
    /// instruction set rather than once for each caller.
    #[inline(always)]
    pub fn apply_out_of_line<I: Instructions>(self, numbers: &mut [Lanes<I>]) {
        I::call(Application { activation: self, numbers });
    }

    /// The function's value.
    #[inline(always)]
    pub fn apply<R: Real>(self, x: R) -> R {
        let mut number = [x];
        self.apply_all(&mut number);
        number[0]
    }

    /// The derivative at an argument `x` whose value is `y`.
    #[inline(always)]
    pub fn slope<R: Real>(self, x: R, y: R) -> R {
        let mut slope = [R::from_f64(1.0)];
        self.multiply_slopes(&[x], &[y], &mut slope);
        slope[0]
    }
}

/// The application of an activation to lanes.
struct Application<'a, I: Instructions> {
    activation: Activation,
    numbers: &'a mut [Lanes<I>],
}

impl<I: Instructions> SimdWork for Application<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run<J: Instructions>(self) {
        self.activation.apply_all(self.numbers);
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

/// 2 sqrt(2 / pi), the factor of x in the argument of `gelu`'s logistic function.
const GELU_LINE: f64 = 1.595_769_121_605_730_8;
/// The factor of x^3 there.
const GELU_CUBE: f64 = 0.044_715 * GELU_LINE;

/// Computes (1 + tanh(y)) / 2 as the logistic function of 2 y, which subtracts no near equals.
#[inline(always)]
fn gelu<R: Real>(x: R) -> R {
    let twice = x * (x * x).mul_add(R::from_f64(GELU_CUBE), R::from_f64(GELU_LINE));
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

#[inline(always)]
fn step<R: Real>(x: R) -> R {
    let zero = R::from_f64(0.0);
    // NaN is neither, and stays.
    R::select(x.above(zero), R::from_f64(1.0), R::select(zero.at_least(x), zero, x))
}

#[inline(always)]
fn tanh_slope<R: Real>(_: R, y: R) -> R {
    R::from_f64(1.0) - y * y
}

#[inline(always)]
fn relu_slope<R: Real>(x: R, _: R) -> R {
    step(x)
}

#[inline(always)]
fn sigmoid_slope<R: Real>(_: R, y: R) -> R {
    y * (R::from_f64(1.0) - y)
}

#[inline(always)]
fn linear_slope<R: Real>(_: R, _: R) -> R {
    R::from_f64(1.0)
}

/// Returns s + x s (1 - s) u', where s is the logistic function of u(x) and the value is x s.
#[inline(always)]
fn gelu_slope<R: Real>(x: R, _: R) -> R {
    let twice = x * (x * x).mul_add(R::from_f64(GELU_CUBE), R::from_f64(GELU_LINE));
    let share = twice.sigmoid();
    let rise = (x * x).mul_add(R::from_f64(3.0 * GELU_CUBE), R::from_f64(GELU_LINE));
    share + x * share * (R::from_f64(1.0) - share) * rise
}

#[inline(always)]
fn silu_slope<R: Real>(x: R, y: R) -> R {
    let share = x.sigmoid();
    share + y * (R::from_f64(1.0) - share)
}

#[inline(always)]
fn sin_slope<R: Real>(x: R, _: R) -> R {
    let largest = R::from_f64(f64::from(single::LARGEST_ANGLE));
    let cosine = x.clamp(-largest, largest).cos();
    R::select(x.abs().above(largest), R::from_f64(0.0), cosine)
}

#[inline(always)]
fn softsign_slope<R: Real>(x: R, _: R) -> R {
    let size = R::from_f64(1.0) + x.abs();
    R::from_f64(1.0) / (size * size)
}

#[inline(always)]
fn step_slope<R: Real>(_: R, _: R) -> R {
    R::from_f64(0.0)
}
