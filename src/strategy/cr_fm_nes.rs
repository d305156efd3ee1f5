//! `cr-fm-nes`: a natural evolution strategy whose Gaussian has a scale for each gene and one long
//! axis.
//!
//! Individuals are `x = m + sigma D y`, `y = z + (sqrt(1 + |v|^2) - 1) v~ (v~ . z)`, where `v~` is
//! the direction of v; their covariance is `sigma^2 D (I + v v^T) D`. Time and memory grow linearly
//! with the genes. The proposal is written out (Explicit).
//!
//! # One generation
//!
//! Noise comes in mirrored pairs. Every sum over individuals in the update is, for each gene, a
//! weighted sum of z or z^2, or follows from the products `v~ . z`. The noise is therefore drawn
//! again for these sums, and no vector y is stored. The updates of v and D are linear in the
//! vectors t and s of the individuals (section III-D), so they are computed once, from the sums.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation of every gene. The paper chooses it by problem; a third of
//! the distance to the expected optimum is a good guess. Everything else follows from the number of
//! genes and the population, as published. `restarts` are not in the paper.
//!
//! # Differences from the paper
//!
//! - A failed fitness is the lowest, as in all strategies. The paper's implicit constraints, which
//!   rank failed individuals by |z|, are left out. Its lambda_F is lambda.
//! - The learning rate c1 has a factor (d - 5) / 6, which is 0 and not negative below five genes.
//! - A generation of equal fitness changes nothing. Individuals of equal fitness share weights.
//! - A step that would overflow, or make an axis vanish, ends the search and is not taken.
//! - The stop rules of the CMA-ES tutorial apply to the deviations `sigma D sqrt(1 + v^2)`.
//!
//! # Source
//!
//! Nomura and Ono, "Fast moving natural evolution strategy for high-dimensional problems", CEC
//! 2022, arXiv:2201.11422: Algorithm 1. Restricted covariance: Akimoto, Auger and Hansen,
//! "Comparison-based natural gradient optimization in high dimension", GECCO 2014.

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::lm_ma_es::four_and_three_logs;
use super::noise::{Noise, NoiseMixture};
use super::plateau::Plateau;
use super::reduction::{map, range, sum};
use super::restarts::{RESTARTS, Restarts, SIGMA};
use super::restricted_gaussian::RestrictedGaussian;
use super::state_limits::{StateLimits, are_positive};
use super::step_size::expected_length;
use super::{Entry, Fitness, Recombination, Recommendation, Settings, Start, StopReason, Strategy};
use crate::error::Result;
use crate::population::{NoiseKey, Proposal};
use crate::random::{NORMALS_PER_BLOCK, Stream};

pub(super) const ENTRY: Entry = Entry {
    name: "cr-fm-nes",
    summary: "adapts a scale for each gene and one long axis, in linear time and memory \
           (CR-FM-NES)",
    idea: "Each generation samples mirrored pairs from a Gaussian that has a scale for each gene \
           and one long axis through all of them, and ranks the individuals. The natural gradient \
           moves the centre, the scales and the axis. While the search still travels, distant \
           individuals get more weight; once it converges, the step size adapts faster. It thus \
           learns the most important direction at linear cost.",
    when: "Use it for thousands to a million genes with a tight budget of evaluations. Avoid it \
           below about 10 genes, where cma-es learns the full covariance.",
    source: "Nomura and Ono 2022, arXiv:2201.11422",
    points: PointDefaults { population: None, settings: &[Deviations("sigma", 1.0)] },
    settings: &[SIGMA, RESTARTS],
    written_bytes: 8,
    default_population: Some(even_population),
    least_population: 4,
    ..Entry::of::<Restarts<CrFmNes>>()
};

/// The share of the first sigma below which steps are negligible.
const TINY: f64 = 1e-12;
/// The multiple of the first sigma above which the search diverges.
const HUGE: f64 = 1e4;
/// The largest ratio of two genes' standard deviations.
const MAX_RATIO: f64 = 1e7;
/// The step, in standard deviations, that must change at least one gene.
const EFFECT: f64 = 0.2;

