//! Verification: proof that a fast backend computes what the reference computes.
//!
//! The implementation under test is the GPU path or the fast CPU path. It is compared with the
//! double-precision reference, which shares no arithmetic with it. The comparisons form a ladder
//! of rungs, from small pieces to whole scores, so that a fault shows where it is:
//!
//! | rung | what is compared | bound |
//! |---|---|---|
//! | 0 `shaders` | every composed shader with the rules of WGSL | all are valid |
//! | 1 `layout` | structures shared by Rust and WGSL | equal offsets |
//! | 2 `random` | random words and normals | equal bits |
//! | 3 `functions` | math functions and activations, on dense grids | the measured error |
//! | 4 `steps`, `normalisation` | one environment step, one observation | some roundings |
//! | 4 `forward`, `recurrent`, `graphs` | one pass through a network | some roundings |
//! | 4 `painting`, `population` | genomes from CPPNs and other proposals | some roundings |
//! | 5 `episodes` | scores of whole episodes | share of individuals that may differ |
//! | 5 `shards` | scores of a population that is cut into pieces | equal bits |
//! | 5 `bounds` | every index of every kernel with the length of its array | all are below it |
//! | 5 `variants` | kernel variants with the simplest one | some roundings |
//! | 6 `witness` | steps recorded from the published environments | some roundings |
//! | 7 `faults` | faults planted on purpose | each is caught at its rung |
//!
//! The inputs of a step on rung 4 come from the reference, so rounding errors cannot accumulate.
//!
//! # Example
//!
//! ```
//! use deme::verify::{CpuImplementation, Ladder};
//! let report = Ladder::for_tasks(&["xor"])?.run(&CpuImplementation::default())?;
//! assert!(report.passed());
//! # Ok::<(), deme::error::Error>(())
//! ```

mod backend_pair;
mod bounds;
mod comparison;
mod cppn;
mod episodes;
mod faults;
mod first_failure;
mod forward;
mod functions;
mod graphs;
mod implementation;
mod ladder_part;
mod neighbourhood;
mod normalisation;
mod population;
mod probe_function;
mod random;
mod recorded_steps;
mod recording;
mod recurrent;
mod repetition;
mod returns;
mod shaders;
mod shards;
mod steps;
mod text_faults;
mod variants;
mod witness;

pub use comparison::{Comparison, LadderReport, Rung};
pub use forward::random_samples;
pub use implementation::{
    CpuFault, CpuImplementation, GpuImplementation, Implementation, PlantedFault, StepCase,
    StepResult, VariantUnderTest,
};
pub use ladder_part::LadderPart;
pub use probe_function::ProbeFunction;
pub use recorded_steps::RecordedTransition;

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::network::Network;
use crate::task::{self, EvaluationTasks, Kind, Task, World};

/// The ladder of comparisons, for a list of tasks.
pub struct Ladder {
    tasks: Vec<Arc<dyn Task>>,
    /// True if faults are made from the texts of worlds. They take long, so only worlds that are
    /// named are held to them.
    has_text_faults: bool,
    /// Recorded steps of the only task, if there are any.
    recorded: Option<Vec<RecordedTransition>>,
}

impl Ladder {
    /// Creates the ladder for the tasks with these names. Without names it is for every built-in
    /// task but the worlds of the collection, whose kernels take minutes to compile on a software
    /// adapter, and for a regression. The tasks that evaluate the networks of a task are included.
    ///
    /// # Errors
    /// Returns an error if the registry has no task of a name.
    pub fn for_tasks(names: &[&str]) -> Result<Self> {
        let tasks: Vec<Arc<dyn Task>> = if names.is_empty() {
            let regression: Arc<dyn Task> = Arc::new(forward::random_numbers());
            let built_in = task::all().into_iter().filter(|task| !World::is_world(&**task));
            built_in.map(Arc::from).chain([regression]).collect()
        } else {
            names.iter().map(|name| task::by_name(name).map(Arc::from)).collect::<Result<_>>()?
        };
        Ok(Self { has_text_faults: !names.is_empty(), ..Self::for_own_tasks(tasks) })
    }

    /// Creates the ladder for tasks of the caller's own. The tasks that evaluate the networks of a
    /// task are included.
    pub fn for_own_tasks(tasks: impl IntoIterator<Item = Arc<dyn Task>>) -> Self {
        let all = tasks.into_iter().flat_map(|task| {
            // A world that guides training by other parameters is checked as it is scored.
            if let (true, Some(tasks)) = (World::is_world(&*task), task.evaluation_tasks()) {
                return vec![Arc::from(tasks.held_out)];
            }
            let evaluation =
                task.evaluation_tasks().map(|EvaluationTasks { validation, held_out }| {
                    [validation, held_out].map(Arc::from)
                });
            std::iter::once(task).chain(evaluation.into_iter().flatten()).collect()
        });
        Self { tasks: all.collect(), has_text_faults: true, recorded: None }
    }

    /// The tasks of the ladder.
    pub fn tasks(&self) -> &[Arc<dyn Task>] {
        &self.tasks
    }

