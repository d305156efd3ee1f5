//! Fitness: order, ties, failures, and the sums of utilities.

use approx::assert_abs_diff_eq;
use deme::strategy::Fitness;
use proptest::prelude::*;

#[test]
fn the_order_is_from_best_to_worst_and_keeps_the_order_of_equals() {
    let fitness = Fitness::new(vec![1.0, 3.0, 2.0, 3.0]);
    assert_eq!(fitness.order(), [1, 3, 2, 0]);
    assert_eq!(fitness.best(), Some(3.0));
    assert_eq!(fitness.mean(), Some(2.25));
}

#[test]
fn failed_individuals_rank_last_and_are_counted() {
    let inf = f32::INFINITY;
    let fitness = Fitness::new(vec![f32::NAN, -5.0, inf, 1.0, -inf, -f32::NAN]);
    assert_eq!(fitness.order(), [3, 1, 0, 2, 4, 5]);
    assert_eq!(fitness.failed(), 4);
    assert_eq!(fitness.best(), Some(1.0));
    assert_eq!(fitness.mean(), Some(-2.0));
    let ranks = fitness.centred_ranks();
    assert_eq!(ranks[3], 0.5);
    assert!(ranks[0] == ranks[2] && ranks[2] == ranks[4] && ranks[4] == ranks[5]);
    assert!(ranks[0] < ranks[1]);
}

#[test]
fn the_worst_finite_fitness_still_beats_a_failure() {
    let fitness = Fitness::new(vec![f32::NEG_INFINITY, f32::MIN]);
    assert_eq!(fitness.order(), [1, 0]);
    assert_eq!(fitness.centred_ranks(), [-0.5, 0.5]);
    assert!(!fitness.is_flat());
}

#[test]
fn the_two_zeros_are_equal() {
    let fitness = Fitness::new(vec![-0.0, 0.0, -0.0]);
    assert_eq!(fitness.order(), [0, 1, 2]);
    assert_eq!(fitness.centred_ranks(), [0.0; 3]);
    assert!(fitness.is_flat());
}

#[test]
fn all_failed_and_none_at_all_have_no_best() {
    let failed = Fitness::new(vec![f32::NAN, f32::INFINITY]);
    assert_eq!((failed.best(), failed.mean(), failed.is_flat()), (None, None, true));
    let empty = Fitness::new(vec![]);
    assert_eq!((empty.best(), empty.mean(), empty.is_flat()), (None, None, true));
    assert!(empty.is_empty() && empty.centred_ranks().is_empty());
}

#[test]
fn centred_ranks_fall_evenly_and_ties_share_them() {
    assert_eq!(Fitness::new(vec![9.0, 7.0, 8.0]).centred_ranks(), [0.5, -0.5, 0.0]);
    // Ranks 1 and 2 of 0..=4 have utilities 0.25 and 0, which are shared.
    let tied = Fitness::new(vec![2.0, 1.0, 5.0, 2.0, 0.0]).centred_ranks();
    assert_eq!(tied, [0.125, -0.25, 0.5, 0.125, -0.5]);
    assert_eq!(Fitness::new(vec![4.0]).centred_ranks(), [0.0]);
}

#[test]
fn utilities_are_shared_among_equals() {
    let fitness = Fitness::new(vec![1.0, 2.0, 2.0, 3.0]);
    let best_two = |rank: usize| if rank < 2 { 0.5 } else { 0.0 };
    assert_eq!(fitness.utilities(best_two), [0.0, 0.25, 0.25, 0.5]);
}

fn any_fitness() -> impl Strategy<Value = Vec<f32>> {
    // A few whole values for many ties, and any other float.
    let value = prop_oneof![(-3i8..3).prop_map(f32::from), any::<f32>()];
    prop::collection::vec(value, 1..40)
}

proptest! {
    #[test]
    fn centred_ranks_sum_to_zero_and_stay_in_their_range(values in any_fitness()) {
        let ranks = Fitness::new(values).centred_ranks();
        assert_abs_diff_eq!(ranks.iter().sum::<f64>(), 0.0, epsilon = 1e-12);
        prop_assert!(ranks.iter().all(|rank| (-0.5..=0.5).contains(rank)));
    }

    #[test]
    fn equals_of_any_value_and_number_have_utility_zero(value: f32, count in 1usize..200) {
        let fitness = Fitness::new(vec![value; count]);
        prop_assert!(fitness.is_flat());
        prop_assert!(fitness.centred_ranks().iter().all(|&rank| rank == 0.0));
    }

    #[test]
    fn a_better_fitness_has_a_better_rank(values in any_fitness()) {
        let ranks = Fitness::new(values.clone()).centred_ranks();
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                if a.is_finite() && (a > b || !b.is_finite()) {
                    prop_assert!(ranks[i] > ranks[j]);
                }
            }
        }
    }

    #[test]
    fn ranks_do_not_depend_on_the_order_of_individuals(values in any_fitness()) {
        let forward = Fitness::new(values.clone()).centred_ranks();
        let turned: Vec<f32> = values.into_iter().rev().collect();
        let mut backward = Fitness::new(turned).centred_ranks();
        backward.reverse();
        prop_assert_eq!(forward, backward);
    }
}