#[derive(Serialize, Deserialize)]
struct CrFmNes {
    gaussian: RestrictedGaussian,
    /// The evolution path of sigma, in the space of z.
    path_sigma: Vec<f64>,
    /// The evolution path of v and D.
    path: Vec<f64>,
    noise: NoiseKey,
    population: usize,
    first_sigma: f64,
    plateau: Plateau,
    /// The reason that the last step could not be taken.
    failed: Option<StopReason>,
}

/// Returns the default population: 4 + 3 ln d, rounded down, then up to an even number.
fn even_population(genes: usize) -> usize {
    four_and_three_logs(genes).next_multiple_of(2)
}

impl Begin for CrFmNes {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        start.expect_pairs()?;
        let (genes, sigma) = (start.genes, settings.number("sigma"));
        // The first axis is drawn from N(0, I / d), as in the paper.
        let counter = start.noise().counter(Stream::Selection, 0);
        let normals =
            (0..genes.div_ceil(NORMALS_PER_BLOCK)).flat_map(|block| counter.normals(block as u32));
        let axis = normals.take(genes).map(|z| f64::from(z) / (genes as f64).sqrt()).collect();
        Ok(Self {
            plateau: Plateau::new(&start),
            path_sigma: vec![0.0; genes],
            path: vec![0.0; genes],
            noise: start.noise(),
            population: start.population,
            first_sigma: sigma,
            failed: None,
            gaussian: RestrictedGaussian {
                centre: start.centre.into_iter().map(f64::from).collect(),
                sigma,
                axis,
                scales: vec![1.0; genes],
            },
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        limits.allow(self.population, self.noise)
            && self.population.is_multiple_of(2)
            && self.gaussian.is_valid(limits)
            && limits.is_vector(&self.path_sigma)
            && limits.is_vector(&self.path)
            && are_positive(&[self.first_sigma])
            && self.plateau.is_valid()
    }
}

impl Strategy for CrFmNes {
    fn ask(&self) -> Proposal {
        let RestrictedGaussian { centre, sigma, scales, .. } = &self.gaussian;
        let LongAxis { unit, elongation, products, .. } = self.long_axis();
        let shares: Vec<f64> =
            products.iter().map(|product| (elongation - 1.0) * product).collect();
        self.noise().genomes(&NoiseMixture {
            centre,
            scale: &|g| sigma * scales[g],
            vectors: &[&unit],
            shares: &shares,
            own: 1.0,
            mirrored: true,
        })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population)?;
        if !fitness.is_flat() {
            self.learn(fitness);
        }
        self.plateau.record(fitness);
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        let centre = self.gaussian.centre.iter();
        Recommendation::Genome(centre.map(|&gene| gene as f32).collect())
    }

    fn step_size(&self) -> f64 {
        self.gaussian.sigma
    }

    fn stop_reason(&self) -> Option<StopReason> {
        let (centre, genes) = (&self.gaussian.centre, self.gaussian.centre.len());
        let deviation = |g: usize| self.gaussian.deviation(g);
        let [min, max] = range(genes, deviation);
        let moves = |g: usize| (centre[g] + EFFECT * deviation(g)) as f32 != centre[g] as f32;
        let rules = [
            (max < TINY * self.first_sigma, StopReason::TinySteps),
            (max > HUGE * self.first_sigma, StopReason::Diverging),
            (max > MAX_RATIO * min, StopReason::IllConditioned),
        ];
        let rule = rules.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason);
        let no_effect = || (!(0..genes).any(moves)).then_some(StopReason::NoEffect);
        self.failed.or(rule).or_else(|| self.plateau.stop_reason()).or_else(no_effect)
    }
}

