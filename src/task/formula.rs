//! Formulas: the benchmark functions of optimisers, as sums over the genes of a point.
//!
//! # Shapes
//!
//! A formula adds up two sums over the indices `k` of a point `z` (`f64[n]`), and computes its
//! value from them. Every formula has a single global minimum with value 0: at `z = 1` for
//! Rosenbrock's, at `z = 0` for the others.
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
//! # Source
//!
//! Hansen, Finck, Ros and Auger, "Real-parameter black-box optimization benchmarking 2009:
//! noiseless functions definitions", RR-6829, 2009, without its transformations; Rosenbrock 1960;
//! Rastrigin 1974; Ackley 1987. The WGSL twin is `shaders/task/formula.wgsl`.

use std::f64::consts::{E, PI};

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
}

impl Formula {
    /// Every formula, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Sphere,
        Self::Ellipsoid,
        Self::Cigar,
        Self::Rosenbrock,
        Self::Rastrigin,
        Self::Ackley,
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
        }
    }

    /// The only global minimum, for people.
    pub fn optimum(self) -> &'static str {
        match self {
            Self::Rosenbrock => "z = (1, ..., 1)",
            Self::Sphere | Self::Ellipsoid | Self::Cigar | Self::Rastrigin | Self::Ackley => {
                "z = (0, ..., 0)"
            }
        }
    }

    /// Returns the value at a point.
    pub fn value(self, point: &[f64]) -> f64 {
        let mut sums = [0.0; 2];
        for (index, &z) in point.iter().enumerate() {
            let previous = if index > 0 { point[index - 1] } else { 0.0 };
            let term = self.term(index, point.len(), z, previous);
            sums = [sums[0] + term[0], sums[1] + term[1]];
        }
        self.value_from_sums(sums, point.len() as f64)
    }

    /// Returns the terms that the gene at an index adds to the two sums.
    fn term(self, index: usize, count: usize, z: f64, previous: f64) -> [f64; 2] {
        // Whole periods are subtracted first, so that waves are exact near every minimum.
        let half_turns = PI * (z - z.round());
        match self {
            Self::Sphere => [z * z, 0.0],
            Self::Ellipsoid => {
                let share = index as f64 / (count - 1).max(1) as f64;
                [10f64.powf(6.0 * share) * z * z, 0.0]
            }
            Self::Cigar => [if index == 0 { z * z } else { 1e6 * z * z }, 0.0],
            Self::Rosenbrock if index == 0 => [0.0; 2],
            Self::Rosenbrock => {
                let (bend, rest) = (z - previous * previous, 1.0 - previous);
                [100.0 * bend * bend + rest * rest, 0.0]
            }
            // 1 - cos 2x equals 2 sin^2 x, which keeps all digits of small values.
            Self::Rastrigin => [z * z + 20.0 * half_turns.sin().powi(2), 0.0],
            Self::Ackley => [z * z, (2.0 * half_turns).cos()],
        }
    }

    /// Returns the value from the two sums over all genes.
    fn value_from_sums(self, sums: [f64; 2], count: f64) -> f64 {
        match self {
            Self::Ackley => {
                let distance = (sums[0] / count).sqrt();
                20.0 + E - 20.0 * (-0.2 * distance).exp() - (sums[1] / count).exp()
            }
            Self::Sphere | Self::Ellipsoid | Self::Cigar | Self::Rosenbrock | Self::Rastrigin => {
                sums[0]
            }
        }
    }
}
