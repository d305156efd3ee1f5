//! Species: genomes that are compatible with one another's representative.

use std::sync::Arc;

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::Fitness;
use super::Rules;
use super::genome::distance;
use crate::network::Graph;
use crate::population::NoiseKey;
use crate::random::Stream;

/// Individuals that one thread compares at once.
const SHARE: usize = 64;

/// A species.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Species {
    /// Its number: those born later have larger ones.
    pub number: u32,
    /// What others are compared with: a member of the last generation.
    pub representative: Arc<Graph>,
    /// Individuals of this generation; once ranked, from best to worst.
    pub members: Vec<u32>,
    /// The best fitness that a member ever had.
    pub best: f32,
    /// The generation that had it first, or in which the species was born.
    pub improved: u32,
}

impl Species {
    /// Sorts the members from best to worst, and notes whether the species has improved.
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

    /// Draws the representative of the next generation from the members of this one, and lets these
    /// go.
    pub(super) fn choose_representative(&mut self, individuals: &[Arc<Graph>], key: NoiseKey) {
        // The first member names the species in this generation, so draws are their own.
        let first = self.members.iter().min().copied().unwrap_or(0);
        let place = key.place(Stream::Selection, first as usize);
        let chosen = place.generator().random_range(0..self.members.len());
        self.representative = Arc::clone(&individuals[self.members[chosen] as usize]);
        self.members.clear();
    }
}

/// Sorts individuals into species, each into the first that it is compatible with; those that fit
/// none begin new ones, which `births` numbers, and species without members end.
pub(super) fn sort(
    species: &mut Vec<Species>,
    births: &mut u32,
    individuals: &[Arc<Graph>],
    rules: &Rules,
    threshold: f64,
    generation: u32,
) {
    let fits = |species: &Species, graph: &Graph| {
        distance(rules, &species.representative, graph) < threshold
    };
    let old = &species[..];
    let first: Vec<Option<usize>> = individuals
        .par_iter()
        .with_min_len(SHARE)
        .map(|graph| old.iter().position(|species| fits(species, graph)))
        .collect();
    let known = old.len();
    for (index, (graph, first)) in individuals.iter().zip(first).enumerate() {
        let new = || species[known..].iter().position(|species| fits(species, graph));
        match first.or_else(|| new().map(|place| known + place)) {
            Some(place) => species[place].members.push(index as u32),
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
