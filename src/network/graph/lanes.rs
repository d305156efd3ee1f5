//! The fast forward pass of graphs: sixteen lanes, each with a graph of its own or all with one.
//!
//! # Shapes
//!
//! Edges stand in columns of sixteen, one a lane: the first edge of everybody's first node, the
//! second, and so on, with as many columns for a node as any graph of the crew needs. A lane that
//! has fewer edges is padded with weights of -0, which change no sum.
//!
//! Where all lanes have graphs of one topology, a column's numbers stand side by side. Otherwise
//! they are gathered. Both add up in the order of the edges, so a lane's bits depend on nothing but
//! its own graph.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use super::{Aggregation, Edge, Phenotype};
use crate::math::{Instructions, LANES, LaneMask, Lanes, Mask, Real, SimdWork};
use crate::network::{Activation, Samples, Sink};

/// A weight that changes no sum: any number and -0 is that number.
const PADDING: f32 = -0.0;

/// The places of numbers among those of all lanes, one a lane.
type Places = [u32; LANES];

/// What the nodes in one place of everybody's order have in common.
#[derive(Clone, Copy, Default)]
struct Rank {
    /// Where the columns of its edges end.
    end: usize,
    /// The activation, if all graphs of the crew have the same one.
    activation: Option<Activation>,
    /// Whether all graphs of the crew add up.
    adds: bool,
}

/// Lanes that graphs sit in, and room to run them.
pub struct GraphLanes<'a, I> {
    inputs: usize,
    /// Slots before the inputs: the memories, last first.
    base: usize,
    ranks: Vec<Rank>,
    /// `[columns]`: where an edge brings its number from.
    sources: Vec<Places>,
    /// `[columns]`.
    weights: Vec<Lanes<I>>,
    /// `[ranks]`.
    responses: Vec<Lanes<I>>,
    /// `[outputs]`, and `[memories]`: what they are taken from.
    output_places: Vec<Places>,
    memory_places: Vec<Places>,
    /// `[memories, inputs, bias, nodes]`.
    values: Vec<Lanes<I>>,
    outputs: Vec<Lanes<I>>,
    seats: [Option<&'a Phenotype>; LANES],
    /// Whether all that sit have one topology.
    alike: bool,
}

