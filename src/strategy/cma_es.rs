//! `cma-es`: a normal distribution that learns its full covariance (covariance matrix adaptation).
//!
//! Individuals are `m + sigma B D z`, where `B D^2 B^T` is the covariance matrix C. The mean m
//! moves to the weighted mean of the better half. C is updated from the path of m (rank one), and
//! from all individuals (rank mu), where the worse half has negative weights (active update).
//!
//! # Shapes
//!
//! C and B are `f64[genes][genes]`, so the number of genes is limited to [`MAX_GENES`]. Genomes are
//! proposed written out, rounded to single precision once. The update uses the exact noise, which
//! is drawn again from its key.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation, with the default of the tutorial's program;
//! `least-sigma`, a lower bound that keeps the search exploring (see `step_size`); `restarts`;
//! `tol-fun` and `tol-x`. All rates follow from genes and population.
//!
//! # Flat fitness
//!
//! Neither mean nor covariance moves, and sigma grows unless all have failed; `step_size` explains
//! why. Individuals of equal fitness share their weights.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016: figure 6 with
//! equations 38 to 47, table 1 with equations 48 to 58, and section B.2 for how often C is
//! decomposed.

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::noise::noise_matrix;
use super::restarts::{RESTARTS, Restarts};
use super::state_limits::{StateLimits, are_finite, are_positive, are_shares};
use super::step_size::{LEAST_SIGMA, StepSize, cumulate, default_population, effective_mass};
use super::termination::{Distribution, TOL_FUN, TOL_X, TerminationCriteria};
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, StopReason,
    Strategy,
};
use crate::error::{Error, Result};
use crate::math::{Eigen, Matrix};
use crate::population::{ExplicitGenomes, NoiseKey, Proposal};

pub(super) const ENTRY: Entry = Entry {
    name: "cma-es",
    summary: "adapts the full covariance of the genes, for up to about a thousand of them (CMA-ES)",
    idea: "Each generation samples a Gaussian and ranks the individuals. The mean moves to the \
           weighted average of the better half. The covariance matrix learns from the steps that \
           succeeded, so later samples stretch along promising directions and shrink along bad \
           ones. A separate rule lengthens the step while steps point the same way and shortens \
           it while they cancel. All learning rates follow from the number of genes and the \
           population, so little needs tuning.",
    when: "Use it for up to about a thousand genes: it is the most reliable choice there, above \
           all where genes depend on each other. Avoid it for larger networks, where the \
           covariance matrix becomes too slow; sep-cma-es, cr-fm-nes and lm-ma-es scale further.",
    source: "Hansen 2016, arXiv:1604.00772",
    points: PointDefaults { population: None, settings: &[Deviations("sigma", 1.0)] },
    settings: SETTINGS,
    written_bytes: 36,
    default_population: Some(default_population),
    ..Entry::of::<Restarts<CmaEs>>()
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "sigma",
        meaning: "standard deviation of every gene in the first generation, around the first guess",
        default: "0.3",
        domain: Domain::Positive,
    },
    LEAST_SIGMA,
    RESTARTS,
    TOL_FUN,
    TOL_X,
];

/// The largest number of genes. A matrix of that size takes 800 MB, and about five are needed.
const MAX_GENES: usize = 10_000;

/// The smallest eigenvalue of C, as a share of the largest. Smaller ones are lost to rounding.
const MIN_EIGENVALUE: f64 = 1e-16;

#[derive(Serialize, Deserialize)]
struct CmaEs {
    mean: Vec<f64>,
    step_size: StepSize,
    /// The evolution path of the covariance, `p_c`.
    path: Vec<f64>,
    /// C, of which only the lower triangle is kept.
    covariance: Matrix,
    axes: Axes,
    rates: Rates,
    noise: NoiseKey,
    population: usize,
    criteria: TerminationCriteria,
    stopped: Option<StopReason>,
}

/// The eigendecomposition of C, computed some generations ago.
#[derive(Serialize, Deserialize)]
struct Axes {
    /// B.
    directions: Matrix,
    /// The square roots of the eigenvalues, D.
    lengths: Vec<f64>,
    /// The number of generations since.
    age: usize,
}

