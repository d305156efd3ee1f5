//! `xnes`: exponential natural evolution strategy, which moves a Gaussian with a full covariance
//! matrix along the natural gradient, through the matrix exponential.
//!
//! Individuals are `centre + sigma B s` with noise s, where `B` has determinant 1. With rank-based
//! utilities u and sums over individuals,
//!
//! ```text
//! G_M     = sum of u (s s' - I),    g = trace(G_M) / genes,    G_B = G_M - g I
//! centre += learning-rate * sigma B * sum of u s
//! sigma  *= exp(sigma-learning-rate * eta / 2 * g)
//! B       = B exp(shape-learning-rate * eta / 2 * G_B)
//! eta     = 3 (3 + ln genes) / (5 genes sqrt(genes))
//! ```
//!
//! The paper writes `B'` where individuals are sampled and `B` where the centre moves. The gradient
//! is natural only if both are the same matrix; here that is the factor of the covariance `B B'`.
//!
//! # Shapes
//!
//! `B` is `f64[genes][genes]`, and the exponential is computed along the axes of the symmetric
//! `G_B`. A generation costs as much as some dozen products of such matrices. The strategy suits
//! hundreds of genes, and refuses more than [`MAX_GENES`].
//!
//! # Settings
//!
//! `sigma`, the first standard deviation; `learning-rate`, eta of the centre; `sigma-learning-rate`
//! and `shape-learning-rate`, in multiples of the paper's; `restarts`, which are not in the paper.
//! The population is `4 + floor(3 ln genes)`.
//!
//! # Flat fitness
//!
//! A generation of equal fitness moves nothing, and the stop rules of `snes` apply.
//!
//! # Source
//!
//! Wierstra et al. 2014, Journal of Machine Learning Research 15: Algorithm 5 and Table 1. First in
//! Glasmachers, Schaul, Sun, Wierstra and Schmidhuber, "Exponential natural evolution strategies",
//! GECCO 2010.

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::natural_gradient::{self, StopRules};
use super::noise::noise_matrix;
use super::restarts::{RESTARTS, Restarts, SIGMA};
use super::state_limits::{StateLimits, are_non_negative, are_positive};
use super::step_size::default_population;
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, StopReason,
    Strategy,
};
use crate::error::{Error, Result};
use crate::math::{Eigen, Matrix};
use crate::population::{ExplicitGenomes, NoiseKey, Proposal};

/// The largest number of genes. A matrix of that size takes 512 MiB, and several are in use at
/// once.
const MAX_GENES: usize = 8192;

pub(super) const ENTRY: Entry = Entry {
    name: "xnes",
    summary: "follows the natural gradient of a Gaussian with a full covariance matrix",
    idea: "Each generation samples a Gaussian whose covariance matrix describes which genes \
           change together, and ranks the individuals. The natural gradient moves the centre, the \
           overall step size and the shape of the distribution. The shape is updated through a \
           matrix exponential, so the covariance stays valid after any step. The search thus \
           learns directions, and not only widths.",
    when: "Use it for up to a few hundred genes that depend on each other. Avoid it for larger \
           networks, because memory grows with the square of the genes and time with the cube.",
    source: "Wierstra et al. 2014, Journal of Machine Learning Research 15, Algorithm 5",
    points: PointDefaults { population: None, settings: &[Deviations("sigma", 1.0)] },
    settings: SETTINGS,
    written_bytes: 20,
    default_population: Some(default_population),
    least_population: 4,
    ..Entry::of::<Restarts<Xnes>>()
};

const SETTINGS: &[Setting] = &[
    SIGMA,
    natural_gradient::LEARNING_RATE,
    Setting {
        key: "sigma-learning-rate",
        meaning: "learning rate of sigma, in multiples of the paper's, 3 (3 + ln genes) / (5 genes \
                  sqrt(genes))",
        default: "1",
        domain: Domain::NonNegative,
    },
    Setting {
        key: "shape-learning-rate",
        meaning: "learning rate of the shape B, in multiples of the paper's, 3 (3 + ln genes) / (5 \
                  genes sqrt(genes))",
        default: "1",
        domain: Domain::NonNegative,
    },
    RESTARTS,
];

#[derive(Serialize, Deserialize)]
struct Xnes {
    centre: Vec<f64>,
    sigma: f64,
    /// B, `genes` x `genes`.
    shape: Matrix,
    learning_rate: f64,
    sigma_learning_rate: f64,
    shape_learning_rate: f64,
    noise: NoiseKey,
    population: usize,
    stop_rules: StopRules,
}

