//! Learning curves as a chart: staircases against evaluations, each with a band and a name.

use std::ops::Range;

use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};

use super::Runs;
use crate::play::{Anchor, Colour, Scene};
use crate::report::svg::axis;
use crate::report::svg::scale::ScoreAxis;
use crate::run::Record;

const SIZE: [u32; 2] = [900, 480];
const LEFT: f64 = 84.0;
const TOP: f64 = 34.0;
const BELOW: f64 = 62.0;
const TEXT: f64 = 13.0;
/// Ticks of scores at most.
const MOST_TICKS: usize = 10;
/// Points of a series at most.
const MOST_POINTS: usize = 800;
/// Okabe and Ito's colours, the strongest first.
const COLOURS: [Colour; 7] = [
    Colour::BLUE,
    Colour::VERMILION,
    Colour::GREEN,
    Colour(204, 121, 167),
    Colour(230, 159, 0),
    Colour(86, 180, 233),
    Colour(0, 0, 0),
];

/// A curve of a chart.
struct Series {
    name: String,
    colour: Colour,
    width: f64,
    /// Evaluations, and the lower quartile, the median and the upper one.
    points: Vec<(f64, [f64; 3])>,
    is_staircase: bool,
}

/// The chart of groups of runs; none where no run has a score.
pub fn groups(runs: &Runs) -> Option<Scene> {
    let series = runs.groups.iter().zip(COLOURS.iter().cycle()).map(|(group, &colour)| {
        let points = group.curve.points.iter().map(|point| {
            let scores = [point.scores.lower, point.scores.median, point.scores.upper];
            (point.evaluations as f64, scores)
        });
        let name = match group.members.len() {
            1 => group.name.clone(),
            count => format!("{}, {count} runs", group.name),
        };
        Series { name, colour, width: 2.2, points: points.collect(), is_staircase: true }
    });
    draw(&series.collect::<Vec<_>>(), "validation score of the champion")
}

/// The chart of one run: its champion's score, and what its generations came to.
pub fn run(records: &[Record]) -> Option<Scene> {
    let stride = records.len().div_ceil(MOST_POINTS).max(1);
    let series = |name: &str, colour, width, of: &dyn Fn(&Record) -> Option<f64>| {
        let points = records.iter().step_by(stride).filter_map(|record| {
            let value = of(record).filter(|value| value.is_finite())?;
            Some((record.evaluations as f64, [value; 3]))
        });
        let points = points.collect();
        Series { name: name.into(), colour, width, points, is_staircase: false }
    };
    let pale = |colour: Colour| colour.mix(Colour::PAPER, 0.45);
    let mut best = f64::NEG_INFINITY;
    let champion = records.iter().filter_map(|record| {
        let score = f64::from(record.validation);
        let is_end = record.generation as usize == records.len();
        if record.champion && score > best {
            best = score;
        } else if !is_end {
            return None;
        }
        best.is_finite().then_some((record.evaluations as f64, [best; 3]))
    });
    let champion = Series {
        name: "champion, validated".into(),
        colour: Colour::BLUE,
        width: 2.4,
        points: champion.collect(),
        is_staircase: true,
    };
    let mean = &|record: &Record| record.mean;
    let highest = &|record: &Record| record.best.map(f64::from);
    let all = [
        series("mean fitness", pale(Colour::GREY), 1.0, mean),
        series("best fitness", pale(Colour::VERMILION), 1.0, highest),
        champion,
    ];
    draw(&all, "fitness of a generation, score of the champion")
}

/// Where numbers stand in the picture.
struct Axes {
    evaluations: Range<f64>,
    scores: ScoreAxis,
    right: f64,
    bottom: f64,
}

impl Axes {
    fn x(&self, evaluations: f64) -> f64 {
        let Range { start, end } = self.evaluations;
        LEFT + (self.right - LEFT) * (evaluations / start).ln() / (end / start).ln()
    }

    fn y(&self, score: f64) -> f64 {
        // Tenths of a pixel: an axis counts in whole ones.
        let tenths = |height: f64| (10.0 * height) as i32;
        f64::from(self.scores.map(&score, (tenths(self.bottom), tenths(TOP)))) / 10.0
    }
}

