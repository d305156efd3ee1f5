//! Animations: scenes in a row as a GIF that repeats for ever.
//!
//! All frames share one palette of 256 colours. A frame holds only the rectangle that differs from
//! the frame before.
//!
//! # Source
//!
//! Graphics Interchange Format, version 89a, CompuServe, 1990.

use std::collections::HashMap;
use std::io::Write;

use gif::{DisposalMethod, Encoder, Frame, Repeat};

use super::{Colour, Raster, Scene};
use crate::error::{Error, Result};

/// The most colours that a GIF palette can hold.
const MAX_COLOURS: usize = 256;
/// The most frames from which the palette is chosen.
const PALETTE_FRAMES: usize = 24;

/// A scene, and the time for which an animation shows it.
#[derive(Clone, Debug)]
pub struct TimedScene {
    /// The picture.
    pub scene: Scene,
    /// Hundredths of a second.
    pub centiseconds: u16,
}

/// Writes an animation; all scenes have the size of the first one.
///
/// # Errors
///
/// Returns an error if the writer fails.
pub fn write_gif(scenes: &[TimedScene], to: &mut dyn Write) -> Result<()> {
    encode(scenes, to).map_err(|problem| Error::Io {
        doing: "writing",
        path: "an animation".into(),
        source: std::io::Error::other(problem.to_string()),
    })
}

fn encode(
    scenes: &[TimedScene],
    to: &mut dyn Write,
) -> std::result::Result<(), gif::EncodingError> {
    let Some([width, height]) = scenes.first().map(|timed| timed.scene.size) else {
        return Ok(());
    };
    let sampled = scenes.iter().step_by(scenes.len().div_ceil(PALETTE_FRAMES));
    let palette = GifPalette::from_rasters(sampled.map(|timed| Raster::from_scene(&timed.scene)));
    let mut encoder = Encoder::new(to, width as u16, height as u16, &palette.bytes())?;
    encoder.set_repeat(Repeat::Infinite)?;
    let mut nearest = HashMap::new();
    let mut before: Option<Raster> = None;
    for timed in scenes {
        let raster = Raster::from_scene(&timed.scene);
        let [left, top, across, down] = changed_rectangle(before.as_ref(), &raster);
        let pixels = (top..top + down).flat_map(|y| (left..left + across).map(move |x| (x, y)));
        let indices: Vec<u8> = pixels
            .map(|(x, y)| {
                let colour = raster.colours[(y * width + x) as usize];
                *nearest.entry(colour).or_insert_with(|| palette.nearest(colour))
            })
            .collect();
        encoder.write_frame(&Frame {
            delay: timed.centiseconds,
            dispose: DisposalMethod::Keep,
            left: left as u16,
            top: top as u16,
            width: across as u16,
            height: down as u16,
            buffer: indices.into(),
            ..Frame::default()
        })?;
        before = Some(raster);
    }
    Ok(())
}

/// Returns the rectangle that differs: left, top, width and height, each of at least one pixel.
fn changed_rectangle(before: Option<&Raster>, raster: &Raster) -> [u32; 4] {
    let [width, height] = raster.size;
    let Some(before) = before else { return [0, 0, width, height] };
    let (mut low, mut high) = ([width, height], [0, 0]);
    for (index, (a, b)) in before.colours.iter().zip(&raster.colours).enumerate() {
        if a != b {
            let at = [index as u32 % width, index as u32 / width];
            for axis in 0..2 {
                low[axis] = low[axis].min(at[axis]);
                high[axis] = high[axis].max(at[axis] + 1);
            }
        }
    }
    if high[0] == 0 {
        return [0, 0, 1, 1];
    }
    [low[0], low[1], high[0] - low[0], high[1] - low[1]]
}

/// The colours of an animation.
struct GifPalette(Vec<Colour>);

impl GifPalette {
    /// Takes the most frequent colours.
    fn from_rasters(rasters: impl Iterator<Item = Raster>) -> Self {
        let mut counts: HashMap<Colour, usize> = HashMap::new();
        for raster in rasters {
            for colour in raster.colours {
                *counts.entry(colour).or_default() += 1;
            }
        }
        let mut colours: Vec<(Colour, usize)> = counts.into_iter().collect();
        // Equal counts are sorted by colour, so the palette does not depend on the map's order.
        colours.sort_by_key(|&(Colour(r, g, b), count)| (usize::MAX - count, r, g, b));
        colours.truncate(MAX_COLOURS);
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
