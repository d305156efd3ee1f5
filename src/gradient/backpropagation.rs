//! Backpropagation on the CPU: the forward and the backward pass of many samples, in `f32`.

use super::check_network;
use super::padded::PaddedMatrix;
use super::product::{Factor, Product};
use crate::error::Result;
use crate::math::{Instructions, Lanes, SimdWork, run_simd};
use crate::network::{Activation, Layer, Network};

/// The passes of a network of dense layers, with their buffers.
pub struct Backpropagation {
    layers: Vec<LayerPasses>,
    /// `[samples][inputs]`.
    inputs: PaddedMatrix,
    panel: Vec<f32>,
}

/// The buffers of a layer.
struct LayerPasses {
    layer: Layer,
    /// `[inputs][outputs]`.
    weights: PaddedMatrix,
    /// `[outputs][inputs]`; empty in the first layer, whose inputs need no slopes.
    transposed: PaddedMatrix,
    /// `[1][outputs]`.
    biases: PaddedMatrix,
    /// `[samples][outputs]`: the sums before the activation.
    sums: PaddedMatrix,
    /// `[samples][outputs]`.
    outputs: PaddedMatrix,
    /// `[samples][outputs]`: the derivatives of the loss, by outputs and then by sums.
    slopes: PaddedMatrix,
    /// `[inputs][outputs]`: the derivatives of the loss by weights.
    gradient: PaddedMatrix,
}

impl LayerPasses {
    fn new(layer: Layer, is_first: bool) -> Self {
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let transposed = if is_first { 0 } else { outputs };
        Self {
            layer,
            weights: PaddedMatrix::new(inputs, outputs),
            transposed: PaddedMatrix::new(transposed, inputs),
            biases: PaddedMatrix::new(1, outputs),
            sums: PaddedMatrix::new(0, outputs),
            outputs: PaddedMatrix::new(0, outputs),
            slopes: PaddedMatrix::new(0, outputs),
            gradient: PaddedMatrix::new(inputs, outputs),
        }
    }

    /// Copies the weights of a genome into the layouts of the passes.
    fn load(&mut self, genome: &[f32]) {
        let Layer { inputs, outputs, first_gene, biased, .. } = self.layer;
        for input in 0..inputs {
            let row = &genome[first_gene + input * outputs..][..outputs];
            self.weights.row_mut(input).copy_from_slice(row);
        }
        for output in 0..self.transposed.rows() {
            let column = genome[first_gene + output..].iter().step_by(outputs);
            for (number, &weight) in self.transposed.row_mut(output).iter_mut().zip(column) {
                *number = weight;
            }
        }
        if biased {
            let biases = &genome[self.layer.first_bias()..][..outputs];
            self.biases.row_mut(0).copy_from_slice(biases);
        }
    }

    fn set_samples(&mut self, count: usize) {
        for matrix in [&mut self.sums, &mut self.outputs, &mut self.slopes] {
            matrix.set_rows(count);
        }
    }

    fn forward(&mut self, inputs: &PaddedMatrix, panel: &mut Vec<f32>) {
        let (numbers, row_stride) = inputs.numbers();
        Product {
            left: Factor { numbers, row_stride, inner_stride: 1 },
            inner: self.layer.inputs,
            right: self.weights.lanes(),
            vectors: self.weights.vectors(),
            start: self.biases.lanes(),
            target: self.sums.lanes_mut(),
            panel,
        }
        .compute();
        run_simd(Outputs {
            activation: self.layer.activation,
            sums: self.sums.lanes(),
            outputs: self.outputs.lanes_mut(),
        });
    }

    /// Replaces the slopes of the outputs by those of the sums, and computes the gradient.
    fn backward(&mut self, inputs: &PaddedMatrix, panel: &mut Vec<f32>) {
        run_simd(SumSlopes {
            activation: self.layer.activation,
            sums: self.sums.lanes(),
            outputs: self.outputs.lanes(),
            slopes: self.slopes.lanes_mut(),
        });
        let (numbers, inner_stride) = inputs.numbers();
        Product {
            left: Factor { numbers, row_stride: 1, inner_stride },
            inner: inputs.rows(),
            right: self.slopes.lanes(),
            vectors: self.slopes.vectors(),
            start: &[],
            target: self.gradient.lanes_mut(),
            panel,
        }
        .compute();
    }

    /// Computes the slopes of the inputs, which are the outputs of the layer before.
    fn input_slopes(&self, slopes: &mut PaddedMatrix, panel: &mut Vec<f32>) {
        let (numbers, row_stride) = self.slopes.numbers();
        Product {
            left: Factor { numbers, row_stride, inner_stride: 1 },
            inner: self.layer.outputs,
            right: self.transposed.lanes(),
            vectors: self.transposed.vectors(),
            start: &[],
            target: slopes.lanes_mut(),
            panel,
        }
        .compute();
    }

