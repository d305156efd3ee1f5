//! A champion's network as a picture: inputs on the left, outputs on the right, hidden nodes
//! between them by their depth.
//!
//! A wire's colour is the sign of its weight, its width and strength the size; what a node computes
//! is written in it. A wire that brings what its source gave a step before is dashed, has an arrow
//! and goes around the nodes. The bias of a graph is a node; that of a node in a layer is its fill.
//!
//! The picture is on paper of its own, so it can be read on a page of any colour.

mod layout;

use layout::{Layout, Room, layout};

use super::glyphs::width;
use super::{Anchor, Colour, Scene};
use crate::champion::{Champion, Role, Spot, Wire, Wiring};
use crate::error::{Error, Result};

/// What can still be read: nodes in a column, and wires.
const MOST_NODES: usize = 100;
const MOST_WIRES: usize = 3000;
/// Nodes in a column beyond which all are small, and wires beyond which they are straight.
const MANY_NODES: usize = 18;
const MANY_WIRES: usize = 150;
/// Pixels between the columns; of many wires, as much of the height as keeps them from being steep.
const BETWEEN: f64 = 118.0;
const BETWEEN_MANY: [f64; 2] = [190.0, 420.0];
const STEEPEST: f64 = 0.3;
/// Around all.
const MARGIN: f64 = 24.0;
/// Few wires, and many of which only the strong shall be seen.
const FEW: Pen = Pen { thin: 1.0, thick: 5.0, palest: 0.6 };
const MANY: Pen = Pen { thin: 0.4, thick: 3.0, palest: 0.82 };
/// Colours of weights above and below zero.
const ABOVE: Colour = Colour::BLUE;
const BELOW: Colour = Colour::VERMILION;
/// Pieces of a curve.
const PIECES: usize = 20;
/// Dashes: pixels of a stroke, and of a gap.
const DASHES: [f64; 2] = [6.0, 5.0];

/// Draws the network of a champion.
///
/// # Errors
/// What has no wiring ([`Champion::wiring`]), and networks too large to be read.
pub fn network(champion: &Champion) -> Result<Scene> {
    let wiring = champion.wiring()?;
    let in_column = |column: usize| wiring.nodes.iter().filter(|n| n.column == column).count();
    let most = (0..wiring.columns).map(in_column).max().unwrap_or(0);
    let wires = wiring.wires.len();
    if most > MOST_NODES || wires > MOST_WIRES {
        let expected =
            format!("at most {MOST_NODES} nodes in a column and {MOST_WIRES} connections");
        let got = format!("{most} and {wires}");
        return Err(Error::invalid("a drawing of a network", expected, got)
            .advise("deme export --dot writes networks of any size"));
    }
    Ok(Sketch::of(&wiring, most).scene(champion))
}

/// Sizes of nodes, and where they stand.
struct Sketch<'a> {
    wiring: &'a Wiring,
    layout: Layout,
    /// Pixels of letters, and half of what nodes are high.
    text: f64,
    half: f64,
    /// The middle of each column, and half of what its nodes are wide.
    columns: Vec<[f64; 2]>,
    /// The weights furthest from zero: below it, above it, and either.
    ends: [f32; 2],
    largest: f64,
    pen: Pen,
}

/// How wires are drawn: the weakest and the strongest in pixels, and what the weakest has of the
/// paper.
struct Pen {
    thin: f64,
    thick: f64,
    palest: f64,
}

