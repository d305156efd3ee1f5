//! State limits: a saved state whose numbers were changed is refused, or goes on without a panic.

use deme::backend::Backend;
use deme::population::Proposal;
use deme::strategy::{Entry, Fitness, Settings, Strategy};

use super::evolution_strategies;
use super::{Arena, GENES, complaint, sphere, start};

const POPULATION: usize = 24;

/// The most places of a state that are changed.
const PLACES: usize = 250;

/// Returns states in which the bytes at a place are those of another number.
fn forgeries(state: &[u8], place: usize) -> Vec<Vec<u8>> {
    let doubles = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e39, 1e300];
    let singles = [f32::NAN, f32::INFINITY, -1.0, 0.0, f32::MAX];
    let mut forged = Vec::new();
    let mut put = |bytes: &[u8]| {
        if place + bytes.len() <= state.len() {
            let mut copy = state.to_vec();
            copy[place..place + bytes.len()].copy_from_slice(bytes);
            forged.push(copy);
        }
    };
    doubles.iter().for_each(|number| put(&number.to_le_bytes()));
    singles.iter().for_each(|number| put(&number.to_le_bytes()));
    [0, 1, 0x7f].iter().for_each(|&byte| put(&[byte]));
    // Whole numbers have a length of their own: 2^32 - 1, and 2^63 and more.
    for whole in [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0xff; 9]] {
        let last: &[u8] = if whole.len() == 9 { &[1] } else { &[] };
        forged.push([&state[..place], whole, last, &state[place + 1..]].concat());
    }
    forged
}

/// Runs some generations of a resumed search as a run does, which checks each proposal.
fn try_generations(strategy: &mut dyn Strategy, arena: &mut Arena, previous: &Proposal) {
    let mut individuals = previous.individuals();
    if !matches!(previous, Proposal::Graphs(_)) {
        arena.genomes(previous);
    }
    for _ in 0..2 {
        let proposal = strategy.ask();
        if proposal.check(GENES, Some(individuals)).is_err() {
            return;
        }
        individuals = proposal.individuals();
        let values = arena.genomes(&proposal).iter().map(|genome| sphere(genome)).collect();
        let backend = &mut arena.backend;
        let told =
            strategy.tell(&Fitness::new(values), &mut |utilities| backend.recombine(utilities));
        if told.is_err() {
            return;
        }
        let _ = (strategy.recommend(), strategy.stop_reason(), strategy.step_size());
    }
}

/// Begins a search, and returns it with its last proposal, from which the next one may be bred.
fn after_generations(entry: &Entry, count: usize) -> (Box<dyn Strategy>, Proposal) {
    let mut arena = Arena::new();
    let mut strategy = entry.begin(&Settings::default(), start(POPULATION, 9)).unwrap();
    let mut last = strategy.ask();
    for _ in 0..count {
        last = strategy.ask();
        arena.generation(&mut *strategy, |_, genome| sphere(genome));
    }
    // A first generation has no parents, so it can be spawned again.
    if matches!(last, Proposal::Offspring(_)) {
        return after_generations(entry, 1);
    }
    (strategy, last)
}

#[test]
fn a_forged_number_is_refused_or_harmless() {
    for entry in evolution_strategies() {
        let (strategy, last) = after_generations(entry, 3);
        let (state, mut arena, mut refused) = (strategy.save(), Arena::new(), 0);
        for place in (0..state.len()).step_by(state.len().div_ceil(PLACES)) {
            for forged in forgeries(&state, place) {
                match entry.resume(&forged, GENES, POPULATION) {
                    Ok(mut search) => try_generations(&mut *search, &mut arena, &last),
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused > 0, "{}", entry.name);
    }
}

#[test]
fn a_state_of_other_sizes_is_refused() {
    for entry in evolution_strategies() {
        let state = after_generations(entry, 2).0.save();
        assert!(entry.resume(&state, GENES, POPULATION).is_ok(), "{}", entry.name);
        let refused = entry.resume(&state, GENES, POPULATION + 2);
        assert_eq!(complaint(refused), "a saved search", "{}", entry.name);
        if entry.evolves_topology() {
            continue;
        }
        let refused = entry.resume(&state, GENES + 1, POPULATION);
        assert_eq!(complaint(refused), "a saved search", "{}", entry.name);
    }
}
