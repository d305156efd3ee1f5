//! Illustrations of champions: an episode as an animation, or the predictions of a data set.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::champion::Champion;
use crate::draw::Scene;
use crate::play::{self, HeldOutSet};
use crate::task::Kind;

/// The longest animation of a page, in seconds.
const MAX_SECONDS: f64 = 12.0;

/// The behaviour of a champion, for a page.
#[derive(Clone, Debug)]
pub enum Illustration {
    /// The first held-out episode as a GIF, as an address that holds its bytes.
    Animation(String),
    /// The predictions for the held-out samples.
    Picture(Scene),
}

/// Plays the champion of a run folder; returns `None` if it cannot be shown.
pub(super) fn illustrate(folder: &Path, champion: &mut Champion) -> Option<Illustration> {
    let held_out = HeldOutSet::from_folder(folder).ok()?;
    match held_out.task().kind() {
        Kind::Control(_) => {
            let steps = MAX_SECONDS / held_out.picture().ok()?.step_seconds;
            let mut gif = Vec::new();
            let held_out = held_out.with_step_limit(steps as u32);
            play::write_animation(&held_out, champion, 0, &mut gif).ok()?;
            Some(Illustration::Animation(format!("data:image/gif;base64,{}", STANDARD.encode(gif))))
        }
        Kind::Data(_) => {
            let predictions = held_out.predictions(champion).ok()?;
            Some(Illustration::Picture(play::draw_predictions(&predictions)))
        }
        Kind::Function(_) => None,
    }
}
