//! Reproduction: who has how many children, and how they are bred.

use std::sync::Arc;

use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::super::Fitness;
use super::crossover::cross;
use super::mutation::{Mutation, mutate, new_weight};
use super::{Neat, Rules, Species};
use crate::network::Graph;
use crate::population::NoiseKey;
use crate::random::Stream;

/// Children that one thread breeds at once.
const SHARE: usize = 64;
/// Species that go on when the whole population has not improved for long.
const REFOCUSED: usize = 2;

/// The first guess with other weights in each individual.
pub(super) fn first_generation(
    rules: &Rules,
    guess: &Graph,
    population: usize,
    key: NoiseKey,
) -> Arc<[Arc<Graph>]> {
    let individual = |index: usize| {
        let mut rng = key.place(Stream::Noise, index).generator();
        let mut graph = guess.clone();
        for connection in &mut graph.connections {
            connection.weight += new_weight(rules, &mut rng);
        }
        Arc::new(graph)
    };
    (0..population).map(individual).collect()
}

/// Children of each species: shares of the population in proportion to the mean of what its members
/// bring. Where the whole population has not improved for long, or every species stagnates, the
/// best two start afresh, and nobody else has any.
pub(super) fn quotas(neat: &mut Neat, fitness: &Fitness, shares: &[f64]) -> Vec<usize> {
    let order = by_champion(&neat.species, fitness);
    let mut earned: Vec<f64> = neat.species.iter().map(|species| mean(species, shares)).collect();
    let (generation, rules) = (neat.key.generation, &neat.rules);
    for &species in order.iter().skip(rules.elite_species) {
        if generation - neat.species[species].improved >= rules.stagnation {
            earned[species] = 0.0;
        }
    }
    if generation - neat.improved > rules.refocus || earned.iter().sum::<f64>() <= 0.0 {
        earned.fill(0.0);
        neat.improved = generation;
        for &species in order.iter().take(REFOCUSED) {
            earned[species] = 1.0;
            neat.species[species].improved = generation;
        }
    }
    apportion(&earned, neat.individuals.len())
}

/// The species by their best members, the best first.
fn by_champion(species: &[Species], fitness: &Fitness) -> Vec<usize> {
    let mut places = vec![0; fitness.len()];
    for (place, &individual) in fitness.order().iter().enumerate() {
        places[individual] = place;
    }
    let mut order: Vec<usize> = (0..species.len()).collect();
    order.sort_by_key(|&one| places[species[one].members[0] as usize]);
    order
}

fn mean(species: &Species, shares: &[f64]) -> f64 {
    let sum: f64 = species.members.iter().map(|&member| shares[member as usize]).sum();
    sum / species.members.len() as f64
}

/// Whole numbers that sum to `total`, in proportion to what was earned: rounded down, and the rest
/// to the largest fractions, of equal ones to the first.
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

/// A child to be bred: its species, and whether it is the unchanged best of it.
#[derive(Clone, Copy)]
struct Birth {
    species: usize,
    is_champion: bool,
}

/// Breeds the next generation.
pub(super) fn breed(neat: &mut Neat, quotas: &[usize], fitness: &Fitness) -> Arc<[Arc<Graph>]> {
    let births: Vec<Birth> = quotas
        .iter()
        .enumerate()
        .flat_map(|(species, &quota)| {
            let goes_on = neat.species[species].members.len() > neat.rules.champion;
            (0..quota).map(move |child| Birth { species, is_champion: child == 0 && goes_on })
        })
        .collect();
    let nursery = Nursery { neat, fitness };
    let bred: Vec<(Arc<Graph>, Mutation)> = births
        .par_iter()
        .enumerate()
        .with_min_len(SHARE)
        .map(|(child, birth)| nursery.child(*birth, child))
        .collect();
    neat.innovations.begin_generation();
    let grown = bred.into_iter().map(|(mut child, growth)| {
        for growth in &growth {
            let genome = Arc::get_mut(&mut child).expect("a child that grows is nobody else's");
            neat.innovations.grow(genome, growth);
        }
        child
    });
    grown.collect()
}

struct Nursery<'a> {
    neat: &'a Neat,
    fitness: &'a Fitness,
}

impl Nursery<'_> {
    fn child(&self, birth: Birth, index: usize) -> (Arc<Graph>, Mutation) {
        let (rules, species) = (&self.neat.rules, &self.neat.species[birth.species]);
        if birth.is_champion {
            return (Arc::clone(self.individual(species.members[0])), Vec::new());
        }
        let mut rng = self.neat.key.place(Stream::Noise, index).generator();
        let first = self.parent(species, &mut rng);
        let mut child = if rng.random_bool(rules.mutate_only) {
            Graph::clone(self.individual(first))
        } else {
            let second = self.mate(birth.species, &mut rng);
            self.crossed(first, second, &mut rng)
        };
        let growth = mutate(rules, &mut child, &mut rng);
        (Arc::new(child), growth)
    }

    fn individual(&self, index: u32) -> &Arc<Graph> {
        &self.neat.individuals[index as usize]
    }

    /// One of the best of a species.
    fn parent(&self, species: &Species, rng: &mut impl Rng) -> u32 {
        let share = self.neat.rules.survivors * species.members.len() as f64;
        let survivors = (share.ceil() as usize).clamp(1, species.members.len());
        species.members[rng.random_range(0..survivors)]
    }

    /// Another one of the species, or rarely the best of another.
    fn mate(&self, species: usize, rng: &mut impl Rng) -> u32 {
        let others = self.neat.species.len() - 1;
        if others > 0 && rng.random_bool(self.neat.rules.interspecies) {
            let other = rng.random_range(0..others);
            let other = if other < species { other } else { other + 1 };
            return self.neat.species[other].members[0];
        }
        self.parent(&self.neat.species[species], rng)
    }

    fn crossed(&self, first: u32, second: u32, rng: &mut impl Rng) -> Graph {
        let value = |individual: u32| match self.fitness.values()[individual as usize] {
            value if value.is_finite() => value,
            _ => f32::NEG_INFINITY,
        };
        let (a, b) = (value(first), value(second));
        let (fitter, other) = if b > a { (second, first) } else { (first, second) };
        let (fitter, other) = (self.individual(fitter), self.individual(other));
        cross(&self.neat.rules, fitter, other, a == b, rng)
    }
}
