//! Recurrent layers: they see, beside what goes in, what they gave a step before.
//!
//! A layer of any kind is made of *parts*, each a dense layer with genes of its own; a recurrent
//! one's parts read the numbers that go in and, joined behind them, the layer's *memory*: what it
//! gave at the last step, zero at an episode's first. What comes of the parts' sums is said in
//! [`elman`](super::elman) and [`gru`](super::gru). Twin: `shaders/network/recurrent.wgsl`.

// Indexed loops over a layer are what the compiler turns into vectors without a call.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::mlp::dense;
use super::{Genome, Layer, Network, elman, gru};
use crate::math::{Instructions, Lanes, Real};

/// What a layer computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing but what goes in.
    Dense,
    /// What it gave a step before as well.
    Elman,
    /// The same, through gates that say how much is kept.
    Gru,
}

/// A dense layer that a layer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its shape, and where its genes stand.
    pub dense: Layer,
    /// Where what goes in begins among the layer's inputs and its memory behind them.
    pub first_source: usize,
    /// Where what comes out begins among the sums of the layer's parts.
    pub first_target: usize,
}

/// A matrix of weights within a genome: `weight[input][output]` is the gene
/// `first_gene + input * stride + output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The gene of `weight[0][0]`.
    pub first_gene: usize,
    /// Rows.
    pub inputs: usize,
    /// Columns.
    pub outputs: usize,
    /// Genes from one row to the next.
    pub stride: usize,
}

impl Layer {
    /// A part, counted from 0; `None` behind the last.
    #[inline(always)]
    pub fn part(&self, index: usize) -> Option<Part> {
        match self.cell {
            Cell::Dense if index == 0 => {
                Some(Part { dense: *self, first_source: 0, first_target: 0 })
            }
            Cell::Dense => None,
            Cell::Elman => elman::part(self, index),
            Cell::Gru => gru::part(self, index),
        }
    }

    /// Every part.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        (0..).map_while(|index| self.part(index))
    }

    /// The matrices of what goes in, and of what is remembered; of several gates one each.
    pub fn matrices(&self) -> [Vec<Matrix>; 2] {
        let (inputs, outputs, stride) = (self.inputs, self.outputs, self.outputs);
        match self.cell {
            Cell::Dense => {
                let first_gene = self.first_gene;
                [vec![Matrix { first_gene, inputs, outputs, stride }], Vec::new()]
            }
            Cell::Elman => elman::matrices(self),
            Cell::Gru => gru::matrices(self),
        }
    }

    /// The gene of each gate's `bias[0]`, for what goes in and for what is remembered; `None` where
    /// a bias would do nothing that the other does not.
    pub fn gate_biases(&self) -> [Vec<Option<usize>>; 2] {
        match self.cell {
            Cell::Dense => [vec![Some(self.first_bias())], Vec::new()],
            Cell::Elman => elman::biases(self),
            Cell::Gru => gru::biases(self),
        }
    }

    /// Numbers that it carries from one step to the next.
    pub fn memory(&self) -> usize {
        if self.cell == Cell::Dense { 0 } else { self.outputs }
    }

    /// The most numbers that stand beside each other within the layer.
    pub fn room(&self) -> usize {
        let room = |part: Part| {
            let source = part.first_source + part.dense.inputs;
            source.max(part.first_target + part.dense.outputs)
        };
        self.parts().map(room).max().unwrap_or(0)
    }
}

impl Network {
    /// Numbers that its layers carry from one step to the next; none if it is not recurrent.
    pub fn memory(&self) -> usize {
        self.layers().iter().map(Layer::memory).sum()
    }
}

/// What the layers of a network remember, and room to compute with it.
pub(super) struct Memory<R> {
    /// `[memory]`, layer after layer.
    pub numbers: Vec<R>,
    joined: Vec<R>,
    sums: Vec<R>,
}

impl<R: Real> Memory<R> {
    pub fn of(network: &Network) -> Self {
        let recurrent = network.layers().iter().filter(|layer| layer.memory() > 0);
        let room = vec![R::default(); recurrent.map(Layer::room).max().unwrap_or(0)];
        let numbers = vec![R::default(); network.memory()];
        Self { numbers, joined: room.clone(), sums: room }
    }

    /// A step of a recurrent layer: what it gives, which it remembers.
    #[inline(always)]
    pub fn step<G: Genome<R> + ?Sized>(
        &mut self,
        layer: &Layer,
        genome: &G,
        source: &[R],
        target: &mut [R],
    ) {
        let state = &mut self.numbers[layer.first_state..][..layer.outputs];
        let joined = &mut self.joined[..layer.inputs + layer.outputs];
        for input in 0..layer.inputs {
            joined[input] = source[input];
        }
        for output in 0..layer.outputs {
            joined[layer.inputs + output] = state[output];
        }
        let mut index = 0;
        while let Some(Part { dense: part, first_source, first_target }) = layer.part(index) {
            let numbers = &joined[first_source..][..part.inputs];
            let sums = &mut self.sums[first_target..][..part.outputs];
            dense(&part, genome, numbers, sums);
            index += 1;
        }
        if layer.cell == Cell::Gru {
            gru::blend(&self.sums[..4 * layer.outputs], state);
        } else {
            for output in 0..layer.outputs {
                state[output] = self.sums[output];
            }
        }
        for output in 0..layer.outputs {
            target[output] = state[output];
        }
    }

    /// Forgets everything: an episode begins.
    pub fn forget(&mut self) {
        self.numbers.fill(R::default());
    }
}

impl<I: Instructions> Memory<Lanes<I>> {
    /// Forgets what one lane remembers: an episode begins in it.
    #[inline(always)]
    pub fn forget_lane(&mut self, lane: usize) {
        for number in 0..self.numbers.len() {
            self.numbers[number].0[lane] = 0.0;
        }
    }
}
