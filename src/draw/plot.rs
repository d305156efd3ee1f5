//! Plots: a scene with two axes, a heading above, and a legend to the right of the data.
//!
//! The name of a curve is at the right margin near the height of the curve's last point, and a
//! short line in the curve's colour leads to it. Names never cover data.

use std::ops::Range;

use super::axis::Tick;
use super::{Anchor, Axis, Colour, Extent, Scene, separate, text_width};

/// Pixels around everything.
const MARGIN: f64 = 16.0;
/// Font sizes of the title, of labels, and of notes, in pixels.
const TITLE_SIZE: f64 = 17.0;
const LABEL_SIZE: f64 = 13.0;
const NOTE_SIZE: f64 = 12.0;
/// Pixels from one line of text to the next.
const LINE_HEIGHT: f64 = 17.0;
/// Pixels below the data, for the labels and the title of the horizontal axis.
const BOTTOM: f64 = 58.0;
/// Pixels of the line that leads to a name, and the gap before it.
const LEADER: f64 = 16.0;
const GAP: f64 = 4.0;
/// Pixels between two labels of the horizontal axis.
const LABEL_GAP: f64 = 14.0;
/// Pixels between two ticks, at least, of the horizontal and of the vertical axis.
const TICK_DISTANCE: [f64; 2] = [75.0, 44.0];
/// The length of a tick, in pixels.
const TICK_LENGTH: f64 = 5.0;
/// The largest share of the width that names may take; longer ones are cut.
const MAX_LEGEND: f64 = 0.4;
/// Pixels of a dash, and of a gap.
const DASH: [f64; 2] = [5.0, 4.0];
const DOT: [f64; 2] = [0.5, 4.5];
/// The opacity of a band, so that bands that overlap can both be seen.
const BAND_OPACITY: f64 = 0.16;

/// The text above a plot.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    /// The title; an empty one takes no room.
    pub title: String,
    /// Lines of secondary text under the title.
    pub notes: Vec<String>,
}

/// The name of a curve in the legend, next to the plot.
#[derive(Clone, Debug)]
pub struct LegendEntry {
    /// The name.
    pub name: String,
    /// The colour of the curve.
    pub colour: Colour,
    /// The last point of the curve, in the units of the axes; `None` for a curve without points.
    pub end: Option<[f64; 2]>,
}

/// A plot that is being drawn; points are in the units of its axes.
#[derive(Clone, Debug)]
pub struct Plot {
    scene: Scene,
    x: Axis,
    y: Axis,
    /// The rectangle of the data, in pixels.
    across: Range<f64>,
    down: Range<f64>,
    legend: Vec<LegendEntry>,
}

impl Plot {
    /// Creates a plot and draws its heading, grid and tick labels.
    pub fn new(
        size: [u32; 2],
        heading: &Heading,
        x: Axis,
        y: Axis,
        legend: Vec<LegendEntry>,
    ) -> Self {
        let [width, height] = size.map(f64::from);
        let mut scene = Scene::new(size);
        let top = draw_heading(&mut scene, heading);
        let down = top + LINE_HEIGHT..height - BOTTOM;
        let y_ticks = y.ticks(tick_count(&down, TICK_DISTANCE[1]));
        let labels = y_ticks.iter().map(|tick| text_width(&tick.label, LABEL_SIZE));
        let left = MARGIN + labels.fold(30.0, f64::max) + 10.0;
        let names = legend.iter().map(|entry| text_width(&entry.name, LABEL_SIZE));
        let names = match legend.is_empty() {
            true => 0.0,
            false => LEADER + 2.0 * GAP + names.fold(0.0, f64::max).min(MAX_LEGEND * width),
        };
        let across = left..width - MARGIN - names;
        let mut plot = Self { scene, x, y, across, down, legend };
        plot.draw_grid(&y_ticks, top);
        plot
    }

    /// Returns the position of a point in pixels.
    pub fn position(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (Range { start: left, end: right }, Range { start: top, end: bottom }) =
            (&self.across, &self.down);
        let (along, up) = (self.x.fraction(x), self.y.fraction(y));
        [left + (right - left) * along, bottom - (bottom - top) * up]
    }

    /// Draws a curve through points.
    pub fn line(&mut self, points: &[[f64; 2]], width: f64, colour: Colour) {
        let points = self.positions(points);
        self.scene.line(&points, width, colour);
    }

    /// Draws a dot at a point, its radius in pixels.
    pub fn dot(&mut self, point: [f64; 2], radius: f64, colour: Colour) {
        let centre = self.position(point);
        self.scene.disc(centre, radius, colour);
    }

