//! The layout of a network diagram: the heights of nodes, and the paths of connections between
//! columns.
//!
//! A connection that passes a column occupies a slot there, as if it were a thin node, so it
//! crosses no other node. Slots in a column do not overlap. Apart from that, each slot stands as
//! close as possible to the mean height of the slots that it is connected to.
//!
//! # Source
//!
//! Layers, thin nodes and means: Sugiyama, Tagawa and Toda, "Methods for visual understanding of
//! hierarchical system structures", IEEE Transactions on Systems, Man and Cybernetics 11(2), 1981.

use std::ops::Range;

use crate::champion::{DiagramEdge, NetworkDiagram, NodeRole};
use crate::draw::{Extent, separate};

/// The number of rounds in which slots move towards their neighbours.
const ROUNDS: usize = 40;
/// The number of rounds, from the first, in which slots may change their order.
const ORDERING_ROUNDS: usize = 24;
/// The height of a slot of a connection that passes a column, in pixels.
const PASSAGE_HEIGHT: f64 = 9.0;
/// The greatest height of all such slots of a column together, in pixels.
const MAX_PASSAGES_HEIGHT: f64 = 260.0;
/// The factors by which slots are spread out if there is room: of inputs and outputs, and of the
/// columns between them.
const MAX_STRETCH: f64 = 1.9;
const MAX_INNER_STRETCH: f64 = 1.4;

/// The heights of nodes and connections, in pixels from the top of the columns.
pub(super) struct Layout {
    /// The height of each node's centre.
    pub nodes: Vec<f64>,
    /// The heights at which each connection passes the columns between its ends, from left to
    /// right.
    pub passages: Vec<Vec<f64>>,
    /// The height of the tallest column.
    pub height: f64,
}

/// A node, or a connection in a column that it passes.
struct Slot {
    extent: Extent,
    y: f64,
    /// The slots that it is connected to, to the left and to the right.
    neighbours: [Vec<usize>; 2],
}

/// Computes the layout of a diagram from the extents of its nodes.
pub(super) fn lay_out(diagram: &NetworkDiagram, extents: &[Extent]) -> Layout {
    let mut columns = Columns::new(diagram, extents);
    for round in 0..ROUNDS {
        let is_leftwards = round % 2 == 1;
        for step in 0..diagram.columns {
            let column = if is_leftwards { diagram.columns - 1 - step } else { step };
            columns.follow_neighbours(column, round);
        }
    }
    let y = |slot: usize| columns.slots[slot].y;
    let passages = columns.passages.iter();
    Layout {
        nodes: (0..extents.len()).map(y).collect(),
        passages: passages.map(|slots| slots.iter().map(|&slot| y(slot)).collect()).collect(),
        height: columns.height,
    }
}

/// Returns the columns that a connection passes between its ends, in either direction.
fn columns_between(diagram: &NetworkDiagram, edge: &DiagramEdge) -> Range<usize> {
    let [source, target] = [edge.source, edge.target].map(|node| diagram.nodes[node].column);
    source.min(target) + 1..source.max(target)
}

struct Columns {
    /// The nodes, then the slots of connections that pass columns.
    slots: Vec<Slot>,
    /// The slots of each column, from the top.
    columns: Vec<Vec<usize>>,
    /// The slots of each connection.
    passages: Vec<Vec<usize>>,
    height: f64,
}

