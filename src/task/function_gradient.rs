//! Gradients of functions: the loss is the value, and there is one sample.

use super::Function;
use crate::gradient::LossGradient;

/// The loss of a built-in function.
pub struct FunctionGradient<'a>(pub &'a Function);

impl LossGradient for FunctionGradient<'_> {
    fn samples(&self) -> usize {
        1
    }

    fn descend(&mut self, genome: &[f32], _: &[u32], gradient: &mut [f32]) -> f64 {
        // A fitness of one's own has no gradient, which is checked before a run begins.
        let ascent = self.0.gradient(genome).unwrap_or_default();
        for (number, slope) in gradient.iter_mut().zip(ascent) {
            *number = -slope as f32;
        }
        -self.0.fitness(genome)
    }
}
