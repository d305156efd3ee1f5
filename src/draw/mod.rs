//! Drawing: every picture of this crate is a [`Scene`], and every output is made from scenes.
//!
//! A [`Scene`] is a list of shapes. It becomes SVG ([`Scene::svg`]), pixels ([`Raster`]) or an
//! animation ([`write_gif`]). A [`Plot`] is a scene with two [`Axis`] values: it draws the grid,
//! ticks, labels and a legend beside the data. [`Colour`] holds the one palette. This module knows
//! no task and no run.
//!
//! # Example
//!
//! ```
//! use deme::draw::{Axis, Colour, Heading, Plot};
//! let heading = Heading { title: "speed".into(), notes: vec![] };
//! let x = Axis::linear("generation", 1.0..100.0);
//! let y = Axis::logarithmic("evaluations per second", [10.0, 1e6], 1.5);
//! let mut plot = Plot::new([600, 400], &heading, x, y, vec![]);
//! plot.line(&[[1.0, 100.0], [100.0, 1e5]], 2.0, Colour::BLUE);
//! assert!(plot.into_scene().svg().contains(">generation<"));
//! ```

mod axis;
mod colour;
mod gif;
mod glyphs;
pub mod number;
mod plot;
mod raster;
mod scale;
mod scene;
mod spacing;
mod svg;

pub use axis::Axis;
pub use colour::Colour;
pub use gif::{TimedScene, write_gif};
pub use glyphs::{Anchor, text_width};
pub use plot::{Heading, LegendEntry, Plot, staircase};
pub use raster::Raster;
pub use scene::{Scene, Shape};
pub use spacing::{Extent, separate};
pub use svg::escape_markup;
