//! The arithmetic of limits: every individual has a place, and nothing exceeds the device.

use deme::backend::plan::{
    InvocationCost, Limits, RecombinePlan, RolloutPlan, RolloutWork, ShardPlan, SumPlan, SumWork,
    WORKGROUP, fold,
};
use deme::error::Error;
use deme::network::Precision;
use deme::population::Layout;
use proptest::prelude::*;

/// The limits that WebGPU guarantees.
const GUARANTEED: Limits = Limits {
    binding_bytes: 128 << 20,
    buffer_bytes: 256 << 20,
    workgroups: 65_535,
    alignment: 256,
    workgroup_bytes: 16 << 10,
    work_per_dispatch: 5_000_000_000,
    loop_rounds: u64::MAX,
    tile: None,
    subgroup: None,
};

prop_compose! {
    /// Limits of devices, some absurdly small. A binding consists of whole words and fits a buffer.
    fn limits()(
        words in 1..20_000u64,
        bindings in 1..5u64,
        workgroups in 1..70_000u32,
        alignment in prop::sample::select(vec![4u64, 32, 256]),
        work_per_dispatch in 1..10_000_000u64,
    ) -> Limits {
        let (binding_bytes, buffer_bytes) = (4 * words, 4 * words * bindings);
        let (workgroup_bytes, loop_rounds) = (16 << 10, u64::MAX);
        Limits {
            binding_bytes,
            buffer_bytes,
            workgroups,
            alignment,
            workgroup_bytes,
            work_per_dispatch,
            loop_rounds,
            tile: None,
            subgroup: None,
        }
    }
}

fn singles(individuals: usize, genes: usize, lanes: usize) -> Layout {
    Layout { individuals, genes, lanes, precision: Precision::Single }
}

