//! Formulas: the benchmark functions of optimisers, as sums over the genes of a point.
//!
//! # Shapes
//!
//! A formula adds up two sums over the indices `k` of a point `z` (`f64[n]`), and computes its
//! value from them. The smallest value of every formula is 0. It is finite for every point of
//! single precision.
//!
//! Six formulas are benchmarks of optimisers. Each has a single minimum of value 0.
//!
//! | formula | value |
//! |---|---|
//! | sphere | sum z_k^2 |
//! | ellipsoid | sum 10^(6 k / (n - 1)) z_k^2 |
//! | cigar | z_0^2 + 10^6 sum of the other z_k^2 |
//! | rosenbrock | sum over k >= 1 of 100 (z_k - z_(k-1)^2)^2 + (1 - z_(k-1))^2 |
//! | rastrigin | 10 n + sum (z_k^2 - 10 cos 2 pi z_k) |
//! | ackley | 20 + e - 20 exp(-0.2 sqrt(mean z_k^2)) - exp(mean cos 2 pi z_k) |
//!
//! The others are traps: where a run starts, the gradient stops or leads away from the minimum.
//! [`Formula::trap`] says how. Their start moves with the shift and the rotation, so that it is in
//! the trap whatever they are.
//!
//! - saddle: (z_0^2 - 1)^2 + sum of the other z_k^2, from (1e-6, 1, ..., 1)
//! - degenerate-saddle: (z_0^2 - 1)^2 (2 z_0^2 + 1) + sum of the other z_k^2, from
//!   (1e-6, 1, ..., 1)
//! - monkey-saddle: 1 - 4 (z_0^3 - 3 z_0 z_1^2) + 3 (z_0^2 + z_1^2)^2 + sum of the other z_k^2,
//!   from (1e-6, 0, 1, ..., 1)
//! - plateau: sum of round(z_k)^2, from (5, ..., 5)
//! - gap: h(z_0) + sum of the other z_k^2, where h(z) is z^2 up to 1, 1 from 1 to 2, and
//!   1 + (abs z - 2)^2 from 2 on; from (3, 1, ..., 1)
//! - cliff: h(z_0) + sum of the other z_k^2, where h(z) is z^2 up to 1, 4 between 1 and 2, and
//!   abs z - 1 from 2 on; from (3, 1, ..., 1)
//! - deceptive-trap: sum of the smaller of 16 z_k^2 and 1/2 + (z_k - 3)^2 / 8, from (1, ..., 1)
//!
//! # Source
//!
//! Hansen, Finck, Ros and Auger, "Real-parameter black-box optimization benchmarking 2009:
//! noiseless functions definitions", RR-6829, 2009, without its transformations; Rosenbrock 1960;
//! Rastrigin 1974; Ackley 1987. `formula/trap.rs` names the sources of the traps. The WGSL twin is
//! `shaders/task/formula.wgsl`.

mod trap;

use std::f64::consts::{E, PI};

/// The distance from the ridge of a saddle at which a run starts.
const BESIDE_RIDGE: f64 = 1e-6;

/// A formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// A bowl with the same curvature in every direction.
    Sphere,
    /// A bowl with curvatures from 1 to 10^6, evenly spaced on a logarithmic scale.
    Ellipsoid,
    /// A bowl with one long axis.
    Cigar,
    /// A bent, narrow valley.
    Rosenbrock,
    /// A bowl with about 10^n local minima.
    Rastrigin,
    /// A plain with one deep hole, and local minima everywhere.
    Ackley,
    /// A ridge of negative curvature between two minima.
    Saddle,
    /// A ridge without curvature between two minima.
    DegenerateSaddle,
    /// A place without curvature from which three valleys lead to minima.
    MonkeySaddle,
    /// Flat steps.
    Plateau,
    /// A bowl behind a flat ring.
    Gap,
    /// A bowl behind high ground with steep sides.
    Cliff,
    /// A narrow bowl in the side of a wide one that leads away from it, along every axis.
    DeceptiveTrap,
}

