//! Aggregations: how a node joins the numbers that come in, each times its weight.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a node joins what comes in; zero where nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// The sum.
    Sum,
    /// The product.
    Product,
    /// The largest.
    Maximum,
    /// The least.
    Minimum,
    /// The mean.
    Mean,
}

impl Aggregation {
    /// Every variant, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Sum, Self::Product, Self::Maximum, Self::Minimum, Self::Mean];

    /// The name used in settings and in WGSL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Product => "product",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::Mean => "mean",
        }
    }

    /// The aggregation of a name.
    ///
    /// # Errors
    /// [`Error::Unknown`] lists the names that exist.
    pub fn named(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|aggregation| aggregation.name() == name).ok_or_else(|| {
            Error::Unknown {
                kind: "aggregation".into(),
                name: name.into(),
                known: Self::ALL.map(|aggregation| aggregation.name().to_owned()).into(),
            }
        })
    }
}
