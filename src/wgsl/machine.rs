//! The machine that runs a program, for any number of lanes.
//!
//! A file of registers holds a row of chunks for each register. A chunk is sixteen lanes of `f32`,
//! or one `f64`. Constants have one chunk, which all chunks read.

use super::chunk::Chunk;
use super::execute::{Endless, MOST_LOOP_OPERATIONS, Registers};
use super::program::Program;
use crate::math::{Instructions, LANES, Lanes, SimdWork};

/// A program with its registers.
#[derive(Clone, Debug)]
pub struct RegisterMachine<'p, R: Chunk> {
    program: &'p Program,
    registers: Registers<R>,
}

impl<'p, R: Chunk> RegisterMachine<'p, R> {
    /// Creates a machine whose registers are zero. It has `chunks` chunks of lanes.
    #[inline(always)]
    pub fn new(program: &'p Program, chunks: usize) -> Self {
        Self { program, registers: Registers::new(program, chunks) }
    }

    /// The chunks of an input that is a number.
    #[inline(always)]
    pub fn input(&mut self, input: usize) -> &mut [R] {
        let chunks = self.registers.chunks;
        let first = self.program.inputs[input] as usize * chunks;
        &mut self.registers.numbers[first..first + chunks]
    }

    /// The chunks of an input that is a word.
    #[inline(always)]
    pub fn word_input(&mut self, input: usize) -> &mut [R::Word] {
        let chunks = self.registers.chunks;
        let first = self.program.inputs[input] as usize * chunks;
        &mut self.registers.words[first..first + chunks]
    }

    /// The chunks of an output that is a number.
    #[inline(always)]
    pub fn output(&self, output: usize) -> &[R] {
        let chunks = self.registers.chunks;
        let first = self.program.outputs[output] as usize * chunks;
        &self.registers.numbers[first..first + chunks]
    }

    /// The chunks of an output that is a word.
    #[inline(always)]
    pub fn word_output(&self, output: usize) -> &[R::Word] {
        let chunks = self.registers.chunks;
        let first = self.program.outputs[output] as usize * chunks;
        &self.registers.words[first..first + chunks]
    }
}

impl RegisterMachine<'_, f64> {
    /// The outputs in a range, which are numbers.
    pub fn outputs(&self, range: std::ops::Range<usize>) -> Vec<f64> {
        range.map(|output| self.output(output)[0]).collect()
    }

    /// True if the loops took too many operations in the last run, which was an error.
    pub fn is_endless(&self) -> bool {
        self.registers.loop_operations[0] > MOST_LOOP_OPERATIONS
    }

    /// Runs the program once, in double precision.
    ///
    /// # Errors
    /// Returns an error if the loops take more than
    /// [`MOST_LOOP_OPERATIONS`](super::MOST_LOOP_OPERATIONS). All numbers are then NaN, and all
    /// words have all bits set.
    pub fn run(&mut self) -> Result<(), Endless> {
        self.registers.run()
    }
}

impl<I: Instructions> RegisterMachine<'_, Lanes<I>> {
    /// Releases a lane that nobody reads again: loops do not wait for it.
    pub fn release(&mut self, lane: usize) {
        self.registers.active[lane / LANES].0[lane % LANES] = 0;
    }

    /// True if the loops of a lane took too many operations in the last run, which was an error.
    pub fn is_endless_in(&self, lane: usize) -> bool {
        self.registers.loop_operations[lane / LANES].0[lane % LANES] > MOST_LOOP_OPERATIONS
    }

    /// Runs the program once, in every lane.
    ///
    /// # Errors
    /// Returns an error if the loops of a lane take more than
    /// [`MOST_LOOP_OPERATIONS`](super::MOST_LOOP_OPERATIONS). All numbers of the lane are then NaN,
    /// and all its words have all bits set. Other lanes have their results.
    #[inline(always)]
    pub fn run_lanes(&mut self) -> Result<(), Endless> {
        I::call(Run(&mut self.registers))
    }
}

/// A run in lanes.
struct Run<'a, I: Instructions>(&'a mut Registers<Lanes<I>>);

impl<I: Instructions> SimdWork for Run<'_, I> {
    type Output = Result<(), Endless>;

    #[inline(always)]
    fn run<J: Instructions>(self) -> Self::Output {
        self.0.run()
    }
}
