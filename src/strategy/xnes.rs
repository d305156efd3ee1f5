//! `xnes`: a Gaussian with a full covariance matrix, led by the natural gradient through the matrix
//! exponential.
//!
//! Individuals are `centre + sigma B s` with noise s, and `B` of determinant 1. With utilities u by
//! rank, and sums over individuals,
//!
//! ```text
//! G_M     = sum of u (s s' - I),    g = trace(G_M) / genes,    G_B = G_M - g I
//! centre += learning-rate * sigma B * sum of u s
//! sigma  *= exp(sigma-learning-rate * eta / 2 * g)
//! B       = B exp(shape-learning-rate * eta / 2 * G_B)
//! eta     = 3 (3 + ln genes) / (5 genes sqrt(genes))
//! ```
//!
//! The paper writes `B'` where individuals are made and `B` where the centre moves. Only the same
//! matrix in both gives the natural gradient, and the one here is that of the covariance `B B'`.
//!
//! # Shapes
//!
//! `B` is `f64[genes][genes]`, and the exponential is found along the axes of the symmetric `G_B`,
//! so that a generation costs as much as some dozen products of such matrices: this is for hundreds
//! of genes, and above [`GENES_MAX`] it is refused.
//!
//! # Settings
//!
//! `sigma`, the first deviation; `learning-rate`, eta of the centre; `sigma-learning-rate` and
//! `shape-learning-rate`, in multiples of the paper's; `restarts`, which are not the paper's. The
//! population is `4 + floor(3 ln genes)`.
//!
//! # When nothing can be learned
//!
//! As in `snes`: equals move nothing, and the same rules stop the search.
//!
//! # Source
//!
//! Wierstra et al. 2014, Journal of Machine Learning Research 15: Algorithm 5 and Table 1. First in
//! Glasmachers, Schaul, Sun, Wierstra and Schmidhuber, "Exponential natural evolution strategies",
//! GECCO 2010.

use faer::{Mat, MatRef, Side};
use serde::{Deserialize, Serialize};

use super::cumulation::default_population;
use super::natural::{self, Watch};
use super::restarts::{self, RESTARTS, Restart};
use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Stop, Strategy};
use crate::error::{Error, Result};
use crate::population::{Explicit, Moments, NoiseKey, Proposal, Weights};
use crate::random::Stream;

/// The most genes: a matrix of them takes 512 MiB, and some are needed at once.
const GENES_MAX: usize = 8192;

pub(super) const ENTRY: Entry = Entry {
    name: "xnes",
    summary: "natural gradient of a Gaussian with a full covariance matrix",
    source: "Wierstra et al. 2014, Journal of Machine Learning Research 15, Algorithm 5",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 20,
    population: Some(default_population),
    preset: &[],
    grows: None,
    paints: None,
    begin: restarts::begin::<Xnes>,
    resume: restarts::resume::<Xnes>,
};

const SETTINGS: &[Setting] = &[
    natural::SIGMA,
    natural::LEARNING_RATE,
    Setting {
        key: "sigma-learning-rate",
        meaning: "eta of sigma, in multiples of 3 (3 + ln genes) / (5 genes sqrt(genes))",
        default: "1",
        domain: Domain::NotNegative,
    },
    Setting {
        key: "shape-learning-rate",
        meaning: "eta of the shape B, in multiples of 3 (3 + ln genes) / (5 genes sqrt(genes))",
        default: "1",
        domain: Domain::NotNegative,
    },
    RESTARTS,
];

#[derive(Serialize, Deserialize)]
struct Xnes {
    centre: Vec<f64>,
    sigma: f64,
    /// `f64[genes][genes]`, column by column: B.
    shape: Vec<f64>,
    learning_rate: f64,
    sigma_learning_rate: f64,
    shape_learning_rate: f64,
    noise: NoiseKey,
    population: usize,
    watch: Watch,
}

impl Restart for Xnes {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        if start.genes > GENES_MAX {
            let expected = format!("at most {GENES_MAX} genes, for a matrix of genes x genes");
            return Err(Error::invalid("--strategy xnes", expected, start.genes)
                .advise("choose snes, or a smaller network"));
        }
        let genes = start.genes as f64;
        let rate = 3.0 * (3.0 + genes.ln()) / (5.0 * genes * genes.sqrt());
        let sigma = settings.number("sigma");
        Ok(Self {
            sigma,
            shape: columns(&Mat::identity(start.genes, start.genes)),
            learning_rate: settings.number("learning-rate"),
            sigma_learning_rate: settings.number("sigma-learning-rate") * rate,
            shape_learning_rate: settings.number("shape-learning-rate") * rate,
            noise: start.noise(),
            population: start.population,
            watch: Watch::begin(sigma, start.genes, start.population),
            centre: start.centre.into_iter().map(f64::from).collect(),
        })
    }
}

