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
//! `B` is `f64[genes][genes]`, so that a generation costs some dozen products of such matrices:
//! this is for hundreds of genes, and above [`GENES_MAX`] it is refused.
//!
//! # Settings
//!
//! `sigma`, the first deviation; `learning-rate`, eta of the centre; `sigma-learning-rate` and
//! `shape-learning-rate`, in multiples of the paper's. The population is `4 + floor(3 ln genes)`.
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

use nalgebra::{DMatrix, DMatrixView, DVector};
use serde::{Deserialize, Serialize};

use super::natural::{self, Watch};
use super::{
    Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Stop, Strategy, save,
};
use crate::error::{Error, Result};
use crate::population::{Explicit, Moments, NoiseKey, Proposal, Weights};
use crate::random::{NORMALS_A_BLOCK, Stream};

/// The most genes: a matrix of them takes 512 MiB, and some are needed at once.
const GENES_MAX: usize = 8192;

pub(super) const ENTRY: Entry = Entry {
    name: "xnes",
    summary: "natural gradient of a Gaussian with a full covariance matrix",
    source: "Wierstra et al. 2014, Journal of Machine Learning Research 15, Algorithm 5",
    settings: SETTINGS,
    breeds: false,
    population: Some(natural::population),
    preset: &[],
    grows: None,
    begin,
    resume: save::resume::<Xnes>,
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

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    if start.genes > GENES_MAX {
        let expected = format!("at most {GENES_MAX} genes, for a matrix of genes x genes");
        return Err(Error::invalid("--strategy xnes", expected, start.genes)
            .advise("choose snes, or a smaller network"));
    }
    let genes = start.genes as f64;
    let rate = 3.0 * (3.0 + genes.ln()) / (5.0 * genes * genes.sqrt());
    let sigma = settings.number("sigma");
    Ok(Box::new(Xnes {
        sigma,
        shape: DMatrix::identity(start.genes, start.genes).as_slice().to_vec(),
        learning_rate: settings.number("learning-rate"),
        sigma_learning_rate: settings.number("sigma-learning-rate") * rate,
        shape_learning_rate: settings.number("shape-learning-rate") * rate,
        noise: start.noise(),
        population: start.population,
        watch: Watch::begin(sigma, start.genes, start.population),
        centre: start.centre.into_iter().map(f64::from).collect(),
    }))
}

impl Strategy for Xnes {
    fn ask(&self) -> Proposal {
        let strayed = self.shape() * self.noise();
        let genes = self.centre.len();
        let genomes = strayed.column_iter().flat_map(|column| {
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
        let widest = self.shape().row_iter().map(|row| row.norm()).fold(0.0, f64::max);
        self.watch.stop(self.sigma * widest)
    }
}

impl Xnes {
    fn shape(&self) -> DMatrixView<'_, f64> {
        DMatrixView::from_slice(&self.shape, self.centre.len(), self.centre.len())
    }

    /// `f64[genes][population]`: the noise s, an individual a column.
    fn noise(&self) -> DMatrix<f64> {
        let mut noise = DMatrix::zeros(self.centre.len(), self.population);
        for (individual, mut column) in noise.column_iter_mut().enumerate() {
            let place = self.noise.place(Stream::Noise, individual);
            for (block, genes) in column.as_mut_slice().chunks_mut(NORMALS_A_BLOCK).enumerate() {
                let normals = place.normals(block as u32);
                for (gene, normal) in genes.iter_mut().zip(normals) {
                    *gene = f64::from(normal);
                }
            }
        }
        noise
    }

    /// Algorithm 5: every gradient is in the coordinates of the old distribution.
    fn follow(&mut self, utilities: &[f64]) -> Result<()> {
        let genes = self.centre.len();
        let (noise, utilities) = (self.noise(), DVector::from_column_slice(utilities));
        let mut weighted = noise.clone();
        for (mut column, utility) in weighted.column_iter_mut().zip(&utilities) {
            column *= *utility;
        }
        let mut gradient = weighted * noise.transpose();
        let mean = gradient.trace() / genes as f64;
        for gene in 0..genes {
            gradient[(gene, gene)] -= mean;
        }

        let step = self.shape() * (noise * &utilities) * (self.learning_rate * self.sigma);
        let centre: Vec<f64> =
            self.centre.iter().zip(&step).map(|(gene, step)| gene + step).collect();
        let sigma_gradient = mean - utilities.sum();
        let sigma = self.sigma * (0.5 * self.sigma_learning_rate * sigma_gradient).exp();
        let shape = self.shape() * (gradient * (0.5 * self.shape_learning_rate)).exp();
        self.change(centre, sigma, shape.as_slice().to_vec())
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
