//! Observers: callbacks through which a caller watches a run. The library itself never prints.

use std::ops::ControlFlow;
use std::path::Path;

use super::{Record, Setup, Summary};

/// An observer of a run. Every method has an empty default.
///
/// # Example
///
/// ```
/// use std::ops::ControlFlow;
/// use deme::run::{self, Observer, Record, Request};
///
/// /// Ends a run after five generations, regardless of its budget.
/// struct FiveGenerations;
///
/// impl Observer for FiveGenerations {
///     fn generation(&mut self, record: &Record) -> ControlFlow<()> {
///         if record.generation < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
///     }
/// }
///
/// let until = Some("never".into());
/// let request = Request { until, ..Request::for_task("xor") };
/// assert_eq!(run::train(&request.check()?, &mut FiveGenerations)?.generations, 5);
/// # Ok::<(), deme::error::Error>(())
/// ```
pub trait Observer {
    /// Called once, before the first generation of a run, or before the next generation of a
    /// resumed run.
    fn started(&mut self, _setup: &Setup) {}

    /// Called with a note for the user on something that happened in this generation.
    fn noted(&mut self, _note: &str) {}

    /// Called at the end of each generation. `Break` ends the run.
    fn generation(&mut self, _record: &Record) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Called when the checkpoint and the champion of a generation have been saved in the folder.
    fn saved(&mut self, _folder: &Path, _generation: u32) {}

    /// Called at the end of the run, when its folder is complete.
    fn finished(&mut self, _summary: &Summary) {}
}

/// An observer that ignores everything.
impl Observer for () {}
