//! A champion's network as a picture: inputs on the left, outputs on the right, hidden nodes
//! between them by their depth. Layers with many weights are drawn as matrices instead: see
//! `matrices.rs`.
//!
//! The colour of a connection shows the sign of its weight; its width and strength show the size.
//! The text in a node names its function. A recurrent connection, which carries the output of the
//! step before, is dashed, has an arrow and goes around the nodes. The bias of a graph is a node of
//! its own; the bias of a node in a layer is the node's fill.
//!
//! The picture has its own background, so it can be read on a page of any colour.

mod layout;
mod matrices;
mod style;

use layout::{Layout, lay_out};
use style::{MARGIN, NEGATIVE, POSITIVE, signed};

use crate::champion::{Champion, DiagramEdge, DiagramNode, NetworkDiagram, NodeRole, Readout};
use crate::draw::{Anchor, Colour, Extent, Scene, text_width};
use crate::error::{Error, Result};

/// The most parameters of a network of layers that is drawn as nodes and connections.
const MAX_LAYER_PARAMETERS: usize = 64;
/// The most nodes in a column, columns, and connections, that can still be read.
const MAX_NODES: usize = 100;
const MAX_COLUMNS: usize = 100;
const MAX_EDGES: usize = 3000;
/// More nodes than this in a column are drawn small.
const MANY_NODES: usize = 18;
/// More connections than this are drawn straight.
const MANY_EDGES: usize = 150;
/// Pixels between the columns of a network with few connections.
const COLUMN_GAP: f64 = 118.0;
/// The least and the largest number of pixels between columns with many connections, and the share
/// of the height between these limits: it keeps connections from being too steep.
const WIDE_COLUMN_GAP: [f64; 2] = [190.0, 420.0];
const GAP_PER_HEIGHT: f64 = 0.3;
/// The strokes of few connections, and of many, of which only the strong ones stand out.
const FEW: StrokeRange = StrokeRange { thin: 1.0, thick: 5.0, palest: 0.6 };
const MANY: StrokeRange = StrokeRange { thin: 0.4, thick: 3.0, palest: 0.82 };
/// The number of straight pieces that approximate a curve.
const CURVE_PIECES: usize = 20;
/// Pixels of a dash, and of a gap.
const DASH: [f64; 2] = [6.0, 5.0];

/// Draws the network of a champion: a graph or a small network of layers as nodes and connections,
/// larger layers as matrices.
///
/// # Errors
///
/// Returns an error if the champion is a point rather than a network, or if a graph is too large to
/// be read.
pub fn draw_network(champion: &Champion) -> Result<Scene> {
    let layers = champion.layers().filter(|_| *champion.readout() != Readout::Point);
    if let Some((network, genome)) = layers {
        let has_gates = network.layers().iter().any(|layer| layer.matrices()[0].len() > 1);
        if has_gates || network.parameters() > MAX_LAYER_PARAMETERS {
            let drawn = matrices::draw(champion, network, genome);
            return Ok(matrices::frame(drawn, &title(champion), &origin(champion)));
        }
    }
    let diagram = champion.diagram()?;
    let mut in_column = vec![0usize; diagram.columns];
    diagram.nodes.iter().for_each(|node| in_column[node.column] += 1);
    let most = in_column.into_iter().max().unwrap_or(0);
    let (columns, wires) = (diagram.columns, diagram.edges.len());
    if most > MAX_NODES || columns > MAX_COLUMNS || wires > MAX_EDGES {
        let expected = format!(
            "at most {MAX_NODES} nodes in a column, {MAX_COLUMNS} columns and {MAX_EDGES} \
             connections"
        );
        let got = format!("{most}, {columns} and {wires}");
        return Err(Error::invalid("a drawing of a network", expected, got)
            .advise("deme export --dot writes networks of any size"));
    }
    Ok(DiagramSketch::new(&diagram, most).scene(champion))
}

/// The sizes and positions of nodes.
struct DiagramSketch<'a> {
    diagram: &'a NetworkDiagram,
    layout: Layout,
    /// The font size, and half the height of a node, in pixels.
    font_size: f64,
    half_height: f64,
    /// The centre of each column, and half the width of its nodes.
    columns: Vec<[f64; 2]>,
    /// The least and the largest weight, and the largest absolute one.
    ends: [f32; 2],
    largest: f64,
    strokes: StrokeRange,
}