impl<'a, I: Instructions> GraphLanes<'a, I> {
    /// Empty lanes, with room for each of some graphs with as many inputs and outputs.
    pub fn for_graphs(graphs: &[&'a Phenotype]) -> Self {
        let most = |of: fn(&Phenotype) -> usize| {
            graphs.iter().map(|&phenotype| of(phenotype)).max().unwrap_or(0)
        };
        let (inputs, outputs) = (most(|graph| graph.inputs), most(|graph| graph.outputs.len()));
        let base = most(|graph| graph.state_sources.len());
        let ranks = ranks(graphs, most(|graph| graph.nodes.len()));
        let columns = ranks.last().map_or(0, |rank| rank.end);
        let zero = Lanes::default();
        let mut crew = Self {
            inputs,
            base,
            sources: vec![[0; LANES]; columns],
            weights: vec![Lanes::from_f64(f64::from(PADDING)); columns],
            responses: vec![zero; ranks.len()],
            output_places: vec![[0; LANES]; outputs],
            memory_places: vec![[0; LANES]; base],
            values: vec![zero; base + inputs + 1 + ranks.len()],
            outputs: vec![zero; outputs],
            ranks,
            seats: [None; LANES],
            alike: true,
        };
        crew.values[base + inputs] = Lanes::from_f64(1.0);
        crew
    }

    /// The place of a slot's number in a lane.
    ///
    /// # Panics
    /// If there is no such slot: what reads places counts on this.
    fn place(&self, slot: i32, lane: usize) -> u32 {
        let value = self.base as i32 + slot;
        assert!(value >= 0 && (value as usize) < self.values.len(), "a slot of the crew");
        (value as usize * LANES + lane) as u32
    }

    /// Seats a graph in a lane, which remembers nothing then.
    pub fn seat(&mut self, lane: usize, graph: &'a Phenotype) {
        self.seats[lane] = Some(graph);
        let others = self.seats.iter().flatten();
        self.alike = others.clone().all(|other| other.has_topology_of(graph));
        let (mut edge, mut column) = (0, 0);
        for rank in 0..self.ranks.len() {
            let unit = graph.nodes.get(rank);
            let end = unit.map_or(edge, |unit| unit.end as usize);
            self.responses[rank].0[lane] = unit.map_or(0.0, |unit| unit.response);
            let width = self.ranks[rank].end - column;
            for edge in &graph.edges[edge..end] {
                self.sources[column][lane] = self.place(edge.source, lane);
                self.weights[column].0[lane] = edge.weight;
                column += 1;
            }
            for _ in end - edge..width {
                self.sources[column][lane] = self.place(self.inputs as i32, lane);
                self.weights[column].0[lane] = PADDING;
                column += 1;
            }
            edge = end;
        }
        for (output, &slot) in graph.outputs.iter().enumerate() {
            self.output_places[output][lane] = self.place(slot, lane);
        }
        for memory in 0..self.base {
            let slot = graph.state_sources.get(memory).copied().unwrap_or(0);
            self.memory_places[memory][lane] = self.place(slot, lane);
        }
        self.reset_lane(lane);
    }

    /// Seats one graph in all lanes, where outputs are only asked for while it sits there.
    fn seat_everywhere(&mut self, graph: &'a Phenotype) {
        (self.seats, self.alike) = ([Some(graph); LANES], true);
        let (mut edge, mut column) = (0, 0);
        for (rank, unit) in graph.nodes.iter().enumerate() {
            self.responses[rank] = Lanes::from_f64(f64::from(unit.response));
            for edge in &graph.edges[edge..unit.end as usize] {
                self.weights[column] = Lanes::from_f64(f64::from(edge.weight));
                column += 1;
            }
            (edge, column) = (unit.end as usize, self.ranks[rank].end);
        }
    }

    /// Leaves a lane empty.
    #[inline(always)]
    pub fn rise(&mut self, lane: usize) {
        self.seats[lane] = None;
    }

    /// Forgets what a lane remembers: an episode begins in it.
    #[inline(always)]
    pub fn reset_lane(&mut self, lane: usize) {
        for memory in &mut self.values[..self.base] {
            memory.0[lane] = 0.0;
        }
    }

    /// What a lane remembers, memory by memory.
    pub fn lane_state(&mut self, lane: usize) -> impl Iterator<Item = &mut f32> {
        self.values[..self.base].iter_mut().rev().map(move |memory| &mut memory.0[lane])
    }

    /// A step: `[inputs]` in, `[outputs]` out. Compiled once for an instruction set; only for
    /// callers that run by it themselves.
    #[inline(always)]
    pub fn step(&mut self, observation: &[Lanes<I>]) -> &[Lanes<I>] {
        I::call(Step { crew: self, observation });
        &self.outputs
    }

    #[inline(always)]
    fn step_alike(&mut self) {
        let Some(graph) = self.seats.iter().flatten().next() else { return };
        let (base, first_unit) = (self.base as i32, self.base + self.inputs + 1);
        let (mut first, mut column) = (0, 0);
        for (rank, unit) in graph.nodes.iter().enumerate() {
            let edges = graph.edges[first..unit.end as usize].iter();
            let edges = edges.zip(&self.weights[column..]);
            let sum = join::<I>(unit.aggregation, edges, base, &self.values);
            (first, column) = (unit.end as usize, self.ranks[rank].end);
            let mut number = [sum * self.responses[rank]];
            unit.activation.apply_all(&mut number);
            self.values[first_unit + rank] = number[0];
        }
        for (output, &slot) in self.outputs.iter_mut().zip(&graph.outputs) {
            *output = self.values[(base + slot) as usize];
        }
        for (place, &slot) in graph.state_sources.iter().enumerate() {
            self.values[self.base - 1 - place] = self.values[(base + slot) as usize];
        }
    }

    #[inline(always)]
    fn step_mixed(&mut self) {
        let first_unit = self.base + self.inputs + 1;
        let mut column = 0;
        for (k, rank) in self.ranks.iter().enumerate() {
            let mut sum = Lanes::<I>::from_f64(0.0);
            for place in column..rank.end {
                let numbers = gathered(&self.values, &self.sources[place]);
                sum = self.weights[place].mul_add(numbers, sum);
            }
            if !rank.adds {
                self.join_apart(k, &mut sum);
            }
            column = rank.end;
            let sum = sum * self.responses[k];
            self.values[first_unit + k] = match rank.activation {
                Some(activation) => {
                    let mut number = [sum];
                    activation.apply_all(&mut number);
                    number[0]
                }
                None => self.activated(k, sum),
            };
        }
        for (output, places) in self.outputs.iter_mut().zip(&self.output_places) {
            *output = gathered(&self.values, places);
        }
        for (memory, places) in self.memory_places.iter().enumerate() {
            let numbers = gathered(&self.values, places);
            self.values[self.base - 1 - memory] = numbers;
        }
    }

    /// What comes in to the nodes of a rank, in each lane by an aggregation of its own.
    fn join_apart(&self, rank: usize, sums: &mut Lanes<I>) {
        let numbers: &[f32] = bytemuck::cast_slice(&self.values);
        for lane in 0..LANES {
            let Some(graph) = self.seats[lane] else { continue };
            let Some(unit) = graph.nodes.get(rank) else { continue };
            let first = rank.checked_sub(1).map_or(0, |before| graph.nodes[before].end);
            let edges = &graph.edges[first as usize..unit.end as usize];
            if unit.aggregation == Aggregation::Mean && !edges.is_empty() {
                sums.0[lane] /= edges.len() as f32;
            }
            let joined = join_one(unit.aggregation, edges, self.base as i32, lane, numbers);
            sums.0[lane] = joined.unwrap_or(sums.0[lane]);
        }
    }

    /// The activations of the nodes of a rank, where they differ.
    #[inline(always)]
    fn activated(&self, rank: usize, sums: Lanes<I>) -> Lanes<I> {
        let mut left: [Option<Activation>; LANES] = [None; LANES];
        for lane in 0..LANES {
            let unit = self.seats[lane].and_then(|graph| graph.nodes.get(rank));
            left[lane] = unit.map(|unit| unit.activation);
        }
        let mut values = sums;
        while let Some(activation) = left.iter().flatten().next().copied() {
            let mut numbers = [sums];
            activation.apply_all(&mut numbers);
            let mut has_it = [false; LANES];
            for lane in 0..LANES {
                has_it[lane] = left[lane] == Some(activation);
                if has_it[lane] {
                    left[lane] = None;
                }
            }
            let mask = LaneMask::from_lanes(|lane| has_it[lane]);
            values = Lanes::select(mask, numbers[0], values);
        }
        values
    }
}

/// The ranks of a crew that any of some graphs may sit in.
fn ranks(graphs: &[&Phenotype], count: usize) -> Vec<Rank> {
    let mut widths = vec![0; count];
    let mut ranks = vec![Rank { adds: true, ..Rank::default() }; count];
    let mut met = vec![false; count];
    for graph in graphs {
        let mut first = 0;
        for (rank, unit) in graph.nodes.iter().enumerate() {
            widths[rank] = usize::max(widths[rank], unit.end as usize - first);
            first = unit.end as usize;
            let common = &mut ranks[rank];
            common.adds &= unit.aggregation == Aggregation::Sum;
            if !std::mem::replace(&mut met[rank], true) {
                common.activation = Some(unit.activation);
            } else if common.activation != Some(unit.activation) {
                common.activation = None;
            }
        }
    }
    let mut end = 0;
    for (rank, width) in ranks.iter_mut().zip(widths) {
        end += width;
        rank.end = end;
    }
    ranks
}

struct Step<'c, 'a, 'o, I> {
    crew: &'c mut GraphLanes<'a, I>,
    observation: &'o [Lanes<I>],
}

