//! Aggregations of the incoming terms of a node, each a value times a weight.

use serde::{Deserialize, Serialize};

use crate::error::{Result, by_name};

/// The aggregation of a node's incoming terms. A node without terms aggregates to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// The sum.
    Sum,
    /// The product.
    Product,
    /// The largest term.
    Maximum,
    /// The smallest term.
    Minimum,
    /// The mean.
    Mean,
}

impl Aggregation {
    /// Every variant, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Sum, Self::Product, Self::Maximum, Self::Minimum, Self::Mean];

    /// The name used in settings and in WGSL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Product => "product",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::Mean => "mean",
        }
    }

    /// Returns the aggregation with a name.
    ///
    /// # Errors
    /// Returns [`Error::Unknown`](crate::error::Error::Unknown) with the names that exist.
    pub fn by_name(name: &str) -> Result<Self> {
        by_name("aggregation", name, Self::ALL, |aggregation| aggregation.name())
    }
}