    fn write_gradient(&self, gradient: &mut [f32]) {
        let Layer { inputs, outputs, first_gene, biased, .. } = self.layer;
        for input in 0..inputs {
            let row = &mut gradient[first_gene + input * outputs..][..outputs];
            row.copy_from_slice(self.gradient.row(input));
        }
        if biased {
            let biases = &mut gradient[self.layer.first_bias()..][..outputs];
            biases.fill(0.0);
            for sample in 0..self.slopes.rows() {
                for (sum, slope) in biases.iter_mut().zip(self.slopes.row(sample)) {
                    *sum += slope;
                }
            }
        }
    }
}

impl Backpropagation {
    /// Creates the passes of a network.
    ///
    /// # Errors
    /// Returns an error if a layer is not dense.
    pub fn new(network: &Network) -> Result<Self> {
        check_network(network)?;
        let layers = network.layers().iter().enumerate();
        Ok(Self {
            layers: layers.map(|(index, &layer)| LayerPasses::new(layer, index == 0)).collect(),
            inputs: PaddedMatrix::new(0, network.inputs()),
            panel: Vec::new(),
        })
    }

    /// Computes the outputs of samples, `f32[samples][inputs]`.
    pub fn forward(&mut self, genome: &[f32], samples: &[f32]) {
        let width = self.inputs.columns();
        let rows = samples.chunks_exact(width.max(1));
        self.forward_rows(genome, rows);
    }

    /// Computes the outputs of samples, each a slice of inputs.
    pub fn forward_rows<'r>(
        &mut self,
        genome: &[f32],
        samples: impl ExactSizeIterator<Item = &'r [f32]>,
    ) {
        self.inputs.set_rows(samples.len());
        for (row, sample) in samples.enumerate() {
            self.inputs.row_mut(row).copy_from_slice(sample);
        }
        let count = self.inputs.rows();
        for index in 0..self.layers.len() {
            let (before, rest) = self.layers.split_at_mut(index);
            let passes = &mut rest[0];
            passes.load(genome);
            passes.set_samples(count);
            let inputs = before.last().map_or(&self.inputs, |before| &before.outputs);
            passes.forward(inputs, &mut self.panel);
        }
    }

    fn last(&self) -> &LayerPasses {
        &self.layers[self.layers.len() - 1]
    }

    /// Returns the number of samples of the last forward pass.
    pub fn samples(&self) -> usize {
        self.inputs.rows()
    }

    /// Returns the outputs of a sample of the last forward pass.
    pub fn outputs(&self, sample: usize) -> &[f32] {
        self.last().outputs.row(sample)
    }

    /// Sets the derivatives of the loss by the outputs of a sample.
    pub fn set_slopes(&mut self, sample: usize, slopes: &[f32]) {
        let last = self.layers.len() - 1;
        self.layers[last].slopes.row_mut(sample).copy_from_slice(slopes);
    }

    /// Writes the gradient of the loss, `f32[genes]`: the sum over the samples of the last forward
    /// pass, whose slopes have all been set. The slopes must be set again before another call.
    pub fn backward(&mut self, gradient: &mut [f32]) {
        for index in (0..self.layers.len()).rev() {
            let (before, rest) = self.layers.split_at_mut(index);
            let passes = &mut rest[0];
            let inputs = before.last().map_or(&self.inputs, |before| &before.outputs);
            passes.backward(inputs, &mut self.panel);
            passes.write_gradient(gradient);
            if let Some(before) = before.last_mut() {
                passes.input_slopes(&mut before.slopes, &mut self.panel);
            }
        }
    }
}

/// The outputs of sums.
struct Outputs<'a> {
    activation: Activation,
    sums: &'a [Lanes],
    outputs: &'a mut [Lanes],
}

impl SimdWork for Outputs<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let sums: &[Lanes<I>] = bytemuck::cast_slice(self.sums);
        let outputs: &mut [Lanes<I>] = bytemuck::cast_slice_mut(self.outputs);
        outputs.copy_from_slice(sums);
        self.activation.apply_out_of_line(outputs);
    }
}

/// The slopes of sums from those of outputs.
struct SumSlopes<'a> {
    activation: Activation,
    sums: &'a [Lanes],
    outputs: &'a [Lanes],
    slopes: &'a mut [Lanes],
}

impl SimdWork for SumSlopes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let sums: &[Lanes<I>] = bytemuck::cast_slice(self.sums);
        let outputs: &[Lanes<I>] = bytemuck::cast_slice(self.outputs);
        let slopes: &mut [Lanes<I>] = bytemuck::cast_slice_mut(self.slopes);
        self.activation.multiply_slopes(sums, outputs, slopes);
    }
}
