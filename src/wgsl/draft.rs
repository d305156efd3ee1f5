//! A draft of a program: inputs, and calls of a shader's functions on them.

use super::arithmetic::Arithmetic;
use super::builder::Value;
use super::compile::compile;
use super::program::{Home, Program};
use super::shader::Shader;
use super::trace::Tracer;
use crate::error::Result;

/// A program that is being put together.
pub struct Draft<'s> {
    shader: &'s Shader,
    tracer: Tracer<'s>,
    inputs: usize,
    arithmetic: Arithmetic,
}

impl<'s> Draft<'s> {
    /// Begins a program.
    ///
    /// # Errors
    /// Returns an error if the shader has buffers or types that programs do not have.
    pub fn new(shader: &'s Shader, arithmetic: Arithmetic) -> Result<Self> {
        let tracer = Tracer::new(&shader.module, &shader.info, &shader.natives, arithmetic)
            .map_err(|refusal| shader.error(&refusal))?;
        Ok(Self { shader, tracer, inputs: 0, arithmetic })
    }

    /// Declares inputs that are numbers. Inputs come before all calls.
    pub fn numbers(&mut self, count: usize) -> Vec<Value> {
        self.declare(count, true)
    }

    /// Declares inputs that are words.
    pub fn words(&mut self, count: usize) -> Vec<Value> {
        self.declare(count, false)
    }

    fn declare(&mut self, count: usize, is_number: bool) -> Vec<Value> {
        let first = self.inputs;
        self.inputs += count;
        assert_eq!(self.tracer.builder.nodes.len(), first, "inputs come before calls");
        (first..first + count).map(|at| self.tracer.builder.input(at, is_number)).collect()
    }

    /// Gives a private variable its value for the calls that follow. Values that are missing keep
    /// what they were. A text without the variable does not read it.
    pub fn bind(&mut self, variable: &str, values: &[Value]) {
        self.tracer.bind(variable, values);
    }

    /// Calls a function of the shader. Returns the scalars of its result, in order.
    ///
    /// # Errors
    /// Returns an error if there is no such function, or if it has a construct that programs do not
    /// have.
    ///
    /// # Panics
    /// Panics if the arguments do not have the scalars that the function takes.
    pub fn call(&mut self, name: &str, arguments: &[&[Value]]) -> Result<Vec<Value>> {
        let function = self.shader.function(name).ok_or_else(|| self.shader.missing(name))?;
        let arguments = arguments.iter().map(|leaves| leaves.to_vec()).collect();
        self.tracer.call_entry(function, arguments).map_err(|refusal| self.shader.error(&refusal))
    }

    /// Compiles everything that the outputs need.
    pub fn finish(self, outputs: &[(Value, Home)]) -> Program {
        compile(self.tracer.builder, self.inputs, outputs, self.arithmetic)
    }
}
