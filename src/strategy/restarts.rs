//! Restarts: a search that has come to its end begins anew, elsewhere and with more individuals.
//!
//! With `none` a search ends for the reason that it gives. With `ipop` every restart doubles the
//! population. With `bipop` there are two regimes, and the one that has spent fewer evaluations so
//! far has the next turn: in the large one the population doubles, in the small one it lies between
//! the first and half of the large one's, with a smaller first sigma, and gets at most half of
//! the evaluations that the last large search took. The first search counts as a small one.
//!
//! A restart begins at the first guess plus sigma times a standard normal, and with a seed that
//! follows from the run's and the number of the restart.
//!
//! # What is ours
//!
//! - The population doubles at most [`DOUBLINGS`] times; later restarts keep the largest.
//! - Where the first population is even, so is every other, for strategies that sample in pairs.
//! - It recommends what the search at hand recommends; whoever runs it keeps the champion.
//!
//! # To wrap a strategy
//!
//! Implement [`Restart`] for its type; list [`RESTARTS`] among its settings, beside one whose key
//! is `sigma`; and let its entry `begin` and `resume` with the functions of this file.
//!
//! # Source
//!
//! - `ipop`: Auger and Hansen, "A restart CMA evolution strategy with increasing population size",
//!   CEC 2005.
//! - `bipop`: Hansen, "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed",
//!   GECCO 2009, section 2.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{
    Domain, Fitness, Recommendation, Setting, Settings, Start, Stop, Strategy, save as saved,
};
use crate::error::Result;
use crate::population::{Moments, Proposal, Weights};
use crate::random::{NORMALS_A_BLOCK, Place, Stream, unit};

/// What to do at the end of a search.
pub(super) const RESTARTS: Setting = Setting {
    key: "restarts",
    meaning: "what follows when a search has come to its end: nothing, a search with twice the \
              population, or large and small ones in turns",
    default: "none",
    domain: Domain::Word(&["none", "ipop", "bipop"]),
};

/// The key of the first standard deviation.
const SIGMA: &str = "sigma";

/// How often the population doubles at most; 512 times the first one is what the experiments of
/// both papers come to.
const DOUBLINGS: u32 = 9;

/// A strategy that can begin anew.
pub(super) trait Restart: Strategy + Serialize + DeserializeOwned + Sized + 'static {
    /// Begins a search. Settings are complete, and the start is checked.
    fn begin(settings: &Settings, start: Start) -> Result<Self>;
}

/// The `begin` of an entry whose strategy can be restarted.
pub(super) fn begin<T: Restart>(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    let policy = match settings.word(RESTARTS.key) {
        "none" => Policy::None,
        "ipop" => Policy::Ipop,
        "bipop" => Policy::Bipop(Budgets::default()),
        other => unreachable!("restarts '{other}' has passed the check of its domain"),
    };
    Ok(Box::new(Restarts {
        search: T::begin(settings, start.clone())?,
        settings: settings.clone(),
        first: start,
        policy,
        restarts: 0,
        doublings: 0,
        evaluations: 0,
    }))
}

/// The `resume` of an entry whose strategy can be restarted.
pub(super) fn resume<T: Restart>(name: &'static str, state: &[u8]) -> Result<Box<dyn Strategy>> {
    saved::resume::<Restarts<T>>(name, state)
}

/// A search, and what it began from.
#[derive(Serialize, Deserialize)]
struct Restarts<T> {
    search: T,
    settings: Settings,
    first: Start,
    policy: Policy,
    restarts: u32,
    doublings: u32,
    /// Those of the search at hand.
    evaluations: u64,
}

#[derive(Serialize, Deserialize)]
enum Policy {
    None,
    Ipop,
    Bipop(Budgets),
}

/// Evaluations of the two regimes.
#[derive(Default, Serialize, Deserialize)]
struct Budgets {
    large: u64,
    small: u64,
    /// Those of the last large search; none before it.
    last_large: Option<u64>,
    /// Whether the search at hand is a large one.
    is_large: bool,
}

impl<T: Restart> Strategy for Restarts<T> {
    fn ask(&self) -> Proposal {
        self.search.ask()
    }

