//! Verification: a ladder of rungs, each of which a wrong kernel cannot climb.
//!
//! What is on trial is a [`Subject`]: the GPU path of an adapter, or the fast CPU path. Its judge
//! is the double-precision reference, which shares no arithmetic with it. The rungs go from what
//! needs no device to what a user sees:
//!
//! 0. `shaders`: every composed shader validates. 1. `layout`: structures have the same offsets on
//!    both sides. 2. `random`: words and normals have the same bits. 3. `functions`: errors over
//!    dense grids and edge values stay within stated bounds.
//! 4. `steps`, `normalisation`, `forward`, `recurrent`, `graphs`, `painting`, `population`: single
//!    steps from the reference's states, single observations, single forward passes, single steps
//!    from the reference's memories, both for graphs too, genomes that graphs paint, and all other
//!    genomes, so that errors cannot compound.
//! 5. `episodes`, `shards`, `variants`: whole scores and what was seen on the way, the same scores
//!    from a population cut in pieces, and from kernels that are laid out in other ways.
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
mod graphs;
mod normalisation;
mod painting;
mod population;
mod random;
mod recurrent;
mod shaders;
mod steps;
mod subject;
mod variants;
mod witness;

pub use comparison::{Comparison, Report, Rung};
pub use forward::random_samples;
pub use functions::Function;
pub use subject::{Case, CpuFault, CpuSubject, Found, GpuSubject, Subject, Way};

use std::sync::Arc;

use crate::error::Result;
use crate::network::Network;
use crate::task::{self, Examination, Task};

/// The rungs to climb, for some tasks.
pub struct Ladder {
    tasks: Vec<Arc<dyn Task>>,
}

impl Ladder {
    /// The ladder for tasks of these names; for every task, and a regression, where there are none.
    /// What networks of a task are examined by climbs with it.
    ///
    /// # Errors
    /// A name that is not in the registry.
    pub fn of(names: &[&str]) -> Result<Self> {
        let tasks: Vec<Arc<dyn Task>> = if names.is_empty() {
            let regression: Arc<dyn Task> = Arc::new(forward::random_numbers());
            task::all().into_iter().map(Arc::from).chain([regression]).collect()
        } else {
            names.iter().map(|name| task::named(name).map(Arc::from)).collect::<Result<_>>()?
        };
        let climbing = tasks.into_iter().flat_map(|task| {
            let stand_ins = task
                .examination()
                .map(|Examination { validation, held_out }| [validation, held_out].map(Arc::from));
            std::iter::once(task).chain(stand_ins.into_iter().flatten())
        });
        Ok(Self { tasks: climbing.collect() })
    }

    /// Climbs every rung; a rung that fails does not stop those above it, but for shaders that do
    /// not validate.
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
        let mut report = self.climb_lower(subject, watch)?;
        if report.rungs.iter().filter(|rung| rung.name == shaders::NAME).all(Rung::passed) {
            let faults = faults::climb(subject)?;
            faults.iter().for_each(&mut *watch);
            report.rungs.extend(faults);
        }
        Ok(report)
    }

    /// Climbs every rung but the planted faults.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb_without_faults(&self, subject: &dyn Subject) -> Result<Report> {
        self.climb_lower(subject, &mut |_| ())
    }

    /// Climbs the rungs that are about the ladder's tasks, for a benchmark to stand on.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb_task(&self, subject: &dyn Subject) -> Result<Vec<Rung>> {
        let mut rungs = Vec::new();
        for task in &self.tasks {
            rungs.extend(steps::climb(subject, task)?);
            rungs.extend(episodes::climb(subject, task)?);
        }
        Ok(rungs)
    }

    /// Climbs the rungs that are about random numbers and functions.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb_arithmetic(subject: &dyn Subject) -> Result<Vec<Rung>> {
        let mut rungs = random::climb(subject)?;
        rungs.extend(functions::climb(subject)?);
        Ok(rungs)
    }

    /// Holds one of the ways in which kernels can be laid out to the plainest, with a network on a
    /// task; there is nothing to hold where it is the plainest.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb_variant(
        subject: &dyn Subject,
        task: &Arc<dyn Task>,
        network: &Network,
        variant: &str,
    ) -> Result<Option<Rung>> {
        variants::climb_variant(subject, task, network, variant)
    }

    /// Climbs a part of the rung that is about the ways in which kernels can be laid out: one
    /// network that plays, and one that is judged.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb_variants(subject: &dyn Subject) -> Result<Vec<Rung>> {
        variants::climb_few(subject)
    }

    /// Climbs the rungs that are about networks and populations, whatever the task.
    ///
    /// # Errors
    /// A device that fails.
    pub fn climb_networks(subject: &dyn Subject) -> Result<Vec<Rung>> {
        let mut rungs = normalisation::climb(subject)?;
        rungs.extend(forward::climb(subject)?);
        rungs.extend(recurrent::climb(subject)?);
        rungs.extend(graphs::climb(subject)?);
        rungs.extend(painting::climb(subject)?);
        rungs.extend(population::climb(subject)?);
        Ok(rungs)
    }

    fn climb_lower(&self, subject: &dyn Subject, watch: &mut dyn FnMut(&Rung)) -> Result<Report> {
        let mut report = Report { adapter: subject.adapter(), rungs: Vec::new() };
        let mut take = |rungs: Vec<Rung>| {
            rungs.iter().for_each(&mut *watch);
            report.rungs.extend(rungs);
        };
        let shaders = shaders::climb(subject, &self.tasks)?;
        let climbable = shaders.iter().all(Rung::passed);
        take(shaders);
        if !climbable {
            // What does not validate cannot be run.
            return Ok(report);
        }
        take(random::climb(subject)?);
        take(functions::climb(subject)?);
        for task in &self.tasks {
            take(steps::climb(subject, task)?);
        }
        take(normalisation::climb(subject)?);
        take(forward::climb(subject)?);
        take(recurrent::climb(subject)?);
        take(graphs::climb(subject)?);
        take(painting::climb(subject)?);
        take(population::climb(subject)?);
        for task in &self.tasks {
            take(episodes::climb(subject, task)?);
        }
        take(episodes::climb_long(subject)?);
        take(episodes::climb_shards(subject)?);
        take(variants::climb(subject)?);
        for task in &self.tasks {
            take(witness::climb(subject, task)?);
        }
        Ok(report)
    }
}