proptest! {
    #[test]
    fn shards_hold_every_individual_once_and_fit(
        individuals in 1..3000usize,
        genes in 1..500usize,
        lanes in prop::sample::select(vec![1, 16, 64]),
        precision in prop::sample::select(vec![Precision::Single, Precision::Half]),
        limits in limits(),
    ) {
        prop_assume!(4 * genes.next_multiple_of(8) as u64 <= limits.binding_bytes);
        let layout = Layout { individuals, genes, lanes, precision };
        let plan = ShardPlan::new(layout, &limits).expect("a genome fits");
        prop_assert!(plan.layout.lanes <= lanes && plan.layout.lanes >= 1);
        let (mut next, mut ends) = (0, vec![0u64; plan.buffers.len()]);
        for (index, shard) in plan.shards.iter().enumerate() {
            prop_assert_eq!(shard.first, next);
            prop_assert!(shard.individuals > 0);
            prop_assert_eq!(shard.first % plan.layout.lanes, 0);
            let blocks = shard.individuals.div_ceil(plan.layout.lanes);
            prop_assert_eq!(shard.bytes, (blocks * plan.layout.block_bytes()) as u64);
            prop_assert!(shard.bytes <= limits.binding_bytes);
            prop_assert_eq!(shard.offset % limits.alignment, 0);
            prop_assert!(shard.offset >= ends[shard.buffer]);
            ends[shard.buffer] = shard.offset + shard.bytes;
            for individual in [shard.first, shard.first + shard.individuals - 1] {
                prop_assert_eq!(plan.shard_of(individual), index);
            }
            next += shard.individuals;
        }
        prop_assert_eq!(next, individuals);
        prop_assert_eq!(&ends, &plan.buffers);
        prop_assert!(ends.iter().all(|&bytes| bytes <= limits.buffer_bytes));
    }

    #[test]
    fn a_fold_reaches_every_workgroup(workgroups in 0..5_000_000usize, limits in limits()) {
        let widest = limits.workgroups as usize;
        match fold(workgroups, &limits) {
            Ok([x, y, z]) => {
                prop_assert!(x >= 1 && y >= 1 && z == 1);
                prop_assert!(x <= limits.workgroups && y <= limits.workgroups);
                let reached = x as usize * y as usize;
                prop_assert!(reached >= workgroups);
                // Only a part of the last row, or of the last column, is idle.
                prop_assert!(reached < workgroups.max(1) + x.max(y) as usize);
            }
            Err(error) => {
                prop_assert!(workgroups > widest * widest, "{}", error);
                let largest = format!("{} workgroups", widest * widest);
                prop_assert!(error.to_string().contains(&largest), "{}", error);
            }
        }
    }

    #[test]
    fn rollouts_fit_and_make_progress(
        individuals in 1..100_000usize,
        episodes in 1..500u32,
        steps in 0..2000u32,
        genes in 1..100_000u64,
        fetched in 0..100_000u64,
        fields in 5..12usize,
        limits in limits(),
    ) {
        let beginning = InvocationCost { work: fetched, rounds: 1 };
        let step = InvocationCost { work: genes, rounds: 1 };
        let rollouts = RolloutWork { individuals, episodes, steps, fields, beginning, step };
        let plan = RolloutPlan::new(&rollouts, &limits);
        prop_assert_eq!(plan.rows, individuals.next_multiple_of(WORKGROUP));
        prop_assert!((1..=episodes).contains(&plan.episodes));
        prop_assert!((1..=steps.max(1)).contains(&plan.steps));
        let bytes = 4 * plan.rows as u64 * fields as u64 * u64::from(plan.episodes);
        prop_assert!(bytes <= limits.binding_bytes || plan.episodes == 1);
        let invocations = plan.rows as u64 * u64::from(plan.episodes);
        let work = invocations * (fetched + genes * u64::from(plan.steps));
        prop_assert!(work <= limits.work_per_dispatch || plan.steps == 1);
        // A submission has the same limit as a dispatch.
        let share = plan.share(&rollouts, &limits);
        prop_assert!(share >= limits.share(work));
        prop_assert!(share <= 1.0 || plan.steps == 1);
    }

    #[test]
    fn recombinations_cover_every_source_and_fit(
        sources in 1..1_000_000usize,
        genes in 1..100_000usize,
        limits in limits(),
    ) {
        let plan = RecombinePlan::new(sources, genes, &limits);
        prop_assert!(plan.chunk * plan.chunks >= sources);
        prop_assert!(plan.chunk * (plan.chunks - 1) < sources);
        prop_assert!((1..=plan.chunks).contains(&plan.chunks_per_dispatch));
        let bytes = 8 * (plan.chunks * genes) as u64;
        prop_assert!(bytes <= limits.binding_bytes || plan.chunks == 1);
    }
}

