//! The rules of the trait, checked for every strategy of the registry.

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, Purpose};
use deme::network::Activation;
use deme::population::{ExplicitGenomes, Individual, Proposal};
use deme::strategy::{self, Entry, Fitness, Recommendation, Settings, Strategy};
use deme::task;
use deme::verify::random_samples;

use super::evolution_strategies;
use super::{Arena, GENES, network, no_recombination, sphere, start};

const POPULATION: usize = 24;

fn begin(entry: &Entry, seed: u64) -> Box<dyn Strategy> {
    entry.begin(&Settings::default(), start(POPULATION, seed)).unwrap()
}

/// Returns the proposals of five generations, and of the next.
fn proposals(entry: &Entry, seed: u64, score: impl Fn(usize, &[f32]) -> f32) -> Vec<Proposal> {
    let (mut arena, mut strategy) = (Arena::new(), begin(entry, seed));
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.push(strategy.ask());
        arena.generation(&mut *strategy, &score);
    }
    asked.push(strategy.ask());
    asked
}

#[test]
fn ask_repeats_its_proposal_until_tell() {
    for entry in evolution_strategies() {
        let (mut arena, mut strategy) = (Arena::new(), begin(entry, 1));
        for _ in 0..3 {
            let proposal = strategy.ask();
            assert_eq!(proposal, strategy.ask(), "{}", entry.name);
            assert_eq!(proposal.individuals(), POPULATION, "{}", entry.name);
            arena.generation(&mut *strategy, |_, genome| sphere(genome));
            assert_ne!(proposal, strategy.ask(), "{}", entry.name);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    for entry in evolution_strategies() {
        let run = |seed| proposals(entry, seed, |_, genome| sphere(genome));
        assert_eq!(run(7), run(7), "{}", entry.name);
        assert_ne!(run(7)[0], run(8)[0], "{}", entry.name);
    }
}

#[test]
fn a_fitness_shifted_and_scaled_changes_nothing() {
    for entry in evolution_strategies() {
        // Whole numbers and powers of two, so that shifting and scaling are exact.
        let coarse = |genome: &[f32]| (4.0 * sphere(genome)).round();
        let plain = proposals(entry, 3, |_, genome| coarse(genome));
        let other = proposals(entry, 3, |_, genome| 0.25 * coarse(genome) + 1024.0);
        assert_eq!(plain, other, "{}", entry.name);
    }
}

#[test]
fn before_the_first_generation_it_recommends_the_first_guess() {
    for entry in evolution_strategies() {
        let guess = vec![1.0; GENES];
        match begin(entry, 1).recommend() {
            Recommendation::Genome(genome) => assert_eq!(genome, guess, "{}", entry.name),
            Recommendation::Graph(graph) => assert_eq!(graph.weights(), guess, "{}", entry.name),
            Recommendation::Individual(_) => panic!("{}: no generation has ended", entry.name),
        }
    }
}

#[test]
fn it_survives_generations_in_which_fitness_fails() {
    type Failure = fn(usize) -> f32;
    let failures: [(&str, Failure); 6] = [
        ("all NaN", |_| f32::NAN),
        ("all infinite", |_| f32::INFINITY),
        ("all minus infinite", |_| f32::NEG_INFINITY),
        ("all equal", |_| 1.5),
        ("some failed", |i| [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.0][i % 4]),
        ("the largest numbers", |i| if i % 2 == 0 { f32::MAX } else { f32::MIN }),
    ];
    for entry in evolution_strategies() {
        for (name, failure) in failures {
            let (mut arena, mut strategy) = (Arena::new(), begin(entry, 1));
            arena.generation(&mut *strategy, |_, genome| sphere(genome));
            for _ in 0..5 {
                arena.generation(&mut *strategy, |i, _| failure(i));
                assert!(strategy.step_size().is_finite() && strategy.step_size() > 0.0);
            }
            let genomes = arena.genomes(&strategy.ask());
            let finite = genomes.iter().flatten().all(|gene| gene.is_finite());
            assert!(finite, "{} after {name}", entry.name);
        }
    }
}

/// Strategies that use returns; all others use their order.
const BY_RETURNS: [&str; 1] = ["ars"];

#[test]
fn a_failed_individual_counts_as_the_worst() {
    for entry in evolution_strategies() {
        // A failed return counts as the lowest finite one; in an order, it ranks below it.
        let by_returns = BY_RETURNS.contains(&entry.name);
        let asked = |failure: Option<f32>| {
            let (mut arena, mut strategy) = (Arena::new(), begin(entry, 5));
            let generations = (0..5).map(|_| {
                let genomes = arena.genomes(&strategy.ask());
                let mut values: Vec<f32> = genomes.iter().map(|genome| sphere(genome)).collect();
                let sound = (0..POPULATION).filter(|i| i % 3 != 0).map(|i| values[i]);
                let least = sound.fold(f32::INFINITY, f32::min);
                let worst = if by_returns { least } else { -1e30 };
                values.iter_mut().step_by(3).for_each(|value| *value = failure.unwrap_or(worst));
                arena.tell(&mut *strategy, values);
                strategy.ask()
            });
            generations.collect::<Vec<_>>()
        };
        let very_bad = asked(None);
        for failure in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(asked(Some(failure)), very_bad, "{}", entry.name);
        }
    }
}

#[test]
fn a_flat_generation_moves_no_centre() {
    for entry in evolution_strategies() {
        let (mut arena, mut strategy) = (Arena::new(), begin(entry, 1));
        for _ in 0..3 {
            arena.generation(&mut *strategy, |_, genome| sphere(genome));
        }
        let before = strategy.recommend();
        arena.generation(&mut *strategy, |_, _| -3.0);
        if let Recommendation::Genome(_) = before {
            assert_eq!(strategy.recommend(), before, "{}", entry.name);
        }
    }
}

#[test]
fn genomes_from_a_recipe_equal_those_written_out_on_either_backend() {
    for entry in evolution_strategies().into_iter().filter(|entry| !entry.evolves_topology()) {
        let (mut arena, mut strategy) = (Arena::new(), begin(entry, 2));
        let task: Arc<dyn task::Task> = Arc::new(task::xor());
        let mut recipe = Cpu::new(task.clone(), network());
        let mut written = Cpu::new(task, network());
        for generation in 0..4 {
            let proposal = strategy.ask();
            recipe.spawn(&proposal).unwrap();
            let of_recipe: Vec<_> =
                (0..POPULATION).flat_map(|i| recipe.individual(i).unwrap()).collect();
            // Backends round genomes that graphs generate differently.
            let genomes = match &proposal {
                Proposal::Cppn(_) => of_recipe.clone(),
                _ => arena.genomes(&proposal).concat(),
            };
            let explicit = ExplicitGenomes { genomes: genomes.clone().into(), genes: GENES };
            written.spawn(&Proposal::Explicit(explicit)).unwrap();
            assert_eq!(of_recipe, genomes, "{}", entry.name);

            let episodes = Episodes::new(2, Purpose::Training, generation, 1);
            let values = recipe.score(&episodes).unwrap().values;
            assert_eq!(values, written.score(&episodes).unwrap().values, "{}", entry.name);
            arena.tell(&mut *strategy, values);
        }
    }
}

#[test]
fn a_graph_has_the_same_score_alone_as_with_others() {
    let growing: Vec<&Entry> =
        evolution_strategies().into_iter().filter(|entry| entry.evolves_topology()).collect();
    assert!(!growing.is_empty());
    for entry in growing {
        let mut strategy = begin(entry, 2);
        // Without given ports, a strategy of graphs has one output.
        let inputs = GENES - 1;
        let task: Arc<dyn task::Task> = Arc::new(random_samples(inputs, 1, 21));
        let network = task.network("", Activation::Linear).unwrap();
        let mut together = Cpu::new(task.clone(), network.clone());
        let mut alone = Cpu::new(task, network);
        for generation in 0..20 {
            let proposal = strategy.ask();
            let Proposal::Graphs(graphs) = &proposal else { panic!("{} has none", entry.name) };
            together.spawn(&proposal).unwrap();
            let episodes = Episodes::new(2, Purpose::Training, generation, 1);
            let values = together.score(&episodes).unwrap().values;
            for (i, graph) in graphs.individuals.iter().enumerate() {
                assert_eq!(together.individual(i).unwrap(), graph.weights(), "{}", entry.name);
                alone.spawn(&Individual::Graph(graph.clone()).to_proposal()).unwrap();
                let found = alone.score(&episodes).unwrap().values[0];
                assert_eq!(found.to_bits(), values[i].to_bits(), "{}, {i}", entry.name);
            }
            strategy.tell(&Fitness::new(values), &mut no_recombination).unwrap();
        }
    }
}

/// Returns the best fitness of a run on the sphere.
fn best_of_a_run(entry: &Entry, seed: u64) -> f32 {
    let (mut arena, mut strategy) = (Arena::new(), begin(entry, seed));
    let generations = (0..500)
        .map(|_| arena.generation(&mut *strategy, |_, genome| sphere(genome)))
        .collect::<Vec<_>>();
    generations.into_iter().flatten().fold(f32::NEG_INFINITY, f32::max)
}

#[test]
fn it_learns_the_sphere_and_beats_random_search() {
    let random_search = strategy::by_name("random-search").unwrap();
    for seed in 0..3 {
        let random = best_of_a_run(random_search, seed);
        let first_guess = sphere(&[1.0; GENES]);
        assert!(random > first_guess, "random search: {random}");
        for entry in
            evolution_strategies().into_iter().filter(|entry| entry.name != random_search.name)
        {
            let best = best_of_a_run(entry, seed);
            assert!(best > 0.05 * first_guess, "{}: {best}", entry.name);
            assert!(best > random, "{}: {best}, at random {random}", entry.name);
        }
    }
}