/// The weights and rates of table 1.
#[derive(Serialize, Deserialize)]
struct Rates {
    /// The weights, `f64[population]`, by rank: the positive ones sum to 1, the others are
    /// negative.
    weights: Vec<f64>,
    mu_eff: f64,
    c_c: f64,
    c_1: f64,
    c_mu: f64,
    /// The number of generations between two decompositions.
    lag: usize,
}

impl Begin for CmaEs {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let genes = start.genes;
        if genes > MAX_GENES {
            return Err(Error::TooLarge {
                what: format!("cma-es with {genes} genes"),
                needed: format!("matrices of {genes} x {genes}"),
                available: "cma-es only supports smaller ones; sep-cma-es needs no matrix".into(),
                largest: format!("{MAX_GENES} genes"),
            });
        }
        let (sigma, rates) = (settings.number("sigma"), Rates::new(genes, start.population));
        let (n, mu_eff) = (genes as f64, rates.mu_eff);
        let identity = Matrix::identity(genes);
        Ok(Self {
            step_size: StepSize::new(settings, genes, mu_eff, (mu_eff + 2.0) / (n + mu_eff + 5.0)),
            path: vec![0.0; genes],
            covariance: identity.clone(),
            axes: Axes { directions: identity, lengths: vec![1.0; genes], age: 0 },
            rates,
            noise: start.noise(),
            population: start.population,
            criteria: TerminationCriteria::new(settings, sigma, genes, start.population),
            stopped: None,
            mean: start.centre.into_iter().map(f64::from).collect(),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let Rates { weights, mu_eff, c_c, c_1, c_mu, lag } = &self.rates;
        let Axes { directions, lengths, age } = &self.axes;
        limits.allow(self.population, self.noise)
            && limits.is_genome(&self.mean)
            && limits.is_vector(&self.path)
            && self.step_size.is_valid(limits)
            && self.covariance.is_square(limits.genes)
            && directions.is_square(limits.genes)
            && limits.is_vector(lengths)
            && lengths.iter().all(|&length| length > 0.0)
            && weights.len() == self.population
            && are_finite(weights)
            && are_positive(&[*mu_eff])
            && are_shares(&[*c_c, *c_1, *c_mu])
            && [*age, *lag].iter().all(|&count| count < u32::MAX as usize)
            && self.criteria.is_valid()
    }
}

impl Rates {
    /// Table 1, equations 49 to 58.
    fn new(genes: usize, population: usize) -> Self {
        let (n, half) = (genes as f64, (population as f64 + 1.0) / 2.0);
        let raw: Vec<f64> = (1..=population).map(|rank| (half / rank as f64).ln()).collect();
        let (better, worse) = raw.split_at(population / 2);
        let mu_eff = effective_mass(better.iter().copied());
        let c_1 = 2.0 / ((n + 1.3).powi(2) + mu_eff);
        let c_mu = 2.0 * (0.25 + mu_eff + 1.0 / mu_eff - 2.0) / ((n + 2.0).powi(2) + mu_eff);
        let c_mu = c_mu.min(1.0 - c_1);
        let most_negative = [
            1.0 + c_1 / c_mu,
            1.0 + 2.0 * effective_mass(worse.iter().copied()) / (mu_eff + 2.0),
            (1.0 - c_1 - c_mu) / (n * c_mu),
        ];
        let negative = most_negative.into_iter().fold(f64::INFINITY, f64::min);
        let (above, below) = (better.iter().sum::<f64>(), -worse.iter().sum::<f64>());
        let scaled = |w: &f64| if *w >= 0.0 { w / above } else { negative * w / below };
        Self {
            weights: raw.iter().map(scaled).collect(),
            mu_eff,
            c_c: (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n),
            c_1,
            c_mu,
            lag: (1.0 / (10.0 * n * (c_1 + c_mu))).max(1.0) as usize,
        }
    }
}

impl Strategy for CmaEs {
    fn ask(&self) -> Proposal {
        let (genes, steps) = (self.mean.len(), self.axes.steps(&self.draws()));
        let mut genomes = Vec::with_capacity(self.population * genes);
        for individual in 0..self.population {
            let gene = |(m, y): (&f64, &f64)| (m + self.step_size.sigma * y) as f32;
            genomes.extend(self.mean.iter().zip(steps.column(individual)).map(gene));
        }
        Proposal::Explicit(ExplicitGenomes { genomes: genomes.into(), genes })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population)?;
        if !fitness.is_flat() {
            self.learn(fitness)?;
        } else if fitness.failed() == 0 && self.stopped.is_none() {
            self.step_size.widen();
        }
        self.noise.generation += 1;
        self.stopped = self.update_criteria(fitness);
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.mean.iter().map(|&gene| gene as f32).collect())
    }

    fn step_size(&self) -> f64 {
        self.step_size.sigma
    }

    fn cost_period(&self) -> usize {
        self.rates.lag
    }

    fn stop_reason(&self) -> Option<StopReason> {
        self.stopped
    }
}

