//! Plays: a champion on held-out episodes, step by step: scored, traced and drawn; and its network
//! drawn.
//!
//! A play is in double precision from the start of an episode to its end, so its score may differ
//! in the last digits from the one that the run reported, and on a chaotic task in more.
//!
//! # Source
//!
//! The confidence interval of a mean is the percentile bootstrap of Efron, "Bootstrap methods:
//! another look at the jackknife", The Annals of Statistics 7(1), 1979; that of a share is
//! Wilson's, "Probable inference, the law of succession, and statistical inference", JASA 22(158),
//! 1927.
//!
//! # Example
//!
//! ```
//! use deme::champion::Champion;
//! use deme::play::Stage;
//! use deme::run::{self, Request};
//! let folder = std::env::temp_dir().join(format!("deme-play-{}", std::process::id()));
//! let request = Request { generations: Some(3), ..Request::of("cartpole") };
//! run::train(&request.check()?.into_folder(&folder), &mut ())?;
//!
//! let stage = Stage::of(&folder)?;
//! let score = stage.score(&mut Champion::read(&folder)?)?;
//! assert_eq!(score.episodes, 100);
//! # std::fs::remove_dir_all(&folder).expect("the folder of this example");
//! # Ok::<(), deme::error::Error>(())
//! ```

mod answers;
mod draw;
mod episode;
mod gif;
mod glyphs;
mod interval;
mod matrix;
mod network;
mod raster;
mod scene;
mod stage;
mod strip;
mod trace;

pub use answers::{Answers, Mistake};
pub use draw::{FRAME, Shown, frame};
pub use episode::{Moment, episode};
pub use gif::gif;
pub use interval::Interval;
pub use matrix::matrix;
pub use network::network;
pub use raster::{Pixels, raster};
pub use scene::{Anchor, Colour, Scene, Shape, escaped};
pub use stage::{Score, Stage};
pub use strip::strip;
pub use trace::trace;