impl<'a> Sketch<'a> {
    fn of(wiring: &'a Wiring, most: usize) -> Self {
        let (text, half, gap) =
            if most > MANY_NODES { (9.0, 8.0, 4.0) } else { (12.0, 13.0, 16.0) };
        let loops = |place: usize| {
            wiring.wires.iter().any(|wire| wire.source == place && wire.target == place)
        };
        let room = |place: usize| {
            let above = half + 0.5 * gap + if loops(place) { 18.0 } else { 0.0 };
            Room { above, below: half + 0.5 * gap }
        };
        let rooms: Vec<Room> = (0..wiring.nodes.len()).map(room).collect();
        let (layout, are_many) = (layout(wiring, &rooms), wiring.wires.len() > MANY_WIRES);
        let [least, most] = BETWEEN_MANY;
        let steep = (STEEPEST * layout.height).clamp(least, most);
        let between = if are_many { steep } else { BETWEEN };
        let mut columns = Vec::with_capacity(wiring.columns);
        let mut left = 0.0;
        for column in 0..wiring.columns {
            let nodes = wiring.nodes.iter().filter(|node| node.column == column);
            let half = 0.5 * nodes.map(|node| wide(node, text)).fold(0.0, f64::max);
            columns.push([left + half, half]);
            left += 2.0 * half + between;
        }
        let weights = || wiring.wires.iter().map(|wire| wire.weight);
        let biases = || wiring.nodes.iter().filter_map(|node| node.bias);
        let all = || weights().chain(biases());
        let ends = [all().fold(0.0, f32::min), all().fold(0.0, f32::max)];
        let largest = f64::from(ends[1].max(-ends[0])).max(f64::MIN_POSITIVE);
        let pen = if are_many { MANY } else { FEW };
        Self { layout, wiring, text, half, columns, ends, largest, pen }
    }

    fn scene(&self, champion: &Champion) -> Scene {
        let mut drawn = Scene::new([0, 0]);
        let mut order: Vec<usize> = (0..self.wiring.wires.len()).collect();
        let strength = |wire: usize| self.share(self.wiring.wires[wire].weight);
        // The strongest last, above all others, and what goes around above what goes straight.
        order.sort_by(|&a, &b| strength(a).total_cmp(&strength(b)));
        let (around, along): (Vec<usize>, Vec<usize>) =
            order.into_iter().partition(|&wire| self.goes_around(&self.wiring.wires[wire]));
        along.into_iter().for_each(|wire| self.along(&mut drawn, wire));
        let mut ports = vec![0; self.wiring.nodes.len()];
        around.into_iter().for_each(|wire| self.around(&mut drawn, wire, &mut ports));
        (0..self.wiring.nodes.len()).for_each(|place| self.node(&mut drawn, place));
        self.framed(drawn, champion)
    }

    /// Puts the drawing under its title and above its legend.
    fn framed(&self, drawn: Scene, champion: &Champion) -> Scene {
        let [left, top, right, bottom] = drawn.bounds();
        let origin = champion.origin();
        let what = match champion.graph() {
            Some(graph) => graph.to_string(),
            None => format!("layers {}", champion.shape()),
        };
        let title = format!("{}: {what}", origin.task);
        let left_out = match self.wiring.left_out {
            0 => String::new(),
            1 => "; 1 hidden node leads to no output and is left out".into(),
            count => format!("; {count} hidden nodes lead to no output and are left out"),
        };
        let words = format!(
            "champion of generation {} of {}, seed {}{left_out}",
            origin.generation, origin.strategy, origin.seed
        );
        let legend = self.legend();
        let legend_wide = legend.bounds()[2];
        let title_wide = width(&title, 16.0).max(width(&words, 12.0));
        let wide = (right - left).max(legend_wide).max(title_wide) + 2.0 * MARGIN;
        let (head, foot) = (78.0, 58.0);
        let mut scene =
            Scene::new([wide.ceil() as u32, (head + bottom - top + foot).ceil() as u32]);
        scene.text([MARGIN, 32.0], Anchor::Start, 16.0, Colour::INK, title);
        scene.text([MARGIN, 52.0], Anchor::Start, 12.0, Colour::GREY, words);
        scene.put([0.5 * (wide - right - left), head - top], drawn);
        scene.put([MARGIN, head + bottom - top + 34.0], legend);
        scene
    }

