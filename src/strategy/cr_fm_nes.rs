//! `cr-fm-nes`: a Gaussian whose shape is one scale a gene and one long axis.
//!
//! Individuals are `x = m + sigma D y`, `y = z + (sqrt(1 + |v|^2) - 1) v~ (v~ . z)`, with `v~` the
//! direction of v, so that their covariance is `sigma^2 D (I + v v^T) D`. Time and memory grow with
//! the genes alone; nothing is as large as genes x genes. The proposal is written out (Explicit).
//!
//! # One generation
//!
//! Noise comes in mirrored pairs. All that the update sums over individuals is, for each gene, a
//! weighted sum of z or of z^2, or follows from the products `v~ . z`; so the noise is made again
//! for these sums, and no vector y is ever kept. The updates of v and D are linear in the vectors t
//! and s of the individuals (section III-D), which is why they are computed once, of the sums.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation of every gene. The paper sets it by the problem; a third
//! of the distance to where the optimum may lie is a good guess. Everything else follows from the
//! number of genes and the population, as published; `restarts` are not the paper's.
//!
//! # What differs from the paper
//!
//! - A fitness that has failed is the worst there is, as everywhere here; the paper's handling of
//!   implicit constraints, which ranks them by |z|, is left out. Its lambda_F is lambda.
//! - The learning rate c1 holds a factor (d - 5) / 6; below five genes, where that turns negative,
//!   it is 0.
//! - Of a generation of equals nothing is learned. Equals share their weights.
//! - A step that would make numbers overflow, or an axis vanish, is not taken, and ends the search.
//!
//! # Stop rules
//!
//! Those of the CMA-ES tutorial, on the standard deviations `sigma D sqrt(1 + v^2)` of the genes.
//!
//! # Source
//!
//! Nomura and Ono, "Fast moving natural evolution strategy for high-dimensional problems", CEC
//! 2022, arXiv:2201.11422: Algorithm 1. Restricted covariance: Akimoto, Auger and Hansen,
//! "Comparison-based natural gradient optimization in high dimension", GECCO 2014.

use serde::{Deserialize, Serialize};

use super::genewise::{map, range, sum};
use super::lm_ma_es::SIGMA;
use super::noise::{Mixture, Noise};
use super::plateau::Plateau;
use super::restarts::{self, RESTARTS, Restart};
use super::{Entry, Fitness, Recommendation, Settings, Start, Stop, Strategy};
use crate::error::Result;
use crate::population::{Moments, NoiseKey, Proposal, Weights};
use crate::random::{NORMALS_A_BLOCK, Stream};

pub(super) const ENTRY: Entry = Entry {
    name: "cr-fm-nes",
    summary: "adapts a scale for every gene and one long axis, in linear time and memory",
    source: "Nomura and Ono 2022, arXiv:2201.11422",
    settings: &[SIGMA, RESTARTS],
    breeds: false,
    written_bytes: 8,
    population: Some(population),
    preset: &[],
    grows: None,
    paints: None,
    begin: restarts::begin::<CrFmNes>,
    resume: restarts::resume::<CrFmNes>,
};

/// Shares of the first sigma at which steps are tiny, and multiples at which they diverge.
const TINY: f64 = 1e-12;
const HUGE: f64 = 1e4;
/// The largest ratio of two genes' standard deviations.
const CONDITION: f64 = 1e7;
/// A step of so many standard deviations should change a gene.
const EFFECT: f64 = 0.2;

#[derive(Serialize, Deserialize)]
struct CrFmNes {
    shape: Shape,
    /// Evolution paths: of sigma, in the space of z, and of v and D.
    path_sigma: Vec<f64>,
    path: Vec<f64>,
    noise: NoiseKey,
    population: usize,
    first_sigma: f64,
    plateau: Plateau,
    /// Why the last step could not be taken.
    failed: Option<Stop>,
}

/// The Gaussian: m, sigma, v and D.
#[derive(Clone, Serialize, Deserialize)]
struct Shape {
    centre: Vec<f64>,
    sigma: f64,
    axis: Vec<f64>,
    scales: Vec<f64>,
}

/// The default: 4 + 3 ln d, rounded down, and one more where that is odd.
fn population(genes: usize) -> usize {
    let population = 4 + (3.0 * libm::log(genes as f64)) as usize;
    population.next_multiple_of(2)
}