#[test]
fn a_genome_larger_than_a_binding_is_refused_with_the_arithmetic() {
    let genes = (GUARANTEED.binding_bytes / 4) as usize;
    assert!(
        ShardPlan::new(singles(3, genes, 64), &GUARANTEED).is_ok_and(|plan| plan.shards.len() == 3)
    );
    let refused =
        ShardPlan::new(singles(3, genes + 1, 64), &GUARANTEED).expect_err("it does not fit");
    assert!(matches!(refused, Error::TooLarge { .. }) && refused.is_input());
    let message = refused.to_string();
    for words in ["33554433", "134217732 bytes", "134217728 bytes", "33554432 parameters"] {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn a_large_population_needs_two_shards_of_one_buffer() {
    let plan = ShardPlan::new(singles(131_072, 386, 64), &GUARANTEED).expect("a genome fits");
    // A block of 64 is 98,816 bytes, of which 1,358 fit a binding: 86,912 individuals.
    let sizes: Vec<_> = plan.shards.iter().map(|shard| (shard.first, shard.individuals)).collect();
    assert_eq!(sizes, [(0, 86_912), (86_912, 131_072 - 86_912)]);
    assert_eq!(plan.buffers.len(), 1);
    assert_eq!(plan.shard_of(86_911), 0);
    assert_eq!(plan.shard_of(86_912), 1);
    let narrow = Limits { buffer_bytes: 128 << 20, ..GUARANTEED };
    assert_eq!(
        ShardPlan::new(singles(131_072, 386, 64), &narrow).expect("it fits").buffers.len(),
        2
    );
}

#[test]
fn a_block_larger_than_a_binding_has_fewer_lanes() {
    let limits = Limits { binding_bytes: 4000, buffer_bytes: 8000, ..GUARANTEED };
    for (genes, lanes) in [(15, 64), (16, 32), (31, 32), (32, 16), (500, 2), (501, 1), (1000, 1)] {
        let plan = ShardPlan::new(singles(10, genes, 64), &limits).expect("a genome fits");
        assert_eq!(plan.layout.lanes, lanes, "{genes} genes");
    }
}

#[test]
fn more_workgroups_than_two_dimensions_reach_are_refused() {
    let limits = Limits { workgroups: 3, ..GUARANTEED };
    assert_eq!(fold(9, &limits).expect("three by three"), [3, 3, 1]);
    assert!(matches!(fold(10, &limits), Err(Error::TooLarge { .. })));
}

/// A sum of terms with a given cost.
fn sum(terms: usize, work: u64, rounds: u64) -> SumWork {
    SumWork { terms, strip: 64, work, rounds, kept_bytes: 512 }
}

#[test]
fn a_sum_that_fits_a_dispatch_is_not_cut() {
    let plan = SumPlan::new(1000, &sum(640, 10, 7), &GUARANTEED);
    assert_eq!(plan, SumPlan { individuals: 1000, terms: 640, kept_bytes: 0 });
}

#[test]
fn a_long_sum_is_cut_into_whole_strips() {
    let rounds = Limits { loop_rounds: 100, ..GUARANTEED };
    let plan = SumPlan::new(1000, &sum(6400, 10, 30), &rounds);
    assert_eq!(plan, SumPlan { individuals: 1000, terms: 192, kept_bytes: 512_000 });
    let work = Limits { work_per_dispatch: 2000, ..GUARANTEED };
    let plan = SumPlan::new(1000, &sum(6400, 10, 1), &work);
    assert_eq!(plan, SumPlan { individuals: 1, terms: 192, kept_bytes: 512 });
    // The kept bytes must fit a binding.
    let narrow = Limits { binding_bytes: 5120, loop_rounds: 1, ..GUARANTEED };
    let plan = SumPlan::new(1000, &sum(6400, 10, 30), &narrow);
    assert_eq!(plan, SumPlan { individuals: 10, terms: 64, kept_bytes: 5120 });
}

#[test]
fn a_limit_of_loop_iterations_reduces_the_steps_per_dispatch() {
    let rounds = Limits { loop_rounds: 60_000, ..GUARANTEED };
    let steps = |before, each, limits| {
        let (beginning, step) = (
            InvocationCost { work: 0, rounds: before },
            InvocationCost { work: 4545, rounds: each },
        );
        let (individuals, episodes, steps, fields) = (64, 1, 1000, 9);
        let rollouts = RolloutWork { individuals, episodes, steps, fields, beginning, step };
        RolloutPlan::new(&rollouts, limits).steps
    };
    assert_eq!(steps(0, 700, &rounds), 85);
    assert_eq!(steps(4000, 700, &rounds), 80);
    assert_eq!(steps(4000, 700, &GUARANTEED), 1000);
    assert_eq!(steps(0, 1 << 20, &rounds), 1);
    assert_eq!(steps(1 << 20, 700, &rounds), 1);
}

#[test]
fn a_limit_of_loop_iterations_shortens_the_chunks_of_recombination() {
    let rounds = Limits { loop_rounds: 60_000, ..GUARANTEED };
    assert_eq!(RecombinePlan::new(16_384, 1_000_000, &GUARANTEED).chunk, 16_384);
    let plan = RecombinePlan::new(16_384, 1_000_000, &rounds);
    assert_eq!((plan.chunk, plan.chunks), (1875, 9));
}
