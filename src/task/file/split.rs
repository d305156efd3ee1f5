//! The split of samples into training samples and held-out samples.
//!
//! The split is stratified: the same fraction of every class is held out, to within one sample, and
//! every class keeps at least one training sample. The split depends on the seed: a class holds out
//! the samples with the smallest random words.

use crate::random::{Counter, Stream};

/// The default fraction of held-out samples.
pub(super) const HELD_OUT: f64 = 0.2;

/// Returns true for each sample that is held out. `classes[sample]` is below `count`.
///
/// The number of held-out samples is the share of all samples, rounded. At least one is held out if
/// the share is not 0 and a class has more than one sample.
pub(super) fn held_out(classes: &[u32], count: usize, share: f64, seed: u64) -> Vec<bool> {
    let mut members = vec![Vec::new(); count];
    for (sample, &class) in classes.iter().enumerate() {
        let counter =
            Counter { seed, stream: Stream::Split, generation: 0, individual: sample as u32 };
        members[class as usize].push((counter.words(0)[0], sample));
    }
    let taken = quotas(&members.iter().map(Vec::len).collect::<Vec<_>>(), share);
    let mut held_out = vec![false; classes.len()];
    for (members, taken) in members.iter_mut().zip(taken) {
        members.sort_unstable();
        for &(_, sample) in &members[..taken] {
            held_out[sample] = true;
        }
    }
    held_out
}

/// Returns the number of held-out samples of each class, by the largest-remainder method. The first
/// of equal remainders wins.
fn quotas(sizes: &[usize], share: f64) -> Vec<usize> {
    let samples: usize = sizes.iter().sum();
    let least = usize::from(share > 0.0);
    let wanted = ((share * samples as f64).round() as usize).max(least);
    let exact = |class: usize| share * sizes[class] as f64;
    let spare = |class: usize| sizes[class].saturating_sub(1);
    let mut taken: Vec<usize> =
        (0..sizes.len()).map(|class| (exact(class) as usize).min(spare(class))).collect();
    let mut open: Vec<usize> =
        (0..sizes.len()).filter(|&class| taken[class] < spare(class)).collect();
    open.sort_by(|&a, &b| exact(b).fract().total_cmp(&exact(a).fract()));
    let missing = wanted.saturating_sub(taken.iter().sum());
    for &class in open.iter().take(missing) {
        taken[class] += 1;
    }
    taken
}
