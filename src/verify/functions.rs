//! Rung 3: the functions of `math` and the activations, over dense grids and edge values.

use super::{Comparison, Rung, Subject};
use crate::error::Result;
use crate::math::Real;
use crate::network::Activation;

/// A function on trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The sine of radians.
    Sin,
    /// The cosine of radians.
    Cos,
    /// e to the power.
    Exp,
    /// The natural logarithm.
    Ln,
    /// The hyperbolic tangent.
    Tanh,
    /// The logistic function.
    Sigmoid,
    /// What a layer does with a sum.
    Activation(Activation),
}

/// What a function is tried on, and what it is held to: |error| <= absolute + relative * |value|.
struct Trial {
    function: Function,
    low: f64,
    high: f64,
    absolute: f64,
    relative: f64,
}

/// Arguments of a grid.
const GRID: u32 = 40_000;

/// WGSL grants a division 2.5 units in the last place; so much more do quotients get.
const DIVISION: f64 = 2.5 / 8_388_608.0;

/// Each bound is the error measured over the whole domain (see `math::single`), and up to a half
/// more for the roundings that a device may fuse or order differently.
const TRIALS: [Trial; 6] = [
    Trial { function: Function::Sin, low: -8192.0, high: 8192.0, absolute: 1.4e-7, relative: 0.0 },
    Trial { function: Function::Cos, low: -8192.0, high: 8192.0, absolute: 1.4e-7, relative: 0.0 },
    Trial { function: Function::Exp, low: -87.0, high: 88.0, absolute: 0.0, relative: 1.3e-7 },
    Trial {
        function: Function::Ln,
        low: 1e-30,
        high: 1e30,
        absolute: 0.0,
        relative: 1.3e-7 + DIVISION,
    },
    Trial {
        function: Function::Tanh,
        low: -20.0,
        high: 20.0,
        absolute: 0.0,
        relative: 5.2e-7 + DIVISION,
    },
    Trial {
        function: Function::Sigmoid,
        low: -80.0,
        high: 80.0,
        absolute: 0.0,
        relative: 2.2e-7 + DIVISION,
    },
];

impl Function {
    /// Its number in `shaders/kernel/probe/math.wgsl`.
    pub fn id(self) -> u32 {
        match self {
            Self::Sin => 0,
            Self::Cos => 1,
            Self::Exp => 2,
            Self::Ln => 3,
            Self::Tanh => 4,
            Self::Sigmoid => 5,
            Self::Activation(activation) => {
                let place = Activation::ALL.iter().position(|&other| other == activation);
                6 + place.expect("ALL has every activation") as u32
            }
        }
    }

    /// Its value.
    #[inline(always)]
    pub fn apply<R: Real>(self, x: R) -> R {
        match self {
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Exp => x.exp(),
            Self::Ln => x.ln(),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => x.sigmoid(),
            Self::Activation(activation) => activation.apply(x),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Activation(activation) => format!("activation {}", activation.name()),
            other => format!("{other:?}").to_lowercase(),
        }
    }
}

pub(super) fn climb(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    for trial in &TRIALS {
        rungs.push(climb_one(subject, trial)?);
    }
    for activation in Activation::ALL {
        rungs.push(climb_one(subject, &activation_trial(activation))?);
    }
    Ok(rungs)
}

/// Bounds of an activation: those of the function that it is, or the error measured over the whole
/// domain, and up to a half more, as above.
fn activation_trial(activation: Activation) -> Trial {
    let function = Function::Activation(activation);
    let within = |reach: f64, absolute, relative| Trial {
        function,
        low: -reach,
        high: reach,
        absolute,
        relative,
    };
    match activation {
        Activation::Tanh => Trial { function, ..TRIALS[4] },
        Activation::Sigmoid => Trial { function, ..TRIALS[5] },
        Activation::Relu | Activation::Linear => within(1e6, 0.0, 0.0),
        Activation::Gelu => within(1e3, 1e-7, 2.2e-7 + DIVISION),
        Activation::Silu => within(80.0, 0.0, 2.2e-7 + DIVISION),
        // Beyond the domain of the sine.
        Activation::Sin => within(1e5, 1.4e-7, 0.0),
        Activation::Softsign => within(1e6, 0.0, 1.2e-7 + DIVISION),
    }
}

fn climb_one(subject: &dyn Subject, trial: &Trial) -> Result<Rung> {
    let limit = "|error| <= absolute + relative |value|, as measured for math::single";
    let mut errors = Comparison::new("3 functions", trial.function.name(), limit);
    let arguments = arguments(trial);
    let found = subject.function(trial.function, &arguments)?;
    for (&x, y) in arguments.iter().zip(found) {
        let expected = trial.function.apply(f64::from(x));
        let limit = trial.absolute + trial.relative * expected.abs();
        errors.check(f64::from(y), expected, limit, || format!("x = {x:?}"));
    }
    Ok(errors.rung())
}

/// An even grid, a grid that is dense near zero on both sides, and the edges.
fn arguments(trial: &Trial) -> Vec<f32> {
    let share = |i: u32| f64::from(i) / f64::from(GRID);
    let even = (0..=GRID).map(|i| trial.low + (trial.high - trial.low) * share(i));
    let reach = trial.high.min(trial.low.abs().max(trial.high)).max(1.0);
    let near = (0..=GRID).flat_map(|i| {
        let x = reach * (10.0f64).powf(-12.0 * share(i));
        [x, -x]
    });
    let multiples = (-64i32..=64).map(|i| f64::from(i) * std::f64::consts::FRAC_PI_4);
    let edges = [trial.low, trial.high, 0.0, 1.0, -1.0, 0.5, 2.0f64.sqrt(), 0.5f64.sqrt()];
    let all = even.chain(near).chain(multiples).chain(edges);
    all.filter(|x| (trial.low..=trial.high).contains(x)).map(|x| x as f32).collect()
}
