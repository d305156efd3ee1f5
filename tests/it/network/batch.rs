//! Tests of forward passes on many samples: both methods give the same bits, close to double
//! precision.

use deme::math::{InstructionSet, Instructions, LANES, Lanes, Neon, Plain, Real};
use deme::network::{Activation, Network, Samples, Sink, Workspace};
use deme::random::{Counter, Stream};
use proptest::prelude::*;

/// Half a unit in the last place of 1, in single precision.
const UNIT: f64 = 1.0 / 16_777_216.0;

/// The first `count` normals of an individual.
fn normals(individual: u32, count: usize) -> Vec<f32> {
    let counter = Counter { seed: 5, stream: Stream::Verification, generation: 1, individual };
    (0..).flat_map(|block| counter.normals(block)).take(count).collect()
}

/// A network, a genome, and samples.
struct Case {
    network: Network,
    genome: Vec<f32>,
    features: Vec<f32>,
    count: usize,
}

impl Case {
    fn new(network: Network, count: usize) -> Self {
        let mut genome = normals(1, network.parameters());
        for layer in network.layers() {
            // The scale keeps sums in the curved part of the activations.
            let scale = (layer.inputs.max(1) as f32).sqrt().recip();
            let genes = &mut genome[layer.first_gene..layer.first_bias()];
            genes.iter_mut().for_each(|gene| *gene *= scale);
        }
        let features = normals(2, count * network.inputs());
        Self { network, genome, features, count }
    }

    /// Makes a network of layers with these widths and an activation of the hidden layers.
    fn with_widths(widths: &[usize], activation: Activation, count: usize) -> Self {
        let spec: Vec<String> = widths.iter().map(usize::to_string).collect();
        let network = Network::parse_whole(&spec.join("-"), activation);
        Self::new(network.expect("a good spec"), count)
    }

    fn samples(&self) -> Samples {
        Samples::new(&self.features, self.count, self.network.inputs())
    }

    fn sample(&self, sample: usize) -> &[f32] {
        &self.features[sample * self.network.inputs()..][..self.network.inputs()]
    }

    /// The outputs of all samples, computed number by number.
    fn naive(&self) -> Vec<f32> {
        let one = |sample| match InstructionSet::current() {
            InstructionSet::Plain => {
                naive::<Plain>(&self.network, &self.genome, self.sample(sample))
            }
            // Neon fuses, and without intrinsics it runs on every processor.
            _ => naive::<Neon>(&self.network, &self.genome, self.sample(sample)),
        };
        (0..self.count).flat_map(one).collect()
    }

    /// Checks that both methods and the sink give the bits of the naive computation.
    #[track_caller]
    fn check(&self, workspace: &mut Workspace) {
        let (samples, expected) = (self.samples(), bits(&self.naive()));
        assert_eq!(samples.count(), self.count);
        let what = format!("{}, {} samples", self.network, self.count);
        let mut outputs = vec![f32::NAN; self.count * self.network.outputs()];
        // The prefetched genome changes nothing, even if it belongs to another network.
        for next in [&[][..], &self.genome, &other_genome(self.count)] {
            outputs.fill(f32::NAN);
            self.network.forward_batch(&self.genome, next, &samples, workspace, &mut outputs);
            assert_eq!(bits(&outputs), expected, "{what}");
        }
        let mut collected = OutputCollector::default();
        self.network.forward_into(&self.genome, &samples, workspace, &mut collected);
        assert_eq!(bits(&collected.0), expected, "{what}, into a sink");
    }
}

/// A genome whose length fits no network of these tests.
fn other_genome(count: usize) -> Vec<f32> {
    vec![f32::NAN; 37 * count + 1]
}