impl Columns {
    fn new(diagram: &NetworkDiagram, extents: &[Extent]) -> Self {
        let slot = |extent: Extent| Slot { extent, y: 0.0, neighbours: [Vec::new(), Vec::new()] };
        let slots: Vec<Slot> = extents.iter().map(|&extent| slot(extent)).collect();
        let mut columns = vec![Vec::new(); diagram.columns];
        for (index, node) in diagram.nodes.iter().enumerate() {
            columns[node.column].push(index);
        }
        let mut new = Self { slots, columns, passages: Vec::new(), height: 0.0 };
        new.add_passages(diagram, extents.len());
        let needed = |column: &Vec<usize>| -> f64 {
            let extents = column.iter().map(|&slot| new.slots[slot].extent);
            extents.map(|extent| extent.above + extent.below).sum()
        };
        new.height = new.columns.iter().map(needed).fold(0.0, f64::max);
        for column in 0..new.columns.len() {
            new.space_evenly(column);
        }
        // Inputs and outputs keep the order that a reader knows; only hidden nodes move.
        debug_assert!(diagram.nodes.iter().all(|node| {
            let is_outer = node.column == 0 || node.column == diagram.columns - 1;
            is_outer != (node.role == NodeRole::Hidden)
        }));
        new
    }

    /// Adds a slot for each connection in each column that it passes, and links neighbours.
    fn add_passages(&mut self, diagram: &NetworkDiagram, nodes: usize) {
        let mut counts = vec![0usize; diagram.columns];
        for edge in &diagram.edges {
            columns_between(diagram, edge).for_each(|column| counts[column] += 1);
        }
        for edge in &diagram.edges {
            let first = self.slots.len();
            for column in columns_between(diagram, edge) {
                let half = 0.5 * PASSAGE_HEIGHT.min(MAX_PASSAGES_HEIGHT / counts[column] as f64);
                self.columns[column].push(self.slots.len());
                let extent = Extent { above: half, below: half };
                self.slots.push(Slot { extent, y: 0.0, neighbours: [Vec::new(), Vec::new()] });
            }
            let passed: Vec<usize> = (first..self.slots.len()).collect();
            let [source, target] =
                [edge.source, edge.target].map(|node| diagram.nodes[node].column);
            let ends = match source <= target {
                true => [edge.source, edge.target],
                false => [edge.target, edge.source],
            };
            let chain = [&ends[..1], &passed, &ends[1..]].concat();
            for pair in chain.windows(2) {
                let &[left, right] = pair else { continue };
                // The slots of a recurrent connection follow the nodes; nodes do not follow them.
                let is_forward = edge.source == ends[0] && !edge.recurrent;
                if is_forward || left >= nodes {
                    self.slots[left].neighbours[1].push(right);
                }
                if is_forward || right >= nodes {
                    self.slots[right].neighbours[0].push(left);
                }
            }
            self.passages.push(passed);
        }
    }

    /// Spaces the slots of a column evenly around the middle, in their order.
    fn space_evenly(&mut self, column: usize) {
        let extents = self.columns[column].iter().map(|&slot| self.slots[slot].extent);
        let needed: f64 = extents.map(|extent| extent.above + extent.below).sum();
        let stretch = (self.height / needed.max(1.0)).clamp(1.0, MAX_STRETCH);
        let mut y = 0.5 * (self.height - stretch * needed);
        for &slot in &self.columns[column] {
            let Extent { above, below } = self.slots[slot].extent;
            self.slots[slot].y = y + stretch * above;
            y += stretch * (above + below);
        }
    }