    /// Fills the area between a lower and an upper curve, translucent.
    pub fn band(&mut self, lower: &[[f64; 2]], upper: &[[f64; 2]], colour: Colour) {
        let mut outline = self.positions(upper);
        outline.extend(self.positions(lower).into_iter().rev());
        self.scene.translucent_area(&outline, colour, BAND_OPACITY);
    }

    /// Draws a dashed line across the plot at a value of the vertical axis.
    pub fn horizontal_guide(&mut self, y: f64) {
        let [_, y] = self.position([f64::NAN, y]);
        let line = [[self.across.start, y], [self.across.end, y]];
        self.scene.dashed_line(&line, 1.2, Colour::GREY, DASH);
    }

    /// Draws a dashed line down the plot at a value of the horizontal axis, with a label beside it;
    /// `row` counts the rows of text from the top, so that labels of guides do not overlap.
    pub fn vertical_guide(&mut self, x: f64, row: usize, words: &str) {
        let [x, _] = self.position([x, f64::NAN]);
        let line = [[x, self.down.start], [x, self.down.end]];
        self.scene.dashed_line(&line, 1.2, Colour::GREY, DASH);
        // The label is on the side that has more room.
        let is_left = x < 0.5 * (self.across.start + self.across.end);
        let (aside, anchor) = if is_left { (8.0, Anchor::Start) } else { (-8.0, Anchor::End) };
        let at = [x + aside, self.down.start + 12.0 + row as f64 * LINE_HEIGHT];
        self.scene.text(at, anchor, LABEL_SIZE, Colour::GREY, words);
    }

    /// Returns the shapes drawn so far, to draw more in pixels.
    pub fn scene_mut(&mut self) -> &mut Scene {
        &mut self.scene
    }

    /// Draws the axes and the legend, and returns the picture.
    pub fn into_scene(mut self) -> Scene {
        let (Range { start: left, end: right }, Range { start: top, end: bottom }) =
            (self.across.clone(), self.down.clone());
        self.scene.line(&[[left, top], [left, bottom], [right, bottom]], 1.2, Colour::GREY);
        self.draw_legend();
        self.scene
    }

    fn positions(&self, points: &[[f64; 2]]) -> Vec<[f64; 2]> {
        points.iter().map(|&point| self.position(point)).collect()
    }

    fn draw_grid(&mut self, y_ticks: &[Tick], title_baseline: f64) {
        let (Range { start: left, end: right }, Range { start: top, end: bottom }) =
            (self.across.clone(), self.down.clone());
        let grid = Colour::PALE.mix(Colour::PAPER, 0.4);
        for Tick { value, label } in y_ticks {
            let [_, y] = self.position([f64::NAN, *value]);
            self.scene.line(&[[left, y], [right, y]], 1.0, grid);
            self.scene.line(&[[left - TICK_LENGTH, y], [left, y]], 1.2, Colour::GREY);
            let at = [left - 10.0, y + 0.36 * LABEL_SIZE];
            self.scene.text(at, Anchor::End, LABEL_SIZE, Colour::INK, label);
        }
        let mut free = f64::NEG_INFINITY;
        for Tick { value, label } in self.x.ticks(tick_count(&self.across, TICK_DISTANCE[0])) {
            let [x, _] = self.position([value, f64::NAN]);
            self.scene.line(&[[x, top], [x, bottom]], 1.0, grid);
            self.scene.line(&[[x, bottom], [x, bottom + TICK_LENGTH]], 1.2, Colour::GREY);
            let half = 0.5 * text_width(&label, LABEL_SIZE);
            if x - half >= free {
                let at = [x, bottom + 20.0];
                self.scene.text(at, Anchor::Middle, LABEL_SIZE, Colour::INK, label);
                free = x + half + LABEL_GAP;
            }
        }
        let below = [0.5 * (left + right), bottom + 42.0];
        let (x_title, y_title) = (self.x.title().to_owned(), self.y.title().to_owned());
        self.scene.text(below, Anchor::Middle, LABEL_SIZE, Colour::GREY, x_title);
        let above = [MARGIN, title_baseline];
        self.scene.text(above, Anchor::Start, LABEL_SIZE, Colour::GREY, y_title);
    }