/// The outputs for one sample. Each sum begins with the bias and takes the inputs in order.
fn naive<I: Instructions>(network: &Network, genome: &[f32], sample: &[f32]) -> Vec<f32> {
    let mut numbers = sample.to_vec();
    for layer in network.layers() {
        let activate = |x: f32| layer.activation.apply(Lanes::<I>::from_lanes(|_| x)).0[0];
        let output = |o: usize| {
            let mut sum = if layer.biased { genome[layer.first_bias() + o] } else { 0.0 };
            for (i, &number) in numbers.iter().enumerate() {
                sum = I::mul_add(genome[layer.first_gene + i * layer.outputs + o], number, sum);
            }
            activate(sum)
        };
        numbers = (0..layer.outputs).map(output).collect();
    }
    numbers
}

/// The bits of numbers, with one value for every NaN.
fn bits(numbers: &[f32]) -> Vec<u32> {
    let one = |x: &f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
    numbers.iter().map(one).collect()
}

/// A sink that collects outputs, `f32[samples][outputs]`.
#[derive(Default)]
struct OutputCollector(Vec<f32>);

impl Sink for OutputCollector {
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        assert_eq!(first * outputs.len(), self.0.len(), "samples in order, each once");
        assert!((1..=LANES).contains(&count));
        for lane in 0..count {
            self.0.extend(outputs.iter().map(|output| output.0[lane]));
        }
    }
}

fn activation() -> impl Strategy<Value = Activation> {
    prop::sample::select(Activation::ALL.to_vec())
}

proptest! {
    #[test]
    fn a_batch_has_the_bits_of_one_sample_after_another(
        widths in prop::collection::vec(1..=70usize, 2..=4),
        activation in activation(),
        count in 1..=70usize,
    ) {
        Case::with_widths(&widths, activation, count).check(&mut Workspace::default());
    }
}

/// Widths and batches around the sizes of vectors, tiles and blocks of inputs. One workspace serves
/// all, so that data left by one network would show in the next.
#[test]
fn edges_of_vectors_tiles_and_blocks_have_the_same_bits() {
    const COUNTS: [usize; 13] = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 32, 33, 49];
    let networks: [&[usize]; 16] = [
        &[1, 1],
        &[1, 16],
        &[16, 1],
        &[3, 17, 2],
        &[5, 31, 33, 9],
        &[8, 32, 48, 64],
        &[4, 128, 1],
        &[64, 144, 10],
        &[2, 130, 6],
        &[127, 5],
        &[128, 20],
        &[129, 18],
        &[300, 7, 3],
        &[784, 33, 10],
        &[20, 257, 129, 4],
        &[7, 100, 100],
    ];
    let mut workspace = Workspace::default();
    for (n, widths) in networks.into_iter().enumerate() {
        for count in COUNTS {
            let activation = Activation::ALL[(n + count) % Activation::ALL.len()];
            Case::with_widths(widths, activation, count).check(&mut workspace);
        }
    }
}

#[test]
fn layers_without_biases_have_the_same_bits() {
    let mut workspace = Workspace::default();
    for spec in ["1-1:nobias", "5-31:nobias-33-9:nobias", "129-18:nobias", "300-7:nobias-20:nobias"]
    {
        let network = Network::parse_whole(spec, Activation::Tanh).expect("a good spec");
        for count in [1, 3, 4, 16, 33] {
            Case::new(network.clone(), count).check(&mut workspace);
        }
    }
}

#[test]
fn a_network_without_inputs_returns_its_bias() {
    let network = Network::with_parameters(1);
    let mut workspace = Workspace::default();
    for count in [1, 2, 16, 21] {
        let case = Case::new(network.clone(), count);
        assert!(case.naive().iter().all(|output| *output == case.genome[0]));
        case.check(&mut workspace);
    }
}

#[test]
fn no_samples_have_no_outputs() {
    for widths in [&[3, 20, 2][..], &[1, 16]] {
        Case::with_widths(widths, Activation::Tanh, 0).check(&mut Workspace::default());
    }
}