    /// What colours, widths and dashes mean, from a line on.
    fn legend(&self) -> Scene {
        let mut legend = Scene::new([0, 0]);
        let mut x = 0.0;
        let say = |legend: &mut Scene, x: &mut f64, sample: f64, words: String| {
            let at = [*x + sample + 8.0, 4.0];
            *x += sample + 8.0 + width(&words, 12.0) + 24.0;
            legend.text(at, Anchor::Start, 12.0, Colour::INK, words);
        };
        for (end, colour) in [(self.ends[0], BELOW), (self.ends[1], ABOVE)] {
            if end != 0.0 {
                // From nothing to the end, as wires are.
                let (thick, _) = self.stroke(end);
                let (first, last, thin) = (x, x + 44.0, self.pen.thin);
                let upper = [[first, -0.5 * thin], [last, -0.5 * thick]];
                let lower = [[last, 0.5 * thick], [first, 0.5 * thin]];
                legend.area(&[upper, lower].concat(), colour);
                say(&mut legend, &mut x, 44.0, format!("weights to {}", signed(end)));
            }
        }
        if self.wiring.nodes.iter().any(|node| node.bias.is_some()) {
            for (place, shade) in [(0.0, BELOW), (15.0, ABOVE)] {
                let pill = [[x + 6.0 + place, 0.0], [x + 10.0 + place, 0.0]];
                legend.line(&pill, 12.0, Colour::INK);
                legend.line(&pill, 9.5, Colour::PAPER.mix(shade, 0.45));
            }
            say(&mut legend, &mut x, 32.0, "a node's fill is its bias".into());
        }
        if self.wiring.wires.iter().any(|wire| wire.recurrent) {
            let points: Vec<[f64; 2]> = vec![[x, 0.0], [x + 36.0, 0.0]];
            legend.dashes(&points, 2.0, Colour::INK, DASHES);
            head(&mut legend, [x + 44.0, 0.0], [1.0, 0.0], 2.0, Colour::INK);
            say(&mut legend, &mut x, 46.0, "brings what was given a step before".into());
        }
        legend
    }

    /// The size of a weight, of the largest.
    fn share(&self, weight: f32) -> f64 {
        f64::from(weight.abs()) / self.largest
    }

    /// How thick a wire of a weight is, and its colour.
    fn stroke(&self, weight: f32) -> (f64, Colour) {
        let share = self.share(weight);
        let colour = if weight < 0.0 { BELOW } else { ABOVE };
        let Pen { thin, thick, palest } = self.pen;
        (thin + (thick - thin) * share, colour.mix(Colour::PAPER, palest * (1.0 - share)))
    }

    /// Whether a wire does not simply lead to the right.
    fn goes_around(&self, wire: &Wire) -> bool {
        let column = |place: usize| self.wiring.nodes[place].column;
        wire.recurrent || column(wire.source) >= column(wire.target)
    }

    fn at(&self, place: usize) -> [f64; 2] {
        [self.columns[self.wiring.nodes[place].column][0], self.layout.nodes[place]]
    }

    /// Half of what nodes of a node's column are wide.
    fn half_width(&self, place: usize) -> f64 {
        self.columns[self.wiring.nodes[place].column][1]
    }

    /// Draws a wire that leads to the right.
    fn along(&self, drawn: &mut Scene, index: usize) {
        let wire = &self.wiring.wires[index];
        let (from, to) = (self.at(wire.source), self.at(wire.target));
        let mut stops = vec![[from[0] + self.half_width(wire.source), from[1]]];
        stops.extend(self.passes(index));
        stops.push([to[0] - self.half_width(wire.target), to[1]]);
        let (thick, colour) = self.stroke(wire.weight);
        let points = match self.wiring.wires.len() > MANY_WIRES {
            true => stops,
            false => stops.windows(2).flat_map(|pair| bend(pair[0], pair[1])).collect(),
        };
        drawn.line(&points, thick, colour);
    }

