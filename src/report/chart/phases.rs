//! The time of runs as a chart: one bar per group, divided into the phases of a generation.

use super::WIDTH;
use crate::draw::number;
use crate::draw::{Anchor, Colour, Scene};
use crate::report::runs::RunGroup;
use crate::run::PhaseSeconds;

/// Pixels of a group's row, and of the longest bar.
const ROW_HEIGHT: f64 = 40.0;
const BAR_WIDTH: f64 = 640.0;

/// A phase of a generation: its name, its colour, and its seconds.
type Phase = (&'static str, Colour, fn(&PhaseSeconds) -> f64);

const PHASES: [Phase; 6] = [
    ("propose", Colour::PURPLE, |seconds| seconds.propose),
    ("spawn", Colour::SKY, |seconds| seconds.spawn),
    ("score", Colour::BLUE, |seconds| seconds.score),
    ("recombine", Colour::GREEN, |seconds| seconds.recombine),
    ("update", Colour::ORANGE, |seconds| seconds.update),
    ("validate", Colour::VERMILION, |seconds| seconds.validate),
];

/// Draws one bar per group; returns `None` if no run has ended.
pub fn draw(groups: &[RunGroup]) -> Option<Scene> {
    let timed: Vec<(&RunGroup, &PhaseSeconds)> = groups
        .iter()
        .filter_map(|group| Some((group, group.seconds.as_ref()?)))
        .filter(|(_, seconds)| seconds.total() > 0.0)
        .collect();
    if timed.is_empty() {
        return None;
    }
    let longest = timed.iter().map(|(_, seconds)| seconds.total()).fold(0.0, f64::max);
    let mut scene = Scene::new([WIDTH, (ROW_HEIGHT * timed.len() as f64 + 44.0) as u32]);
    let mut x = 10.0;
    for (name, colour, _) in PHASES {
        scene.rectangle([x, 10.0], [12.0, 12.0], colour);
        scene.text([x + 18.0, 21.0], Anchor::Start, 13.0, Colour::INK, name);
        x += 110.0;
    }
    for (row, (group, seconds)) in timed.into_iter().enumerate() {
        let y = 36.0 + ROW_HEIGHT * row as f64;
        let mut x = 10.0;
        for (_, colour, phase_seconds) in PHASES {
            let width = BAR_WIDTH * phase_seconds(seconds) / longest;
            scene.rectangle([x, y + 16.0], [width, 14.0], colour);
            x += width;
        }
        let words = format!("{}, {} s", group.name, number::seconds(seconds.total()));
        scene.text([10.0, y + 11.0], Anchor::Start, 13.0, Colour::INK, words);
    }
    Some(scene)
}
