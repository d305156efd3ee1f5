//! Gradients: exact derivatives of a loss by the genes of a network, and what strategies that
//! follow them learn from.
//!
//! [`Backpropagation`] is the fast path: many samples at once, over lanes of `f32`.
//! [`reference_gradient`] is the naive path in `f64`, which the tests hold against finite
//! differences. A [`Lesson`] is what a run gives to a strategy that follows a gradient: a
//! [`LossGradient`] for data sets and functions, [`Actors`] for control tasks, whose
//! steps are an [`Experience`]. The room knows
//! networks and numbers, and no task.
//!
//! # Shapes
//!
//! A gradient is `f32[genes]`, in the order of the genome. Samples are rows.
//!
//! # Source
//!
//! Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature
//! 323, 1986.
//!
//! # Example
//!
//! ```
//! use deme::gradient::Backpropagation;
//! use deme::network::{Activation, Network};
//! let network = Network::parse("", 2, 1, Activation::Tanh)?;
//! let mut passes = Backpropagation::new(&network)?;
//! // One sample: 3 * 1 + 4 * 2 + 5 = 16.
//! passes.forward(&[3.0, 4.0, 5.0], &[1.0, 2.0]);
//! assert_eq!(passes.outputs(0), [16.0]);
//! // The derivative of the output by each gene is its input, and 1 for the bias.
//! passes.set_slopes(0, &[1.0]);
//! let mut gradient = [0.0; 3];
//! passes.backward(&mut gradient);
//! assert_eq!(gradient, [1.0, 2.0, 1.0]);
//! # Ok::<(), deme::error::Error>(())
//! ```

mod action_distribution;
mod backpropagation;
mod experience;
mod lesson;
mod padded;
mod product;
mod reference;

pub use action_distribution::{ActionDistribution, ActionSlopes};
pub use backpropagation::Backpropagation;
pub use experience::Experience;
pub use lesson::{ActionKind, ActorStep, Actors, Lesson, LossGradient, StepEnd};
pub use reference::reference_gradient;

use crate::error::{Error, Result};
use crate::network::{Cell, Network};

/// Refuses a network that backpropagation does not support.
///
/// # Errors
/// Returns an error that names the first recurrent layer.
pub fn check_network(network: &Network) -> Result<()> {
    match network.layers().iter().find(|layer| layer.cell != Cell::Dense) {
        None => Ok(()),
        Some(layer) => {
            let got = format!("a layer of kind {} in '{network}'", layer.cell.name());
            Err(Error::invalid("--network", "dense layers, which a gradient passes through", got)
                .advise("choose a strategy that needs no gradient, such as openai-es"))
        }
    }
}
