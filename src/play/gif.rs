//! Animations: an episode as a GIF that runs at the task's own speed, for ever.
//!
//! Of a fast task not every step is shown: a viewer that is asked for more than 50 pictures a
//! second shows far fewer. A picture has one palette of 256 colours; what does not change between
//! two pictures is not written again.

use std::collections::HashMap;
use std::io::Write;

use gif::{DisposalMethod, Encoder, Frame, Repeat};

use super::draw::{Shown, frame};
use super::raster::{Pixels, raster};
use super::scene::Colour;
use super::{Scene, Stage};
use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::task::Picture;

/// The least time between two pictures: 25 a second.
const LEAST_SECONDS: f64 = 0.04;
/// How long the last picture stays.
const LAST_SECONDS: f64 = 1.0;
/// Pictures of an animation at most: two minutes.
const MOST_PICTURES: u32 = 3000;
/// Colours of a palette.
const MOST_COLOURS: usize = 256;

/// Plays an episode, counted from 0, and writes it as an animation; gives back its return.
///
/// # Errors
/// A task that cannot be drawn, a champion of another one, an episode of more than two minutes, or
/// a writer that fails.
pub fn gif(stage: &Stage, champion: &mut Champion, index: u32, to: &mut dyn Write) -> Result<f64> {
    let picture = stage.picture()?;
    let (pictures, reward) = pictures(stage, champion, index, picture)?;
    let failed = |problem: String| Error::Io {
        doing: "writing",
        path: "an animation".into(),
        source: std::io::Error::other(problem),
    };
    write(&pictures, to).map_err(|problem| failed(problem.to_string()))?;
    Ok(reward)
}

/// Pictures, each with the hundredths of a second that it is shown for.
type Timed = Vec<(Scene, u16)>;

fn pictures(
    stage: &Stage,
    champion: &mut Champion,
    index: u32,
    picture: Picture,
) -> Result<(Timed, f64)> {
    let stride = (LEAST_SECONDS / picture.step_seconds).ceil().max(1.0) as u32;
    let mut steps = 0;
    stage.play(champion, index, &mut |moment| steps = moment.step + 1)?;
    if steps / stride > MOST_PICTURES {
        let expected = format!("an episode of at most {} steps", MOST_PICTURES * stride);
        return Err(Error::invalid("an animation", expected, steps).advise("cut it with --steps"));
    }
    let task = stage.name().to_owned();
    let actions = stage.simulation()?.shape().actions;
    let mut shown: Vec<(u32, Scene)> = Vec::new();
    let (mut reward, mut path) = (0.0, Vec::new());
    let mut show = |step: u32, state: &[f64], action: Option<&[f64]>, reward: f64| {
        let shown_now = Shown { task: &task, state, action, actions, path: &path, step, reward };
        shown.push((step, frame(picture, &shown_now)));
        path.push(state.to_vec());
    };
    stage.play(champion, index, &mut |moment| {
        if moment.step == 0 {
            show(0, moment.state, None, 0.0);
        }
        reward += moment.reward;
        let step = moment.step + 1;
        if step.is_multiple_of(stride) || moment.terminated || moment.truncated {
            show(step, moment.next, Some(moment.action), reward);
        }
    })?;
    // Rounded at both ends, so that no error adds up.
    let hundredths = |step: u32| (f64::from(step) * picture.step_seconds * 100.0).round();
    let mut ends: Vec<f64> = shown.iter().skip(1).map(|(step, _)| hundredths(*step)).collect();
    ends.push(shown.last().map_or(0.0, |(step, _)| hundredths(*step)) + 100.0 * LAST_SECONDS);
    let timed = shown.into_iter().zip(ends).map(|((step, scene), end)| {
        (scene, (end - hundredths(step)).clamp(1.0, f64::from(u16::MAX)) as u16)
    });
    Ok((timed.collect(), reward))
}

fn write(pictures: &Timed, to: &mut dyn Write) -> std::result::Result<(), gif::EncodingError> {
    // Only so many are looked at for the palette, and only so many are held at once.
    let looked_at = pictures.iter().step_by(pictures.len().div_ceil(24));
    let palette = Palette::of(looked_at.map(|(scene, _)| raster(scene)));
    let Some([width, height]) = pictures.first().map(|(scene, _)| scene.size) else {
        return Ok(());
    };
    let mut encoder = Encoder::new(to, width as u16, height as u16, &palette.bytes())?;
    encoder.set_repeat(Repeat::Infinite)?;
    let mut nearest = HashMap::new();
    let mut before: Option<Pixels> = None;
    for (scene, hundredths) in pictures {
        let pixels = raster(scene);
        let [left, top, across, down] = changed(before.as_ref(), &pixels);
        let rows = (top..top + down).flat_map(|y| (left..left + across).map(move |x| (x, y)));
        let indices: Vec<u8> = rows
            .map(|(x, y)| {
                let colour = pixels.colours[(y * width + x) as usize];
                *nearest.entry(colour).or_insert_with(|| palette.nearest(colour))
            })
            .collect();
        encoder.write_frame(&Frame {
            delay: *hundredths,
            dispose: DisposalMethod::Keep,
            left: left as u16,
            top: top as u16,
            width: across as u16,
            height: down as u16,
            buffer: indices.into(),
            ..Frame::default()
        })?;
        before = Some(pixels);
    }
    Ok(())
}

/// The rectangle that differs: left, top, width and height, at least a pixel.
fn changed(before: Option<&Pixels>, pixels: &Pixels) -> [u32; 4] {
    let [width, height] = pixels.size;
    let Some(before) = before else { return [0, 0, width, height] };
    let (mut low, mut high) = ([width, height], [0, 0]);
    for (index, (a, b)) in before.colours.iter().zip(&pixels.colours).enumerate() {
        if a != b {
            let at = [index as u32 % width, index as u32 / width];
            for side in 0..2 {
                low[side] = low[side].min(at[side]);
                high[side] = high[side].max(at[side] + 1);
            }
        }
    }
    if high[0] == 0 {
        return [0, 0, 1, 1];
    }
    [low[0], low[1], high[0] - low[0], high[1] - low[1]]
}

/// The colours of an animation.
struct Palette(Vec<Colour>);

impl Palette {
    /// The commonest colours of pictures.
    fn of(pictures: impl Iterator<Item = Pixels>) -> Self {
        let mut counts: HashMap<Colour, usize> = HashMap::new();
        for pixels in pictures {
            for colour in pixels.colours {
                *counts.entry(colour).or_default() += 1;
            }
        }
        let mut colours: Vec<(Colour, usize)> = counts.into_iter().collect();
        // Of equals the darker, so that the palette does not hang on the order of a map.
        colours.sort_by_key(|&(Colour(r, g, b), count)| (usize::MAX - count, r, g, b));
        colours.truncate(MOST_COLOURS);
        Self(colours.into_iter().map(|(colour, _)| colour).collect())
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|&Colour(r, g, b)| [r, g, b]).collect()
    }

    fn nearest(&self, Colour(r, g, b): Colour) -> u8 {
        let square = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
        let distance =
            |other: &Colour| square(r, other.0) + square(g, other.1) + square(b, other.2);
        let found = self.0.iter().enumerate().min_by_key(|(_, colour)| distance(colour));
        found.map_or(0, |(index, _)| index as u8)
    }
}
