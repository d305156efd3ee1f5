//! `ars`: augmented random search, finite differences along random directions, scaled by the
//! returns' own standard deviation.
//!
//! A generation is made of mirrored pairs, `centre + sigma * noise` and `centre - sigma * noise`,
//! with returns r+ and r-. Of its directions the best b are used, by the better return of each:
//!
//! ```text
//! centre += learning-rate / (b * deviation) * sum over directions of (r+ - r-) * noise
//! ```
//!
//! where `deviation` is the standard deviation of the 2 b returns. It is not ranks that count but
//! returns; shifted, or scaled by a positive number, they teach the same.
//!
//! # Settings
//!
//! `sigma`, the paper's exploration noise nu; `learning-rate`, its step size alpha; `top`, the
//! share of directions that are used; `version`, `V1` or `V2`. With a `top` of 1 these are the
//! paper's algorithms of those names, below 1 its V1-t and V2-t.
//!
//! V2 is V1 on normalised observations. It is the run that normalises them (see
//! [`crate::network::Normalisation`]), so V2 is for control tasks alone; beside the paper's mean
//! and deviation of all that was seen so far, what goes in is clipped at 5 deviations. The paper's
//! policies are linear, without hidden layers or biases, and begin at 0: `--network out:nobias
//! --initial zero`. The population, two for each direction, is even.
//!
//! # When fitness fails
//!
//! A return that is NaN or infinite counts as the least finite one of its generation. Where all
//! that are used are equal, nothing moves.
//!
//! # Source
//!
//! Mania, Guy and Recht, "Simple random search provides a competitive approach to reinforcement
//! learning", arXiv:1803.07055, 2018: Algorithms 1 and 2. The defaults are those of their program.

use serde::{Deserialize, Serialize};

use super::{
    Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Strategy, expect_sum, save,
};
use crate::error::{Error, Result};
use crate::population::{Gaussian, Moments, NoiseKey, Proposal, Scale, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "ars",
    summary: "finite differences along the best of random directions (V1, V1-t, V2, V2-t)",
    source: "Mania et al. 2018, arXiv:1803.07055",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 0,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<Ars>,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "sigma",
        meaning: "standard deviation of every gene around the centre (nu, the exploration noise)",
        default: "0.03",
        domain: Domain::Positive,
    },
    Setting {
        key: "learning-rate",
        meaning: "alpha, the step size",
        default: "0.02",
        domain: Domain::Positive,
    },
    Setting {
        key: "top",
        meaning: "share of directions that are used, above 0; below 1 this is V1-t or V2-t",
        default: "1",
        domain: Domain::Share,
    },
    Setting {
        key: "version",
        meaning: "V1 shows networks what they observe; V2 normalises it, in control tasks",
        default: "V1",
        domain: Domain::Word(&["V1", "V2"]),
    },
];

#[derive(Serialize, Deserialize)]
struct Ars {
    centre: Vec<f64>,
    sigma: f64,
    learning_rate: f64,
    /// Directions that are used.
    top: usize,
    normalises: bool,
    noise: NoiseKey,
    population: usize,
}

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    start.expect_pairs()?;
    Ok(Box::new(Ars {
        sigma: settings.number("sigma"),
        learning_rate: settings.number("learning-rate"),
        top: settings.part("top", start.population / 2)?,
        normalises: settings.word("version") == "V2",
        noise: start.noise(),
        population: start.population,
        centre: start.centre.into_iter().map(f64::from).collect(),
    }))
}

impl Strategy for Ars {
    fn ask(&self) -> Proposal {
        Proposal::Gaussian(Gaussian {
            centre: self.centre_single().collect(),
            scale: Scale::Uniform(self.sigma as f32),
            noise: self.noise,
            individuals: self.population,
            mirrored: true,
        })
    }

    fn weights(&self, fitness: &Fitness) -> Option<Weights> {
        let mut first = vec![0.0; fitness.len()];
        for (direction, difference) in differences(fitness, self.top) {
            // Half for each of the pair, whose noise has opposite signs: nothing is lost to
            // cancellation, however large the returns.
            first[2 * direction] = (0.5 * difference) as f32;
            first[2 * direction + 1] = (-0.5 * difference) as f32;
        }
        Some(Weights { first, second: None })
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.population)?;
        let sum = expect_sum(moments, self.centre.len())?;
        let scale = self.learning_rate / self.top as f64;
        let moved: Vec<f64> =
            self.centre.iter().zip(sum).map(|(gene, sum)| gene + scale * sum).collect();
        if !moved.iter().all(|&gene| (gene as f32).is_finite()) {
            let expected = "steps that keep every gene finite";
            return Err(Error::invalid("--set learning-rate", expected, self.learning_rate)
                .advise("choose a smaller one"));
        }
        self.centre = moved;
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre_single().collect())
    }

    fn spread(&self) -> f64 {
        self.sigma
    }

    fn normalises(&self) -> bool {
        self.normalises
    }
}

impl Ars {
    fn centre_single(&self) -> impl Iterator<Item = f32> {
        self.centre.iter().map(|&gene| gene as f32)
    }
}

/// Algorithm 2, lines 6 and 7: the best directions by the better return of each, and for each of
/// them r+ - r- in standard deviations; nothing where there is no deviation. Of equal directions
/// the first are used.
fn differences(fitness: &Fitness, top: usize) -> Vec<(usize, f64)> {
    let pairs: Vec<[f64; 2]> = returns(fitness).chunks_exact(2).map(|r| [r[0], r[1]]).collect();
    let better = |&direction: &usize| pairs[direction][0].max(pairs[direction][1]);
    let mut directions: Vec<usize> = (0..pairs.len()).collect();
    directions.sort_by(|a, b| better(b).total_cmp(&better(a)).then(a.cmp(b)));
    directions.truncate(top);

    let used = || directions.iter().flat_map(|&direction| pairs[direction]);
    let count = 2.0 * top as f64;
    let mean = used().sum::<f64>() / count;
    let deviation = (used().map(|r| (r - mean).powi(2)).sum::<f64>() / count).sqrt();
    if deviation == 0.0 {
        return Vec::new();
    }
    let scaled = |direction: usize| (pairs[direction][0] - pairs[direction][1]) / deviation;
    directions.iter().map(|&direction| (direction, scaled(direction))).collect()
}

/// The returns, less the least finite one, which is also what a failed individual gets. The
/// differences of single-precision numbers are mostly exact, so that a fitness that was shifted
/// teaches the same to the last bit.
fn returns(fitness: &Fitness) -> Vec<f64> {
    let finite = fitness.len() - fitness.failed();
    let least = match fitness.order()[..finite].last() {
        Some(&worst) => f64::from(fitness.values()[worst]),
        None => return vec![0.0; fitness.len()],
    };
    let above = |&r: &f32| if r.is_finite() { f64::from(r) - least } else { 0.0 };
    fitness.values().iter().map(above).collect()
}