/// The strokes of connections, from the weakest to the strongest.
struct StrokeRange {
    /// The width of the weakest, in pixels.
    thin: f64,
    /// The width of the strongest, in pixels.
    thick: f64,
    /// The share of the background in the colour of the weakest.
    palest: f64,
}

impl<'a> DiagramSketch<'a> {
    fn new(diagram: &'a NetworkDiagram, most: usize) -> Self {
        let (font_size, half_height, gap) =
            if most > MANY_NODES { (9.0, 8.0, 4.0) } else { (12.0, 13.0, 16.0) };
        let has_loop = |node: usize| {
            diagram.edges.iter().any(|edge| edge.source == node && edge.target == node)
        };
        let extent = |node: usize| {
            let above = half_height + 0.5 * gap + if has_loop(node) { 18.0 } else { 0.0 };
            Extent { above, below: half_height + 0.5 * gap }
        };
        let extents: Vec<Extent> = (0..diagram.nodes.len()).map(extent).collect();
        let (layout, are_many) = (lay_out(diagram, &extents), diagram.edges.len() > MANY_EDGES);
        let [least, most] = WIDE_COLUMN_GAP;
        let wide_gap = (GAP_PER_HEIGHT * layout.height).clamp(least, most);
        let column_gap = if are_many { wide_gap } else { COLUMN_GAP };
        let mut columns = Vec::with_capacity(diagram.columns);
        let mut left = 0.0;
        for column in 0..diagram.columns {
            let nodes = diagram.nodes.iter().filter(|node| node.column == column);
            let half = 0.5 * nodes.map(|node| node_width(node, font_size)).fold(0.0, f64::max);
            columns.push([left + half, half]);
            left += 2.0 * half + column_gap;
        }
        let weights = || diagram.edges.iter().map(|edge| edge.weight);
        let biases = || diagram.nodes.iter().filter_map(|node| node.bias);
        let all = || weights().chain(biases());
        let ends = [all().fold(0.0, f32::min), all().fold(0.0, f32::max)];
        let largest = f64::from(ends[1].max(-ends[0])).max(f64::MIN_POSITIVE);
        let strokes = if are_many { MANY } else { FEW };
        Self { diagram, layout, font_size, half_height, columns, ends, largest, strokes }
    }

    fn scene(&self, champion: &Champion) -> Scene {
        let mut drawn = Scene::new([0, 0]);
        let mut order: Vec<usize> = (0..self.diagram.edges.len()).collect();
        let strength = |edge: usize| self.share(self.diagram.edges[edge].weight);
        // The strongest connections are drawn last, on top of the others. Those that go around
        // nodes are drawn on top of those that lead to the right.
        order.sort_by(|&a, &b| strength(a).total_cmp(&strength(b)));
        let (around, forward): (Vec<usize>, Vec<usize>) =
            order.into_iter().partition(|&edge| self.is_routed_around(&self.diagram.edges[edge]));
        forward.into_iter().for_each(|edge| self.draw_forward(&mut drawn, edge));
        let mut ports = vec![0; self.diagram.nodes.len()];
        around.into_iter().for_each(|edge| self.draw_around(&mut drawn, edge, &mut ports));
        (0..self.diagram.nodes.len()).for_each(|node| self.draw_node(&mut drawn, node));
        self.add_heading_and_legend(drawn, champion)
    }

    /// Returns the drawing under its heading and above its legend.
    fn add_heading_and_legend(&self, drawn: Scene, champion: &Champion) -> Scene {
        let [left, top, right, bottom] = drawn.bounds();
        let title = title(champion);
        let left_out = match self.diagram.left_out {
            0 => String::new(),
            1 => "; 1 hidden node leads to no output and is left out".into(),
            count => format!("; {count} hidden nodes lead to no output and are left out"),
        };
        let note = format!("{}{left_out}", origin(champion));
        let legend = self.legend();
        let heading_width = text_width(&title, 16.0).max(text_width(&note, 12.0));
        let width = (right - left).max(legend.bounds()[2]).max(heading_width) + 2.0 * MARGIN;
        let (above, below) = (78.0, 58.0);
        let height = above + bottom - top + below;
        let mut scene = Scene::new([width, height].map(|pixels| pixels.ceil() as u32));
        scene.text([MARGIN, 32.0], Anchor::Start, 16.0, Colour::INK, title);
        scene.text([MARGIN, 52.0], Anchor::Start, 12.0, Colour::GREY, note);
        scene.insert([0.5 * (width - right - left), above - top], drawn);
        scene.insert([MARGIN, above + bottom - top + 34.0], legend);
        scene
    }