impl CmaEs {
    /// Draws z of every individual, by columns.
    fn draws(&self) -> Matrix {
        noise_matrix(&self.noise, self.mean.len(), self.population)
    }

    /// Figure 6 from the selection on: equations 41 to 47.
    fn learn(&mut self, fitness: &Fitness) -> Result<()> {
        let Rates { mu_eff, c_c, c_1, c_mu, .. } = self.rates;
        let draws = self.draws();
        let steps = self.axes.steps(&draws);
        let shared = fitness.utilities(|rank| self.rates.weights[rank].max(0.0));
        let shared = Matrix::from_columns(self.population, shared);
        let step = steps.times(&shared).into_numbers();
        self.step_size.expect_finite(&self.mean, &step)?;
        for (mean, step) in self.mean.iter_mut().zip(&step) {
            *mean += self.step_size.sigma * step;
        }
        // C^(-1/2) is B D^(-1) B^T, which leaves B z of B D z.
        let whitened = self.axes.directions.times(&draws.times(&shared));
        let is_usual = self.step_size.update(whitened.numbers());
        // While sigma is about to grow, the path only fades, and C is corrected for the lost
        // variance.
        let (gain, kept) = if is_usual { (1.0, 0.0) } else { (0.0, c_1 * c_c * (2.0 - c_c)) };
        cumulate(&mut self.path, c_c, mu_eff, step.iter().map(|y| gain * y));

        let mut weights = fitness.utilities(|rank| c_mu * self.rates.weights[rank]);
        let kept = 1.0 + kept - c_1 - weights.iter().sum::<f64>();
        for (individual, weight) in weights.iter_mut().enumerate() {
            // Equation 46: the length of an individual's step does not change what it subtracts.
            if *weight < 0.0 {
                let squares = draws.column(individual).iter().map(|z| z * z);
                *weight *= self.mean.len() as f64 / squares.sum::<f64>();
            }
        }
        self.update_covariance(kept, &steps, &weights);
        let variances = self.covariance.diagonal();
        if let Some(scale) = self.step_size.apply_bound(variances) {
            self.path.iter_mut().for_each(|p| *p *= scale);
            self.covariance.scale(scale * scale);
            self.axes.lengths.iter_mut().for_each(|length| *length *= scale);
        }
        self.axes.age += 1;
        if self.axes.age >= self.rates.lag {
            self.axes = Axes::decompose(&mut self.covariance)?;
        }
        Ok(())
    }

    /// Equation 47: `C = kept C + c_1 p_c p_c^T + sum of weight y y^T`.
    fn update_covariance(&mut self, kept: f64, steps: &Matrix, weights: &[f64]) {
        let (genes, individuals) = (steps.rows(), steps.columns());
        let vectors = Matrix::from_fn(genes, individuals + 1, |gene, at| {
            if at < individuals { steps[(gene, at)] } else { self.path[gene] }
        });
        let weighted = Matrix::from_fn(genes, individuals + 1, |gene, at| {
            vectors[(gene, at)] * if at < individuals { weights[at] } else { self.rates.c_1 }
        });
        self.covariance.scale_and_add_lower(kept, &vectors, &weighted);
    }

