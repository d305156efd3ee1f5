//! Where the nodes of a wiring stand, and the ways of wires that pass columns.
//!
//! Columns stand beside each other. A wire that passes columns takes a place of its own in each, as
//! if it were a thin node, so that it crosses no node that is not its own. Places in a column keep
//! apart; within that each comes as close as it can to the mean of what it is connected to.
//!
//! # Source
//!
//! Layers, thin nodes and means: Sugiyama, Tagawa and Toda, "Methods for visual understanding of
//! hierarchical system structures", IEEE Transactions on Systems, Man and Cybernetics 11(2), 1981.
//! Places that keep apart and are as near as can be: the isotonic regression of Ayer, Brunk, Ewing,
//! Reid and Silverman, The Annals of Mathematical Statistics 26(4), 1955.

use std::ops::Range;

use crate::champion::{Role, Wire, Wiring};

/// Rounds in which places follow their neighbours: in the first of them they may change order.
const ROUNDS: usize = 40;
const ORDERING: usize = 24;
/// What wires that pass a column take of it, each and together at most, in pixels.
const PASSING: f64 = 9.0;
const PASSING_TOGETHER: f64 = 260.0;
/// How much further apart than they must places may stand where there is room: inputs and outputs,
/// and those between.
const STRETCH: f64 = 1.9;
const STRETCH_BETWEEN: f64 = 1.4;

/// What a place takes above and below its middle.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub above: f64,
    pub below: f64,
}

/// Where things stand, from the upper end of the columns.
pub(super) struct Layout {
    /// Of each node.
    pub nodes: Vec<f64>,
    /// Of each wire: where it passes the columns between its ends, from left to right.
    pub passes: Vec<Vec<f64>>,
    /// Down to the lowest end.
    pub height: f64,
}

/// A node, or a wire in a column that it passes.
struct Place {
    room: Room,
    y: f64,
    /// Places that it is connected to, to the left and to the right.
    neighbours: [Vec<usize>; 2],
}

/// The layout of a wiring whose nodes need such room.
pub(super) fn layout(wiring: &Wiring, rooms: &[Room]) -> Layout {
    let mut sheet = Sheet::of(wiring, rooms);
    for round in 0..ROUNDS {
        let leftwards = round % 2 == 1;
        for step in 0..wiring.columns {
            let column = if leftwards { wiring.columns - 1 - step } else { step };
            sheet.follow(column, round);
        }
    }
    let y = |place: usize| sheet.places[place].y;
    Layout {
        nodes: (0..rooms.len()).map(y).collect(),
        passes: sheet.passes.iter().map(|passes| passes.iter().map(|&p| y(p)).collect()).collect(),
        height: sheet.height,
    }
}

/// The columns that a wire passes between its ends, whichever of them is on the left.
fn between(wiring: &Wiring, wire: &Wire) -> Range<usize> {
    let [source, target] = [wire.source, wire.target].map(|place| wiring.nodes[place].column);
    source.min(target) + 1..source.max(target)
}

struct Sheet {
    /// The nodes, then what passes.
    places: Vec<Place>,
    /// The places of each column, from above.
    columns: Vec<Vec<usize>>,
    passes: Vec<Vec<usize>>,
    height: f64,
}

