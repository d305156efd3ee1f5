//! Random orders.

use rand::RngExt;

use crate::random::Generator;

/// Shuffles by the algorithm of Fisher and Yates.
pub(super) fn shuffled<T>(mut items: Vec<T>, generator: &mut Generator) -> Vec<T> {
    for last in (1..items.len()).rev() {
        items.swap(last, generator.random_range(0..=last));
    }
    items
}
