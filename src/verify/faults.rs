//! Rung 7: faults planted on purpose. Each must be caught at its rung, which proves that the ladder
//! notices faults.

use std::sync::Arc;

use super::first_failure::{first_failure, on_each, once};
use super::{Comparison, Implementation, PlantedFault, Rung};
use super::{
    bounds, cppn, episodes, forward, functions, graphs, normalisation, population, random,
    recurrent, steps, variants,
};
use crate::error::Result;
use crate::task::{self, Task};

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    implementation.faults().iter().map(check_fault).collect()
}

/// Runs the rung that must catch a fault, until one of its comparisons fails.
fn check_fault(fault: &PlantedFault) -> Result<Rung> {
    let implementation = fault.implementation.as_ref();
    let task = |name| task::by_name(name).map(Arc::<dyn Task>::from);
    let failed = match fault.rung {
        "2 random" => first_failure(once(|| random::check(implementation))),
        "3 functions" => first_failure(functions::checks(implementation)),
        "4 steps" => {
            let tasks = [task("cartpole")?, task("maze")?];
            first_failure(on_each(&tasks, |task| steps::check(implementation, task)))
        }
        "4 normalisation" => first_failure(normalisation::checks(implementation)),
        "4 forward" => first_failure(forward::checks(implementation)),
        "4 recurrent" => first_failure(recurrent::checks(implementation)),
        "4 graphs" => first_failure(graphs::checks(implementation)),
        "4 painting" => first_failure(cppn::checks(implementation)),
        "4 population" => first_failure(once(|| population::check(implementation))),
        "5 episodes" => {
            // In the pendulum the reward depends on the state, so every fault of episodes shows.
            let tasks: [Arc<dyn Task>; 2] =
                [task("pendulum")?, Arc::new(forward::random_numbers())];
            first_failure(on_each(&tasks, |task| episodes::check(implementation, task)))
        }
        "5 bounds" => first_failure(bounds::checks(implementation)),
        "5 variants" => first_failure(once(|| variants::check_few(implementation))),
        other => unreachable!("no fault is assigned to rung '{other}'"),
    }?;
    let mut caught = Comparison::new("7 faults", fault.name, "caught at its rung");
    let is_caught = failed.is_some_and(|failed| failed.name == fault.rung);
    caught.check_that(is_caught, || format!("not caught at rung {}", fault.rung));
    Ok(caught.into_rung())
}