impl Restart for CrFmNes {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        start.expect_pairs()?;
        let (genes, sigma) = (start.genes, settings.number("sigma"));
        // The first axis is drawn as wide as the paper's, N(0, I / d).
        let place = start.noise().place(Stream::Selection, 0);
        let normals =
            (0..genes.div_ceil(NORMALS_A_BLOCK)).flat_map(|block| place.normals(block as u32));
        let axis = normals.take(genes).map(|z| f64::from(z) / (genes as f64).sqrt()).collect();
        Ok(Self {
            plateau: Plateau::begin(&start),
            path_sigma: vec![0.0; genes],
            path: vec![0.0; genes],
            noise: start.noise(),
            population: start.population,
            first_sigma: sigma,
            failed: None,
            shape: Shape {
                centre: start.centre.into_iter().map(f64::from).collect(),
                sigma,
                axis,
                scales: vec![1.0; genes],
            },
        })
    }
}

impl Strategy for CrFmNes {
    fn ask(&self) -> Proposal {
        let Shape { centre, sigma, scales, .. } = &self.shape;
        let Direction { unit, stretch, products, .. } = self.direction();
        let shares: Vec<f64> = products.iter().map(|product| (stretch - 1.0) * product).collect();
        self.noise().genomes(&Mixture {
            centre,
            scale: &|g| sigma * scales[g],
            vectors: &[&unit],
            shares: &shares,
            own: 1.0,
            mirrored: true,
        })
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.population)?;
        if !fitness.is_flat() {
            self.learn(fitness);
        }
        self.plateau.tell(fitness);
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        let centre = self.shape.centre.iter();
        Recommendation::Genome(centre.map(|&gene| gene as f32).collect())
    }

    fn spread(&self) -> f64 {
        self.shape.sigma
    }

    fn stop(&self) -> Option<Stop> {
        let (centre, genes) = (&self.shape.centre, self.shape.centre.len());
        let deviation = |g: usize| self.shape.deviation(g);
        let [least, largest] = range(genes, deviation);
        let moves = |g: usize| (centre[g] + EFFECT * deviation(g)) as f32 != centre[g] as f32;
        let rules = [
            (largest < TINY * self.first_sigma, Stop::TinySteps),
            (largest > HUGE * self.first_sigma, Stop::Diverging),
            (largest > CONDITION * least, Stop::IllConditioned),
        ];
        let broken = rules.into_iter().find(|(holds, _)| *holds).map(|(_, stop)| stop);
        let still = || (!(0..genes).any(moves)).then_some(Stop::NoEffect);
        self.failed.or(broken).or_else(|| self.plateau.stop()).or_else(still)
    }
}

/// Where the long axis points, and how individuals lie along it.
struct Direction {
    /// `f64[genes]`: v~.
    unit: Vec<f64>,
    /// |v|^2.
    square: f64,
    /// sqrt(1 + |v|^2).
    stretch: f64,
    /// `f64[pairs]`: v~ . z.
    products: Vec<f64>,
}

/// The paper's constants for so many genes and individuals.
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
    fn of(genes: usize, population: usize) -> Self {
        let (d, lambda) = (genes as f64, population as f64);
        let raw: Vec<f64> = (0..population).map(|place| w_rank_hat(population, place)).collect();
        let total: f64 = raw.iter().sum();
        let mu_eff = 1.0 / raw.iter().map(|w| (w / total).powi(2)).sum::<f64>();
        let c_1_cma = 2.0 / ((d + 1.3).powi(2) + mu_eff);
        Self {
            mu_eff,
            c_sigma: (mu_eff + 2.0) / (d + mu_eff + 5.0),
            c_c: (4.0 + mu_eff / d) / (d + 4.0 + 2.0 * mu_eff / d),
            c_1: (c_1_cma * (d - 5.0) / 6.0).max(0.0),
            chi: d.sqrt() * (1.0 - 1.0 / (4.0 * d) + 1.0 / (21.0 * d * d)),
            alpha_dist: h_inverse(d) * (lambda / d).sqrt().min(1.0),
            eta_move: 1.0,
            eta_stag: libm::tanh((0.024 * lambda + 0.7 * d + 20.0) / (d + 12.0)),
            eta_conv: 2.0 * libm::tanh((0.025 * lambda + 0.75 * d + 10.0) / (d + 4.0)),
            eta_b: libm::tanh(((0.02 * lambda).min(3.0 * libm::log(d)) + 5.0) / (0.23 * d + 25.0)),
        }
    }
}