    fn update_criteria(&mut self, fitness: &Fitness) -> Option<StopReason> {
        let (genes, sigma) = (self.mean.len(), self.step_size.sigma);
        let variances: Vec<f64> = self.covariance.diagonal().collect();
        let now = Distribution {
            mean: &self.mean,
            sigma,
            variances: &variances,
            path: &self.path,
            longest: self.axes.lengths.iter().copied().fold(0.0, f64::max),
            shortest: self.axes.lengths.iter().copied().fold(f64::INFINITY, f64::min),
        };
        let reason = self.criteria.update(fitness, &now);
        // NoEffectAxis checks one axis each generation, in turn.
        let axis = self.noise.generation as usize % genes;
        let length = 0.1 * sigma * self.axes.lengths[axis];
        let direction = self.axes.directions.column(axis);
        let mut steps = self.mean.iter().zip(direction);
        let has_none = steps.all(|(mean, along)| mean + length * along == *mean);
        reason.or(has_none.then_some(StopReason::NoEffect))
    }
}

impl Axes {
    /// Decomposes C, after raising its diagonal if the smallest eigenvalue is lost to rounding.
    fn decompose(covariance: &mut Matrix) -> Result<Self> {
        let eigen = Eigen::from_lower(covariance).ok_or_else(|| {
            let expected = "a covariance whose numbers are finite";
            Error::invalid(
                "the search of cma-es",
                expected,
                "a matrix without an eigendecomposition",
            )
            .advise("begin with a smaller --set sigma")
        })?;
        let Eigen { mut values, vectors } = eigen;
        let largest = values.last().copied().unwrap_or_default();
        let lift = (MIN_EIGENVALUE * largest - values[0]).max(0.0);
        if lift > 0.0 {
            (0..values.len()).for_each(|gene| covariance[(gene, gene)] += lift);
            values.iter_mut().for_each(|variance| *variance += lift);
        }
        let lengths = values.into_iter().map(f64::sqrt).collect();
        Ok(Self { directions: vectors, lengths, age: 0 })
    }

    /// Returns `B D z` for every column z.
    fn steps(&self, draws: &Matrix) -> Matrix {
        let scaled = Matrix::from_fn(draws.rows(), draws.columns(), |axis, individual| {
            self.lengths[axis] * draws[(axis, individual)]
        });
        self.directions.times(&scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values computed from table 1 with NumPy; pycma 4.5 gives the same.
    #[test]
    fn rates_for_ten_genes_are_those_of_table_1() {
        let rates = Rates::new(10, 10);
        let weights = [
            0.45627264690340597,
            0.2707530970017852,
            0.16223111715866978,
            0.08523354710016448,
            0.025509591835974777,
            -0.08001260758087224,
            -0.22176416099914653,
            -0.34455494178482093,
            -0.45286408637842196,
            -0.5497499176973853,
        ];
        let named = [
            (rates.mu_eff, 3.1672992814107026),
            (rates.c_1, 0.015283824524751714),
            (rates.c_mu, 0.023551776650417484),
            (rates.c_c, 0.29499038303562225),
        ];
        let pairs = rates.weights.iter().copied().zip(weights).chain(named);
        for (got, expected) in pairs {
            assert!((got - expected).abs() < 1e-9, "{got}, not {expected}");
        }
    }

    #[test]
    fn the_decomposition_is_renewed_as_often_as_section_b_2_says() {
        let lags = [(10, 10), (100, 17), (1000, 24)].map(|(n, lambda)| Rates::new(n, lambda).lag);
        assert_eq!(lags, [1, 1, 7]);
    }

    #[test]
    fn a_matrix_that_rounding_made_indefinite_is_repaired() {
        let mut covariance = Matrix::from_columns(2, vec![1.0, 1.0, 0.0, 1.0 - 1e-12]);
        let axes = Axes::decompose(&mut covariance).expect("finite numbers");
        assert!(axes.lengths.iter().all(|length| *length > 0.0));
        let product = |a: usize, b: usize| -> f64 {
            let along = |axis: usize, gene: usize| axes.directions[(gene, axis)];
            (0..2).map(|k| axes.lengths[k].powi(2) * along(k, a) * along(k, b)).sum()
        };
        for (a, b) in [(0, 0), (1, 0), (1, 1)] {
            assert!((product(a, b) - covariance[(a, b)]).abs() < 1e-12);
        }
    }
}