    fn draw_legend(&mut self) {
        let legend = std::mem::take(&mut self.legend);
        let ends = legend.iter().map(|entry| entry.end.map(|end| self.position(end)));
        let ends: Vec<Option<[f64; 2]>> = ends.collect();
        let wanted = ends.iter().map(|end| end.map_or(self.down.end, |[_, y]| y));
        let heights = label_heights(&wanted.collect::<Vec<f64>>(), &self.down);
        let right = self.across.end;
        for ((entry, end), height) in legend.iter().zip(ends).zip(heights) {
            if let Some([x, y]) = end {
                if x + 6.0 < right {
                    let pale = entry.colour.mix(Colour::PAPER, 0.3);
                    self.scene.dashed_line(&[[x + 6.0, y], [right, y]], 1.2, pale, DOT);
                }
                let leader = [[right + GAP, y], [right + GAP + LEADER, height]];
                self.scene.line(&leader, 2.0, entry.colour);
            }
            let at = [right + 2.0 * GAP + LEADER, height + 0.36 * LABEL_SIZE];
            let room = f64::from(self.scene.size[0]) - at[0];
            let name = shorten(&entry.name, room);
            self.scene.text(at, Anchor::Start, LABEL_SIZE, Colour::INK, name);
        }
    }
}

/// Returns the corners of a staircase through points: each value holds until the next point.
pub fn staircase(points: impl IntoIterator<Item = [f64; 2]>) -> Vec<[f64; 2]> {
    let mut corners: Vec<[f64; 2]> = Vec::new();
    for [x, y] in points {
        corners.extend(corners.last().map(|&[_, before]| [x, before]));
        corners.push([x, y]);
    }
    corners
}

/// Writes title and notes; returns the baseline of the next line.
fn draw_heading(scene: &mut Scene, heading: &Heading) -> f64 {
    let mut baseline = 24.0;
    if !heading.title.is_empty() {
        let at = [MARGIN, baseline + 4.0];
        scene.text(at, Anchor::Start, TITLE_SIZE, Colour::INK, &heading.title);
        baseline += LINE_HEIGHT + 6.0;
    }
    for note in &heading.notes {
        scene.text([MARGIN, baseline], Anchor::Start, NOTE_SIZE, Colour::GREY, note);
        baseline += LINE_HEIGHT;
    }
    if heading.title.is_empty() { baseline } else { baseline + 10.0 }
}

/// The number of ticks for which an axis has room, from 3 to 9.
fn tick_count(pixels: &Range<f64>, distance: f64) -> usize {
    ((pixels.end - pixels.start) / distance).clamp(3.0, 9.0) as usize
}

/// Cuts a name that is wider than its room.
fn shorten(name: &str, room: f64) -> String {
    let mut name = name.to_owned();
    while text_width(&name, LABEL_SIZE) > room && name.len() > 2 {
        name.truncate(name.char_indices().rev().nth(3).map_or(0, |(at, _)| at));
        name.push_str("..");
    }
    name
}

/// Returns heights of labels near those that are wanted, within a range. Labels are a line apart,
/// or closer if they cannot all fit.
fn label_heights(wanted: &[f64], within: &Range<f64>) -> Vec<f64> {
    let length = within.end - within.start;
    let distance = LINE_HEIGHT.min(length / wanted.len().saturating_sub(1).max(1) as f64);
    let half = 0.5 * distance;
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let sorted: Vec<f64> = order.iter().map(|&i| wanted[i] - within.start + half).collect();
    let extents = vec![Extent { above: half, below: half }; wanted.len()];
    let mut heights = vec![0.0; wanted.len()];
    for (height, index) in separate(&sorted, &extents, length + distance).into_iter().zip(order) {
        heights[index] = within.start + height - half;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_a_line_apart_and_within_the_range() {
        assert_eq!(label_heights(&[150.0, 110.0], &(100.0..200.0)), [150.0, 110.0]);
        assert_eq!(label_heights(&[150.0, 150.0], &(100.0..200.0)), [141.5, 158.5]);
        assert_eq!(label_heights(&[198.0, 199.0], &(100.0..200.0)), [183.0, 200.0]);
        assert_eq!(label_heights(&[5.0, 5.0, 5.0], &(0.0..10.0)), [0.0, 5.0, 10.0]);
    }

    #[test]
    fn a_staircase_holds_each_value_until_the_next_point() {
        let corners = staircase([[1.0, 5.0], [3.0, 7.0]]);
        assert_eq!(corners, [[1.0, 5.0], [3.0, 5.0], [3.0, 7.0]]);
    }

    #[test]
    fn names_are_cut_to_their_room() {
        assert_eq!(shorten("gpu", 100.0), "gpu");
        let short = shorten("a strategy with a long name", 80.0);
        assert!(short.ends_with("..") && text_width(&short, LABEL_SIZE) <= 80.0, "{short}");
    }
}
