//! Playing: a champion on its held-out episodes, scored, traced and drawn; and its network drawn.
//!
//! A champion plays in double precision. Its score may therefore differ from the one that the run
//! reported: in the last digits, or by more on a chaotic task.
//!
//! # Source
//!
//! The confidence interval of a mean is the percentile bootstrap of Efron, "Bootstrap methods:
//! another look at the jackknife", The Annals of Statistics 7(1), 1979. The interval of a
//! proportion is Wilson's, "Probable inference, the law of succession, and statistical inference",
//! JASA 22(158), 1927.
//!
//! # Example
//!
//! ```
//! use deme::champion::Champion;
//! use deme::play::HeldOutSet;
//! use deme::run::{self, Request};
//! let folder = std::env::temp_dir().join(format!("deme-play-{}", std::process::id()));
//! let request = Request { generations: Some(3), ..Request::for_task("cartpole") };
//! run::train(&request.check()?.with_folder(&folder), &mut ())?;
//!
//! let held_out = HeldOutSet::from_folder(&folder)?;
//! let score = held_out.score(&mut Champion::read(&folder)?)?;
//! assert_eq!(score.episodes, 100);
//! # std::fs::remove_dir_all(&folder).expect("the folder of this example");
//! # Ok::<(), deme::error::Error>(())
//! ```

mod animation;
mod confidence;
mod episode;
mod film_strip;
mod frame;
mod held_out;
mod network_diagram;
mod prediction_chart;
mod predictions;
mod row_predictions;
mod shapes;
mod trace;

pub use animation::write_animation;
pub use confidence::ConfidenceInterval;
pub use episode::{Transition, play_episode};
pub use film_strip::draw_film_strip;
pub use frame::{Caption, FRAME_SIZE, Snapshot, caption, draw_frame, draw_state};
pub use held_out::{HeldOutSet, ScoreSummary};
pub use network_diagram::draw_network;
pub use prediction_chart::draw_predictions;
pub use predictions::{Misclassification, Predictions};
pub use row_predictions::{Answers, RowPredictions, RowScores, TargetScore};
pub use trace::write_trace;
