//! Animations: an episode as a GIF that runs at the task's own speed.
//!
//! A fast task does not show every step: viewers play a GIF of more than 50 frames per second far
//! too slowly.

use std::io::Write;

use super::HeldOutSet;
use super::frame::{Snapshot, draw_frame};
use crate::champion::Champion;
use crate::draw::{Scene, TimedScene, write_gif};
use crate::error::{Error, Result};
use crate::task::Picture;

/// The shortest time between two frames: 25 frames per second.
const MIN_FRAME_SECONDS: f64 = 0.04;
/// The time for which the last frame stays.
const LAST_FRAME_SECONDS: f64 = 1.0;
/// The most frames of an animation: two minutes.
const MAX_FRAMES: u32 = 3000;

/// Plays an episode, counted from 0, and writes it as a GIF; returns the sum of its rewards.
///
/// # Errors
///
/// Returns an error if the task cannot be drawn, if the champion belongs to another task, if the
/// episode takes more than two minutes, or if the writer fails.
pub fn write_animation(
    held_out: &HeldOutSet,
    champion: &mut Champion,
    episode: u32,
    to: &mut dyn Write,
) -> Result<f64> {
    let picture = held_out.picture()?;
    let (frames, reward) = draw_frames(held_out, champion, episode, picture)?;
    write_gif(&frames, to)?;
    Ok(reward)
}

fn draw_frames(
    held_out: &HeldOutSet,
    champion: &mut Champion,
    episode: u32,
    picture: Picture,
) -> Result<(Vec<TimedScene>, f64)> {
    let stride = (MIN_FRAME_SECONDS / picture.step_seconds).ceil().max(1.0) as u32;
    let mut steps = 0;
    held_out.play(champion, episode, &mut |transition| steps = transition.step + 1)?;
    if steps / stride > MAX_FRAMES {
        let expected = format!("an episode of at most {} steps", MAX_FRAMES * stride);
        return Err(Error::invalid("an animation", expected, steps).advise("cut it with --steps"));
    }
    let task = held_out.name().to_owned();
    let simulation = held_out.simulation()?;
    let (actions, labels) = (simulation.shape().actions, simulation.labels());
    let mut drawn: Vec<(u32, Scene)> = Vec::new();
    let (mut reward, mut path) = (0.0, Vec::new());
    let mut draw = |step: u32, state: &[f64], action: Option<&[f64]>, reward: f64| {
        let (task, way) = (task.as_str(), path.as_slice());
        let snapshot = Snapshot { task, state, action, actions, labels, path: way, step, reward };
        drawn.push((step, draw_frame(picture, &snapshot)));
        path.push(state.to_vec());
    };
    held_out.play(champion, episode, &mut |transition| {
        if transition.step == 0 {
            draw(0, transition.state, None, 0.0);
        }
        reward += transition.reward;
        let step = transition.step + 1;
        if step.is_multiple_of(stride) || transition.terminated || transition.truncated {
            draw(step, transition.next, Some(transition.action), reward);
        }
    })?;
    // Both ends of a frame are rounded, so that rounding errors do not add up.
    let hundredths = |step: u32| (f64::from(step) * picture.step_seconds * 100.0).round();
    let mut ends: Vec<f64> = drawn.iter().skip(1).map(|(step, _)| hundredths(*step)).collect();
    ends.push(drawn.last().map_or(0.0, |(step, _)| hundredths(*step)) + 100.0 * LAST_FRAME_SECONDS);
    let timed = drawn.into_iter().zip(ends).map(|((step, scene), end)| TimedScene {
        scene,
        centiseconds: (end - hundredths(step)).clamp(1.0, f64::from(u16::MAX)) as u16,
    });
    Ok((timed.collect(), reward))
}