    /// Moves the slots of an inner column towards the slots that they are connected to.
    fn follow_neighbours(&mut self, column: usize, round: usize) {
        if column == 0 || column + 1 == self.columns.len() {
            return;
        }
        let wanted = |slot: &Slot| {
            // While the order may change, only the side that moved last counts.
            let sides = match (round < ORDERING_ROUNDS, round % 2) {
                (true, 0) => &slot.neighbours[..1],
                (true, _) => &slot.neighbours[1..],
                (false, _) => &slot.neighbours[..],
            };
            let heights = || sides.iter().flatten().map(|&other| self.slots[other].y);
            match heights().count() {
                0 => slot.y,
                count => heights().sum::<f64>() / count as f64,
            }
        };
        let column_slots = self.columns[column].iter();
        let mut order: Vec<(f64, usize)> =
            column_slots.map(|&slot| (wanted(&self.slots[slot]), slot)).collect();
        if round < ORDERING_ROUNDS {
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let mut extents: Vec<Extent> =
            order.iter().map(|&(_, slot)| self.slots[slot].extent).collect();
        let needed: f64 = extents.iter().map(|extent| extent.above + extent.below).sum();
        let stretch = (self.height / needed.max(1.0)).clamp(1.0, MAX_INNER_STRETCH);
        for extent in &mut extents {
            (extent.above, extent.below) = (stretch * extent.above, stretch * extent.below);
        }
        let wanted: Vec<f64> = order.iter().map(|&(wanted, _)| wanted).collect();
        let heights = separate(&wanted, &extents, self.height);
        for (y, &(_, slot)) in heights.into_iter().zip(&order) {
            self.slots[slot].y = y;
        }
        self.columns[column] = order.into_iter().map(|(_, slot)| slot).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::champion::DiagramNode;

    /// Five columns with some of all possible connections, forward and recurrent.
    fn diagram() -> NetworkDiagram {
        let sizes = [3, 4, 2, 5, 2];
        let node = |column: usize| DiagramNode {
            name: String::new(),
            role: if column == 0 || column == 4 { NodeRole::Output } else { NodeRole::Hidden },
            column,
            function: String::new(),
            bias: None,
        };
        let nodes: Vec<DiagramNode> =
            (0..5).flat_map(|column| vec![node(column); sizes[column]]).collect();
        let ends = (0..nodes.len()).flat_map(|a| (0..nodes.len()).map(move |b| (a, b)));
        let edge = |(source, target): (usize, usize)| {
            let recurrent = nodes[source].column >= nodes[target].column;
            DiagramEdge { source, target, weight: 1.0, recurrent }
        };
        let some = ends.filter(|(a, b)| (7 * a + 3 * b) % 5 == 0 && (*b > 2 || *a > 2));
        let edges: Vec<DiagramEdge> = some.map(edge).collect();
        NetworkDiagram { nodes, edges, columns: 5, left_out: 0 }
    }

    #[test]
    fn nothing_in_a_column_overlaps_and_everything_is_within_the_height() {
        let diagram = diagram();
        let extent = Extent { above: 20.0, below: 12.0 };
        let layout = lay_out(&diagram, &vec![extent; diagram.nodes.len()]);
        let passes_back =
            |edge: &DiagramEdge| edge.recurrent && !columns_between(&diagram, edge).is_empty();
        assert!(diagram.edges.iter().any(passes_back));
        for column in 0..5 {
            let nodes = diagram.nodes.iter().zip(&layout.nodes);
            let nodes = nodes.filter(|(node, _)| node.column == column);
            let mut occupied: Vec<[f64; 2]> =
                nodes.map(|(_, y)| [y - extent.above, y + extent.below]).collect();
            let edges = diagram.edges.iter().zip(&layout.passages);
            let passing = edges.filter_map(|(edge, passages)| {
                let columns = columns_between(&diagram, edge);
                assert_eq!(passages.len(), columns.len());
                columns.contains(&column).then(|| passages[column - columns.start])
            });
            let passing: Vec<f64> = passing.collect();
            let room = MAX_PASSAGES_HEIGHT / passing.len().max(1) as f64;
            let half = 0.5 * PASSAGE_HEIGHT.min(room);
            occupied.extend(passing.into_iter().map(|y| [y - half, y + half]));
            occupied.sort_by(|a, b| a[0].total_cmp(&b[0]));
            for pair in occupied.windows(2) {
                assert!(pair[1][0] >= pair[0][1] - 1e-9, "{column}: {pair:?}");
            }
            let (first, last) = (occupied[0][0], occupied[occupied.len() - 1][1]);
            assert!(first >= -1e-9 && last <= layout.height + 1e-9, "{column}: {occupied:?}");
        }
    }
}