#[test]
fn nan_in_one_sample_affects_no_other() {
    for widths in [&[5, 18, 3][..], &[5, 2], &[130, 7, 33]] {
        for count in [1, 4, 23] {
            for (sick, value) in [(0, f32::NAN), (count / 2, f32::INFINITY), (count - 1, 1e38)] {
                let mut case = Case::with_widths(widths, Activation::Relu, count);
                case.features[sick * widths[0]..][..widths[0]].fill(value);
                case.check(&mut Workspace::default());
            }
        }
    }
}

/// A number, and a bound on the error of its value in single precision.
#[derive(Clone, Copy)]
struct NumberWithBound {
    value: f64,
    error: f64,
}

/// The largest slope of an activation, measured on a dense grid.
fn steepest_slope(activation: Activation) -> f64 {
    const STEP: f64 = 1e-3;
    let value = |k: i32| activation.apply(f64::from(k) * STEP);
    let slopes = (-20_000..20_000).map(|k| (value(k + 1) - value(k)).abs() / STEP);
    // Between the points of the grid, the slope is larger by the square of the step at most.
    slopes.fold(0.0, f64::max) + STEP * STEP
}

/// Computes a pass in double precision, and propagates bounds on the errors of single precision.
fn bounded(network: &Network, genome: &[f32], sample: &[f32]) -> Vec<NumberWithBound> {
    /// The largest relative and absolute errors of an activation on the CPU. Verification grants
    /// other devices more.
    const RELATIVE: f64 = 4e-7;
    const ABSOLUTE: f64 = 1.2e-7;
    let exact = |&x: &f32| NumberWithBound { value: f64::from(x), error: 0.0 };
    let mut numbers: Vec<NumberWithBound> = sample.iter().map(exact).collect();
    for layer in network.layers() {
        let slope = steepest_slope(layer.activation);
        let output = |o: usize| {
            let bias = if layer.biased { genome[layer.first_bias() + o] } else { 0.0 };
            let bias = f64::from(bias);
            let (mut sum, mut magnitude, mut error) = (bias, bias.abs(), 0.0);
            for (i, number) in numbers.iter().enumerate() {
                let weight = f64::from(genome[layer.first_gene + i * layer.outputs + o]);
                sum += weight * number.value;
                magnitude += weight.abs() * (number.value.abs() + number.error);
                error += weight.abs() * number.error;
            }
            // Every sum and product is rounded once: Higham 2002, section 3.1.
            error += 1.001 * (layer.inputs + 1) as f64 * UNIT * magnitude;
            let value = layer.activation.apply(sum);
            let bound = layer.activation.bounds();
            let relative = bound.relative.min(RELATIVE) * (value.abs() + error);
            let rounding = bound.absolute.min(ABSOLUTE) + relative;
            NumberWithBound { value, error: slope * error + rounding }
        };
        numbers = (0..layer.outputs).map(output).collect();
    }
    numbers
}

#[test]
fn a_batch_is_as_close_to_double_precision_as_rounding_allows() {
    let mut worst: f64 = 0.0;
    for widths in [&[64, 128, 10][..], &[784, 33, 10], &[4, 16, 16, 2], &[9, 1], &[33, 70, 5]] {
        for activation in Activation::ALL {
            for count in [3, 37] {
                let case = Case::with_widths(widths, activation, count);
                let mut outputs = vec![0.0; count * case.network.outputs()];
                let (samples, mut workspace) = (case.samples(), Workspace::default());
                let room = &mut outputs;
                case.network.forward_batch(
                    &case.genome,
                    &case.genome,
                    &samples,
                    &mut workspace,
                    room,
                );
                for (sample, found) in outputs.chunks(case.network.outputs()).enumerate() {
                    let expected = bounded(&case.network, &case.genome, case.sample(sample));
                    for (found, NumberWithBound { value, error }) in found.iter().zip(expected) {
                        let difference = (f64::from(*found) - value).abs();
                        assert!(difference <= error, "{}: {found}, {value}", case.network);
                        worst = worst.max(difference / error);
                    }
                }
            }
        }
    }
    // Bounds that are a thousand times too wide would prove little.
    assert!(worst > 1e-3, "{worst}");
}
