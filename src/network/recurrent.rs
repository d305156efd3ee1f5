//! Recurrent layers, which have a hidden state in addition to their inputs.
//!
//! A layer of any [`Cell`] consists of dense parts with genes of their own. The parts of a
//! recurrent layer read the layer's inputs followed by its *feedback*: the first numbers of its
//! hidden state, which is zero at the start of an episode. From the sums of the parts, the cell
//! computes the layer's outputs and its next hidden state: see [`elman`](super::elman) and
//! [`gru`](super::gru). Twin: `shaders/network/recurrent.wgsl`.
//!
//! ```text
//! hidden state of a layer │ feedback, read by the parts │ the rest, read by the cell alone │
//! ```
//!
//! The hidden state of both cells is their output, all of it feedback. A cell may have more state
//! than outputs, or less: everything that sizes, resets or copies it goes by
//! [`Layer::state_size`] and [`Layer::feedback_size`].

// The compiler turns indexed loops over a layer into vectors without a call.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::dense::{WeightSource, dense};
use super::{Cell, DensePart, Layer, Network, WeightMatrix, elman, gru};
use crate::math::{Instructions, Lanes, Real};

impl Layer {
    /// The dense part with an index, counted from 0; `None` after the last one.
    #[inline(always)]
    pub fn part(&self, index: usize) -> Option<DensePart> {
        match self.cell {
            Cell::Dense if index == 0 => {
                Some(DensePart { dense: *self, first_source: 0, first_target: 0 })
            }
            Cell::Dense => None,
            Cell::Elman => elman::part(self, index),
            Cell::Gru => gru::part(self, index),
        }
    }

    /// The dense parts of the layer.
    pub fn parts(&self) -> impl Iterator<Item = DensePart> {
        (0..).map_while(|index| self.part(index))
    }

    /// The matrices of the inputs, and those of the feedback; one for each gate.
    pub fn matrices(&self) -> [Vec<WeightMatrix>; 2] {
        let (inputs, outputs, stride) = (self.inputs, self.outputs, self.outputs);
        match self.cell {
            Cell::Dense => {
                let first_gene = self.first_gene;
                [vec![WeightMatrix { first_gene, inputs, outputs, stride }], Vec::new()]
            }
            Cell::Elman => elman::matrices(self),
            Cell::Gru => gru::matrices(self),
        }
    }

    /// The gene of `bias[0]` of each gate, for the inputs and for the feedback. `None` stands for
    /// a bias that would only add to the other one.
    pub fn gate_biases(&self) -> [Vec<Option<usize>>; 2] {
        match self.cell {
            Cell::Dense => [vec![Some(self.first_bias())], Vec::new()],
            Cell::Elman => elman::biases(self),
            Cell::Gru => gru::biases(self),
        }
    }

    /// The numbers of the layer's hidden state; 0 for a dense layer.
    #[inline(always)]
    pub fn state_size(&self) -> usize {
        match self.cell {
            Cell::Dense => 0,
            Cell::Elman => elman::state_size(self),
            Cell::Gru => gru::state_size(self),
        }
    }

    /// The numbers of the hidden state that the dense parts read. They come first in the state.
    #[inline(always)]
    pub fn feedback_size(&self) -> usize {
        match self.cell {
            Cell::Dense => 0,
            Cell::Elman => elman::feedback_size(self),
            Cell::Gru => gru::feedback_size(self),
        }
    }

    /// The most numbers that the parts of the layer read or write: inputs and feedback, or sums.
    pub fn scratch_size(&self) -> usize {
        let size = |part: DensePart| {
            let source = part.first_source + part.dense.inputs;
            source.max(part.first_target + part.dense.outputs)
        };
        self.parts().map(size).max().unwrap_or(0)
    }
}

impl Network {
    /// The numbers of the hidden state of all layers; 0 for a network without recurrent layers.
    pub fn state_size(&self) -> usize {
        self.layers().iter().map(Layer::state_size).sum()
    }
}

/// The hidden state of a network's layers, with the buffers of a step.
pub(super) struct HiddenState<R> {
    /// `[state_size]`, layer after layer.
    pub numbers: Vec<R>,
    joined: Vec<R>,
    sums: Vec<R>,
}

impl<R: Real> HiddenState<R> {
    /// The state of a network at the start of an episode.
    pub fn for_network(network: &Network) -> Self {
        let recurrent = network.layers().iter().filter(|layer| layer.state_size() > 0);
        let size = recurrent.map(Layer::scratch_size).max().unwrap_or(0);
        let buffer = vec![R::default(); size];
        let numbers = vec![R::default(); network.state_size()];
        Self { numbers, joined: buffer.clone(), sums: buffer }
    }

    /// Runs one step of a recurrent layer: writes its outputs, and updates its state.
    #[inline(always)]
    pub fn step<G: WeightSource<R> + ?Sized>(
        &mut self,
        layer: &Layer,
        genome: &G,
        source: &[R],
        target: &mut [R],
    ) {
        let state = &mut self.numbers[layer.first_state..][..layer.state_size()];
        let feedback = layer.feedback_size();
        let joined = &mut self.joined[..layer.inputs + feedback];
        for input in 0..layer.inputs {
            joined[input] = source[input];
        }
        for number in 0..feedback {
            joined[layer.inputs + number] = state[number];
        }
        let mut index = 0;
        while let Some(DensePart { dense: part, first_source, first_target }) = layer.part(index) {
            let numbers = &joined[first_source..][..part.inputs];
            let sums = &mut self.sums[first_target..][..part.outputs];
            dense(&part, genome, numbers, sums);
            index += 1;
        }
        let outputs = &mut target[..layer.outputs];
        match layer.cell {
            Cell::Dense => unreachable!("a dense layer has no hidden state"),
            Cell::Elman => elman::update(&self.sums, state, outputs),
            Cell::Gru => gru::update(&self.sums, state, outputs),
        }
    }

    /// Resets the state to zero at the start of an episode.
    pub fn reset(&mut self) {
        self.numbers.fill(R::default());
    }
}

impl<I: Instructions> HiddenState<Lanes<I>> {
    /// Resets the state of one lane at the start of an episode.
    #[inline(always)]
    pub fn reset_lane(&mut self, lane: usize) {
        for number in 0..self.numbers.len() {
            self.numbers[number].0[lane] = 0.0;
        }
    }
}
