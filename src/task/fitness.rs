//! Fitnesses of one's own: tasks without a network that are a Rust function of a point.
//!
//! Any strategy that searches points maximises such a fitness: all but those of graphs. A GPU
//! cannot run it; the CPU evaluates the points of a population on all cores.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use deme::run::{self, Request};
//! use deme::task::Function;
//! // Two numbers with a sum of 10 and a product of 21.
//! let fitness = |point: &[f32]| {
//!     let (sum, product) = (point[0] + point[1], point[0] * point[1]);
//!     -(sum - 10.0).abs() - (product - 21.0).abs()
//! };
//! let task = Function::from_fitness("two-numbers", 2, fitness)?.with_threshold(-0.01);
//! let request = Request { strategy: Some("cma-es".into()), ..Request::default() };
//! let summary = run::train(&request.check_with_task(Arc::new(task))?, &mut ())?;
//! assert!(summary.solved);
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::sync::Arc;

use super::Function;
use super::registry::check_new_name;
use crate::error::Result;

impl Function {
    /// Creates a task of a fitness of one's own, which any strategy that searches points maximises.
    /// A search starts with 0 in every gene, and with a deviation of about 1.
    ///
    /// The fitness of a point must be the same every time. A point whose fitness is NaN or infinite
    /// ranks last.
    ///
    /// # Errors
    /// Returns an error if the name is that of a built-in task or cannot be the name of a folder,
    /// or if there are too few or too many dimensions.
    pub fn from_fitness(
        name: &str,
        dimensions: usize,
        fitness: impl Fn(&[f32]) -> f32 + Send + Sync + 'static,
    ) -> Result<Self> {
        check_new_name(name)?;
        Self::from_own(name, dimensions, Arc::new(fitness))
    }
}
