//! The split of samples into training, validation and held-out samples.
//!
//! Each draw is stratified: it takes the same fraction of the training samples of every class, to
//! within one sample, and leaves every class at least one of them. A draw depends on the seed: it
//! takes the samples of a class with the smallest random words.
//!
//! # Validation
//!
//! A share of the samples that are not held out is drawn for validation. By default there are no
//! validation samples if they would be too few to choose by, if nothing is held out either, or if
//! the numbers to predict are all equal among them. A note says so. A share that was requested is
//! drawn or refused.

use std::borrow::Cow;

use super::data_file::DataFile;
use super::target::Targets;
use crate::draw::number::counted;
use crate::random::{Counter, Stream};
use crate::task::Split;

/// The default fraction of held-out samples.
pub(super) const HELD_OUT: f64 = 0.2;
/// The default fraction of validation samples among the samples that are not held out.
const VALIDATION: f64 = 0.2;
/// The least number of validation samples that are drawn by default. With fewer, a single sample
/// changes the accuracy by more than a tenth, and luck would choose the champion.
const LEAST_VALIDATION: usize = 10;

/// The samples of each split.
pub(super) struct SampleOrder {
    /// The training samples, the validation samples and the held-out samples, by their indices.
    pub order: Vec<usize>,
    /// The number of training samples.
    pub training: usize,
    /// The number of validation samples.
    pub validation: usize,
    /// The share of validation samples; 0 if there are none.
    pub validation_share: f64,
    /// Remarks for people.
    pub notes: Vec<String>,
}

impl SampleOrder {
    /// Returns the indices of the training samples.
    pub fn training(&self) -> &[usize] {
        &self.order[..self.training]
    }

    /// Returns true for each sample that is held out, in the order of the file.
    pub fn are_held_out(&self) -> Vec<bool> {
        let mut are_held_out = vec![false; self.order.len()];
        self.held_out().iter().for_each(|&sample| are_held_out[sample] = true);
        are_held_out
    }

    /// Returns the indices of the held-out samples.
    pub fn held_out(&self) -> &[usize] {
        &self.order[self.training + self.validation..]
    }
}

/// The classes of the samples, or one class for all samples of a regression.
struct Strata<'a> {
    /// `u32[samples]`: each is below `count`.
    classes: Cow<'a, [u32]>,
    count: usize,
    seed: u64,
}

impl DataFile<'_> {
    /// Assigns each sample to a split. `training` is the number of training samples if the file
    /// sets the others apart.
    ///
    /// # Errors
    /// Returns the problem if a requested validation part cannot be drawn.
    pub(super) fn split(
        &self,
        targets: &Targets,
        training: Option<usize>,
    ) -> Result<SampleOrder, String> {
        let (classes, count) = match targets {
            Targets::Classes { labels, names } => (Cow::Borrowed(&labels[..]), names.len()),
            Targets::Numbers { numbers, width } => (Cow::Owned(vec![0; numbers.len() / width]), 1),
        };
        let strata = Strata { classes, count, seed: self.seed };
        let mut splits = vec![Split::Training; strata.classes.len()];
        let mut notes = Vec::new();
        let held_out = match training {
            Some(training) => {
                splits[training..].fill(Split::HeldOut);
                splits.len() - training
            }
            None => strata.draw(&mut splits, Split::HeldOut, self.held_out.unwrap_or(HELD_OUT)),
        };
        if held_out == 0 && self.held_out != Some(0.0) {
            let note = "no sample can be held out, because no class has two of them";
            notes.push(note.to_owned());
        }
        let validation_share = match (self.validation, held_out) {
            (Some(share), _) => {
                splits = strata.with_validation(&splits, targets, share)?;
                share
            }
            // A request to hold nothing out is one to train on all samples.
            (None, 0) => 0.0,
            (None, _) => match strata.with_default_validation(&splits, targets) {
                Ok(drawn) => {
                    splits = drawn;
                    VALIDATION
                }
                Err(reason) => {
                    notes.push(format!(
                        "no validation part, because {reason}: the training samples choose the \
                         champion, too (--validation SHARE draws one all the same)"
                    ));
                    0.0
                }
            },
        };
        let of = |wanted: Split| {
            let samples = splits.iter().enumerate().filter(move |&(_, &split)| split == wanted);
            samples.map(|(sample, _)| sample)
        };
        Ok(SampleOrder {
            order: Split::ALL.into_iter().flat_map(of).collect(),
            training: of(Split::Training).count(),
            validation: of(Split::Validation).count(),
            validation_share,
            notes,
        })
    }
}

