//! Programs: what a champion computes, as steps that the text formats write down.

use super::grown::Grown;
use super::parts::{Part, parts};
use crate::champion::{Champion, Rule};
use crate::error::Result;
use crate::network::{Activation, Cell};

/// A champion as a program.
pub(super) struct Program {
    /// The layers; none of a graph.
    pub parts: Vec<Part>,
    /// The graph; none of layers.
    pub grown: Option<Grown>,
    /// Numbers that it remembers, layer after layer.
    pub memory: usize,
    /// Functions that it calls, each once, helpers first.
    pub functions: Vec<Function>,
}

/// A function that has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Function {
    Exp,
    Tanh,
    Sigmoid,
    Sin,
    Relu,
    Gelu,
    Silu,
    Softsign,
}

impl Program {
    /// The program of a champion.
    ///
    /// # Errors
    /// A graph with a cycle in one step.
    pub fn of(champion: &Champion) -> Result<Self> {
        let (parts, grown) = (parts(champion), Grown::of(champion)?);
        let units = grown.iter().flat_map(|grown| &grown.phenotype.units);
        let mut functions: Vec<Function> = parts
            .iter()
            .flat_map(|part| match part.cell {
                Cell::Gru => vec![Function::Sigmoid, Function::Tanh],
                Cell::Dense | Cell::Elman => Function::of(part.activation).into_iter().collect(),
            })
            .chain(units.filter_map(|unit| Function::of(unit.activation)))
            .collect();
        if let Rule::Force { .. } = champion.rule() {
            functions.push(Function::Tanh);
        }
        let needed: Vec<Function> = functions.iter().flat_map(|one| one.needs()).copied().collect();
        functions.extend(needed);
        functions.push(Function::Exp);
        functions.sort_unstable();
        functions.dedup();
        let calls_exp = functions.iter().any(|one| one.needs().contains(&Function::Exp));
        functions.retain(|one| *one != Function::Exp || calls_exp);
        let memory = match (&grown, champion.layers()) {
            (Some(grown), _) => grown.phenotype.memories.len(),
            (None, Some((network, _))) => network.memory(),
            (None, None) => 0,
        };
        Ok(Self { parts, grown, memory, functions })
    }
}

impl Function {
    fn of(activation: Activation) -> Option<Self> {
        match activation {
            Activation::Linear => None,
            Activation::Tanh => Some(Self::Tanh),
            Activation::Relu => Some(Self::Relu),
            Activation::Sigmoid => Some(Self::Sigmoid),
            Activation::Gelu => Some(Self::Gelu),
            Activation::Silu => Some(Self::Silu),
            Activation::Sin => Some(Self::Sin),
            Activation::Softsign => Some(Self::Softsign),
        }
    }

    /// Functions that it calls.
    fn needs(self) -> &'static [Self] {
        match self {
            Self::Tanh | Self::Sigmoid => &[Self::Exp],
            Self::Gelu => &[Self::Tanh, Self::Exp],
            Self::Silu => &[Self::Sigmoid, Self::Exp],
            Self::Exp | Self::Sin | Self::Relu | Self::Softsign => &[],
        }
    }
}

/// An activation's call around a sum; of none the sum itself.
pub(super) fn activated(activation: Activation, sum: &str) -> String {
    match activation {
        Activation::Linear => sum.into(),
        other => format!("deme_{}({sum})", other.name()),
    }
}

/// Numbers in lines of a program.
pub(super) fn numbers(values: &[f32]) -> String {
    let mut text = String::new();
    for row in values.chunks(6) {
        let row: Vec<String> = row.iter().map(|value| format!("{value:?}")).collect();
        text.push_str(&format!("    {},\n", row.join(", ")));
    }
    text
}
