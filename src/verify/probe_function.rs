//! The functions that the rung of functions evaluates.

use crate::math::{FunctionBounds, MathFunction, Real};
use crate::network::Activation;

/// A function that an implementation evaluates for this rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeFunction {
    /// A function of `math`.
    Math(MathFunction),
    /// An activation function.
    Activation(Activation),
}

impl ProbeFunction {
    /// All functions. The index of a function is its number in `shaders/kernel/probe/math.wgsl`.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let math = MathFunction::ALL.into_iter().map(Self::Math);
        math.chain(Activation::ALL.into_iter().map(Self::Activation))
    }

    /// The number of the function in `shaders/kernel/probe/math.wgsl`.
    pub fn id(self) -> u32 {
        match self {
            Self::Math(function) => function as u32,
            Self::Activation(activation) => MathFunction::ALL.len() as u32 + activation as u32,
        }
    }

    /// The function's value.
    #[inline(always)]
    pub fn apply<R: Real>(self, x: R) -> R {
        match self {
            Self::Math(function) => function.apply(x),
            Self::Activation(activation) => activation.apply(x),
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Math(function) => function.name().to_owned(),
            Self::Activation(activation) => format!("activation {}", activation.name()),
        }
    }

    pub(super) fn bounds(self) -> FunctionBounds {
        match self {
            Self::Math(function) => function.bounds(),
            Self::Activation(activation) => activation.bounds(),
        }
    }
}