    /// Returns a legend of colours, widths and dashes, in one line.
    fn legend(&self) -> Scene {
        let mut legend = Scene::new([0, 0]);
        let mut x = 0.0;
        let write = |legend: &mut Scene, x: &mut f64, sample: f64, words: String| {
            let at = [*x + sample + 8.0, 4.0];
            *x += sample + 8.0 + text_width(&words, 12.0) + 24.0;
            legend.text(at, Anchor::Start, 12.0, Colour::INK, words);
        };
        for (end, colour) in [(self.ends[0], NEGATIVE), (self.ends[1], POSITIVE)] {
            if end != 0.0 {
                // The sample widens from a weight of zero to the end of the range.
                let (thick, _) = self.stroke(end);
                let (first, last, thin) = (x, x + 44.0, self.strokes.thin);
                let upper = [[first, -0.5 * thin], [last, -0.5 * thick]];
                let lower = [[last, 0.5 * thick], [first, 0.5 * thin]];
                legend.area(&[upper, lower].concat(), colour);
                write(&mut legend, &mut x, 44.0, format!("weights to {}", signed(end)));
            }
        }
        if self.diagram.nodes.iter().any(|node| node.bias.is_some()) {
            for (offset, shade) in [(0.0, NEGATIVE), (15.0, POSITIVE)] {
                let pill = [[x + 6.0 + offset, 0.0], [x + 10.0 + offset, 0.0]];
                legend.line(&pill, 12.0, Colour::INK);
                legend.line(&pill, 9.5, Colour::PAPER.mix(shade, 0.45));
            }
            write(&mut legend, &mut x, 32.0, "a node's fill is its bias".into());
        }
        if self.diagram.edges.iter().any(|edge| edge.recurrent) {
            let points: Vec<[f64; 2]> = vec![[x, 0.0], [x + 36.0, 0.0]];
            legend.dashed_line(&points, 2.0, Colour::INK, DASH);
            draw_arrowhead(&mut legend, [x + 44.0, 0.0], [1.0, 0.0], 2.0, Colour::INK);
            write(&mut legend, &mut x, 46.0, "carries the output of the step before".into());
        }
        legend
    }

    /// Returns the absolute value of a weight, as a share of the largest.
    fn share(&self, weight: f32) -> f64 {
        f64::from(weight.abs()) / self.largest
    }

    /// Returns the width and the colour of a connection with a weight.
    fn stroke(&self, weight: f32) -> (f64, Colour) {
        let share = self.share(weight);
        let colour = if weight < 0.0 { NEGATIVE } else { POSITIVE };
        let StrokeRange { thin, thick, palest } = self.strokes;
        (thin + (thick - thin) * share, colour.mix(Colour::PAPER, palest * (1.0 - share)))
    }

    /// Returns true unless a connection simply leads to the right.
    fn is_routed_around(&self, edge: &DiagramEdge) -> bool {
        let column = |place: usize| self.diagram.nodes[place].column;
        edge.recurrent || column(edge.source) >= column(edge.target)
    }

    /// Returns the centre of a node.
    fn centre(&self, node: usize) -> [f64; 2] {
        [self.columns[self.diagram.nodes[node].column][0], self.layout.nodes[node]]
    }

    /// Returns half the width of the nodes in a node's column.
    fn half_width(&self, node: usize) -> f64 {
        self.columns[self.diagram.nodes[node].column][1]
    }

    /// Draws a connection that leads to the right.
    fn draw_forward(&self, drawn: &mut Scene, index: usize) {
        let edge = &self.diagram.edges[index];
        let (from, to) = (self.centre(edge.source), self.centre(edge.target));
        let mut stops = vec![[from[0] + self.half_width(edge.source), from[1]]];
        stops.extend(self.passages(index));
        stops.push([to[0] - self.half_width(edge.target), to[1]]);
        let (thick, colour) = self.stroke(edge.weight);
        let points = match self.diagram.edges.len() > MANY_EDGES {
            true => stops,
            false => stops.windows(2).flat_map(|pair| bend(pair[0], pair[1])).collect(),
        };
        drawn.line(&points, thick, colour);
    }

