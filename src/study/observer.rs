//! Observers of a study: callbacks through which a caller watches the trials. The library itself
//! never prints.

use std::ops::ControlFlow;

use super::Trial;

/// The state of a trial that is running.
#[derive(Clone, Debug)]
pub struct TrialProgress {
    /// The strategy with its settings.
    pub strategy: String,
    /// The seed of the trial.
    pub seed: u64,
    /// The number of generations so far.
    pub generations: u32,
    /// The number of evaluations so far.
    pub evaluations: u64,
    /// The largest number of generations.
    pub generation_budget: Option<u32>,
    /// The largest number of evaluations.
    pub evaluation_budget: Option<u64>,
    /// The champion's validation score.
    pub validation: Option<f64>,
}

/// An observer of a study. Every method has an empty default.
pub trait StudyObserver {
    /// Called when a trial begins.
    fn trial_started(&mut self, _trial: &TrialProgress) {}

    /// Called after generations of a trial, ten times a second at most.
    fn trial_advanced(&mut self, _trial: &TrialProgress) {}

    /// Called when a trial has ended, or was found in the folder of the study.
    fn trial_ended(&mut self, _trial: &Trial) {}

    /// Called when a trial was stopped before its end.
    fn trial_stopped(&mut self, _trial: &TrialProgress) {}

    /// Called with a note for the user on something that happened in a trial.
    fn noted(&mut self, _note: &str) {}

    /// Called about ten times a second. `Break` stops each trial at the end of its generation.
    fn poll(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// An observer that ignores everything.
impl StudyObserver for () {}

/// An event of a trial, on its way to the observer's thread.
pub(super) enum TrialEvent {
    Started(TrialProgress),
    Advanced(TrialProgress),
    Ended(Box<Trial>),
    Stopped(TrialProgress),
    Noted(String),
}