impl Formula {
    /// Every formula, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::Sphere,
        Self::Ellipsoid,
        Self::Cigar,
        Self::Rosenbrock,
        Self::Rastrigin,
        Self::Ackley,
        Self::Saddle,
        Self::DegenerateSaddle,
        Self::MonkeySaddle,
        Self::Plateau,
        Self::Gap,
        Self::Cliff,
        Self::DeceptiveTrap,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sphere => "sphere",
            Self::Ellipsoid => "ellipsoid",
            Self::Cigar => "cigar",
            Self::Rosenbrock => "rosenbrock",
            Self::Rastrigin => "rastrigin",
            Self::Ackley => "ackley",
            Self::Saddle => "saddle",
            Self::DegenerateSaddle => "degenerate-saddle",
            Self::MonkeySaddle => "monkey-saddle",
            Self::Plateau => "plateau",
            Self::Gap => "gap",
            Self::Cliff => "cliff",
            Self::DeceptiveTrap => "deceptive-trap",
        }
    }

    /// The value as a formula, for people; `n` is the number of dimensions.
    pub fn expression(self) -> &'static str {
        match self {
            Self::Sphere => "sum z_k^2",
            Self::Ellipsoid => "sum 10^(6 k / (n - 1)) z_k^2, k from 0",
            Self::Cigar => "z_0^2 + 10^6 sum of the other z_k^2",
            Self::Rosenbrock => "sum over k >= 1 of 100 (z_k - z_(k-1)^2)^2 + (1 - z_(k-1))^2",
            Self::Rastrigin => "10 n + sum (z_k^2 - 10 cos 2 pi z_k)",
            Self::Ackley => "20 + e - 20 exp(-0.2 sqrt(mean z_k^2)) - exp(mean cos 2 pi z_k)",
            Self::Saddle => "(z_0^2 - 1)^2 + sum of the other z_k^2",
            Self::DegenerateSaddle => "(z_0^2 - 1)^2 (2 z_0^2 + 1) + sum of the other z_k^2",
            Self::MonkeySaddle => {
                "1 - 4 (z_0^3 - 3 z_0 z_1^2) + 3 (z_0^2 + z_1^2)^2 + sum of the other z_k^2"
            }
            Self::Plateau => "sum of round(z_k)^2",
            Self::Gap => {
                "h(z_0) + sum of the other z_k^2, where h(z) is z^2 for abs z <= 1, 1 for \
                          abs z <= 2, else 1 + (abs z - 2)^2"
            }
            Self::Cliff => {
                "h(z_0) + sum of the other z_k^2, where h(z) is z^2 for abs z <= 1, 4 \
                            for abs z < 2, else abs z - 1"
            }
            Self::DeceptiveTrap => "sum of the smaller of 16 z_k^2 and 1/2 + (z_k - 3)^2 / 8",
        }
    }

    /// The points of value 0, for people.
    pub fn optimum(self) -> &'static str {
        match self {
            Self::Rosenbrock => "z = (1, ..., 1)",
            Self::Saddle | Self::DegenerateSaddle => "z = (1, 0, ..., 0) and z = (-1, 0, ..., 0)",
            Self::MonkeySaddle => {
                "z = (1, 0, ..., 0), and a third of a turn and two thirds from it in z_0 and z_1"
            }
            Self::Plateau => "every z whose numbers are all between -1/2 and 1/2",
            Self::Sphere
            | Self::Ellipsoid
            | Self::Cigar
            | Self::Rastrigin
            | Self::Ackley
            | Self::Gap
            | Self::Cliff
            | Self::DeceptiveTrap => "z = (0, ..., 0)",
        }
    }

    /// Returns the coordinate at an index of a point of value 0.
    pub fn minimum(self, index: usize) -> f64 {
        match self {
            Self::Rosenbrock => 1.0,
            Self::Saddle | Self::DegenerateSaddle | Self::MonkeySaddle if index == 0 => 1.0,
            _ => 0.0,
        }
    }

    /// Describes what a gradient does at the start of a trap, in a sentence for people. `None` if
    /// the formula is no trap.
    pub fn trap(self) -> Option<&'static str> {
        match self {
            Self::Sphere
            | Self::Ellipsoid
            | Self::Cigar
            | Self::Rosenbrock
            | Self::Rastrigin
            | Self::Ackley => None,
            Self::Saddle => Some(
                "The start is 1e-6 beside the ridge z_0 = 0 of a strict saddle. A gradient leads \
                 to the saddle, z = 0 of value 1, and stays there for about 3.5 steps over the \
                 learning rate, because it leaves the ridge at a speed that is proportional to \
                 the distance.",
            ),
            Self::DegenerateSaddle => Some(
                "The start is 1e-6 beside a ridge without curvature. A gradient leads to the \
                 saddle, z = 0 of value 1, and ends there: the slope off the ridge is 12 times the \
                 cube of the distance, 1e-17.",
            ),
            Self::MonkeySaddle => Some(
                "The start is 1e-6 beside a saddle without curvature, of value 1, in z_0 and z_1. \
                 The slope there is 12 times the square of the distance, 1e-11, so a gradient \
                 needs 80,000 steps divided by the learning rate.",
            ),
            Self::Plateau => Some(
                "The gradient is 0 at every point, because the value changes only at the edges of \
                 steps.",
            ),
            Self::Gap => Some(
                "The start is outside the gap. A gradient leads to its outer edge, z_0 = 2 of \
                 value 1, and is 0 there and everywhere in the gap.",
            ),
            Self::Cliff => Some(
                "The start is outside the cliff. A gradient leads to its edge, z_0 = 2 of value 1; \
                 the next step leads onto the high ground of value 4, where the gradient is 0.",
            ),
            Self::DeceptiveTrap => Some(
                "The start is on the slope of the wide bowl. A gradient leads away from the \
                 minimum, to z = (3, ..., 3) of value n / 2.",
            ),
        }
    }

    /// Returns the coordinate at an index of a trap's start; `None` if the formula is no trap.
    pub fn start(self, index: usize) -> Option<f64> {
        match self {
            Self::Sphere
            | Self::Ellipsoid
            | Self::Cigar
            | Self::Rosenbrock
            | Self::Rastrigin
            | Self::Ackley => None,
            Self::Saddle | Self::DegenerateSaddle => {
                Some(if index == 0 { BESIDE_RIDGE } else { 1.0 })
            }
            Self::MonkeySaddle => Some(match index {
                0 => BESIDE_RIDGE,
                1 => 0.0,
                _ => 1.0,
            }),
            Self::Plateau => Some(5.0),
            Self::Gap | Self::Cliff => Some(if index == 0 { 3.0 } else { 1.0 }),
            Self::DeceptiveTrap => Some(1.0),
        }
    }

    /// The smallest number of dimensions in which the formula is what its name says.
    pub fn least_dimensions(self) -> usize {
        match self {
            Self::Rosenbrock | Self::Saddle | Self::DegenerateSaddle | Self::MonkeySaddle => 2,
            _ => 1,
        }
    }

    /// Returns the value at a point.
    pub fn value(self, point: &[f64]) -> f64 {
        self.value_from_sums(self.sums(point), point.len() as f64)
    }

    /// Returns the gradient of the value at a point, `f64[n]`. Where the value has an edge or a
    /// kink, it is the gradient of the side which the point is on; on flat ground it is 0. It is
    /// also 0 at the bottom of Ackley's hole, which has no gradient.
    pub fn gradient(self, point: &[f64]) -> Vec<f64> {
        let count = point.len();
        let by_sums = self.slopes_by_sums(self.sums(point), count as f64);
        let mut gradient = vec![0.0; count];
        for (index, &z) in point.iter().enumerate() {
            let previous = if index > 0 { point[index - 1] } else { 0.0 };
            let (by_gene, by_previous) = self.term_slopes(index, count, z, previous);
            gradient[index] += by_sums[0] * by_gene[0] + by_sums[1] * by_gene[1];
            if index > 0 {
                gradient[index - 1] += by_sums[0] * by_previous;
            }
        }
        gradient
    }

    fn sums(self, point: &[f64]) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for (index, &z) in point.iter().enumerate() {
            let previous = if index > 0 { point[index - 1] } else { 0.0 };
            let term = self.term(index, point.len(), z, previous);
            sums = [sums[0] + term[0], sums[1] + term[1]];
        }
        sums
    }

    /// Returns the terms that the gene at an index adds to the two sums.
    fn term(self, index: usize, count: usize, z: f64, previous: f64) -> [f64; 2] {
        match self {
            Self::Sphere => [z * z, 0.0],
            Self::Ellipsoid => [ellipsoid_factor(index, count) * z * z, 0.0],
            Self::Cigar => [cigar_factor(index) * z * z, 0.0],
            Self::Rosenbrock if index == 0 => [0.0; 2],
            Self::Rosenbrock => {
                let (bend, rest) = (z - previous * previous, 1.0 - previous);
                [100.0 * bend * bend + rest * rest, 0.0]
            }
            // 1 - cos 2x equals 2 sin^2 x, which keeps all digits of small values.
            Self::Rastrigin => [z * z + 20.0 * half_turns(z).sin().powi(2), 0.0],
            Self::Ackley => [z * z, (2.0 * half_turns(z)).cos()],
            Self::Saddle if index == 0 => [trap::ridge(z), 0.0],
            Self::DegenerateSaddle if index == 0 => [trap::flat_ridge(z), 0.0],
            Self::MonkeySaddle if index == 0 => [0.0; 2],
            Self::MonkeySaddle if index == 1 => [trap::monkey(previous, z), 0.0],
            Self::Gap if index == 0 => [trap::gap(z), 0.0],
            Self::Cliff if index == 0 => [trap::cliff(z), 0.0],
            Self::Saddle
            | Self::DegenerateSaddle
            | Self::MonkeySaddle
            | Self::Gap
            | Self::Cliff => [z * z, 0.0],
            Self::Plateau => [trap::steps(z), 0.0],
            Self::DeceptiveTrap => [trap::deceptive(z), 0.0],
        }
    }

    /// Returns the slopes of the two terms in the gene at an index, and the slope of the first in
    /// the gene before it.
    fn term_slopes(self, index: usize, count: usize, z: f64, previous: f64) -> ([f64; 2], f64) {
        let first = |slope: f64| ([slope, 0.0], 0.0);
        match self {
            Self::Sphere => first(2.0 * z),
            Self::Ellipsoid => first(ellipsoid_factor(index, count) * 2.0 * z),
            Self::Cigar => first(cigar_factor(index) * 2.0 * z),
            Self::Rosenbrock if index == 0 => first(0.0),
            Self::Rosenbrock => {
                let bend = z - previous * previous;
                ([200.0 * bend, 0.0], -400.0 * previous * bend - 2.0 * (1.0 - previous))
            }
            Self::Rastrigin => first(2.0 * z + 20.0 * PI * (2.0 * half_turns(z)).sin()),
            Self::Ackley => ([2.0 * z, -2.0 * PI * (2.0 * half_turns(z)).sin()], 0.0),
            Self::Saddle if index == 0 => first(trap::ridge_slope(z)),
            Self::DegenerateSaddle if index == 0 => first(trap::flat_ridge_slope(z)),
            Self::MonkeySaddle if index == 0 => first(0.0),
            Self::MonkeySaddle if index == 1 => {
                let [by_previous, by_gene] = trap::monkey_slopes(previous, z);
                ([by_gene, 0.0], by_previous)
            }
            Self::Gap if index == 0 => first(trap::gap_slope(z)),
            Self::Cliff if index == 0 => first(trap::cliff_slope(z)),
            Self::Saddle
            | Self::DegenerateSaddle
            | Self::MonkeySaddle
            | Self::Gap
            | Self::Cliff => first(2.0 * z),
            Self::Plateau => first(0.0),
            Self::DeceptiveTrap => first(trap::deceptive_slope(z)),
        }
    }

    /// Returns the value from the two sums over all genes.
    fn value_from_sums(self, sums: [f64; 2], count: f64) -> f64 {
        match self {
            Self::Ackley => {
                let distance = (sums[0] / count).sqrt();
                20.0 + E - 20.0 * (-0.2 * distance).exp() - (sums[1] / count).exp()
            }
            _ => sums[0],
        }
    }

    /// Returns the slopes of the value in the two sums.
    fn slopes_by_sums(self, sums: [f64; 2], count: f64) -> [f64; 2] {
        match self {
            Self::Ackley => {
                let distance = (sums[0] / count).sqrt();
                let by_distance = 4.0 * (-0.2 * distance).exp();
                let by_squares = by_distance / (2.0 * distance * count);
                let by_waves = -(sums[1] / count).exp() / count;
                [if distance > 0.0 { by_squares } else { 0.0 }, by_waves]
            }
            _ => [1.0, 0.0],
        }
    }
}

fn ellipsoid_factor(index: usize, count: usize) -> f64 {
    let share = index as f64 / (count - 1).max(1) as f64;
    10f64.powf(6.0 * share)
}

fn cigar_factor(index: usize) -> f64 {
    if index == 0 { 1.0 } else { 1e6 }
}

/// Returns half the angle of a wave of period 1, in radians. Whole periods are subtracted first, so
/// that waves are exact near every minimum.
fn half_turns(z: f64) -> f64 {
    PI * (z - z.round())
}