impl Sheet {
    fn of(wiring: &Wiring, rooms: &[Room]) -> Self {
        let place = |room: Room| Place { room, y: 0.0, neighbours: [Vec::new(), Vec::new()] };
        let mut places: Vec<Place> = rooms.iter().map(|&room| place(room)).collect();
        let mut columns = vec![Vec::new(); wiring.columns];
        for (index, node) in wiring.nodes.iter().enumerate() {
            columns[node.column].push(index);
        }
        let mut passing = vec![0usize; wiring.columns];
        for wire in &wiring.wires {
            between(wiring, wire).for_each(|column| passing[column] += 1);
        }
        let mut passes = Vec::with_capacity(wiring.wires.len());
        for wire in &wiring.wires {
            let first = places.len();
            for column in between(wiring, wire) {
                let half = 0.5 * PASSING.min(PASSING_TOGETHER / passing[column] as f64);
                columns[column].push(places.len());
                places.push(place(Room { above: half, below: half }));
            }
            let passed: Vec<usize> = (first..places.len()).collect();
            let ends = match wiring.nodes[wire.source].column <= wiring.nodes[wire.target].column {
                true => [wire.source, wire.target],
                false => [wire.target, wire.source],
            };
            let chain = [&ends[..1], &passed, &ends[1..]].concat();
            for pair in chain.windows(2) {
                let &[left, right] = pair else { continue };
                // What leads back follows the nodes, and they do not follow it.
                let leads_on = wire.source == ends[0] && !wire.recurrent;
                if leads_on || left >= rooms.len() {
                    places[left].neighbours[1].push(right);
                }
                if leads_on || right >= rooms.len() {
                    places[right].neighbours[0].push(left);
                }
            }
            passes.push(passed);
        }
        let needed = |column: &Vec<usize>| -> f64 {
            column.iter().map(|&p| places[p].room.above + places[p].room.below).sum()
        };
        let height = columns.iter().map(needed).fold(0.0, f64::max);
        let mut sheet = Self { places, columns, passes, height };
        for column in 0..sheet.columns.len() {
            sheet.spread(column);
        }
        // Inputs and outputs have an order that a reader knows; they stay where they are.
        debug_assert!(wiring.nodes.iter().all(|node| {
            let at_an_end = node.column == 0 || node.column == wiring.columns - 1;
            at_an_end != (node.role == Role::Hidden)
        }));
        sheet
    }

    /// Puts the places of a column into their order, evenly and about the middle.
    fn spread(&mut self, column: usize) {
        let rooms = self.columns[column].iter().map(|&place| self.places[place].room);
        let needed: f64 = rooms.clone().map(|room| room.above + room.below).sum();
        let stretch = (self.height / needed.max(1.0)).clamp(1.0, STRETCH);
        let mut y = 0.5 * (self.height - stretch * needed);
        for index in 0..self.columns[column].len() {
            let place = self.columns[column][index];
            let Room { above, below } = self.places[place].room;
            self.places[place].y = y + stretch * above;
            y += stretch * (above + below);
        }
    }