fn draw(series: &[Series], words: &str) -> Option<Scene> {
    let points = || series.iter().flat_map(|series| &series.points);
    let scores: Vec<f64> = points().flat_map(|point| point.1).collect();
    if scores.is_empty() {
        return None;
    }
    let [width, height] = SIZE.map(f64::from);
    let names = series.iter().map(|series| axis::text_width(&series.name, TEXT));
    let names = names.fold(0.0, f64::max).min(0.4 * width);
    let axes = Axes {
        evaluations: axis::range(points().map(|point| point.0), 1.1),
        scores: ScoreAxis::of(&scores),
        right: width - names - 26.0,
        bottom: height - BELOW,
    };
    let mut scene = Scene::new(SIZE);
    frame(&mut scene, &axes, words);
    for series in series {
        let band: Vec<[f64; 2]> = line(&axes, series, 0);
        let back: Vec<[f64; 2]> = line(&axes, series, 2).into_iter().rev().collect();
        if series.points.iter().any(|point| point.1[0] < point.1[2]) {
            let colour = series.colour.mix(Colour::PAPER, 0.8);
            scene.area(&[band, back].concat(), colour);
        }
    }
    for series in series {
        let median = line(&axes, series, 1);
        scene.line(&median, series.width, series.colour);
    }
    name(&mut scene, &axes, series);
    Some(scene)
}

/// A staircase, or a plain line, through one of the three numbers of each point.
fn line(axes: &Axes, series: &Series, which: usize) -> Vec<[f64; 2]> {
    let mut places: Vec<[f64; 2]> = Vec::new();
    for (evaluations, scores) in &series.points {
        let place = [axes.x(*evaluations), axes.y(scores[which])];
        if let Some(&[_, before]) = places.last().filter(|_| series.is_staircase) {
            places.push([place[0], before]);
        }
        places.push(place);
    }
    places
}

fn frame(scene: &mut Scene, axes: &Axes, words: &str) {
    let pale = Colour::PALE.mix(Colour::PAPER, 0.4);
    for tick in axes.scores.key_points(BoldPoints(MOST_TICKS)) {
        let y = axes.y(tick);
        scene.line(&[[LEFT, y], [axes.right, y]], 1.0, pale);
        let label = axes.scores.format_ext(&tick);
        scene.text([LEFT - 10.0, y + 4.5], Anchor::End, TEXT, Colour::INK, label);
    }
    for tick in axis::round_ticks(&axes.evaluations) {
        let x = axes.x(tick);
        scene.line(&[[x, TOP], [x, axes.bottom]], 1.0, pale);
        let below = [x, axes.bottom + 20.0];
        scene.text(below, Anchor::Middle, TEXT, Colour::INK, axis::short(tick));
    }
    scene.line(&[[LEFT, axes.bottom], [axes.right, axes.bottom]], 1.2, Colour::GREY);
    scene.line(&[[LEFT, TOP], [LEFT, axes.bottom]], 1.2, Colour::GREY);
    let below = [(LEFT + axes.right) / 2.0, axes.bottom + 44.0];
    scene.text(below, Anchor::Middle, TEXT, Colour::GREY, "evaluations of training");
    scene.text([14.0, TOP - 14.0], Anchor::Start, TEXT, Colour::GREY, words);
}

/// Names at the ends of curves, as far from each other as they must be.
fn name(scene: &mut Scene, axes: &Axes, series: &[Series]) {
    let ends = series.iter().map(|series| {
        let end = series.points.last();
        end.map_or(axes.bottom, |(_, scores)| axes.y(scores[1])) as i32
    });
    let within = TOP as i32..axes.bottom as i32;
    let placed = axis::spread(&ends.collect::<Vec<i32>>(), 17, within);
    for (series, y) in series.iter().zip(placed) {
        let at = [axes.right + 10.0, f64::from(y) + 4.5];
        let room = f64::from(SIZE[0]) - at[0];
        let fits = |name: &str| axis::text_width(name, TEXT) <= room;
        let mut name = series.name.clone();
        while !fits(&name) {
            name.truncate(name.char_indices().rev().nth(3).map_or(0, |(at, _)| at));
            name.push_str("..");
        }
        scene.text(at, Anchor::Start, TEXT, series.colour, name);
    }
}