/// The weight of a place before it is normalised.
fn w_rank_hat(population: usize, place: usize) -> f64 {
    (libm::log(population as f64 / 2.0 + 1.0) - libm::log((place + 1) as f64)).max(0.0)
}

/// The a for which `(1 + a^2) exp(a^2 / 2) / 0.24 - 10 = d`, by Newton's method from above.
fn h_inverse(d: f64) -> f64 {
    let mut a: f64 = 6.0;
    loop {
        let growth = libm::exp(a * a / 2.0) / 0.24;
        let step = ((1.0 + a * a) * growth - 10.0 - d) / (a * (3.0 + a * a) * growth);
        a -= step;
        // The next step would be about the square of this one.
        if step.abs() < 1e-9 {
            return a;
        }
    }
}

impl Shape {
    /// The standard deviation of a gene.
    fn deviation(&self, gene: usize) -> f64 {
        let axis = self.axis[gene];
        self.sigma * self.scales[gene] * (1.0 + axis * axis).sqrt()
    }
}

impl CrFmNes {
    fn noise(&self) -> Noise {
        let genes = self.shape.centre.len();
        Noise { key: self.noise, sources: self.population / 2, genes }
    }

    fn direction(&self) -> Direction {
        let axis = &self.shape.axis;
        let square = sum(axis.len(), |g| axis[g] * axis[g]);
        let length = square.sqrt();
        let unit = map(axis.len(), |g| axis[g] / length);
        let products = self.noise().products(&[&unit]);
        Direction { unit, square, stretch: (1.0 + square).sqrt(), products }
    }

    /// Algorithm 1 from the ranking on.
    fn learn(&mut self, fitness: &Fitness) {
        let genes = self.shape.centre.len();
        let rates = Rates::of(genes, self.population);
        let squares = self.noise().squares();
        let raw = fitness.utilities(|place| w_rank_hat(self.population, place));
        let w_rank = normalised(raw.clone());

        // The path of sigma, whose length says how the search moves.
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

        let (shape, path) = self.moved(&rates, &weights, eta_sigma, &squares);
        self.path_sigma = path_sigma;
        match shape.fault() {
            None => (self.shape, self.path) = (shape, path),
            fault => self.failed = fault,
        }
    }

    /// The Gaussian and the path of the next generation.
    fn moved(
        &self,
        rates: &Rates,
        weights: &[f64],
        eta_sigma: f64,
        squares: &[f64],
    ) -> (Shape, Vec<f64>) {
        let Shape { centre, sigma, scales, .. } = &self.shape;
        let (genes, along) = (centre.len(), self.direction());
        let Direction { unit, stretch, products, .. } = &along;
        // Of a pair, y has both signs, and its square and t have one.
        let [odd, even] = [-1.0, 1.0].map(|sign| folded(weights, sign));
        let bent = stretch - 1.0;

        // Every sum over individuals: of weight y, of weight y (v~ . y), and of weight y^2.
        let even_products = times(&even, products);
        let [sum_z, sum_zp] = self.noise().sums([&odd, &even_products]);
        let sum_zz = self.noise().sum_of_squares(&even);
        let shift: f64 = times(&odd, products).iter().sum();
        let energy: f64 = times(&even_products, products).iter().sum();
        let sum_y = |g: usize| sum_z[g] + bent * unit[g] * shift;
        let sum_yp = |g: usize| stretch * (sum_zp[g] + bent * unit[g] * energy);
        let sum_yy =
            |g: usize| sum_zz[g] + bent * unit[g] * (2.0 * sum_zp[g] + bent * unit[g] * energy);

        // m and the path of v and D.
        let keep = 1.0 - rates.c_c;
        let take = (rates.c_c * (2.0 - rates.c_c) * rates.mu_eff).sqrt();
        let path = map(genes, |g| keep * self.path[g] + take * scales[g] * sum_y(g));
        let moved = map(genes, |g| centre[g] + sigma * scales[g] * sum_y(g));

        // The path stands beside the individuals, with a weight of its own.
        let path_y = map(genes, |g| path[g] / scales[g]);
        let path_product = sum(genes, |g| unit[g] * path_y[g]);
        let total: f64 = rates.eta_b * even.iter().sum::<f64>() + rates.c_1;
        let gamma = stretch * stretch;
        let sums = Sums {
            y_p: map(genes, |g| rates.eta_b * sum_yp(g) + rates.c_1 * path_y[g] * path_product),
            yy_less_1: map(genes, |g| {
                rates.eta_b * sum_yy(g) + rates.c_1 * path_y[g] * path_y[g] - total
            }),
            pp_and_gamma: rates.eta_b * gamma * energy
                + rates.c_1 * path_product * path_product
                + total * gamma,
        };
        let (axis, grown) = self.reshaped(&along, &sums);

        // The determinant is sigma's alone.
        let square = sum(genes, |g| axis[g] * axis[g]);
        let logs = sum(genes, |g| libm::log(grown[g]));
        let root = libm::exp((logs + 0.5 * libm::log(1.0 + square)) / genes as f64);
        let scales = map(genes, |g| grown[g] / root);
        let spread: f64 = times(&even, squares).iter().sum();
        let spread = spread / genes as f64 - even.iter().sum::<f64>();
        let sigma = sigma * libm::exp(0.5 * eta_sigma * spread);
        (Shape { centre: moved, sigma, axis, scales }, path)
    }

