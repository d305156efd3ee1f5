//! The forward pass of a network on one observation, in any [`Real`].
//!
//! With [`Lanes`], each lane has its own individual, or all lanes share one. For one individual on
//! many samples see [`batch`](super::batch). Twin: `shaders/network/mlp.wgsl`.

use super::dense::{WeightSource, dense, sparse};
use super::recurrent::HiddenState;
use super::{Cell, Network};
use crate::math::{Instructions, Lanes, Real, SimdWork};

/// The buffers between layers and the hidden state of recurrent layers, reused for every pass.
pub struct Scratch<R> {
    source: Vec<R>,
    target: Vec<R>,
    /// The inputs that are not zero.
    inputs: Vec<u32>,
    state: HiddenState<R>,
}

impl<R: Real> Scratch<R> {
    /// Allocates the buffers of a network, with a hidden state of zero.
    pub fn for_network(network: &Network) -> Self {
        let buffer = vec![R::default(); network.max_width()];
        let state = HiddenState::for_network(network);
        Self { source: buffer.clone(), target: buffer, inputs: Vec::new(), state }
    }

    /// Resets the hidden state to zero at the start of an episode.
    pub fn reset(&mut self) {
        self.state.reset();
    }

    /// The hidden state, `[state_size]`, layer after layer.
    pub fn hidden_state(&mut self) -> &mut [R] {
        &mut self.state.numbers
    }
}

impl<I: Instructions> Scratch<Lanes<I>> {
    /// Resets the hidden state of one lane at the start of an episode.
    #[inline(always)]
    pub fn reset_lane(&mut self, lane: usize) {
        self.state.reset_lane(lane);
    }
}

impl Network {
    /// Computes the outputs for an observation: takes `[parameters]` and `[inputs]`, and returns
    /// `[outputs]`. The hidden state of recurrent layers is updated in `scratch`.
    #[inline(always)]
    pub fn forward<'s, R: Real, G: WeightSource<R> + ?Sized>(
        &self,
        genome: &G,
        observation: &[R],
        scratch: &'s mut Scratch<R>,
    ) -> &'s [R] {
        let (mut source, mut target) = (&mut scratch.source[..], &mut scratch.target[..]);
        for (index, layer) in self.layers().iter().enumerate() {
            let numbers = if index == 0 { observation } else { &source[..layer.inputs] };
            if layer.cell != Cell::Dense {
                scratch.state.step(layer, genome, numbers, target);
            } else if index == 0 {
                let target = &mut target[..layer.outputs];
                sparse(layer, genome, numbers, &mut scratch.inputs, target);
            } else {
                dense(layer, genome, numbers, &mut target[..layer.outputs]);
            }
            (source, target) = (target, source);
        }
        &source[..self.outputs()]
    }

    /// Computes [`Network::forward`] in a function that is compiled once for a kind of genome
    /// rather than once for each caller.
    #[inline(always)]
    pub fn forward_out_of_line<'a, I: Instructions, G: WeightSource<Lanes<I>>>(
        &'a self,
        genome: &'a G,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>] {
        I::call(Pass { network: self, genome, observation, scratch })
    }
}

/// One forward pass of all lanes.
struct Pass<'a, I: Instructions, G> {
    network: &'a Network,
    genome: &'a G,
    observation: &'a [Lanes<I>],
    scratch: &'a mut Scratch<Lanes<I>>,
}

impl<'a, I: Instructions, G: WeightSource<Lanes<I>>> SimdWork for Pass<'a, I, G> {
    type Output = &'a [Lanes<I>];

    #[inline(always)]
    fn run<J: Instructions>(self) -> Self::Output {
        self.network.forward(self.genome, self.observation, self.scratch)
    }
}
