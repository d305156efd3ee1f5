//! Verification: a ladder of rungs, each of which a wrong kernel cannot climb.
//!
//! What is on trial is a [`Subject`]: the GPU path of an adapter, or the fast CPU path. Its judge is
//! the double-precision reference, which shares no arithmetic with it. The rungs go from what needs
//! no device to what a user sees:
//!
//! 0. `shaders`: every composed shader validates. 1. `layout`: structures have the same offsets on
//!    both sides. 2. `random`: words and normals have the same bits. 3. `functions`: errors over dense
//!    grids and edge values stay within stated bounds.
//! 4. `steps`, `forward`, `population`: single steps from the reference's states, single forward
//!    passes, single genomes, so that errors cannot compound.
//! 5. `episodes`, `shards`: whole scores, and the same scores from a population cut in pieces.
//! 6. `witness`: steps recorded from the published environments.
//! 7. `faults`: faults planted on purpose, each of which must be caught at its rung.
//!
//! # Example
//!
//! ```
//! use deme::verify::{CpuSubject, Ladder};
//! let subject = CpuSubject::default();
//! let report = Ladder::of(&["xor"])?.climb(&subject)?;
//! assert!(report.passed());
//! # Ok::<(), deme::error::Error>(())
//! ```

mod comparison;
mod episodes;
mod faults;
mod forward;
mod functions;
mod population;
mod random;
mod shaders;
mod steps;
mod subject;
mod witness;

pub use comparison::{Comparison, Report, Rung};
pub use functions::Function;
pub use subject::{Case, CpuFault, CpuSubject, Found, GpuSubject, Subject};

use std::sync::Arc;

use crate::error::Result;
use crate::task::{self, Task};

/// The rungs to climb, for some tasks.
pub struct Ladder {
    tasks: Vec<Arc<dyn Task>>,
}

impl Ladder {
    /// The ladder for tasks of these names; for every task where there are none.
    ///
    /// # Errors
    /// A name that is not in the registry.
    pub fn of(names: &[&str]) -> Result<Self> {
        let tasks: Vec<Arc<dyn Task>> = if names.is_empty() {
            task::all().into_iter().map(Arc::from).collect()
        } else {
            names.iter().map(|name| task::named(name).map(Arc::from)).collect::<Result<_>>()?
        };
        Ok(Self { tasks })
    }

    /// Climbs every rung; a rung that fails does not stop those above it.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb(&self, subject: &dyn Subject) -> Result<Report> {
        self.climb_watched(subject, &mut |_| ())
    }

    /// The same; `watch` sees each rung when it is done.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb_watched(
        &self,
        subject: &dyn Subject,
        watch: &mut dyn FnMut(&Rung),
    ) -> Result<Report> {
        let mut report = Report { adapter: subject.adapter(), rungs: Vec::new() };
        let mut take = |rungs: Vec<Rung>| {
            rungs.iter().for_each(&mut *watch);
            report.rungs.extend(rungs);
        };
        take(shaders::climb(subject, &self.tasks)?);
        take(random::climb(subject)?);
        take(functions::climb(subject)?);
        for task in &self.tasks {
            take(steps::climb(subject, task)?);
        }
        take(forward::climb(subject)?);
        take(population::climb(subject)?);
        for task in &self.tasks {
            take(episodes::climb(subject, task)?);
        }
        take(episodes::climb_shards(subject)?);
        for task in &self.tasks {
            take(witness::climb(subject, task)?);
        }
        take(faults::climb(subject)?);
        Ok(report)
    }
}