    /// v and D, before D is normalised: section III-D, with t and s summed over all individuals.
    fn reshaped(&self, along: &Direction, sums: &Sums) -> (Vec<f64>, Vec<f64>) {
        let Direction { unit, square, stretch, .. } = along;
        let (genes, gamma) = (unit.len(), stretch * stretch);
        let uu = |g: usize| unit[g] * unit[g];
        let [_, steepest] = range(genes, uu);
        let alpha = (square * square + (2.0 * gamma - stretch) / steepest).sqrt() / (2.0 + square);
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

        let Shape { axis, scales, .. } = &self.shape;
        let length = square.sqrt();
        let axis = map(genes, |g| {
            let back = (2.0 + square) * s[g] * unit[g] - unit[g] * uu_s;
            axis[g] + (t[g] - alpha * back) / length
        });
        (axis, map(genes, |g| scales[g] + s[g] * scales[g]))
    }
}

/// What the updates of v and D need of all individuals and of the path, by their learning rates.
struct Sums {
    /// `f64[genes]`: y (v~ . y).
    y_p: Vec<f64>,
    /// `f64[genes]`: y^2 - 1.
    yy_less_1: Vec<f64>,
    /// (v~ . y)^2 + gamma.
    pp_and_gamma: f64,
}

impl Shape {
    /// Why this is no Gaussian to go on with.
    fn fault(&self) -> Option<Stop> {
        let genes = self.centre.len();
        let finite =
            |[least, largest]: [f64; 2]| (least as f32).is_finite() && (largest as f32).is_finite();
        let spread = range(genes, |g| self.deviation(g));
        let scales = range(genes, |g| self.scales[g]);
        let sound = self.sigma > 0.0 && finite(range(genes, |g| self.centre[g])) && finite(spread);
        if !(scales[0] > 0.0 && finite(range(genes, |g| self.axis[g]))) {
            return Some(Stop::IllConditioned);
        }
        (!sound).then_some(Stop::Diverging)
    }
}

/// Weights that sum to 1, less their mean.
fn normalised(mut weights: Vec<f64>) -> Vec<f64> {
    let (total, mean) = (weights.iter().sum::<f64>(), 1.0 / weights.len() as f64);
    weights.iter_mut().for_each(|weight| *weight = *weight / total - mean);
    weights
}

/// Weights that favour what lies far out, for a search that moves.
fn distance_weights(mut raw: Vec<f64>, squares: &[f64], alpha: f64) -> Vec<f64> {
    // Of exponents only differences count; less the largest, none overflows.
    let furthest = squares.iter().copied().fold(0.0, f64::max).sqrt();
    for (individual, weight) in raw.iter_mut().enumerate() {
        *weight *= libm::exp(alpha * (squares[individual / 2].sqrt() - furthest));
    }
    normalised(raw)
}

/// The weights of each mirrored pair: the even one's and, by a sign, the odd one's.
fn folded(weights: &[f64], sign: f64) -> Vec<f64> {
    weights.chunks_exact(2).map(|pair| pair[0] + sign * pair[1]).collect()
}

fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}