    /// Where a wire enters and leaves the columns that it passes, from left to right.
    fn passes(&self, index: usize) -> impl DoubleEndedIterator<Item = [f64; 2]> {
        let wire = &self.wiring.wires[index];
        let column = |place: usize| self.wiring.nodes[place].column;
        let first = column(wire.source).min(column(wire.target)) + 1;
        let passes = self.layout.passes[index].iter().enumerate();
        passes.flat_map(move |(passed, &y)| {
            let [middle, half] = self.columns[first + passed];
            [[middle - half, y], [middle + half, y]]
        })
    }

    /// Draws a wire that goes around nodes, dashed where it is recurrent, with an arrow at its end.
    /// `ports` counts those that leave each node, so that they stand beside each other.
    fn around(&self, drawn: &mut Scene, index: usize, ports: &mut [usize]) {
        let wire = &self.wiring.wires[index];
        let (from, to) = (self.at(wire.source), self.at(wire.target));
        let (thick, colour) = self.stroke(wire.weight);
        let (mut curve, direction) = if wire.source == wire.target {
            let (x, y) = (from[0], from[1] - self.half);
            let reach = (0.8 * self.half_width(wire.source)).min(20.0);
            let out = [x + 1.7 * reach, y - 34.0];
            let back = [x - 1.7 * reach, y - 34.0];
            (cubic([[x + reach, y], out, back, [x - reach, y - 1.0]]), [0.35, 1.0])
        } else if from[0] == to[0] {
            let side = from[0] + self.half_width(wire.source);
            let reach = side + 22.0 + 0.22 * (to[1] - from[1]).abs();
            let curve = [[side, from[1]], [reach, from[1]], [reach, to[1]], [side + 1.0, to[1]]];
            (cubic(curve), [-1.0, 0.0])
        } else {
            // It leaves upwards or downwards, wherever it leads, and arrives from the side.
            let aside = if to[0] < from[0] { 1.0 } else { -1.0 };
            let end = [to[0] + aside * (self.half_width(wire.target) + 1.0), to[1]];
            let mut stops: Vec<[f64; 2]> = self.passes(index).collect();
            if aside > 0.0 {
                stops.reverse();
            }
            stops.push(end);
            let up = if stops[0][1] <= from[1] { -1.0 } else { 1.0 };
            ports[wire.source] += 1;
            let port = 9.0 * (ports[wire.source] / 2) as f64;
            let port = if ports[wire.source].is_multiple_of(2) { port } else { -port };
            let half = self.half_width(wire.source);
            let room = half - self.half;
            let start = [from[0] + port.clamp(-room, room), from[1] + up * self.half];
            // Out of its column at once, where other nodes are above and below.
            let far = 36.0 + 0.45 * (start[0] - stops[0][0]).abs();
            let lean = half + 40.0 + 0.1 * (start[0] - stops[0][0]).abs();
            let lifted = [start[0] - aside * lean, start[1] + up * 24.0];
            let mut curve =
                cubic([start, lifted, [stops[0][0] + aside * far, stops[0][1]], stops[0]]);
            curve.extend(stops.windows(2).flat_map(|pair| bend(pair[0], pair[1])));
            (curve, [-aside, 0.0])
        };
        let end = curve[curve.len() - 1];
        // The line ends where the arrow's head begins.
        let back = 5.0 + thick;
        curve.retain(|[x, y]| (x - end[0]).hypot(y - end[1]) >= back);
        let length = direction[0].hypot(direction[1]);
        curve.push([end[0] - back * direction[0] / length, end[1] - back * direction[1] / length]);
        match wire.recurrent {
            true => drawn.dashes(&curve, thick, colour, DASHES.map(|dash| dash + 0.6 * thick)),
            false => drawn.line(&curve, thick, colour),
        }
        head(drawn, end, direction, thick, colour);
    }