    /// Returns the points where a connection enters and leaves the columns between its ends, from
    /// left to right.
    fn passages(&self, index: usize) -> impl DoubleEndedIterator<Item = [f64; 2]> {
        let edge = &self.diagram.edges[index];
        let column = |place: usize| self.diagram.nodes[place].column;
        let first = column(edge.source).min(column(edge.target)) + 1;
        let passages = self.layout.passages[index].iter().enumerate();
        passages.flat_map(move |(passed, &y)| {
            let [middle, half] = self.columns[first + passed];
            [[middle - half, y], [middle + half, y]]
        })
    }

    /// Draws a connection that goes around nodes, with an arrow at its end; a recurrent one is
    /// dashed.
    fn draw_around(&self, drawn: &mut Scene, index: usize, ports: &mut [usize]) {
        let edge = &self.diagram.edges[index];
        let (thick, colour) = self.stroke(edge.weight);
        let (mut curve, direction) = self.curve_around(index, ports);
        let end = curve[curve.len() - 1];
        // The line ends where the arrowhead begins.
        let back = 5.0 + thick;
        curve.retain(|[x, y]| (x - end[0]).hypot(y - end[1]) >= back);
        let length = direction[0].hypot(direction[1]);
        curve.push([end[0] - back * direction[0] / length, end[1] - back * direction[1] / length]);
        match edge.recurrent {
            true => drawn.dashed_line(&curve, thick, colour, DASH.map(|dash| dash + 0.6 * thick)),
            false => drawn.line(&curve, thick, colour),
        }
        draw_arrowhead(drawn, end, direction, thick, colour);
    }

    /// Returns the curve of a connection around nodes, and the direction in which it arrives.
    /// `ports` counts the connections that leave each node, so that each starts at its own point.
    fn curve_around(&self, index: usize, ports: &mut [usize]) -> (Vec<[f64; 2]>, [f64; 2]) {
        let edge = &self.diagram.edges[index];
        let (from, to) = (self.centre(edge.source), self.centre(edge.target));
        if edge.source == edge.target {
            let (x, y) = (from[0], from[1] - self.half_height);
            let reach = (0.8 * self.half_width(edge.source)).min(20.0);
            let out = [x + 1.7 * reach, y - 34.0];
            let back = [x - 1.7 * reach, y - 34.0];
            (cubic([[x + reach, y], out, back, [x - reach, y - 1.0]]), [0.35, 1.0])
        } else if from[0] == to[0] {
            let side = from[0] + self.half_width(edge.source);
            let reach = side + 22.0 + 0.22 * (to[1] - from[1]).abs();
            let curve = [[side, from[1]], [reach, from[1]], [reach, to[1]], [side + 1.0, to[1]]];
            (cubic(curve), [-1.0, 0.0])
        } else {
            // The curve leaves upwards or downwards, and arrives from the side.
            let aside = if to[0] < from[0] { 1.0 } else { -1.0 };
            let end = [to[0] + aside * (self.half_width(edge.target) + 1.0), to[1]];
            let mut stops: Vec<[f64; 2]> = self.passages(index).collect();
            if aside > 0.0 {
                stops.reverse();
            }
            stops.push(end);
            let up = if stops[0][1] <= from[1] { -1.0 } else { 1.0 };
            ports[edge.source] += 1;
            let port = 9.0 * (ports[edge.source] / 2) as f64;
            let port = if ports[edge.source].is_multiple_of(2) { port } else { -port };
            let half = self.half_width(edge.source);
            let room = half - self.half_height;
            let start = [from[0] + port.clamp(-room, room), from[1] + up * self.half_height];
            // The curve leaves its column at once, because other nodes are above and below.
            let far = 36.0 + 0.45 * (start[0] - stops[0][0]).abs();
            let lean = half + 40.0 + 0.1 * (start[0] - stops[0][0]).abs();
            let lifted = [start[0] - aside * lean, start[1] + up * 24.0];
            let mut curve =
                cubic([start, lifted, [stops[0][0] + aside * far, stops[0][1]], stops[0]]);
            curve.extend(stops.windows(2).flat_map(|pair| bend(pair[0], pair[1])));
            (curve, [-aside, 0.0])
        }
    }