    /// Lets the places of a column follow those that they are connected to.
    fn follow(&mut self, column: usize, round: usize) {
        if column == 0 || column + 1 == self.columns.len() {
            return;
        }
        let wanted = |place: &Place| {
            // While the order is sought, one side leads, that which was moved last.
            let sides = match (round < ORDERING, round % 2) {
                (true, 0) => &place.neighbours[..1],
                (true, _) => &place.neighbours[1..],
                (false, _) => &place.neighbours[..],
            };
            let near = || sides.iter().flatten().map(|&other| self.places[other].y);
            match near().count() {
                0 => place.y,
                count => near().sum::<f64>() / count as f64,
            }
        };
        let mut order: Vec<(f64, usize)> = self.columns[column]
            .iter()
            .map(|&place| (wanted(&self.places[place]), place))
            .collect();
        if round < ORDERING {
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let mut rooms: Vec<Room> =
            order.iter().map(|&(_, place)| self.places[place].room).collect();
        let needed: f64 = rooms.iter().map(|room| room.above + room.below).sum();
        let stretch = (self.height / needed.max(1.0)).clamp(1.0, STRETCH_BETWEEN);
        for room in &mut rooms {
            (room.above, room.below) = (stretch * room.above, stretch * room.below);
        }
        let wanted: Vec<f64> = order.iter().map(|&(wanted, _)| wanted).collect();
        for (y, &(_, place)) in apart(&wanted, &rooms, self.height).into_iter().zip(&order) {
            self.places[place].y = y;
        }
        self.columns[column] = order.into_iter().map(|(_, place)| place).collect();
    }
}

/// Places in their order, none within another's room and all within the height where it suffices,
/// whose squared distances to those that are wanted sum to the least.
fn apart(wanted: &[f64], rooms: &[Room], height: f64) -> Vec<f64> {
    // Without the room that must be between them, they may be equal but not in another order.
    let mut offset = 0.0;
    let offsets: Vec<f64> = rooms
        .iter()
        .map(|room| {
            let at = offset + room.above;
            offset = at + room.below;
            at
        })
        .collect();
    let slack = (height - offset).max(0.0);
    // Runs of places that touch: how many they are, and their mean.
    let mut runs: Vec<(usize, f64)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        let mut run = (1, wanted - offset);
        while let Some(&(count, mean)) = runs.last().filter(|last| last.1 > run.1) {
            let all = count + run.0;
            run = (all, (count as f64 * mean + run.0 as f64 * run.1) / all as f64);
            runs.pop();
        }
        runs.push(run);
    }
    let means = runs.iter().flat_map(|&(count, mean)| std::iter::repeat_n(mean, count));
    means.zip(&offsets).map(|(mean, offset)| mean.clamp(0.0, slack) + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::champion::Spot;

    #[test]
    fn places_that_do_not_touch_are_where_they_are_wanted_and_others_share_the_way() {
        let room = Room { above: 5.0, below: 5.0 };
        assert_eq!(apart(&[20.0, 60.0], &[room; 2], 100.0), [20.0, 60.0]);
        assert_eq!(apart(&[50.0, 50.0], &[room; 2], 100.0), [45.0, 55.0]);
        assert_eq!(apart(&[50.0, 20.0, 90.0], &[room; 3], 100.0), [30.0, 40.0, 90.0]);
        // None leaves the sheet.
        assert_eq!(apart(&[-9.0, 300.0], &[room; 2], 40.0), [5.0, 35.0]);
    }

    #[test]
    fn what_passes_a_column_crosses_none_of_its_nodes_and_all_keep_apart() {
        let sizes = [3, 4, 2, 5, 2];
        let spot = |column: usize| Spot {
            name: String::new(),
            role: if column == 0 || column == 4 { Role::Output } else { Role::Hidden },
            column,
            function: String::new(),
            bias: None,
        };
        let nodes: Vec<Spot> =
            (0..5).flat_map(|column| vec![spot(column); sizes[column]]).collect();
        // Some of all that can be, to the right and back.
        let ends = (0..nodes.len()).flat_map(|a| (0..nodes.len()).map(move |b| (a, b)));
        let wire = |(source, target): (usize, usize)| {
            let recurrent = nodes[source].column >= nodes[target].column;
            Wire { source, target, weight: 1.0, recurrent }
        };
        let some = ends.filter(|(a, b)| (7 * a + 3 * b) % 5 == 0 && (*b > 2 || *a > 2));
        let wires: Vec<Wire> = some.map(wire).collect();
        let wiring = Wiring { nodes, wires, columns: 5, left_out: 0 };
        let room = Room { above: 20.0, below: 12.0 };
        let layout = layout(&wiring, &vec![room; wiring.nodes.len()]);
        assert!(
            wiring.wires.iter().any(|wire| wire.recurrent && !between(&wiring, wire).is_empty())
        );
        for column in 0..5 {
            let here = wiring.nodes.iter().zip(&layout.nodes).filter(|(n, _)| n.column == column);
            let mut taken: Vec<[f64; 2]> =
                here.map(|(_, y)| [y - room.above, y + room.below]).collect();
            let passing = wiring.wires.iter().zip(&layout.passes).filter_map(|(wire, passes)| {
                let columns = between(&wiring, wire);
                assert_eq!(passes.len(), columns.len());
                columns.contains(&column).then(|| passes[column - columns.start])
            });
            let passing: Vec<f64> = passing.collect();
            let half = 0.5 * PASSING.min(PASSING_TOGETHER / passing.len().max(1) as f64);
            taken.extend(passing.into_iter().map(|y| [y - half, y + half]));
            taken.sort_by(|a, b| a[0].total_cmp(&b[0]));
            for pair in taken.windows(2) {
                assert!(pair[1][0] >= pair[0][1] - 1e-9, "{column}: {pair:?}");
            }
            let (first, last) = (taken[0][0], taken[taken.len() - 1][1]);
            assert!(first >= -1e-9 && last <= layout.height + 1e-9, "{column}: {taken:?}");
        }
    }
}
