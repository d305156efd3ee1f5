//! The names of a champion's inputs and outputs.

use super::Champion;
use crate::task::{self, Kind};

/// The names of inputs and outputs, in the order of the network; empty lists if there are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortNames {
    /// The numbers of an observation: the columns of a table, or the quantities of a task.
    pub inputs: Vec<String>,
    /// The classes, the target, or the actions.
    pub outputs: Vec<String>,
}

impl Champion {
    /// The names of the inputs and outputs: those of the data file, or else of the built-in task.
    pub fn port_names(&self) -> PortNames {
        let names = match &self.preprocessing {
            Some(prepared) => PortNames {
                inputs: prepared.columns.clone(),
                outputs: match prepared.classes.is_empty() {
                    true => prepared.targets.clone(),
                    false => prepared.classes.clone(),
                },
            },
            None => PortNames::from_task(&self.origin.task).unwrap_or_default(),
        };
        let fitting = |names: Vec<String>, count: usize| match names.len() == count {
            true => names,
            false => Vec::new(),
        };
        PortNames {
            inputs: fitting(names.inputs, self.inputs()),
            outputs: fitting(names.outputs, self.output_count()),
        }
    }
}

impl PortNames {
    fn from_task(name: &str) -> Option<Self> {
        let task = task::by_name(name).ok()?;
        let names = |labels: &[task::Quantity]| -> Vec<String> {
            labels.iter().map(|label| label.name.to_string()).collect()
        };
        match task.kind() {
            Kind::Control(simulation) => {
                let labels = simulation.labels();
                Some(Self { inputs: names(labels.observations), outputs: names(labels.actions) })
            }
            Kind::Data(data) => Some(Self {
                inputs: names(&data.feature_labels),
                outputs: names(&data.output_labels),
            }),
            Kind::Function(_) => None,
        }
    }

    /// The name of an input, or else its number.
    pub(super) fn input(&self, index: usize) -> String {
        self.inputs.get(index).cloned().unwrap_or_else(|| index.to_string())
    }

    /// The name of an output, or else `number`.
    pub(super) fn output(&self, index: usize, number: usize) -> String {
        self.outputs.get(index).cloned().unwrap_or_else(|| number.to_string())
    }
}
