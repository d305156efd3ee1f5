//! Film strips: six moments of an episode in one picture, from its start to its end.

use super::HeldOutSet;
use super::frame::{FRAME_SIZE, Snapshot, draw_frame};
use crate::champion::Champion;
use crate::draw::{Colour, Scene};
use crate::error::Result;

/// The number of frames across and down.
const GRID: [u32; 2] = [3, 2];

/// Plays an episode, counted from 0, and draws six of its states, evenly spaced in time.
///
/// # Errors
///
/// Returns an error if the task cannot be drawn, or if the champion belongs to another task.
pub fn draw_film_strip(
    held_out: &HeldOutSet,
    champion: &mut Champion,
    episode: u32,
) -> Result<Scene> {
    let picture = held_out.picture()?;
    let mut steps = 0;
    held_out.play(champion, episode, &mut |transition| steps = transition.step + 1)?;
    let last = GRID[0] * GRID[1] - 1;
    let chosen: Vec<u32> = (0..=last).map(|k| (steps * k + last / 2) / last).collect();
    let task = held_out.name().to_owned();
    let simulation = held_out.simulation()?;
    let (actions, labels) = (simulation.shape().actions, simulation.labels());
    let mut scene = Scene::new([GRID[0] * FRAME_SIZE[0], GRID[1] * FRAME_SIZE[1]]);
    let (mut reward, mut path) = (0.0, Vec::new());
    let mut draw = |step: u32, state: &[f64], action: Option<&[f64]>, reward: f64| {
        for (cell, _) in chosen.iter().enumerate().filter(|(_, chosen)| **chosen == step) {
            let (task, path) = (task.as_str(), path.as_slice());
            let snapshot = Snapshot { task, state, action, actions, labels, path, step, reward };
            let cell = cell as u32;
            let at = [cell % GRID[0] * FRAME_SIZE[0], cell / GRID[0] * FRAME_SIZE[1]];
            scene.insert(at.map(f64::from), draw_frame(picture, &snapshot));
        }
        path.push(state.to_vec());
    };
    held_out.play(champion, episode, &mut |transition| {
        if transition.step == 0 {
            draw(0, transition.state, None, 0.0);
        }
        reward += transition.reward;
        draw(transition.step + 1, transition.next, Some(transition.action), reward);
    })?;
    let [width, height] = scene.size.map(f64::from);
    for column in 1..GRID[0] {
        let x = f64::from(column * FRAME_SIZE[0]);
        scene.line(&[[x, 0.0], [x, height]], 1.0, Colour::PALE);
    }
    for row in 1..GRID[1] {
        let y = f64::from(row * FRAME_SIZE[1]);
        scene.line(&[[0.0, y], [width, y]], 1.0, Colour::PALE);
    }
    Ok(scene)
}
