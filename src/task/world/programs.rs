//! The programs of a world: its start, its observation and its step, compiled for the CPU.

use std::path::Path;

use crate::error::Result;
use crate::task::ControlShape;
use crate::wgsl::{Arithmetic, Draft, Home, Program, Shader};

/// The functions that kernels and worlds share, and the types that stand between them.
const MATH: &str = include_str!("../../../shaders/math.wgsl");
const CONTROL: &str = include_str!("../../../shaders/task/control.wgsl");

/// The programs of a world in one precision.
///
/// Numbers stand in the order of their names below. The outputs `next state` take the place of the
/// inputs `state`.
#[derive(Clone, Debug)]
pub struct Programs {
    /// draws -> state, observation.
    pub start: Program,
    /// state -> observation, the word `ends`.
    pub observe: Program,
    /// state, action -> next state, reward, the word `ends`, observation.
    pub step: Program,
}

impl Programs {
    /// Compiles the programs of a world's text.
    ///
    /// # Errors
    /// Returns an error with the line of a construct that is not valid or not supported.
    pub fn compile(shader: &Shader, shape: &ControlShape, arithmetic: Arithmetic) -> Result<Self> {
        let ControlShape { state: numbers, .. } = *shape;
        let output = |values: &[_]| -> Vec<_> {
            values.iter().map(|&value| (value, Home::Output)).collect()
        };

        let mut draft = Draft::new(shader, arithmetic)?;
        let draws = draft.numbers(shape.draws.max(1));
        let state = draft.call("task_start", &[&draws])?;
        let observation = draft.call("task_observe", &[&state])?;
        let start = draft.finish(&[output(&state), output(&observation)].concat());

        let mut draft = Draft::new(shader, arithmetic)?;
        let state = draft.numbers(numbers);
        let observation = draft.call("task_observe", &[&state])?;
        let ends = draft.call("task_terminated", &[&state])?;
        let observe = draft.finish(&[output(&observation), output(&ends)].concat());

        let mut draft = Draft::new(shader, arithmetic)?;
        let state = draft.numbers(numbers);
        let action = draft.numbers(shape.actions.size());
        let step = draft.call("task_step", &[&state, &action])?;
        let next = &step[..numbers];
        let ends = draft.call("task_terminated", &[next])?;
        let observation = draft.call("task_observe", &[next])?;
        let continued = next.iter().enumerate().map(|(k, &value)| (value, Home::Input(k)));
        let others = [output(&step[numbers..]), output(&ends), output(&observation)].concat();
        let step = draft.finish(&continued.chain(others).collect::<Vec<_>>());
        Ok(Self { start, observe, step })
    }
}

/// Parses the text of a task, behind the sizes and the functions that it uses.
///
/// # Errors
/// Returns an error with the line that is not valid.
pub fn shader(shape: &ControlShape, path: &Path) -> Result<Shader> {
    let network = [("INPUTS", shape.observations), ("OUTPUTS", shape.actions.outputs())];
    let sizes = shape.sizes().into_iter().chain(network);
    let sizes: String =
        sizes.map(|(name, size)| format!("const {name}: u32 = {size}u;\n")).collect();
    // The task's text comes first, so that its lines keep their numbers.
    let text = [shape.wgsl, &sizes, CONTROL, MATH].join("\n");
    Shader::parse(&text, path)
}
