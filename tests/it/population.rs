//! Tests of populations: the packed layout, and the checks of proposals.

use std::sync::Arc;

use deme::network::Precision;
use deme::population::{
    Crossover, ExplicitGenomes, Gaussian, Layout, NoiseKey, Offspring, Parents, Proposal, Scale,
};
use deme::random::{Counter, Stream};
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_gene_has_its_own_index(
        individuals in 1..200usize,
        genes in 1..40usize,
        lanes in prop::sample::select(vec![1, 2, 16, 64]),
        precision in prop::sample::select(vec![Precision::Single, Precision::Half]),
    ) {
        let layout = Layout { individuals, genes, lanes, precision };
        let mut owner = vec![None; layout.bytes() / precision.bytes()];
        for individual in 0..individuals {
            for gene in 0..genes {
                let index = layout.index(individual, gene);
                prop_assert!(index < owner.len());
                prop_assert_eq!(owner[index].replace((individual, gene)), None);
                // Blocks are contiguous, and neighbours in a block are adjacent.
                prop_assert_eq!(index / layout.block_numbers(), individual / lanes);
                prop_assert_eq!(index % lanes, individual % lanes);
            }
        }
        // Unused numbers are the rest of the last block and the padding of rows.
        let empty = owner.iter().filter(|owner| owner.is_none()).count();
        let filling = (layout.stride() - genes) * individuals;
        let unused = (layout.blocks() * lanes - individuals) * layout.stride();
        prop_assert_eq!(empty, unused + filling);
        // In half precision, genomes begin at the alignment of a vector of eight.
        prop_assert!(precision == Precision::Single || layout.stride().is_multiple_of(8));
        prop_assert!(layout.stride() < genes + 8);
        prop_assert!(layout.blocks() * lanes - individuals < lanes);
    }
}

#[test]
fn one_lane_gives_a_row_major_matrix() {
    let layout = Layout { individuals: 5, genes: 7, lanes: 1, precision: Precision::Single };
    assert_eq!(layout.index(3, 2), 3 * 7 + 2);
    assert_eq!(layout.bytes(), 4 * 35);
    let halves = Layout { precision: Precision::Half, ..layout };
    assert_eq!(halves.index(3, 2), 3 * 8 + 2);
    assert_eq!(halves.bytes(), 2 * 40);
}

#[test]
fn a_key_gives_counters_by_individual() {
    let key = NoiseKey { seed: 5, generation: 6 };
    let expected = Counter { seed: 5, stream: Stream::MutationMask, generation: 6, individual: 7 };
    assert_eq!(key.counter(Stream::MutationMask, 7), expected);
}

const GENES: usize = 3;
const NOISE: NoiseKey = NoiseKey { seed: 1, generation: 0 };

fn gaussian() -> Gaussian {
    Gaussian {
        centre: vec![0.0; GENES].into(),
        scale: Scale::Uniform(0.1),
        noise: NOISE,
        individuals: 4,
        mirrored: true,
    }
}

fn offspring() -> Offspring {
    let pair = Parents { first: 0, second: 9, mutates: 1 };
    Offspring {
        parents: vec![pair; 4].into(),
        crossover: Crossover::Uniform(0.5),
        mutation: 0.1,
        mutation_rate: 0.5,
        noise: NOISE,
    }
}

fn explicit(numbers: usize, genes: usize) -> Proposal {
    Proposal::Explicit(ExplicitGenomes { genomes: vec![0.0; numbers].into(), genes })
}

#[test]
fn valid_proposals_are_accepted_and_count_their_individuals() {
    let per_gene = Gaussian { scale: Scale::PerGene(vec![0.0, 1.0, 2.0].into()), ..gaussian() };
    let good = [
        Proposal::Gaussian(gaussian()),
        Proposal::Gaussian(Gaussian { mirrored: false, ..gaussian() }),
        Proposal::Gaussian(per_gene),
        Proposal::Offspring(offspring()),
        explicit(4 * GENES, GENES),
    ];
    for proposal in good {
        assert_eq!(proposal.individuals(), 4);
        proposal.check(GENES, Some(10)).expect("a valid proposal");
    }
    let odd = Gaussian { mirrored: false, individuals: 5, ..gaussian() };
    Proposal::Gaussian(odd).check(GENES, None).expect("odd, and not mirrored");
}

/// Fails unless the proposal is refused with a message.
#[track_caller]
fn refused(proposal: &Proposal, previous: Option<usize>, words: &str) {
    let message = proposal.check(GENES, previous).expect_err(words).to_string();
    assert!(message.contains(words), "{message}");
}

#[test]
fn gaussian_proposals_that_do_not_fit_are_refused() {
    let change = |change: &dyn Fn(&mut Gaussian)| {
        let mut gaussian = gaussian();
        change(&mut gaussian);
        Proposal::Gaussian(gaussian)
    };
    for genes in [0, GENES - 1, GENES + 1] {
        refused(&change(&|g| g.centre = vec![0.0; genes].into()), None, "centre: expected 3 genes");
        let scale: Arc<[f32]> = vec![0.1; genes].into();
        let scale = Scale::PerGene(scale);
        refused(&change(&|g| g.scale = scale.clone()), None, "scale: expected 3 genes");
    }
    for bad in [f32::NAN, f32::INFINITY, -0.1] {
        refused(&change(&|g| g.scale = Scale::Uniform(bad)), None, "scale: expected a finite");
        let scale = Scale::PerGene(vec![0.1, 0.1, bad].into());
        refused(&change(&|g| g.scale = scale.clone()), None, "scale: expected a finite");
    }
    refused(&change(&|g| g.individuals = 5), None, "an even number of individuals");
}

#[test]
fn invalid_offspring_are_refused() {
    let change = |change: &dyn Fn(&mut Offspring)| {
        let mut offspring = offspring();
        change(&mut offspring);
        Proposal::Offspring(offspring)
    };
    refused(&change(&|_| ()), None, "a population spawned before");
    refused(&change(&|_| ()), Some(9), "indices below 9");
    let first = Parents { first: 10, second: 0, mutates: 0 };
    refused(&change(&|o| o.parents = vec![first].into()), Some(10), "indices below 10");
    for bad in [f32::NAN, f32::INFINITY, -0.1] {
        refused(&change(&|o| o.mutation = bad), Some(10), "mutation: expected a finite");
    }
    for bad in [f32::NAN, -0.1, 1.1] {
        refused(
            &change(&|o| o.mutation_rate = bad),
            Some(10),
            "rate: expected a number from 0 to 1",
        );
        let crossover = Crossover::Uniform(bad);
        refused(&change(&|o| o.crossover = crossover), Some(10), "crossover: expected");
    }
    for bad in [f32::NAN, f32::INFINITY, -0.1] {
        refused(&change(&|o| o.crossover = Crossover::Blend(bad)), Some(10), "crossover: expected");
    }
}

#[test]
fn incomplete_genomes_are_refused() {
    refused(&explicit(12, 4), None, "genes: expected 3 genes");
    refused(&explicit(10, GENES), None, "a multiple of 3 numbers");
}
