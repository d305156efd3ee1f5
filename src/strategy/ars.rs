//! `ars`: augmented random search, which follows finite differences along random directions.
//!
//! A generation consists of mirrored pairs, `centre + sigma * noise` and `centre - sigma * noise`,
//! with returns r+ and r-. The best b directions are used, ordered by the better return of each:
//!
//! ```text
//! centre += learning-rate / (b * deviation) * sum over directions of (r+ - r-) * noise
//! ```
//!
//! Here `deviation` is the standard deviation of the 2 b returns. Returns count, not ranks; but
//! returns that are shifted, or scaled by a positive number, give the same update.
//!
//! # Settings
//!
//! `sigma`, the paper's exploration noise nu; `learning-rate`, its step size alpha; `top`, the
//! share of directions that are used; `version`, `V1` or `V2`. With a `top` of 1 these are the
//! paper's algorithms of those names, below 1 its V1-t and V2-t.
//!
//! V2 is V1 on normalised observations. The run normalises them (see
//! [`crate::network::Normalisation`]), so V2 applies to control tasks only. Beyond the paper, which
//! uses the mean and deviation of all observations so far, inputs are clipped at 5 deviations. The
//! paper's policies are linear, without hidden layers or biases, and begin at 0: `--network
//! out:nobias --initial zero`. The population has two individuals for each direction, and must
//! therefore be even.
//!
//! # Failed fitness
//!
//! A return that is NaN or infinite counts as the lowest finite one of its generation. If all used
//! returns are equal, nothing moves.
//!
//! # Source
//!
//! Mania, Guy and Recht, "Simple random search provides a competitive approach to reinforcement
//! learning", arXiv:1803.07055, 2018: Algorithms 1 and 2. The defaults are those of their program.

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::recombination::first_moment;
use super::state_limits::{StateLimits, are_positive};
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::{Error, Result};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};

pub(super) const ENTRY: Entry = Entry {
    name: "ars",
    summary: "follows finite differences along the best of random directions (V1, V1-t, V2, V2-t)",
    idea: "Each generation tries random directions, one step forwards and one step back along \
           each. The difference of the two returns says how much the direction improves the \
           network. The centre moves along the directions with the best returns, and the step is \
           divided by the standard deviation of the returns, so it adapts to their scale. Version \
           V2 also normalises what the network observes.",
    when: "Use it for linear or small policies on control tasks, above all with V2 where \
           observations have different scales. Avoid it where rewards contain rare extreme \
           values, because it uses returns and not ranks.",
    source: "Mania et al. 2018, arXiv:1803.07055",
    points: PointDefaults {
        population: Some(32),
        settings: &[Deviations("sigma", 0.5), Deviations("learning-rate", 0.1)],
    },
    settings: SETTINGS,
    ..Entry::of::<Ars>()
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
        meaning: "step size (alpha), in genes per standard deviation of the returns",
        default: "0.02",
        domain: Domain::Positive,
    },
    Setting {
        key: "top",
        meaning: "share of the directions that are used; below 1 it is V1-t or V2-t",
        default: "1",
        domain: Domain::PositiveShare,
    },
    Setting {
        key: "version",
        meaning: "V1 uses raw observations; V2 normalises them, on control tasks only",
        default: "V1",
        domain: Domain::Word(&["V1", "V2"]),
    },
];

#[derive(Serialize, Deserialize)]
struct Ars {
    centre: Vec<f64>,
    sigma: f64,
    learning_rate: f64,
    /// The number of directions that are used.
    top: usize,
    needs_normalisation: bool,
    noise: NoiseKey,
    population: usize,
}

impl Begin for Ars {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        start.expect_pairs()?;
        Ok(Self {
            sigma: settings.number("sigma"),
            learning_rate: settings.number("learning-rate"),
            top: settings.share_of("top", start.population / 2),
            needs_normalisation: settings.word("version") == "V2",
            noise: start.noise(),
            population: start.population,
            centre: start.centre.into_iter().map(f64::from).collect(),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        limits.allow(self.population, self.noise)
            && self.population.is_multiple_of(2)
            && limits.is_genome(&self.centre)
            && are_positive(&[self.sigma, self.learning_rate])
            && (1..=self.population / 2).contains(&self.top)
    }
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

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population)?;
        let mut utilities = vec![0.0; fitness.len()];
        for (direction, difference) in differences(fitness, self.top) {
            // Each of the pair gets half of the difference. Their noise has opposite signs, so
            // nothing is lost to cancellation, however large the returns.
            utilities[2 * direction] = (0.5 * difference) as f32;
            utilities[2 * direction + 1] = (-0.5 * difference) as f32;
        }
        let sum = first_moment(recombine, utilities, self.centre.len())?;
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

    fn step_size(&self) -> f64 {
        self.sigma
    }

    fn needs_normalisation(&self) -> bool {
        self.needs_normalisation
    }
}

impl Ars {
    fn centre_single(&self) -> impl Iterator<Item = f32> {
        self.centre.iter().map(|&gene| gene as f32)
    }
}

/// Algorithm 2, lines 6 and 7. Returns the best directions, by the better return of each, with
/// their difference r+ - r- in standard deviations. The list is empty if the returns are all equal.
/// Ties go to the direction that comes first.
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

/// Subtracts the lowest finite return from all; failed individuals get 0. Differences of
/// single-precision numbers are mostly exact, so a shifted fitness gives the same update to the
/// last bit.
fn returns(fitness: &Fitness) -> Vec<f64> {
    let finite = fitness.len() - fitness.failed();
    let lowest = match fitness.order()[..finite].last() {
        Some(&worst) => f64::from(fitness.values()[worst]),
        None => return vec![0.0; fitness.len()],
    };
    let above = |&r: &f32| if r.is_finite() { f64::from(r) - lowest } else { 0.0 };
    fitness.values().iter().map(above).collect()
}