    fn node(&self, drawn: &mut Scene, place: usize) {
        let node = &self.wiring.nodes[place];
        let ([x, y], half) = (self.at(place), self.half_width(place));
        let connected = |wire: &Wire| wire.source == place || wire.target == place;
        let is_idle = !self.wiring.wires.iter().any(connected);
        let outline = match node.role {
            _ if is_idle => Colour::PALE,
            Role::Input | Role::Bias => Colour::GREY,
            Role::Hidden | Role::Output => Colour::INK,
        };
        let fill = match (node.bias, node.role) {
            (Some(bias), _) => {
                let shade = if bias < 0.0 { BELOW } else { ABOVE };
                Colour::PAPER.mix(shade, 0.5 * self.share(bias))
            }
            (None, Role::Input | Role::Bias) => Colour::PAPER.mix(Colour::PALE, 0.35),
            (None, _) => Colour::PAPER,
        };
        let inner = half - self.half;
        let pill = [[x - inner, y], [x + inner, y]];
        let stroke = if node.role == Role::Output { 2.0 } else { 1.3 };
        drawn.line(&pill, 2.0 * self.half, outline);
        drawn.line(&pill, 2.0 * (self.half - stroke), fill);
        let base = y + 0.36 * self.text;
        let ink = if is_idle { Colour::GREY } else { Colour::INK };
        let soft = Colour::GREY.mix(Colour::INK, 0.4);
        let (name, does) = (node.name.as_str(), node.function.as_str());
        match (name.is_empty(), does.is_empty()) {
            (false, false) => {
                let side = half - 0.75 * self.half;
                drawn.text([x - side, base], Anchor::Start, self.text, ink, name);
                drawn.text([x + side, base], Anchor::End, self.text, soft, does);
            }
            (true, _) => drawn.text([x, base], Anchor::Middle, self.text, ink, does),
            (_, true) => drawn.text([x, base], Anchor::Middle, self.text, ink, name),
        }
    }
}

/// Pixels that a node takes from left to right.
fn wide(node: &Spot, text: f64) -> f64 {
    let (name, does) = (width(&node.name, text), width(&node.function, text));
    let between = if name > 0.0 && does > 0.0 { 0.8 * text } else { 0.0 };
    (name + between + does + 1.7 * text).max(3.4 * text)
}

/// A weight with two decimals or so, and its sign.
fn signed(weight: f32) -> String {
    if weight.abs() < 0.01 { format!("{weight:+.1e}") } else { format!("{weight:+.2}") }
}

/// A curve that leaves and arrives level.
fn bend([x, y]: [f64; 2], [to_x, to_y]: [f64; 2]) -> Vec<[f64; 2]> {
    if (to_y - y).abs() < 0.5 {
        return vec![[x, y], [to_x, to_y]];
    }
    let reach = 0.45 * (to_x - x);
    cubic([[x, y], [x + reach, y], [to_x - reach, to_y], [to_x, to_y]])
}

/// Places on the curve of Bezier's four.
fn cubic([a, b, c, d]: [[f64; 2]; 4]) -> Vec<[f64; 2]> {
    let on = |t: f64| {
        let s = 1.0 - t;
        let along =
            |k: usize| s * s * s * a[k] + 3.0 * s * t * (s * b[k] + t * c[k]) + t * t * t * d[k];
        [along(0), along(1)]
    };
    (0..=PIECES).map(|piece| on(piece as f64 / PIECES as f64)).collect()
}

/// The head of an arrow that ends in a place.
fn head(drawn: &mut Scene, [x, y]: [f64; 2], direction: [f64; 2], thick: f64, colour: Colour) {
    let length = direction[0].hypot(direction[1]);
    let [along, across] = [direction[0] / length, direction[1] / length];
    let (back, side) = (7.0 + thick, 3.0 + 0.7 * thick);
    let corner = |side: f64| [x - back * along + side * across, y - back * across - side * along];
    drawn.area(&[[x, y], corner(side), corner(-side)], colour);
}