/// The long axis v of this generation, and the noise along it.
struct LongAxis {
    /// The direction v~, `f64[genes]`.
    unit: Vec<f64>,
    /// The squared length |v|^2.
    square: f64,
    /// The factor on the noise along the axis, sqrt(1 + |v|^2).
    elongation: f64,
    /// The products v~ . z, `f64[pairs]`.
    products: Vec<f64>,
}

/// The paper's constants for a number of genes and individuals.
struct Rates {
    mu_eff: f64,
    c_sigma: f64,
    c_c: f64,
    c_1: f64,
    /// The expected length of z.
    chi: f64,
    alpha_dist: f64,
    eta_move: f64,
    eta_stag: f64,
    eta_conv: f64,
    eta_b: f64,
}

impl Rates {
    fn new(genes: usize, population: usize) -> Self {
        let (d, lambda) = (genes as f64, population as f64);
        let raw: Vec<f64> = (0..population).map(|rank| w_rank_hat(population, rank)).collect();
        let total: f64 = raw.iter().sum();
        let mu_eff = 1.0 / raw.iter().map(|w| (w / total).powi(2)).sum::<f64>();
        let c_1_cma = 2.0 / ((d + 1.3).powi(2) + mu_eff);
        Self {
            mu_eff,
            c_sigma: (mu_eff + 2.0) / (d + mu_eff + 5.0),
            c_c: (4.0 + mu_eff / d) / (d + 4.0 + 2.0 * mu_eff / d),
            c_1: (c_1_cma * (d - 5.0) / 6.0).max(0.0),
            chi: expected_length(d),
            alpha_dist: h_inverse(d) * (lambda / d).sqrt().min(1.0),
            eta_move: 1.0,
            eta_stag: libm::tanh((0.024 * lambda + 0.7 * d + 20.0) / (d + 12.0)),
            eta_conv: 2.0 * libm::tanh((0.025 * lambda + 0.75 * d + 10.0) / (d + 4.0)),
            eta_b: libm::tanh(((0.02 * lambda).min(3.0 * libm::log(d)) + 5.0) / (0.23 * d + 25.0)),
        }
    }
}

/// Returns the weight of a rank before it is normalised.
fn w_rank_hat(population: usize, rank: usize) -> f64 {
    (libm::log(population as f64 / 2.0 + 1.0) - libm::log((rank + 1) as f64)).max(0.0)
}

/// Solves `(1 + a^2) exp(a^2 / 2) / 0.24 - 10 = d` for a, by Newton's method from above.
fn h_inverse(d: f64) -> f64 {
    let mut a: f64 = 6.0;
    loop {
        let growth = libm::exp(a * a / 2.0) / 0.24;
        let step = ((1.0 + a * a) * growth - 10.0 - d) / (a * (3.0 + a * a) * growth);
        a -= step;
        // Newton's method converges quadratically: the next step would be about this one's square.
        if step.abs() < 1e-9 {
            return a;
        }
    }
}

impl CrFmNes {
    fn noise(&self) -> Noise {
        let genes = self.gaussian.centre.len();
        Noise { key: self.noise, sources: self.population / 2, genes }
    }

    fn long_axis(&self) -> LongAxis {
        let axis = &self.gaussian.axis;
        let square = sum(axis.len(), |g| axis[g] * axis[g]);
        let length = square.sqrt();
        let unit = map(axis.len(), |g| axis[g] / length);
        let products = self.noise().products(&[&unit]);
        LongAxis { unit, square, elongation: (1.0 + square).sqrt(), products }
    }

