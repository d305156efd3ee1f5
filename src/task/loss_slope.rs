//! Loss slopes: the derivatives of a data set's loss by the outputs of a network.
//!
//! The loss is the mean cross-entropy, the mean squared error, or for [`Objective::Closeness`] the
//! mean absolute error of the squashed output, whose minimum is the maximum of the fitness.

use super::Objective;
use crate::math::Real;

impl Objective {
    /// Returns the loss of a sample's outputs, `[outputs]`, and writes its derivative by each.
    ///
    /// `target` returns the target of an output for a lane; the only target of a classification is
    /// that of output 0.
    #[inline(always)]
    pub fn loss_and_slopes<R: Real>(
        self,
        outputs: &[R],
        target: impl Fn(usize, usize) -> f32,
        slopes: &mut [R],
    ) -> R {
        let (zero, one) = (R::from_f64(0.0), R::from_f64(1.0));
        match self {
            Self::CrossEntropy => {
                let labels = R::from_lanes(|lane| target(0, lane));
                let mut largest = outputs[0];
                for &output in outputs {
                    largest = largest.max(output);
                }
                let mut sum = zero;
                for (slope, &output) in slopes.iter_mut().zip(outputs) {
                    *slope = (output - largest).exp();
                    sum = sum + *slope;
                }
                let mut labelled = zero;
                for (k, (slope, &output)) in slopes.iter_mut().zip(outputs).enumerate() {
                    let is_label = (labels - R::from_f64(k as f64)).abs().below(one);
                    labelled = labelled + R::select(is_label, output, zero);
                    *slope = *slope / sum - R::select(is_label, one, zero);
                }
                largest + sum.ln() - labelled
            }
            Self::Closeness => {
                let squashed = outputs[0].sigmoid();
                let error = squashed - R::from_lanes(|lane| target(0, lane));
                let sign = R::select(error.below(zero), -one, one);
                slopes[0] = sign * squashed * (one - squashed);
                error.abs()
            }
            Self::SquaredError => {
                let share = R::from_f64(1.0 / outputs.len() as f64);
                let mut sum = zero;
                for (k, (slope, &output)) in slopes.iter_mut().zip(outputs).enumerate() {
                    let error = output - R::from_lanes(|lane| target(k, lane));
                    sum = sum + error * error;
                    *slope = (error + error) * share;
                }
                sum * share
            }
        }
    }
}
