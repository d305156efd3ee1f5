//! The collection: worlds that are part of deme. Their texts, and the steps that were recorded from
//! the originals, are in `worlds/`.

use std::path::Path;

use super::{ParameterSetting, World};
use crate::error::Result;

/// A world of the collection.
#[derive(Clone, Copy, Debug)]
pub struct CollectedWorld {
    /// The name on the command line.
    pub name: &'static str,
    /// The WGSL text with its header.
    pub text: &'static str,
    /// The steps that were recorded from the original, as CSV, if there is an original.
    pub witness: Option<&'static str>,
}

macro_rules! recorded {
    ($name:literal) => {
        CollectedWorld {
            name: $name,
            text: include_str!(concat!("../../worlds/", $name, ".wgsl")),
            witness: Some(include_str!(concat!("../../worlds/", $name, ".witness.csv"))),
        }
    };
}

/// The worlds, in the order of the documentation.
pub const COLLECTION: &[CollectedWorld] = &[
    recorded!("inverted-double-pendulum"),
    recorded!("slime-volley"),
    recorded!("breakout"),
    recorded!("freeway"),
    recorded!("water-world"),
    CollectedWorld {
        name: "walker",
        text: include_str!("../../worlds/walker.wgsl"),
        // The world is our own: there is no original.
        witness: None,
    },
];

impl CollectedWorld {
    /// Returns the world with a name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        COLLECTION.iter().find(|world| world.name == name)
    }

    /// Creates the world, with settings of its parameters.
    ///
    /// # Errors
    /// Returns an error if a parameter does not exist.
    pub fn open(&self, settings: &[ParameterSetting]) -> Result<World> {
        World::parse(self.text, Path::new(self.name), settings)
    }
}