impl Strategy for Xnes {
    fn ask(&self) -> Proposal {
        let strayed = self.shape() * self.noise();
        let genes = self.centre.len();
        let genomes = strayed.col_iter().flat_map(|column| {
            let one_gene = |g: usize| (self.centre[g] + self.sigma * column[g]) as f32;
            (0..genes).map(one_gene).collect::<Vec<_>>()
        });
        Proposal::Explicit(Explicit { genomes: genomes.collect(), genes })
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.population)?;
        if !fitness.is_flat() {
            self.follow(&natural::utilities(fitness))?;
        }
        self.watch.see(fitness);
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre.iter().map(|&gene| gene as f32).collect())
    }

    fn spread(&self) -> f64 {
        self.sigma
    }

    fn stop(&self) -> Option<Stop> {
        let mut squares = vec![0.0; self.centre.len()];
        for column in self.shape.chunks(squares.len()) {
            squares.iter_mut().zip(column).for_each(|(sum, stray)| *sum += stray * stray);
        }
        let widest = squares.into_iter().fold(0.0, f64::max).sqrt();
        self.watch.stop(self.sigma * widest)
    }
}

impl Xnes {
    fn shape(&self) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice(&self.shape, self.centre.len(), self.centre.len())
    }

    /// `f64[genes][population]`: the noise s, an individual a column.
    fn noise(&self) -> Mat<f64> {
        let mut noise = Mat::zeros(self.centre.len(), self.population);
        for (individual, column) in noise.col_iter_mut().enumerate() {
            let place = self.noise.place(Stream::Noise, individual);
            let mut normals = (0..).flat_map(|block| place.normals(block));
            column.iter_mut().zip(&mut normals).for_each(|(z, normal)| *z = f64::from(normal));
        }
        noise
    }

    /// Algorithm 5: every gradient is in the coordinates of the old distribution.
    fn follow(&mut self, utilities: &[f64]) -> Result<()> {
        let genes = self.centre.len();
        let noise = self.noise();
        let weighted = Mat::from_fn(genes, self.population, |gene, individual| {
            utilities[individual] * noise[(gene, individual)]
        });
        let mut gradient = weighted * noise.transpose();
        let mean = (0..genes).map(|gene| gradient[(gene, gene)]).sum::<f64>() / genes as f64;
        for gene in 0..genes {
            gradient[(gene, gene)] -= mean;
        }

        let total = Mat::from_fn(self.population, 1, |individual, _| utilities[individual]);
        let step = self.shape() * (noise * total);
        let rate = self.learning_rate * self.sigma;
        let centre = self.centre.iter().zip(step.col(0).iter());
        let centre = centre.map(|(gene, step)| gene + rate * step).collect();
        let sigma_gradient = mean - utilities.iter().sum::<f64>();
        let sigma = self.sigma * (0.5 * self.sigma_learning_rate * sigma_gradient).exp();
        let shape = self.shape() * exponential(&gradient, 0.5 * self.shape_learning_rate)?;
        self.change(centre, sigma, columns(&shape))
    }

    /// Takes another place and shape, where single precision can express the individuals.
    fn change(&mut self, centre: Vec<f64>, sigma: f64, shape: Vec<f64>) -> Result<()> {
        let strays = shape.iter().map(|stray| sigma * stray);
        let lost = centre.iter().copied().chain(strays).find(|x| !(*x as f32).is_finite());
        if let Some(lost) = lost {
            let expected = "genes and deviations that are finite in single precision";
            return Err(Error::invalid("the distribution of a strategy", expected, lost)
                .advise("choose a smaller sigma or learning rate"));
        }
        (self.centre, self.shape) = (centre, shape);
        self.sigma = sigma.max(f64::from(f32::MIN_POSITIVE));
        Ok(())
    }
}

/// `exp(factor M)` of a symmetric M, of which what lies on and below the diagonal is read.
fn exponential(matrix: &Mat<f64>, factor: f64) -> Result<Mat<f64>> {
    let eigen = matrix.self_adjoint_eigen(Side::Lower).map_err(|_| {
        let expected = "a gradient of finite numbers";
        Error::invalid("the distribution of a strategy", expected, "one that has no axes")
    })?;
    let (axes, lengths) = (eigen.U(), eigen.S().column_vector());
    let stretched = Mat::from_fn(matrix.nrows(), matrix.ncols(), |gene, axis| {
        axes[(gene, axis)] * (factor * lengths[axis]).exp()
    });
    Ok(stretched * axes.transpose())
}

/// A matrix, column by column.
fn columns(matrix: &Mat<f64>) -> Vec<f64> {
    matrix.col_iter().flat_map(|column| column.iter().copied()).collect()
}
