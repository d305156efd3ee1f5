//! The forward pass of graphs on the CPU: sixteen lanes, each with its own graph or all with one.
//!
//! # Shapes
//!
//! Edges are in columns of sixteen, one for each lane: the first edge of the first node of every
//! graph, then the second, and so on. A node has as many columns as any of the graphs needs. A lane
//! with fewer edges is padded with weights of -0, which change no sum.
//!
//! If all lanes have graphs of one topology, the source values of a column are adjacent. Otherwise
//! they are gathered. Both ways add up in the order of the edges, so the bits of a lane depend on
//! its own graph alone.

// The compiler turns indexed loops over lanes into vectors.
#![allow(clippy::needless_range_loop)]

use super::{Aggregation, Edge, Phenotype};
use crate::math::{Instructions, LANES, LaneMask, Lanes, Mask, Real, SimdWork};
use crate::network::{Activation, Samples, Sink};

/// A weight that changes no sum: adding -0 to a number gives that number.
const PADDING: f32 = -0.0;

/// The index of a value for each lane, among the values of all lanes.
type Indices = [u32; LANES];

/// The common properties of the nodes with one index in all graphs.
#[derive(Clone, Copy, Default)]
struct NodeGroup {
    /// The end of the columns of its edges.
    end: usize,
    /// The activation, if all graphs have the same one.
    activation: Option<Activation>,
    /// True if the aggregation of all graphs is a sum.
    is_sum: bool,
}

/// Sixteen lanes with a graph in each, and the values of their nodes.
pub struct GraphLanes<'a, I> {
    inputs: usize,
    /// The index of slot 0 in `values`, after the hidden state, which is in reverse order.
    base: usize,
    groups: Vec<NodeGroup>,
    /// `[columns]`: the source of each edge.
    sources: Vec<Indices>,
    /// `[columns]`.
    weights: Vec<Lanes<I>>,
    /// `[groups]`.
    responses: Vec<Lanes<I>>,
    /// `[outputs]`, and `[state_size]`: the values that they are copied from.
    output_sources: Vec<Indices>,
    state_sources: Vec<Indices>,
    /// `[hidden state, inputs, bias, nodes]`.
    values: Vec<Lanes<I>>,
    outputs: Vec<Lanes<I>>,
    graphs: [Option<&'a Phenotype>; LANES],
    /// True if all graphs have one topology.
    is_uniform: bool,
}

