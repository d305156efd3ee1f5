//! Strips: an episode as six moments in one picture, from its start to its end.

use super::draw::{FRAME, Shown, frame};
use super::{Colour, Scene, Stage};
use crate::champion::Champion;
use crate::error::Result;

/// Moments, across and down.
const GRID: [u32; 2] = [3, 2];

/// Plays an episode, counted from 0, and draws six moments of it, evenly spread.
///
/// # Errors
/// A task that cannot be drawn, or a champion of another one.
pub fn strip(stage: &Stage, champion: &mut Champion, index: u32) -> Result<Scene> {
    let picture = stage.picture()?;
    let mut steps = 0;
    stage.play(champion, index, &mut |moment| steps = moment.step + 1)?;
    let last = GRID[0] * GRID[1] - 1;
    let wanted: Vec<u32> = (0..=last).map(|k| (steps * k + last / 2) / last).collect();
    let task = stage.name().to_owned();
    let actions = stage.simulation()?.shape().actions;
    let mut scene = Scene::new([GRID[0] * FRAME[0], GRID[1] * FRAME[1]]);
    let (mut reward, mut path) = (0.0, Vec::new());
    let mut put = |step: u32, state: &[f64], action: Option<&[f64]>, reward: f64| {
        for (place, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted == step) {
            let shown = Shown { task: &task, state, action, actions, path: &path, step, reward };
            let at = [place as u32 % GRID[0] * FRAME[0], place as u32 / GRID[0] * FRAME[1]];
            scene.put(at.map(f64::from), frame(picture, &shown));
        }
        path.push(state.to_vec());
    };
    stage.play(champion, index, &mut |moment| {
        if moment.step == 0 {
            put(0, moment.state, None, 0.0);
        }
        reward += moment.reward;
        put(moment.step + 1, moment.next, Some(moment.action), reward);
    })?;
    let [width, height] = scene.size.map(f64::from);
    for column in 1..GRID[0] {
        let x = f64::from(column * FRAME[0]);
        scene.line(&[[x, 0.0], [x, height]], 1.0, Colour::PALE);
    }
    for row in 1..GRID[1] {
        let y = f64::from(row * FRAME[1]);
        scene.line(&[[0.0, y], [width, y]], 1.0, Colour::PALE);
    }
    Ok(scene)
}