    fn weights(&self, fitness: &Fitness) -> Option<Weights> {
        self.search.weights(fitness)
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        self.search.tell(fitness, moments)?;
        self.evaluations += fitness.len() as u64;
        if self.is_over() { self.restart() } else { Ok(()) }
    }

    fn recommend(&self) -> Recommendation {
        self.search.recommend()
    }

    fn spread(&self) -> f64 {
        self.search.spread()
    }

    fn normalises(&self) -> bool {
        self.search.normalises()
    }

    fn species(&self) -> Vec<(u32, u32)> {
        self.search.species()
    }

    fn stop(&self) -> Option<Stop> {
        match self.policy {
            Policy::None => self.search.stop(),
            Policy::Ipop | Policy::Bipop(_) => None,
        }
    }
}

impl<T: Restart> Restarts<T> {
    /// Whether another search is to follow.
    fn is_over(&self) -> bool {
        let limit = match &self.policy {
            Policy::None => return false,
            Policy::Ipop => None,
            Policy::Bipop(budgets) => budgets.limit(),
        };
        self.search.stop().is_some() || limit.is_some_and(|most| self.evaluations >= most)
    }

    fn restart(&mut self) -> Result<()> {
        self.restarts += 1;
        let mut settings = self.settings.clone();
        let [low, high, for_population, for_sigma] = self.place(1).words(0);
        let mut population = self.first.population << self.doublings;
        let is_large = match &mut self.policy {
            Policy::None | Policy::Ipop => true,
            Policy::Bipop(budgets) => budgets.close(self.evaluations),
        };
        if is_large {
            self.doublings = (self.doublings + 1).min(DOUBLINGS);
            population = self.first.population << self.doublings;
        } else {
            population = small_population(self.first.population, population, unit(for_population));
            let sigma = settings.number(SIGMA) * 10f64.powf(-2.0 * f64::from(unit(for_sigma)));
            settings.set(SIGMA, sigma.to_string());
        }
        let start = Start {
            centre: self.fresh_centre(),
            population,
            seed: u64::from(low) | u64::from(high) << 32,
            genes: self.first.genes,
        };
        self.search = T::begin(&settings, start)?;
        self.evaluations = 0;
        Ok(())
    }

    /// The first guess plus sigma times a standard normal.
    fn fresh_centre(&self) -> Vec<f32> {
        let (sigma, place) = (self.settings.number(SIGMA), self.place(0));
        let mut centre = self.first.centre.clone();
        for (block, genes) in centre.chunks_mut(NORMALS_A_BLOCK).enumerate() {
            for (gene, normal) in genes.iter_mut().zip(place.normals(block as u32)) {
                *gene = (f64::from(*gene) + sigma * f64::from(normal)) as f32;
            }
        }
        centre
    }

    /// Where a restart draws from. The first weights of the run are those of generation 0, so no
    /// restart repeats them.
    fn place(&self, individual: u32) -> Place {
        let (seed, stream) = (self.first.seed, Stream::Initial);
        Place { seed, stream, generation: self.restarts, individual }
    }
}

impl Budgets {
    /// Books a search that is over, and says whether the next one is large.
    fn close(&mut self, evaluations: u64) -> bool {
        if self.is_large {
            self.large += evaluations;
            self.last_large = Some(evaluations);
        } else {
            self.small += evaluations;
        }
        self.is_large = self.large <= self.small;
        self.is_large
    }

    /// The most that the search at hand may spend.
    fn limit(&self) -> Option<u64> {
        self.last_large.filter(|_| !self.is_large).map(|evaluations| evaluations / 2)
    }
}

/// The population of the small regime: `first * (large / (2 * first))^(u^2)`, rounded down.
fn small_population(first: usize, large: usize, u: f32) -> usize {
    let ratio = 0.5 * large as f64 / first as f64;
    let population = (first as f64 * ratio.powf(f64::from(u).powi(2))) as usize;
    // Never below the first one, which is even if pairs are needed.
    if first.is_multiple_of(2) { population & !1 } else { population }.max(first)
}