impl Strata<'_> {
    /// Returns the splits with a share of the training samples moved to the validation part.
    ///
    /// # Errors
    /// Returns the problem if the part would be empty, or if R^2 would be undefined on a part.
    fn with_validation(
        &self,
        splits: &[Split],
        targets: &Targets,
        share: f64,
    ) -> Result<Vec<Split>, String> {
        let mut splits = splits.to_vec();
        if self.draw(&mut splits, Split::Validation, share) == 0 && share > 0.0 {
            return Err("expected a class with two training samples, to draw one for validation, \
                        got none; leave --validation out"
                .into());
        }
        let Targets::Numbers { numbers, width } = targets else { return Ok(splits) };
        let rows = splits.iter().zip(numbers.chunks(*width));
        let drawn = rows.filter(|(split, _)| **split == Split::Validation);
        let drawn: Vec<&[f64]> = drawn.map(|(_, row)| row).collect();
        let is_constant = |target: usize| drawn.iter().all(|row| row[target] == drawn[0][target]);
        match !drawn.is_empty() && (0..*width).any(is_constant) {
            false => Ok(splits),
            true => Err(format!(
                "expected validation numbers that differ, because R^2 compares their differences, \
                 got {} equal ones; change the share with --validation",
                drawn.len()
            )),
        }
    }

    /// Returns the splits with the default share of the training samples moved to the validation
    /// part.
    ///
    /// # Errors
    /// Returns the reason if there can be no useful validation part.
    fn with_default_validation(
        &self,
        splits: &[Split],
        targets: &Targets,
    ) -> Result<Vec<Split>, String> {
        let drawn = self.with_validation(splits, targets, VALIDATION);
        let drawn = drawn.map_err(|_| "its numbers would be equal".to_owned())?;
        match drawn.iter().filter(|&&split| split == Split::Validation).count() {
            LEAST_VALIDATION.. => Ok(drawn),
            few => {
                let few = counted(few as u64, "samples");
                Err(format!(
                    "it would have {few}, and fewer than {LEAST_VALIDATION} choose by luck"
                ))
            }
        }
    }

    /// Moves a share of the training samples to another split, and returns their number.
    ///
    /// It is the share of the training samples, rounded. It is at least one if the share is not 0
    /// and a class has more than one training sample.
    fn draw(&self, splits: &mut [Split], to: Split, share: f64) -> usize {
        // Each draw has random words of its own.
        let generation = u32::from(to == Split::Validation);
        let mut members = vec![Vec::new(); self.count];
        for (sample, &class) in self.classes.iter().enumerate() {
            if splits[sample] == Split::Training {
                let (seed, individual) = (self.seed, sample as u32);
                let counter = Counter { seed, stream: Stream::Split, generation, individual };
                members[class as usize].push((counter.words(0)[0], sample));
            }
        }
        let taken = quotas(&members.iter().map(Vec::len).collect::<Vec<_>>(), share);
        for (members, &taken) in members.iter_mut().zip(&taken) {
            members.sort_unstable();
            for &(_, sample) in &members[..taken] {
                splits[sample] = to;
            }
        }
        taken.iter().sum()
    }
}

/// Returns the number of samples to take from each class, by the largest-remainder method. The
/// first of equal remainders wins.
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