impl<I: Instructions> SimdWork for Step<'_, '_, '_, I> {
    type Output = ();

    #[inline(always)]
    fn run<J: Instructions>(self) {
        let Self { crew, observation } = self;
        for input in 0..crew.inputs {
            crew.values[crew.base + input] = observation[input];
        }
        if crew.alike { crew.step_alike() } else { crew.step_mixed() }
    }
}

/// A number for each lane, from anywhere.
#[inline(always)]
fn gathered<I: Instructions>(values: &[Lanes<I>], places: &Places) -> Lanes<I> {
    let numbers: &[f32] = bytemuck::cast_slice(values);
    let mut out = [0.0; LANES];
    for lane in 0..LANES {
        debug_assert!((places[lane] as usize) < numbers.len());
        // SAFETY: places are zero, or were found by `place`, and values are as many ever since.
        out[lane] = unsafe { *numbers.get_unchecked(places[lane] as usize) };
    }
    Lanes::new(out)
}

/// What comes in along edges, joined, in all lanes.
#[inline(always)]
fn join<'e, I: Instructions>(
    aggregation: Aggregation,
    edges: impl ExactSizeIterator<Item = (&'e Edge, &'e Lanes<I>)>,
    base: i32,
    values: &[Lanes<I>],
) -> Lanes<I> {
    let (zero, count) = (Lanes::<I>::from_f64(0.0), edges.len());
    if aggregation == Aggregation::Sum || aggregation == Aggregation::Mean {
        let mut sum = zero;
        for (edge, &weight) in edges {
            sum = weight.mul_add(values[(base + edge.source) as usize], sum);
        }
        if aggregation == Aggregation::Mean && count > 0 {
            sum = sum / Lanes::from_f64(count as f64);
        }
        return sum;
    }
    let mut joined = zero;
    for (place, (edge, &weight)) in edges.enumerate() {
        let term = weight * values[(base + edge.source) as usize];
        joined = match aggregation {
            _ if place == 0 => term,
            Aggregation::Product => joined * term,
            Aggregation::Maximum => joined.max(term),
            Aggregation::Minimum => joined.min(term),
            Aggregation::Sum | Aggregation::Mean => unreachable!("added up above"),
        };
    }
    joined
}