    /// Algorithm 1, from the ranking on.
    fn learn(&mut self, fitness: &Fitness) {
        let genes = self.gaussian.centre.len();
        let rates = Rates::new(genes, self.population);
        let squares = self.noise().squares();
        let raw = fitness.utilities(|rank| w_rank_hat(self.population, rank));
        let w_rank = normalised(raw.clone());

        // The length of sigma's path shows whether the search moves, stagnates or converges.
        let noise = self.noise();
        let [ranked] = noise.sums([&folded(&w_rank, -1.0)]);
        let keep = 1.0 - rates.c_sigma;
        let take = (rates.c_sigma * (2.0 - rates.c_sigma) * rates.mu_eff).sqrt();
        let path_sigma = map(genes, |g| keep * self.path_sigma[g] + take * ranked[g]);
        let length = sum(genes, |g| path_sigma[g] * path_sigma[g]).sqrt();
        let (weights, eta_sigma) = if length >= rates.chi {
            (distance_weights(raw, &squares, rates.alpha_dist), rates.eta_move)
        } else if length >= 0.1 * rates.chi {
            (w_rank, rates.eta_stag)
        } else {
            (w_rank, rates.eta_conv)
        };

        let (gaussian, path) = self.updated(&rates, &weights, eta_sigma, &squares);
        self.path_sigma = path_sigma;
        match gaussian.fault() {
            None => (self.gaussian, self.path) = (gaussian, path),
            fault => self.failed = fault,
        }
    }

    /// Returns the Gaussian and the path of the next generation.
    fn updated(
        &self,
        rates: &Rates,
        weights: &[f64],
        eta_sigma: f64,
        squares: &[f64],
    ) -> (RestrictedGaussian, Vec<f64>) {
        let RestrictedGaussian { centre, sigma, scales, .. } = &self.gaussian;
        let (genes, axis) = (centre.len(), self.long_axis());
        let LongAxis { unit, elongation, products, .. } = &axis;
        // Within a pair y changes its sign; y^2 and t do not.
        let [odd, even] = [-1.0, 1.0].map(|sign| folded(weights, sign));
        let extra = elongation - 1.0;

        // The sums over individuals of weight * y, weight * y (v~ . y) and weight * y^2.
        let even_products = times(&even, products);
        let [sum_z, sum_zp] = self.noise().sums([&odd, &even_products]);
        let sum_zz = self.noise().sum_of_squares(&even);
        let shift: f64 = times(&odd, products).iter().sum();
        let energy: f64 = times(&even_products, products).iter().sum();
        let sum_y = |g: usize| sum_z[g] + extra * unit[g] * shift;
        let sum_yp = |g: usize| elongation * (sum_zp[g] + extra * unit[g] * energy);
        let sum_yy =
            |g: usize| sum_zz[g] + extra * unit[g] * (2.0 * sum_zp[g] + extra * unit[g] * energy);

        let keep = 1.0 - rates.c_c;
        let take = (rates.c_c * (2.0 - rates.c_c) * rates.mu_eff).sqrt();
        let path = map(genes, |g| keep * self.path[g] + take * scales[g] * sum_y(g));
        let moved = map(genes, |g| centre[g] + sigma * scales[g] * sum_y(g));

        // The path enters the update like another individual, with its own weight.
        let path_y = map(genes, |g| path[g] / scales[g]);
        let path_product = sum(genes, |g| unit[g] * path_y[g]);
        let total: f64 = rates.eta_b * even.iter().sum::<f64>() + rates.c_1;
        let gamma = elongation * elongation;
        let sums = UpdateSums {
            y_p: map(genes, |g| rates.eta_b * sum_yp(g) + rates.c_1 * path_y[g] * path_product),
            yy_less_1: map(genes, |g| {
                rates.eta_b * sum_yy(g) + rates.c_1 * path_y[g] * path_y[g] - total
            }),
            pp_and_gamma: rates.eta_b * gamma * energy
                + rates.c_1 * path_product * path_product
                + total * gamma,
        };
        let (axis, grown) = self.updated_shape(&axis, &sums);

        // D (I + v v^T) D is normalised to determinant 1; sigma alone sets the volume.
        let square = sum(genes, |g| axis[g] * axis[g]);
        let logs = sum(genes, |g| libm::log(grown[g]));
        let root = libm::exp((logs + 0.5 * libm::log(1.0 + square)) / genes as f64);
        let scales = map(genes, |g| grown[g] / root);
        let growth: f64 = times(&even, squares).iter().sum();
        let growth = growth / genes as f64 - even.iter().sum::<f64>();
        let sigma = sigma * libm::exp(0.5 * eta_sigma * growth);
        (RestrictedGaussian { centre: moved, sigma, axis, scales }, path)
    }

