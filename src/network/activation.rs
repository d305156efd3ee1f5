//! Activation functions: what a layer does with the weighted sum of its inputs.
//!
//! The twin of a variant is the WGSL function `activation_NAME` in
//! `shaders/network/activation.wgsl`.
//!
//! # Source
//!
//! `gelu` is the tanh form of Hendrycks and Gimpel 2016, section 2, not the exact one with the
//! error function: the two differ by 5e-4 at most. `silu` is section 2 of Elfwing, Uchibe and Doya
//! 2018.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::math::{Real, single};

/// An activation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// The hyperbolic tangent.
    Tanh,
    /// max(x, 0).
    Relu,
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// x itself.
    Linear,
    /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
    Gelu,
    /// x / (1 + e^-x).
    Silu,
    /// The sine; beyond [`single::LARGEST_ANGLE`], on any backend, that of the nearest angle.
    Sin,
    /// x / (1 + |x|).
    Softsign,
}

impl Activation {
    /// Every variant, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Tanh,
        Self::Relu,
        Self::Sigmoid,
        Self::Linear,
        Self::Gelu,
        Self::Silu,
        Self::Sin,
        Self::Softsign,
    ];

    /// The name used in a network's spec and in WGSL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::Sigmoid => "sigmoid",
            Self::Linear => "linear",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Sin => "sin",
            Self::Softsign => "softsign",
        }
    }

    /// The activation of a name.
    ///
    /// # Errors
    /// [`Error::Unknown`] lists the names that exist.
    pub fn named(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|activation| activation.name() == name).ok_or_else(|| {
            Error::Unknown {
                kind: "activation".into(),
                name: name.into(),
                known: Self::ALL.map(|activation| activation.name().to_owned()).into(),
            }
        })
    }

    /// The function's value in place of each number.
    #[inline(always)]
    pub fn apply_all<R: Real>(self, numbers: &mut [R]) {
        // Decided once, so that the work on one number overlaps with that on the next. No closures:
        // they cannot be told to be inlined.
        macro_rules! each {
            ($function:path) => {
                for number in numbers {
                    *number = $function(*number);
                }
            };
        }
        match self {
            Self::Tanh => each!(R::tanh),
            Self::Relu => each!(relu),
            Self::Sigmoid => each!(R::sigmoid),
            Self::Linear => {}
            Self::Gelu => each!(gelu),
            Self::Silu => each!(silu),
            Self::Sin => each!(sin),
            Self::Softsign => each!(softsign),
        }
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
fn relu<R: Real>(x: R) -> R {
    x.max(R::of(0.0))
}

/// Half of 1 + tanh(y) is the logistic function of 2 y, which has no difference of near equals.
#[inline(always)]
fn gelu<R: Real>(x: R) -> R {
    // Twice sqrt(2 / pi), and that times 0.044715.
    const SLOPE: f64 = 1.595_769_121_605_730_8;
    const CUBE: f64 = 0.044_715 * SLOPE;
    let twice = x * (x * x).mul_add(R::of(CUBE), R::of(SLOPE));
    x / (R::of(1.0) + (-twice).exp())
}

#[inline(always)]
fn silu<R: Real>(x: R) -> R {
    x / (R::of(1.0) + (-x).exp())
}

#[inline(always)]
fn sin<R: Real>(x: R) -> R {
    let largest = R::of(f64::from(single::LARGEST_ANGLE));
    x.clamp(-largest, largest).sin()
}

#[inline(always)]
fn softsign<R: Real>(x: R) -> R {
    x / (R::of(1.0) + x.abs())
}
