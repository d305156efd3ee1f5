//! Species: genomes within a compatibility threshold of one representative.

use std::sync::Arc;

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::Fitness;
use super::Hyperparameters;
use super::genome::compatibility_distance;
use crate::network::Graph;
use crate::population::NoiseKey;
use crate::random::Stream;

/// The least number of individuals that one thread compares.
const INDIVIDUALS_PER_THREAD: usize = 64;

/// A group of similar genomes that share their fitness.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Species {
    /// The number of the species, which grows in order of birth.
    pub number: u32,
    /// The genome that others are compared with: a member of the last generation.
    pub representative: Arc<Graph>,
    /// The indices of the individuals; once ranked, from best to worst.
    pub members: Vec<u32>,
    /// The best fitness of any member so far.
    pub best: f32,
    /// The generation that first had it, or in which the species was born.
    pub improved: u32,
}

impl Species {
    /// True if the members are individuals, and the generations have passed.
    pub(super) fn is_valid(&self, population: usize, generation: u32) -> bool {
        let exists = |&member: &u32| (member as usize) < population;
        !self.members.is_empty()
            && self.members.iter().all(exists)
            && !self.best.is_nan()
            && self.improved <= generation
    }

    /// Sorts the members from best to worst, and records an improvement of the species.
    pub(super) fn rank(&mut self, fitness: &Fitness, generation: u32) {
        let values = fitness.values();
        let rank = |member: u32| match values[member as usize] {
            value if value.is_finite() => value + 0.0,
            _ => f32::NEG_INFINITY,
        };
        self.members.sort_by(|&a, &b| rank(b).total_cmp(&rank(a)).then(a.cmp(&b)));
        if let Some(&first) = self.members.first()
            && rank(first) > self.best
        {
            (self.best, self.improved) = (rank(first), generation);
        }
    }

    /// Draws the representative of the next generation from the members of this one, and clears
    /// the members.
    pub(super) fn choose_representative(&mut self, individuals: &[Arc<Graph>], key: NoiseKey) {
        // The first member identifies the species in this generation, so its draws are its own.
        let first = self.members.iter().min().copied().unwrap_or(0);
        let counter = key.counter(Stream::Selection, first as usize);
        let chosen = counter.generator().random_range(0..self.members.len());
        self.representative = Arc::clone(&individuals[self.members[chosen] as usize]);
        self.members.clear();
    }
}

/// Sorts individuals into species, each into the first whose representative is within the
/// threshold. An individual without such a species founds a new one, numbered by `births`. Species
/// without members are removed.
pub(super) fn speciate(
    species: &mut Vec<Species>,
    births: &mut u32,
    individuals: &[Arc<Graph>],
    hyperparameters: &Hyperparameters,
    threshold: f64,
    generation: u32,
) {
    let fits = |species: &Species, graph: &Graph| {
        compatibility_distance(hyperparameters, &species.representative, graph) < threshold
    };
    let old = &species[..];
    let first: Vec<Option<usize>> = individuals
        .par_iter()
        .with_min_len(INDIVIDUALS_PER_THREAD)
        .map(|graph| old.iter().position(|species| fits(species, graph)))
        .collect();
    let known = old.len();
    for (index, (graph, first)) in individuals.iter().zip(first).enumerate() {
        let new = || species[known..].iter().position(|species| fits(species, graph));
        match first.or_else(|| new().map(|position| known + position)) {
            Some(position) => species[position].members.push(index as u32),
            None => {
                species.push(Species {
                    number: *births,
                    representative: Arc::clone(graph),
                    members: vec![index as u32],
                    best: f32::NEG_INFINITY,
                    improved: generation,
                });
                *births += 1;
            }
        }
    }
    species.retain(|species| !species.members.is_empty());
}
