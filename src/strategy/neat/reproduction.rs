//! Reproduction: how many offspring each species has, and how they are bred.

use std::sync::Arc;

use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::super::Fitness;
use super::crossover::cross;
use super::mutation::{StructuralMutation, mutate, new_weight};
use super::{Hyperparameters, Innovations, Species};
use crate::network::Graph;
use crate::population::NoiseKey;
use crate::random::Stream;

/// The least number of offspring that one thread breeds.
const OFFSPRING_PER_THREAD: usize = 64;
/// The number of species with offspring after the population has not improved for `refocus`
/// generations.
const REFOCUSED_SPECIES: usize = 2;

/// Returns copies of the first guess, each with its own random weights.
pub(super) fn first_generation(
    hyperparameters: &Hyperparameters,
    first_guess: &Graph,
    population: usize,
    key: NoiseKey,
) -> Arc<[Arc<Graph>]> {
    let individual = |index: usize| {
        let mut rng = key.counter(Stream::Noise, index).generator();
        let mut graph = first_guess.clone();
        for connection in &mut graph.connections {
            connection.weight += new_weight(hyperparameters, &mut rng);
        }
        Arc::new(graph)
    };
    (0..population).map(individual).collect()
}

/// Returns the number of offspring of each species: the population, divided in proportion to the
/// mean contribution of the members. If the population has not improved for `refocus` generations,
/// or every species stagnates, only the two best species have offspring, and their stagnation
/// counts from now.
pub(super) fn quotas(
    hyperparameters: &Hyperparameters,
    species: &mut [Species],
    generation: u32,
    improved: &mut u32,
    fitness: &Fitness,
    contributions: &[f64],
) -> Vec<usize> {
    let order = order_by_champion(species, fitness);
    let mut earned: Vec<f64> = species.iter().map(|one| mean(one, contributions)).collect();
    for &one in order.iter().skip(hyperparameters.elite_species) {
        if generation - species[one].improved >= hyperparameters.stagnation {
            earned[one] = 0.0;
        }
    }
    if generation - *improved > hyperparameters.refocus || earned.iter().sum::<f64>() <= 0.0 {
        earned.fill(0.0);
        *improved = generation;
        for &one in order.iter().take(REFOCUSED_SPECIES) {
            earned[one] = 1.0;
            species[one].improved = generation;
        }
    }
    apportion(&earned, contributions.len())
}

/// Returns the indices of the species, ordered by their best members from best to worst.
fn order_by_champion(species: &[Species], fitness: &Fitness) -> Vec<usize> {
    let mut ranks = vec![0; fitness.len()];
    for (rank, &individual) in fitness.order().iter().enumerate() {
        ranks[individual] = rank;
    }
    let mut order: Vec<usize> = (0..species.len()).collect();
    order.sort_by_key(|&one| ranks[species[one].members[0] as usize]);
    order
}

fn mean(species: &Species, contributions: &[f64]) -> f64 {
    let sum: f64 = species.members.iter().map(|&member| contributions[member as usize]).sum();
    sum / species.members.len() as f64
}

/// Returns whole numbers that sum to `total`, in proportion to `earned`. Exact shares are rounded
/// down; the rest goes to the largest fractions, and of equal ones to the first.
pub(super) fn apportion(earned: &[f64], total: usize) -> Vec<usize> {
    let all: f64 = earned.iter().sum();
    let exact: Vec<f64> = earned.iter().map(|share| share / all * total as f64).collect();
    let mut quotas: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut order: Vec<usize> = (0..earned.len()).collect();
    let fraction = |species: usize| exact[species] - exact[species].floor();
    order.sort_by(|&a, &b| fraction(b).total_cmp(&fraction(a)).then(a.cmp(&b)));
    let given: usize = quotas.iter().sum();
    for &species in order.iter().cycle().take(total.saturating_sub(given)) {
        quotas[species] += 1;
    }
    quotas
}