    /// Holds the only task to steps that another program recorded.
    ///
    /// # Errors
    /// Returns an error if there are other tasks, or the errors of [`RecordedTransition::read`].
    pub fn with_witness(mut self, path: &Path) -> Result<Self> {
        let [task] = &self.tasks[..] else {
            return Err(Error::invalid("--witness", "one world as the task", self.tasks.len()));
        };
        let Kind::Control(simulation) = task.kind() else {
            return Err(Error::invalid("--witness", "a control task", &task.about().name));
        };
        if simulation.reference().is_none() {
            let expected = "a task whose steps can begin in a recorded state";
            return Err(Error::invalid("--witness", expected, &task.about().name));
        }
        self.recorded = Some(RecordedTransition::read(path, &simulation.shape())?);
        Ok(self)
    }

    /// Runs every rung. A rung that fails does not stop the next ones, except that a shader that
    /// does not validate ends the ladder.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn run(&self, implementation: &dyn Implementation) -> Result<LadderReport> {
        self.run_with_observer(implementation, &mut |_| ())
    }

    /// Runs every rung, and calls `observe` with each rung when it is done.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn run_with_observer(
        &self,
        implementation: &dyn Implementation,
        observe: &mut dyn FnMut(&Rung),
    ) -> Result<LadderReport> {
        let mut report = self.run_lower_rungs(implementation, observe)?;
        if report.rungs.iter().filter(|rung| rung.name == shaders::NAME).all(Rung::passed) {
            let faults = faults::check(implementation)?;
            faults.iter().for_each(&mut *observe);
            report.rungs.extend(faults);
            let worlds = self.tasks.iter().filter(|task| World::is_world(&***task));
            for task in worlds.filter(|_| self.has_text_faults) {
                let faults = text_faults::check(implementation, task)?;
                faults.iter().for_each(&mut *observe);
                report.rungs.extend(faults);
            }
        }
        Ok(report)
    }

    /// Runs every rung except the planted faults.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn run_without_faults(&self, implementation: &dyn Implementation) -> Result<LadderReport> {
        self.run_lower_rungs(implementation, &mut |_| ())
    }

    /// Runs the rungs that check steps and episodes of the ladder's tasks, before a benchmark times
    /// them.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn check_tasks(&self, implementation: &dyn Implementation) -> Result<Vec<Rung>> {
        let mut rungs = Vec::new();
        for task in &self.tasks {
            rungs.extend(steps::check(implementation, task)?);
            rungs.extend(episodes::check(implementation, task)?);
        }
        Ok(rungs)
    }

    /// Compares one kernel variant with the simplest variant, for one network on one task. Returns
    /// `None` if it is the simplest variant itself.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn check_variant(
        implementation: &dyn Implementation,
        task: &Arc<dyn Task>,
        network: &Network,
        variant: &str,
    ) -> Result<Option<Rung>> {
        variants::check_variant(implementation, task, network, variant)
    }

    /// Runs a part of the rung that compares kernel variants: one network on a control task, and
    /// one on a data set.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn check_variants(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
        variants::check_few(implementation)
    }

    /// Runs the rung that checks every index of every kernel. There are no results if an
    /// implementation has no kernels.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn check_bounds(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
        bounds::check(implementation)
    }

    /// Runs the rungs that check networks and populations, which depend on no task.
    ///
    /// # Errors
    /// Returns an error if the device fails.
    pub fn check_networks(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
        let mut rungs = normalisation::check(implementation)?;
        rungs.extend(forward::check(implementation)?);
        rungs.extend(recurrent::check(implementation)?);
        rungs.extend(graphs::check(implementation)?);
        rungs.extend(cppn::check(implementation)?);
        rungs.extend(population::check(implementation)?);
        Ok(rungs)
    }

    fn run_lower_rungs(
        &self,
        implementation: &dyn Implementation,
        observe: &mut dyn FnMut(&Rung),
    ) -> Result<LadderReport> {
        let mut report = LadderReport { adapter: implementation.adapter(), rungs: Vec::new() };
        let mut add = |rungs: Vec<Rung>| {
            rungs.iter().for_each(&mut *observe);
            report.rungs.extend(rungs);
        };
        let shaders = shaders::check(implementation, &self.tasks)?;
        let are_valid = shaders.iter().all(Rung::passed);
        add(shaders);
        if !are_valid {
            // Invalid shaders cannot be run.
            return Ok(report);
        }
        add(random::check(implementation)?);
        add(functions::check(implementation)?);
        for task in &self.tasks {
            add(steps::check(implementation, task)?);
        }
        add(normalisation::check(implementation)?);
        add(forward::check(implementation)?);
        add(recurrent::check(implementation)?);
        add(graphs::check(implementation)?);
        add(cppn::check(implementation)?);
        add(population::check(implementation)?);
        for task in &self.tasks {
            add(episodes::check(implementation, task)?);
        }
        add(episodes::check_long(implementation)?);
        add(shards::check(implementation)?);
        add(bounds::check(implementation)?);
        add(variants::check(implementation)?);
        for task in &self.tasks {
            add(witness::check(implementation, task, self.recorded.as_deref())?);
        }
        Ok(report)
    }
}