    fn draw_node(&self, drawn: &mut Scene, index: usize) {
        let node = &self.diagram.nodes[index];
        let ([x, y], half_width) = (self.centre(index), self.half_width(index));
        let is_end = |edge: &DiagramEdge| edge.source == index || edge.target == index;
        let is_unconnected = !self.diagram.edges.iter().any(is_end);
        let outline = match node.role {
            _ if is_unconnected => Colour::PALE,
            NodeRole::Input | NodeRole::Bias => Colour::GREY,
            NodeRole::Hidden | NodeRole::Output => Colour::INK,
        };
        let fill = match (node.bias, node.role) {
            (Some(bias), _) => {
                let shade = if bias < 0.0 { NEGATIVE } else { POSITIVE };
                Colour::PAPER.mix(shade, 0.5 * self.share(bias))
            }
            (None, NodeRole::Input | NodeRole::Bias) => Colour::PAPER.mix(Colour::PALE, 0.35),
            (None, _) => Colour::PAPER,
        };
        let inner = half_width - self.half_height;
        let pill = [[x - inner, y], [x + inner, y]];
        let stroke = if node.role == NodeRole::Output { 2.0 } else { 1.3 };
        drawn.line(&pill, 2.0 * self.half_height, outline);
        drawn.line(&pill, 2.0 * (self.half_height - stroke), fill);
        let base = y + 0.36 * self.font_size;
        let ink = if is_unconnected { Colour::GREY } else { Colour::INK };
        let soft = Colour::GREY.mix(Colour::INK, 0.4);
        let (name, function) = (node.name.as_str(), node.function.as_str());
        match (name.is_empty(), function.is_empty()) {
            (false, false) => {
                let side = half_width - 0.75 * self.half_height;
                drawn.text([x - side, base], Anchor::Start, self.font_size, ink, name);
                drawn.text([x + side, base], Anchor::End, self.font_size, soft, function);
            }
            (true, _) => drawn.text([x, base], Anchor::Middle, self.font_size, ink, function),
            (_, true) => drawn.text([x, base], Anchor::Middle, self.font_size, ink, name),
        }
    }
}

/// Returns the task of a champion and the shape of its network.
fn title(champion: &Champion) -> String {
    let network = match champion.graph() {
        Some(graph) => graph.to_string(),
        None => format!("layers {}", champion.shape()),
    };
    format!("{}: {network}", champion.origin().task)
}

/// Returns a sentence on the run of a champion.
fn origin(champion: &Champion) -> String {
    let origin = champion.origin();
    let (generation, strategy) = (origin.generation, &origin.strategy);
    format!("champion of generation {generation} of {strategy}, seed {}", origin.seed)
}

/// Returns the width of a node in pixels.
fn node_width(node: &DiagramNode, font_size: f64) -> f64 {
    let name = text_width(&node.name, font_size);
    let function = text_width(&node.function, font_size);
    let gap = if name > 0.0 && function > 0.0 { 0.8 * font_size } else { 0.0 };
    (name + gap + function + 1.7 * font_size).max(3.4 * font_size)
}

/// Returns a curve that leaves and arrives horizontally.
fn bend([x, y]: [f64; 2], [to_x, to_y]: [f64; 2]) -> Vec<[f64; 2]> {
    if (to_y - y).abs() < 0.5 {
        return vec![[x, y], [to_x, to_y]];
    }
    let reach = 0.45 * (to_x - x);
    cubic([[x, y], [x + reach, y], [to_x - reach, to_y], [to_x, to_y]])
}

/// Returns points on the cubic Bezier curve of four control points.
fn cubic([a, b, c, d]: [[f64; 2]; 4]) -> Vec<[f64; 2]> {
    let on = |t: f64| {
        let s = 1.0 - t;
        let along =
            |k: usize| s * s * s * a[k] + 3.0 * s * t * (s * b[k] + t * c[k]) + t * t * t * d[k];
        [along(0), along(1)]
    };
    (0..=CURVE_PIECES).map(|piece| on(piece as f64 / CURVE_PIECES as f64)).collect()
}

/// Draws the head of an arrow with its tip at a point.
fn draw_arrowhead(
    drawn: &mut Scene,
    [x, y]: [f64; 2],
    direction: [f64; 2],
    thick: f64,
    colour: Colour,
) {
    let length = direction[0].hypot(direction[1]);
    let [along, across] = [direction[0] / length, direction[1] / length];
    let (back, side) = (7.0 + thick, 3.0 + 0.7 * thick);
    let corner = |side: f64| [x - back * along + side * across, y - back * across - side * along];
    drawn.area(&[[x, y], corner(side), corner(-side)], colour);
}