    /// Returns v and D before normalisation: section III-D, with t and s summed over individuals.
    fn updated_shape(&self, long_axis: &LongAxis, sums: &UpdateSums) -> (Vec<f64>, Vec<f64>) {
        let LongAxis { unit, square, elongation, .. } = long_axis;
        let (genes, gamma) = (unit.len(), elongation * elongation);
        let uu = |g: usize| unit[g] * unit[g];
        let [_, steepest] = range(genes, uu);
        let alpha =
            (square * square + (2.0 * gamma - elongation) / steepest).sqrt() / (2.0 + square);
        let alpha = alpha.min(1.0);
        let b = -(1.0 - alpha * alpha) * square * square / gamma + 2.0 * alpha * alpha;
        let h = |g: usize| 2.0 - (b + 2.0 * alpha * alpha) * uu(g);

        let t = map(genes, |g| sums.y_p[g] - 0.5 * unit[g] * sums.pp_and_gamma);
        let unit_t = sum(genes, |g| unit[g] * t[g]);
        let s = map(genes, |g| {
            let first = sums.yy_less_1[g] - square / gamma * unit[g] * sums.y_p[g];
            let back = (2.0 + square) * t[g] * unit[g] - square * uu(g) * unit_t;
            first - alpha / gamma * back
        });
        let uu_h_uu = sum(genes, |g| uu(g) * uu(g) / h(g));
        let uu_h_s = sum(genes, |g| uu(g) / h(g) * s[g]);
        let share = b / (1.0 + b * uu_h_uu) * uu_h_s;
        let s = map(genes, |g| (s[g] - share * uu(g)) / h(g));
        let uu_s = sum(genes, |g| uu(g) * s[g]);

        let RestrictedGaussian { axis, scales, .. } = &self.gaussian;
        let length = square.sqrt();
        let axis = map(genes, |g| {
            let back = (2.0 + square) * s[g] * unit[g] - unit[g] * uu_s;
            axis[g] + (t[g] - alpha * back) / length
        });
        (axis, map(genes, |g| scales[g] + s[g] * scales[g]))
    }
}

/// The sums over individuals and path, weighted by learning rates, that update v and D.
struct UpdateSums {
    /// The sum of y (v~ . y), `f64[genes]`.
    y_p: Vec<f64>,
    /// The sum of y^2 - 1, `f64[genes]`.
    yy_less_1: Vec<f64>,
    /// The sum of (v~ . y)^2 + gamma.
    pp_and_gamma: f64,
}

/// Scales weights to a sum of 1, and subtracts their mean.
fn normalised(mut weights: Vec<f64>) -> Vec<f64> {
    let (total, mean) = (weights.iter().sum::<f64>(), 1.0 / weights.len() as f64);
    weights.iter_mut().for_each(|weight| *weight = *weight / total - mean);
    weights
}

/// Returns weights that favour distant individuals, for a search that still moves.
fn distance_weights(mut raw: Vec<f64>, squares: &[f64], alpha: f64) -> Vec<f64> {
    // Only differences of exponents count. Minus the largest, none overflows.
    let furthest = squares.iter().copied().fold(0.0, f64::max).sqrt();
    for (individual, weight) in raw.iter_mut().enumerate() {
        *weight *= libm::exp(alpha * (squares[individual / 2].sqrt() - furthest));
    }
    normalised(raw)
}

/// Combines the weights of each mirrored pair: the even one's plus a sign times the odd one's.
fn folded(weights: &[f64], sign: f64) -> Vec<f64> {
    weights.chunks_exact(2).map(|pair| pair[0] + sign * pair[1]).collect()
}

fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}
