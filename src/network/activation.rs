//! Activation functions: what a layer does with the weighted sum of its inputs.
//!
//! The twin of a variant is the WGSL function `activation_NAME` in
//! `shaders/network/activation.wgsl`.

use crate::error::{Error, Result};
use crate::math::Real;

/// An activation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// The hyperbolic tangent.
    Tanh,
    /// max(x, 0).
    Relu,
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// x itself.
    Linear,
}

impl Activation {
    /// Every variant, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Tanh, Self::Relu, Self::Sigmoid, Self::Linear];

    /// The name used in a network's spec and in WGSL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::Sigmoid => "sigmoid",
            Self::Linear => "linear",
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
        match self {
            Self::Tanh => {
                for number in numbers {
                    *number = number.tanh();
                }
            }
            Self::Relu => {
                for number in numbers {
                    *number = number.max(R::of(0.0));
                }
            }
            Self::Sigmoid => {
                for number in numbers {
                    *number = number.sigmoid();
                }
            }
            Self::Linear => {}
        }
    }

    /// The function's value.
    #[inline(always)]
    pub fn apply<R: Real>(self, x: R) -> R {
        match self {
            Self::Tanh => x.tanh(),
            Self::Relu => x.max(R::of(0.0)),
            Self::Sigmoid => x.sigmoid(),
            Self::Linear => x,
        }
    }
}
