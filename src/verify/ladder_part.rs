//! Parts of the ladder that can run alone, until one of their rungs fails.

use super::first_failure::{first_failure, on_each, once};
use super::{
    Implementation, Ladder, Rung, bounds, cppn, episodes, forward, functions, graphs,
    normalisation, population, random, recurrent, steps, variants,
};
use crate::error::Result;

/// A part of the ladder that can run alone.
#[derive(Clone, Copy, Debug)]
pub enum LadderPart {
    /// The rungs of random numbers and functions.
    Arithmetic,
    /// The rung of single steps, on one task.
    Steps(&'static str),
    /// The rungs of single steps and of episodes, on one task.
    Task(&'static str),
    /// The rungs of networks and populations.
    Networks,
    /// The rung of indices.
    Bounds,
    /// The rung of kernel variants.
    Variants,
}

impl LadderPart {
    /// Runs the part until a rung fails, and returns that rung.
    ///
    /// # Errors
    /// Returns an error if a task is unknown, or if the device fails.
    pub fn first_failure(self, implementation: &dyn Implementation) -> Result<Option<Rung>> {
        match self {
            Self::Arithmetic => {
                let random = once(move || random::check(implementation));
                first_failure(random.chain(functions::checks(implementation)))
            }
            Self::Steps(name) => {
                let tasks = Ladder::for_tasks(&[name])?.tasks;
                first_failure(on_each(&tasks, |task| steps::check(implementation, task)))
            }
            Self::Task(name) => {
                let tasks = Ladder::for_tasks(&[name])?.tasks;
                let steps = on_each(&tasks, |task| steps::check(implementation, task));
                let episodes = on_each(&tasks, |task| episodes::check(implementation, task));
                first_failure(steps.chain(episodes))
            }
            Self::Networks => {
                let networks = normalisation::checks(implementation)
                    .chain(forward::checks(implementation))
                    .chain(recurrent::checks(implementation))
                    .chain(graphs::checks(implementation))
                    .chain(cppn::checks(implementation));
                let population = once(move || population::check(implementation));
                first_failure(networks.chain(population))
            }
            Self::Bounds => first_failure(bounds::checks(implementation)),
            Self::Variants => first_failure(once(move || variants::check_few(implementation))),
        }
    }
}
