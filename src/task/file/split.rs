//! The split: which samples are held out, to judge what the others have taught.
//!
//! It is stratified: every class gives up the same share, to within one sample, and keeps at least
//! one. It follows from the seed: a class holds out its samples with the smallest random words.

use crate::random::{Place, Stream};

/// The share that is held out when nothing is said.
pub(super) const HELD_OUT: f64 = 0.2;

/// Whether each sample is held out; `classes[sample]` is below `count`.
///
/// So many are held out as the share asks for, rounded, but one at least where the share is not 0
/// and a class can spare one.
pub(super) fn held_out(classes: &[u32], count: usize, share: f64, seed: u64) -> Vec<bool> {
    let mut members = vec![Vec::new(); count];
    for (sample, &class) in classes.iter().enumerate() {
        let place = Place { seed, stream: Stream::Split, generation: 0, individual: sample as u32 };
        members[class as usize].push((place.words(0)[0], sample));
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

/// How many of each class, by the largest remainder; of equal ones the first class's.
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