impl<'a, I: Instructions> GraphLanes<'a, I> {
    /// Makes empty lanes that fit any of some graphs with equal inputs and outputs.
    pub fn for_graphs(graphs: &[&'a Phenotype]) -> Self {
        let most = |of: fn(&Phenotype) -> usize| {
            graphs.iter().map(|&phenotype| of(phenotype)).max().unwrap_or(0)
        };
        let (inputs, outputs) = (most(|graph| graph.inputs), most(|graph| graph.outputs.len()));
        let base = most(|graph| graph.state_sources.len());
        let groups = node_groups(graphs, most(|graph| graph.nodes.len()));
        let columns = groups.last().map_or(0, |group| group.end);
        let zero = Lanes::default();
        let mut lanes = Self {
            inputs,
            base,
            sources: vec![[0; LANES]; columns],
            weights: vec![Lanes::from_f64(f64::from(PADDING)); columns],
            responses: vec![zero; groups.len()],
            output_sources: vec![[0; LANES]; outputs],
            state_sources: vec![[0; LANES]; base],
            values: vec![zero; base + inputs + 1 + groups.len()],
            outputs: vec![zero; outputs],
            groups,
            graphs: [None; LANES],
            is_uniform: true,
        };
        lanes.values[base + inputs] = Lanes::from_f64(1.0);
        lanes
    }

    /// The index of a slot's value in a lane.
    ///
    /// # Panics
    /// Panics if there is no such slot. `gather` relies on this.
    fn index(&self, slot: i32, lane: usize) -> u32 {
        let value = self.base as i32 + slot;
        assert!(value >= 0 && (value as usize) < self.values.len(), "a slot of the lanes");
        (value as usize * LANES + lane) as u32
    }

    /// Assigns a graph to a lane, and resets the state of the lane.
    pub fn assign(&mut self, lane: usize, graph: &'a Phenotype) {
        self.graphs[lane] = Some(graph);
        let others = self.graphs.iter().flatten();
        self.is_uniform = others.clone().all(|other| other.has_topology_of(graph));
        let (mut edge, mut column) = (0, 0);
        for group in 0..self.groups.len() {
            let node = graph.nodes.get(group);
            let end = node.map_or(edge, |node| node.end as usize);
            self.responses[group].0[lane] = node.map_or(0.0, |node| node.response);
            let width = self.groups[group].end - column;
            for edge in &graph.edges[edge..end] {
                self.sources[column][lane] = self.index(edge.source, lane);
                self.weights[column].0[lane] = edge.weight;
                column += 1;
            }
            for _ in end - edge..width {
                self.sources[column][lane] = self.index(self.inputs as i32, lane);
                self.weights[column].0[lane] = PADDING;
                column += 1;
            }
            edge = end;
        }
        for (output, &slot) in graph.outputs.iter().enumerate() {
            self.output_sources[output][lane] = self.index(slot, lane);
        }
        for number in 0..self.base {
            let slot = graph.state_sources.get(number).copied().unwrap_or(0);
            self.state_sources[number][lane] = self.index(slot, lane);
        }
        self.reset_lane(lane);
    }

    /// Assigns one graph to all lanes. The next assignment must also be to all lanes.
    fn assign_to_all(&mut self, graph: &'a Phenotype) {
        (self.graphs, self.is_uniform) = ([Some(graph); LANES], true);
        let (mut edge, mut column) = (0, 0);
        for (group, node) in graph.nodes.iter().enumerate() {
            self.responses[group] = Lanes::from_f64(f64::from(node.response));
            for edge in &graph.edges[edge..node.end as usize] {
                self.weights[column] = Lanes::from_f64(f64::from(edge.weight));
                column += 1;
            }
            (edge, column) = (node.end as usize, self.groups[group].end);
        }
    }

    /// Releases a lane, which is then empty.
    #[inline(always)]
    pub fn release(&mut self, lane: usize) {
        self.graphs[lane] = None;
    }

    /// Resets the hidden state of a lane at the start of an episode.
    #[inline(always)]
    pub fn reset_lane(&mut self, lane: usize) {
        for number in &mut self.values[..self.base] {
            number.0[lane] = 0.0;
        }
    }

    /// The hidden state of a lane.
    pub fn lane_state(&mut self, lane: usize) -> impl Iterator<Item = &mut f32> {
        self.values[..self.base].iter_mut().rev().map(move |number| &mut number.0[lane])
    }

    /// Runs a step: takes `[inputs]` and returns `[outputs]`. The function is compiled once for an
    /// instruction set, to which the caller must have been dispatched.
    #[inline(always)]
    pub fn step(&mut self, observation: &[Lanes<I>]) -> &[Lanes<I>] {
        I::call(Step { lanes: self, observation });
        &self.outputs
    }

    #[inline(always)]
    fn step_uniform(&mut self) {
        let Some(graph) = self.graphs.iter().flatten().next() else { return };
        let (base, first_node) = (self.base as i32, self.base + self.inputs + 1);
        let (mut first, mut column) = (0, 0);
        for (group, node) in graph.nodes.iter().enumerate() {
            let edges = graph.edges[first..node.end as usize].iter();
            let edges = edges.zip(&self.weights[column..]);
            let sum = aggregate::<I>(node.aggregation, edges, base, &self.values);
            (first, column) = (node.end as usize, self.groups[group].end);
            let mut number = [sum * self.responses[group]];
            node.activation.apply_all(&mut number);
            self.values[first_node + group] = number[0];
        }
        for (output, &slot) in self.outputs.iter_mut().zip(&graph.outputs) {
            *output = self.values[(base + slot) as usize];
        }
        for (index, &slot) in graph.state_sources.iter().enumerate() {
            self.values[self.base - 1 - index] = self.values[(base + slot) as usize];
        }
    }

    #[inline(always)]
    fn step_mixed(&mut self) {
        let first_node = self.base + self.inputs + 1;
        let mut column = 0;
        for (k, group) in self.groups.iter().enumerate() {
            let mut sum = Lanes::<I>::from_f64(0.0);
            for index in column..group.end {
                let numbers = gather(&self.values, &self.sources[index]);
                sum = self.weights[index].mul_add(numbers, sum);
            }
            if !group.is_sum {
                self.aggregate_lanes(k, &mut sum);
            }
            column = group.end;
            let sum = sum * self.responses[k];
            self.values[first_node + k] = match group.activation {
                Some(activation) => {
                    let mut number = [sum];
                    activation.apply_all(&mut number);
                    number[0]
                }
                None => self.activate_lanes(k, sum),
            };
        }
        for (output, indices) in self.outputs.iter_mut().zip(&self.output_sources) {
            *output = gather(&self.values, indices);
        }
        for (number, indices) in self.state_sources.iter().enumerate() {
            let numbers = gather(&self.values, indices);
            self.values[self.base - 1 - number] = numbers;
        }
    }

    /// Aggregates the terms of the nodes of a group, in each lane by its own aggregation. `sums`
    /// has the sums of the terms.
    fn aggregate_lanes(&self, group: usize, sums: &mut Lanes<I>) {
        let numbers: &[f32] = bytemuck::cast_slice(&self.values);
        for lane in 0..LANES {
            let Some(graph) = self.graphs[lane] else { continue };
            let Some(node) = graph.nodes.get(group) else { continue };
            let first = group.checked_sub(1).map_or(0, |before| graph.nodes[before].end);
            let edges = &graph.edges[first as usize..node.end as usize];
            if node.aggregation == Aggregation::Mean && !edges.is_empty() {
                sums.0[lane] /= edges.len() as f32;
            }
            let aggregate = aggregate_one(node.aggregation, edges, self.base as i32, lane, numbers);
            sums.0[lane] = aggregate.unwrap_or(sums.0[lane]);
        }
    }

    /// Applies the activations of the nodes of a group, which differ between lanes.
    #[inline(always)]
    fn activate_lanes(&self, group: usize, sums: Lanes<I>) -> Lanes<I> {
        let mut left: [Option<Activation>; LANES] = [None; LANES];
        for lane in 0..LANES {
            let node = self.graphs[lane].and_then(|graph| graph.nodes.get(group));
            left[lane] = node.map(|node| node.activation);
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

/// The groups of nodes for lanes that may hold any of some graphs.
fn node_groups(graphs: &[&Phenotype], count: usize) -> Vec<NodeGroup> {
    let mut widths = vec![0; count];
    let mut groups = vec![NodeGroup { is_sum: true, ..NodeGroup::default() }; count];
    let mut visited = vec![false; count];
    for graph in graphs {
        let mut first = 0;
        for (group, node) in graph.nodes.iter().enumerate() {
            widths[group] = usize::max(widths[group], node.end as usize - first);
            first = node.end as usize;
            let common = &mut groups[group];
            common.is_sum &= node.aggregation == Aggregation::Sum;
            if !std::mem::replace(&mut visited[group], true) {
                common.activation = Some(node.activation);
            } else if common.activation != Some(node.activation) {
                common.activation = None;
            }
        }
    }
    let mut end = 0;
    for (group, width) in groups.iter_mut().zip(widths) {
        end += width;
        group.end = end;
    }
    groups
}

/// One step of all lanes.
struct Step<'c, 'a, 'o, I> {
    lanes: &'c mut GraphLanes<'a, I>,
    observation: &'o [Lanes<I>],
}

impl<I: Instructions> SimdWork for Step<'_, '_, '_, I> {
    type Output = ();

    #[inline(always)]
    fn run<J: Instructions>(self) {
        let Self { lanes, observation } = self;
        for input in 0..lanes.inputs {
            lanes.values[lanes.base + input] = observation[input];
        }
        if lanes.is_uniform { lanes.step_uniform() } else { lanes.step_mixed() }
    }
}

/// Gathers a value for each lane.
#[inline(always)]
fn gather<I: Instructions>(values: &[Lanes<I>], indices: &Indices) -> Lanes<I> {
    let numbers: &[f32] = bytemuck::cast_slice(values);
    let mut out = [0.0; LANES];
    for lane in 0..LANES {
        debug_assert!((indices[lane] as usize) < numbers.len());
        // SAFETY: an index is zero or comes from `index`, and the number of values never changes.
        out[lane] = unsafe { *numbers.get_unchecked(indices[lane] as usize) };
    }
    Lanes::new(out)
}

/// Aggregates the terms of edges in all lanes.
#[inline(always)]
fn aggregate<'e, I: Instructions>(
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
    let mut aggregate = zero;
    for (index, (edge, &weight)) in edges.enumerate() {
        let term = weight * values[(base + edge.source) as usize];
        aggregate = match aggregation {
            _ if index == 0 => term,
            Aggregation::Product => aggregate * term,
            Aggregation::Maximum => aggregate.max(term),
            Aggregation::Minimum => aggregate.min(term),
            Aggregation::Sum | Aggregation::Mean => {
                unreachable!("a sum or a mean is computed above")
            }
        };
    }
    aggregate
}

/// Aggregates the terms of edges in one lane, with the same bits; `None` for a sum or a mean, which
/// the caller has. `numbers` is `f32[slots][lanes]`.
fn aggregate_one(
    aggregation: Aggregation,
    edges: &[Edge],
    base: i32,
    lane: usize,
    numbers: &[f32],
) -> Option<f32> {
    let terms = edges
        .iter()
        .map(|edge| edge.weight * numbers[(base + edge.source) as usize * LANES + lane]);
    let aggregate = match aggregation {
        Aggregation::Sum | Aggregation::Mean => return None,
        Aggregation::Product => terms.reduce(|aggregate, term| aggregate * term),
        Aggregation::Maximum => {
            terms.reduce(|aggregate, term| if term > aggregate { term } else { aggregate })
        }
        Aggregation::Minimum => {
            terms.reduce(|aggregate, term| if term < aggregate { term } else { aggregate })
        }
    };
    Some(aggregate.unwrap_or(0.0))
}

/// Forward passes of graphs on the samples of a data set, sixteen samples at a time.
pub struct GraphPasses<'a, S> {
    /// The graphs, without hidden state.
    pub graphs: &'a [&'a Phenotype],
    /// The samples.
    pub samples: &'a Samples,
    /// A sink for the outputs of each graph.
    pub sinks: &'a mut [S],
}

impl<S: Sink> SimdWork for GraphPasses<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let mut lanes = GraphLanes::<I>::for_graphs(self.graphs);
        for (&graph, sink) in self.graphs.iter().zip(self.sinks) {
            lanes.assign_to_all(graph);
            for first in (0..self.samples.count()).step_by(LANES) {
                let observation = bytemuck::cast_slice(self.samples.group(first / LANES));
                let count = (self.samples.count() - first).min(LANES);
                let outputs = lanes.step(observation);
                sink.take(first, count, &outputs[..graph.outputs.len()]);
            }
        }
    }
}
