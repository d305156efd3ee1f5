//! The programs of a world: its start, its observation and its step, compiled for the CPU.

use std::path::Path;

use crate::draw::Colour;
use crate::error::{Error, Result};
use crate::task::ControlShape;
use crate::wgsl::{Arithmetic, Draft, Home, Program, RegisterMachine, Shader, Value};

/// The functions that kernels and worlds share, and the types that stand between them.
const MATH: &str = include_str!("../../../shaders/math.wgsl");
const CONTROL: &str = include_str!("../../../shaders/task/control.wgsl");

/// The functions and types that `task_picture` uses.
const PICTURE: &str = include_str!("../../../shaders/task/picture.wgsl");

/// The function of a world that draws.
pub const PICTURE_FUNCTION: &str = "task_picture";

/// The programs of a world in one precision.
///
/// Numbers stand in the order of their names below. A state has its parameters at its end. The
/// outputs `next state` take the place of the inputs `state`.
#[derive(Clone, Debug)]
pub struct Programs {
    /// draws -> state, observation.
    pub start: Program,
    /// state -> observation, the word `ends`.
    pub observe: Program,
    /// state, action, draws of the step, number of the step -> next state, reward, the word `ends`,
    /// observation.
    pub step: Program,
}

impl Programs {
    /// Compiles the programs of a world's text.
    ///
    /// # Errors
    /// Returns an error with the line of a construct that is not valid or not supported.
    pub fn compile(shader: &Shader, shape: &ControlShape, arithmetic: Arithmetic) -> Result<Self> {
        let (numbers, own) = (shape.state, shape.own_state());
        let output = |values: &[_]| -> Vec<_> {
            values.iter().map(|&value| (value, Home::Output)).collect()
        };

        let mut draft = Draft::new(shader, arithmetic)?;
        let draws = draft.numbers(shape.draws.max(1));
        let parameters = match shape.parameters {
            [] => Vec::new(),
            some => draft.call("parameters_from_draws", &[&draws[shape.draws - some.len()..]])?,
        };
        bind(&mut draft, shape, &parameters);
        // A task without draws gets a number that it does not read.
        let own_draws = (shape.draws - parameters.len()).max(1);
        let mut state = draft.call("task_start", &[&draws[..own_draws]])?;
        state.extend(parameters);
        let state = state;
        let observation = draft.call("task_observe", &[&state[..own]])?;
        let start = draft.finish(&[output(&state), output(&observation)].concat());

        let mut draft = Draft::new(shader, arithmetic)?;
        let state = draft.numbers(numbers);
        bind(&mut draft, shape, &state[own..]);
        let observation = draft.call("task_observe", &[&state[..own]])?;
        let ends = draft.call("task_terminated", &[&state[..own]])?;
        let observe = draft.finish(&[output(&observation), output(&ends)].concat());

        let mut draft = Draft::new(shader, arithmetic)?;
        let state = draft.numbers(numbers);
        let action = draft.numbers(shape.actions.size());
        let draws = draft.numbers(shape.step_draws);
        let number = draft.numbers(usize::from(shape.has_step_number));
        bind(&mut draft, shape, &state[own..]);
        draft.bind("step_draws", &draws);
        draft.bind("step_number", &number);
        let step = draft.call("task_step", &[&state[..own], &action])?;
        let next = &step[..own];
        let ends = draft.call("task_terminated", &[next])?;
        let observation = draft.call("task_observe", &[next])?;
        let continued = next.iter().chain(&state[own..]).enumerate();
        let continued = continued.map(|(k, &value)| (value, Home::Input(k)));
        let others = [output(&step[own..]), output(&ends), output(&observation)].concat();
        let step = draft.finish(&continued.chain(others).collect::<Vec<_>>());
        Ok(Self { start, observe, step })
    }
}

/// The text that the text of a world needs before its kernels: what `task_picture` uses, or nothing
/// if there is no such function.
pub fn picture_prelude(text: &str) -> String {
    if !text.contains(PICTURE_FUNCTION) {
        return String::new();
    }
    let colours = Colour::NAMED.iter().enumerate();
    let colours = colours.map(|(index, (name, _))| {
        format!("const COLOUR_{}: f32 = {index}.0;\n", name.to_uppercase())
    });
    colours.collect::<String>() + PICTURE
}

/// Gives the variables of the parameters their values.
pub fn bind(draft: &mut Draft<'_>, shape: &ControlShape, values: &[Value]) {
    for (parameter, value) in shape.parameters.iter().zip(values) {
        draft.bind(parameter.variable, std::slice::from_ref(value));
    }
}

/// Runs a program once, on the numbers of one lane.
pub fn run<'p>(program: &'p Program, inputs: &[&[f64]]) -> RegisterMachine<'p, f64> {
    let mut machine = RegisterMachine::new(program, 1);
    for (input, &number) in inputs.iter().copied().flatten().enumerate() {
        machine.input(input)[0] = number;
    }
    // Loops that take too many operations leave NaN, which no comparison accepts.
    let _ = machine.run();
    machine
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
    let own = shape.wgsl.unwrap_or_default();
    let (parameters, picture) = (shape.parameter_functions(), picture_prelude(own));
    let text = [own, &sizes, CONTROL, MATH, &parameters, &picture].join("\n");
    let shader = Shader::parse(&text, path).map_err(|error| match error {
        Error::File { path, line, problem } if !shape.parameters.is_empty() => {
            let advice = "a parameter that each episode draws is not a constant: what is computed \
                          from it needs let in a function";
            Error::File { path, line, problem: format!("{}; {advice}", problem.trim_end()) }
        }
        other => other,
    })?;
    if shape.step_draws == 0 && shader.reads("task_step", "step_draws") {
        return Err(shader.wrong("expected step-draws in the header, for step_draws in task_step"));
    }
    for function in ["task_start", "task_observe", "task_terminated", "task_picture"] {
        for variable in ["step_draws", "step_number"] {
            if shader.reads(function, variable) {
                let problem = format!(
                    "expected {variable} in task_step only, got it in {function}; store it in the \
                     state"
                );
                return Err(shader.wrong(problem));
            }
        }
    }
    Ok(shader)
}
