//! Gradients of data sets: the mean loss over some training samples, and its derivatives.

use super::{DataSet, Split};
use crate::error::Result;
use crate::gradient::{Backpropagation, LossGradient, check_network, reference_gradient};
use crate::math::{Instructions, LANES, Lanes, Real, SimdWork, run_simd};
use crate::network::Network;

impl DataSet {
    /// Returns the loss of a network with its gradient, on the fast CPU path.
    ///
    /// # Errors
    /// Returns an error if a layer of the network is not dense.
    pub fn loss_gradient<'a>(&'a self, network: &Network) -> Result<Box<dyn LossGradient + 'a>> {
        let passes = Backpropagation::new(network)?;
        Ok(Box::new(DataGradient { data: self, passes }))
    }

    /// Returns the loss of a network with its gradient, naively and in double precision.
    ///
    /// # Errors
    /// Returns an error if a layer of the network is not dense.
    pub fn reference_loss_gradient<'a>(
        &'a self,
        network: &'a Network,
    ) -> Result<Box<dyn LossGradient + 'a>> {
        check_network(network)?;
        Ok(Box::new(ReferenceDataGradient { data: self, network }))
    }

    /// Returns the mean loss over samples in double precision, naively, and adds its gradient,
    /// `f64[genes]`.
    pub fn reference_loss(
        &self,
        network: &Network,
        genome: &[f64],
        samples: &[u32],
        gradient: &mut [f64],
    ) -> f64 {
        let share = 1.0 / samples.len() as f64;
        let mut loss = 0.0;
        for &sample in samples {
            let sample = sample as usize;
            let features: Vec<f64> = self.sample(sample).iter().copied().map(f64::from).collect();
            let targets = self.targets_of(sample..sample + 1);
            let slopes = |outputs: &[f64]| {
                let mut slopes = vec![0.0; outputs.len()];
                let target = |output: usize, _| targets[output];
                loss += share * self.objective.loss_and_slopes(outputs, target, &mut slopes);
                slopes.iter_mut().for_each(|slope| *slope *= share);
                slopes
            };
            reference_gradient(network, genome, &features, slopes, gradient);
        }
        loss
    }
}

/// The fast path.
struct DataGradient<'a> {
    data: &'a DataSet,
    passes: Backpropagation,
}

impl LossGradient for DataGradient<'_> {
    fn samples(&self) -> usize {
        self.data.indices(Split::Training).len()
    }

    fn descend(&mut self, genome: &[f32], samples: &[u32], gradient: &mut [f32]) -> f64 {
        let rows = samples.iter().map(|&sample| self.data.sample(sample as usize));
        self.passes.forward_rows(genome, rows);
        let loss = run_simd(BatchLoss { data: self.data, passes: &mut self.passes, samples });
        self.passes.backward(gradient);
        loss
    }
}

/// The losses of all samples of a forward pass, sixteen at a time.
struct BatchLoss<'a> {
    data: &'a DataSet,
    passes: &'a mut Backpropagation,
    samples: &'a [u32],
}

impl SimdWork for BatchLoss<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Instructions>(self) -> f64 {
        let Self { data, passes, samples } = self;
        let (count, width) = (data.outputs, data.targets_per_sample());
        let share = 1.0 / samples.len() as f32;
        let mut outputs = vec![Lanes::<I>::default(); count];
        let (mut slopes, mut row) = (outputs.clone(), vec![0.0; count]);
        let mut loss = 0.0;
        for (group, samples) in samples.chunks(LANES).enumerate() {
            let first = group * LANES;
            // Lanes past the end repeat the last sample and are not counted.
            let last = samples.len() - 1;
            for (k, output) in outputs.iter_mut().enumerate() {
                *output = Lanes::from_lanes(|lane| passes.outputs(first + lane.min(last))[k]);
            }
            let target = |output: usize, lane: usize| {
                data.targets[samples[lane.min(last)] as usize * width + output]
            };
            let losses = data.objective.loss_and_slopes(&outputs, target, &mut slopes);
            for lane in 0..samples.len() {
                loss += f64::from(losses.0[lane]);
                for (number, slope) in row.iter_mut().zip(&slopes) {
                    *number = slope.0[lane] * share;
                }
                passes.set_slopes(first + lane, &row);
            }
        }
        loss / samples.len() as f64
    }
}

/// The naive path.
struct ReferenceDataGradient<'a> {
    data: &'a DataSet,
    network: &'a Network,
}

impl LossGradient for ReferenceDataGradient<'_> {
    fn samples(&self) -> usize {
        self.data.indices(Split::Training).len()
    }

    fn descend(&mut self, genome: &[f32], samples: &[u32], gradient: &mut [f32]) -> f64 {
        let genome: Vec<f64> = genome.iter().copied().map(f64::from).collect();
        let mut sums = vec![0.0; genome.len()];
        let loss = self.data.reference_loss(self.network, &genome, samples, &mut sums);
        for (number, sum) in gradient.iter_mut().zip(sums) {
            *number = sum as f32;
        }
        loss
    }
}