/// The same in one lane, to the same bits, unless it is a sum or a mean, which
/// were added up before; `numbers` is `f32[slots][lanes]`.
fn join_one(
    aggregation: Aggregation,
    edges: &[Edge],
    base: i32,
    lane: usize,
    numbers: &[f32],
) -> Option<f32> {
    let terms = edges
        .iter()
        .map(|edge| edge.weight * numbers[(base + edge.source) as usize * LANES + lane]);
    let joined = match aggregation {
        Aggregation::Sum | Aggregation::Mean => return None,
        Aggregation::Product => terms.reduce(|joined, term| joined * term),
        Aggregation::Maximum => {
            terms.reduce(|joined, term| if term > joined { term } else { joined })
        }
        Aggregation::Minimum => {
            terms.reduce(|joined, term| if term < joined { term } else { joined })
        }
    };
    Some(joined.unwrap_or(0.0))
}

/// Samples of a data set, sixteen at a time, through one graph after another: what each says goes
/// into its own sink.
pub struct GraphPasses<'a, S> {
    /// Graphs without a memory.
    pub graphs: &'a [&'a Phenotype],
    /// What goes in.
    pub samples: &'a Samples,
    /// One a graph.
    pub sinks: &'a mut [S],
}

impl<S: Sink> SimdWork for GraphPasses<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let mut crew = GraphLanes::<I>::for_graphs(self.graphs);
        for (&graph, sink) in self.graphs.iter().zip(self.sinks) {
            crew.seat_everywhere(graph);
            for first in (0..self.samples.count()).step_by(LANES) {
                let observation = bytemuck::cast_slice(self.samples.group(first / LANES));
                let count = (self.samples.count() - first).min(LANES);
                let outputs = crew.step(observation);
                sink.take(first, count, &outputs[..graph.outputs.len()]);
            }
        }
    }
}