impl Begin for Xnes {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        if start.genes > MAX_GENES {
            let expected = format!("at most {MAX_GENES} genes, for a matrix of genes x genes");
            return Err(Error::invalid("--strategy xnes", expected, start.genes)
                .advise("choose snes, or a smaller network"));
        }
        let genes = start.genes as f64;
        let rate = 3.0 * (3.0 + genes.ln()) / (5.0 * genes * genes.sqrt());
        let sigma = settings.number("sigma");
        Ok(Self {
            sigma,
            shape: Matrix::identity(start.genes),
            learning_rate: settings.number("learning-rate"),
            sigma_learning_rate: settings.number("sigma-learning-rate") * rate,
            shape_learning_rate: settings.number("shape-learning-rate") * rate,
            noise: start.noise(),
            population: start.population,
            stop_rules: StopRules::new(sigma, start.genes, start.population),
            centre: start.centre.into_iter().map(f64::from).collect(),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let rates = [self.learning_rate, self.sigma_learning_rate, self.shape_learning_rate];
        limits.allow(self.population, self.noise)
            && limits.is_genome(&self.centre)
            && are_positive(&[self.sigma])
            && self.shape.is_square(limits.genes)
            && are_non_negative(&rates)
            && self.stop_rules.is_valid()
    }
}

impl Strategy for Xnes {
    fn ask(&self) -> Proposal {
        let steps = self.shape.times(&self.noise());
        let genes = self.centre.len();
        let genomes = steps.numbers().chunks(genes).flat_map(|column| {
            let gene = |(centre, step): (&f64, &f64)| (centre + self.sigma * step) as f32;
            self.centre.iter().zip(column).map(gene)
        });
        Proposal::Explicit(ExplicitGenomes { genomes: genomes.collect(), genes })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population)?;
        if !fitness.is_flat() {
            self.follow(&natural_gradient::utilities(fitness))?;
        }
        self.stop_rules.record(fitness);
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre.iter().map(|&gene| gene as f32).collect())
    }

    fn step_size(&self) -> f64 {
        self.sigma
    }

    fn stop_reason(&self) -> Option<StopReason> {
        let mut squares = vec![0.0; self.centre.len()];
        for column in self.shape.numbers().chunks(squares.len()) {
            squares.iter_mut().zip(column).for_each(|(sum, entry)| *sum += entry * entry);
        }
        let max_length = squares.into_iter().fold(0.0, f64::max).sqrt();
        self.stop_rules.stop_reason(self.sigma * max_length)
    }
}

impl Xnes {
    /// Draws the noise s, `genes` x `population`, with one column for each individual.
    fn noise(&self) -> Matrix {
        noise_matrix(&self.noise, self.centre.len(), self.population)
    }

    /// Algorithm 5. Every gradient is in the coordinates of the old distribution.
    fn follow(&mut self, utilities: &[f64]) -> Result<()> {
        let genes = self.centre.len();
        let noise = self.noise();
        let weighted = Matrix::from_fn(genes, self.population, |gene, individual| {
            utilities[individual] * noise[(gene, individual)]
        });
        let mut gradient = weighted.times_transposed(&noise);
        let mean = (0..genes).map(|gene| gradient[(gene, gene)]).sum::<f64>() / genes as f64;
        for gene in 0..genes {
            gradient[(gene, gene)] -= mean;
        }

        let total = noise.times(&Matrix::from_columns(self.population, utilities.to_vec()));
        let step = self.shape.times(&total);
        let rate = self.learning_rate * self.sigma;
        let centre = self.centre.iter().zip(step.numbers());
        let centre = centre.map(|(gene, step)| gene + rate * step).collect();
        let sigma_gradient = mean - utilities.iter().sum::<f64>();
        let sigma = self.sigma * (0.5 * self.sigma_learning_rate * sigma_gradient).exp();
        let change = exponential(&gradient, 0.5 * self.shape_learning_rate)?;
        self.update(centre, sigma, self.shape.times(&change))
    }

    /// Replaces the distribution, or returns an error if an individual could leave the range of
    /// single precision.
    fn update(&mut self, centre: Vec<f64>, sigma: f64, shape: Matrix) -> Result<()> {
        let entries = shape.numbers().iter().map(|entry| sigma * entry);
        let overflow = centre.iter().copied().chain(entries).find(|x| !(*x as f32).is_finite());
        if let Some(overflow) = overflow {
            let expected = "genes and deviations that are finite in single precision";
            return Err(Error::invalid("the distribution of a strategy", expected, overflow)
                .advise("choose a smaller sigma or learning rate"));
        }
        (self.centre, self.shape) = (centre, shape);
        self.sigma = sigma.max(f64::from(f32::MIN_POSITIVE));
        Ok(())
    }
}

/// Returns `exp(factor M)` of a symmetric M, of which the lower triangle is read.
fn exponential(matrix: &Matrix, factor: f64) -> Result<Matrix> {
    let eigen = Eigen::from_lower(matrix).ok_or_else(|| {
        let expected = "a gradient of finite numbers";
        Error::invalid(
            "the distribution of a strategy",
            expected,
            "a matrix without an eigendecomposition",
        )
    })?;
    let Eigen { values, vectors } = eigen;
    let scaled = Matrix::from_fn(matrix.rows(), matrix.columns(), |gene, axis| {
        vectors[(gene, axis)] * (factor * values[axis]).exp()
    });
    Ok(scaled.times_transposed(&vectors))
}