/// An offspring to breed.
#[derive(Clone, Copy)]
struct Birth {
    species: usize,
    /// True if it is a copy of the species' best member.
    is_champion: bool,
}

/// The parents of a generation, from which single offspring are bred on any thread.
pub(super) struct Breeder<'a> {
    pub hyperparameters: &'a Hyperparameters,
    /// The key of the offspring's generation.
    pub key: NoiseKey,
    pub individuals: &'a [Arc<Graph>],
    pub species: &'a [Species],
    pub fitness: &'a Fitness,
}

impl Breeder<'_> {
    /// Breeds the next generation, with a number of offspring for each species.
    pub fn breed(&self, quotas: &[usize], innovations: &mut Innovations) -> Arc<[Arc<Graph>]> {
        let births: Vec<Birth> = quotas
            .iter()
            .enumerate()
            .flat_map(|(species, &quota)| {
                let copies_champion =
                    self.species[species].members.len() > self.hyperparameters.champion;
                (0..quota)
                    .map(move |child| Birth { species, is_champion: child == 0 && copies_champion })
            })
            .collect();
        let bred: Vec<(Arc<Graph>, Vec<StructuralMutation>)> = births
            .par_iter()
            .enumerate()
            .with_min_len(OFFSPRING_PER_THREAD)
            .map(|(child, birth)| self.child(*birth, child))
            .collect();
        innovations.begin_generation();
        let offspring = bred.into_iter().map(|(mut child, mutations)| {
            for mutation in &mutations {
                let genome = Arc::get_mut(&mut child).expect("a mutated child has one owner");
                innovations.apply(genome, mutation);
            }
            child
        });
        offspring.collect()
    }

    fn child(&self, birth: Birth, index: usize) -> (Arc<Graph>, Vec<StructuralMutation>) {
        let species = &self.species[birth.species];
        if birth.is_champion {
            return (Arc::clone(self.individual(species.members[0])), Vec::new());
        }
        let mut rng = self.key.counter(Stream::Noise, index).generator();
        let first = self.parent(species, &mut rng);
        let mut child = if rng.random_bool(self.hyperparameters.mutate_only) {
            Graph::clone(self.individual(first))
        } else {
            let second = self.mate(birth.species, &mut rng);
            self.cross(first, second, &mut rng)
        };
        let mutations = mutate(self.hyperparameters, &mut child, &mut rng);
        (Arc::new(child), mutations)
    }

    fn individual(&self, index: u32) -> &Arc<Graph> {
        &self.individuals[index as usize]
    }

    /// Draws one of the survivors of a species.
    fn parent(&self, species: &Species, rng: &mut impl Rng) -> u32 {
        let share = self.hyperparameters.survivors * species.members.len() as f64;
        let survivors = (share.ceil() as usize).clamp(1, species.members.len());
        species.members[rng.random_range(0..survivors)]
    }

    /// Draws the second parent: a survivor of the species or, rarely, the best of another species.
    fn mate(&self, species: usize, rng: &mut impl Rng) -> u32 {
        let others = self.species.len() - 1;
        if others > 0 && rng.random_bool(self.hyperparameters.interspecies) {
            let other = rng.random_range(0..others);
            let other = if other < species { other } else { other + 1 };
            return self.species[other].members[0];
        }
        self.parent(&self.species[species], rng)
    }

    fn cross(&self, first: u32, second: u32, rng: &mut impl Rng) -> Graph {
        let value = |individual: u32| match self.fitness.values()[individual as usize] {
            value if value.is_finite() => value,
            _ => f32::NEG_INFINITY,
        };
        let (a, b) = (value(first), value(second));
        let (fitter, other) = if b > a { (second, first) } else { (first, second) };
        let (fitter, other) = (self.individual(fitter), self.individual(other));
        cross(self.hyperparameters, fitter, other, a == b, rng)
    }
}
