//! The WGSL of a network whose layers are multiplied by tiles, on the tensor cores of a device.

use super::capacity::{OVERHEAD_BYTES, OVERHEAD_ROUNDS};
use super::network::{ACTIVATION, POPULATION as GENOMES, RECURRENT, private_ports};
use super::team::{Team, forward};
use super::{Kernels, MATH, POPULATION, forward_parts, loss_parts};
use crate::backend::plan::{Limits, Tile, WORKGROUP};
use crate::gpu::ShaderSource;
use crate::gpu::source::Constants;
use crate::network::{Cell, Layer, Network, Precision};

const NETWORK: (&str, &str) = part!("kernel/tensor/network.wgsl");
const DENSE: (&str, &str) = part!("kernel/tensor/dense.wgsl");
const DIRECT: (&str, &str) = part!("kernel/tensor/direct.wgsl");
const STAGED: (&str, &str) = part!("kernel/tensor/staged.wgsl");
const COOPERATIVE: (&str, &str) = part!("kernel/tensor/cooperative.wgsl");
const SCALAR: (&str, &str) = part!("kernel/tensor/scalar.wgsl");

/// The padding of a row in workgroup memory, in numbers of half precision: sixteen bytes, because
/// tiles must begin at multiples of sixteen bytes.
const SKEW: usize = 8;
/// The alignment of a tile, in numbers of half precision.
const ALIGNMENT: usize = 8;
/// The most bytes of staged weights, unless a single row of tiles is larger.
const STAGED_BYTES: usize = 8 << 10;
/// The most samples at once.
const MOST_SAMPLES: usize = WORKGROUP;

/// A workgroup that multiplies the layers of one individual by tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The tiles.
    pub tile: Tile,
    /// The number of samples at once.
    pub columns: usize,
}

impl Tensor {
    /// Returns the largest number of samples that fit, or `None` if the network or the device is
    /// unsuitable.
    pub fn for_network(network: &Network, limits: &Limits) -> Option<Self> {
        let tile = limits.tile?;
        let dense = network.layers().iter().all(|layer| layer.cell == Cell::Dense);
        if !dense || network.precision() != Precision::Half {
            return None;
        }
        // Without tensor cores, one row of tiles keeps the loops short enough.
        let most = if tile.cooperative { MOST_SAMPLES } else { tile.side };
        let columns = (1..=most / tile.side).rev().map(|tiles| tiles * tile.side);
        let mut all = columns.map(|columns| Self { tile, columns });
        all.find(|tensor| {
            tensor.bytes(network) <= limits.workgroup_bytes as usize
                && tensor.rounds_of_64(network) <= limits.loop_rounds
        })
    }

    /// The number of loop iterations of an invocation for 64 samples, which stay in one dispatch.
    pub fn rounds_of_64(&self, network: &Network) -> u64 {
        (self.rounds(network) + OVERHEAD_ROUNDS) * MOST_SAMPLES.div_ceil(self.columns) as u64
    }

    /// The largest number of loop iterations of an invocation for its samples.
    fn rounds(&self, network: &Network) -> u64 {
        let (side, columns) = (self.tile.side, self.columns);
        let of = |layer: &Layer| {
            let (inputs, outputs) = (self.pad(layer.inputs), self.pad(layer.outputs));
            let strips = outputs / side;
            let products = match self.tile.cooperative {
                // A subgroup may be the whole workgroup.
                true => strips * (1 + inputs / side),
                false => strips.div_ceil(WORKGROUP) * columns * side * (1 + inputs),
            };
            let copied = (inputs + columns) * outputs / WORKGROUP;
            products + copied + columns * outputs / WORKGROUP + strips + 4
        };
        network.layers().iter().map(of).sum::<usize>() as u64
    }

    /// The length of a row of samples, and the number of samples, after padding.
    pub fn padded(&self, inputs: usize, samples: usize) -> (usize, usize) {
        (self.pad(inputs), samples + MOST_SAMPLES)
    }

    fn pad(&self, width: usize) -> usize {
        width.next_multiple_of(self.tile.side)
    }

    /// The bytes of workgroup memory.
    fn bytes(&self, network: &Network) -> usize {
        let [signals, sums, weights] = self.rows(network);
        self.columns * (2 * signals + 4 * sums) + 2 * weights + OVERHEAD_BYTES
    }

    /// The lengths of a row of signals and a row of sums, and the number of staged weights.
    fn rows(&self, network: &Network) -> [usize; 3] {
        let layers = network.layers();
        let widest = |layers: &[Layer]| {
            let widths = layers.iter().map(|layer| self.pad(layer.outputs));
            widths.max().unwrap_or(0) + SKEW
        };
        let staged = layers.iter().filter(|layer| !self.is_direct(layer));
        let copied = staged.map(|layer| self.staged(layer) * self.stride(layer)).max();
        [widest(&layers[..layers.len() - 1]), widest(layers), copied.unwrap_or(1)]
    }

    /// Returns true if the weights of a layer are aligned, so that they need no staging.
    fn is_direct(&self, layer: &Layer) -> bool {
        let side = self.tile.side;
        layer.inputs.is_multiple_of(side)
            && layer.outputs.is_multiple_of(side)
            && layer.first_gene.is_multiple_of(ALIGNMENT)
    }

    /// The distance between two rows of weights, in numbers.
    fn stride(&self, layer: &Layer) -> usize {
        if self.is_direct(layer) { layer.outputs } else { self.pad(layer.outputs) + SKEW }
    }

    /// The number of rows that are staged at once.
    fn staged(&self, layer: &Layer) -> usize {
        let rows = STAGED_BYTES / 2 / self.stride(layer);
        let rows = rows.min(self.pad(layer.inputs));
        (rows / self.tile.side * self.tile.side).max(self.tile.side)
    }

    /// Adds the constants of tiles.
    fn constants(&self, constants: Constants, network: &Network) -> Constants {
        let [signals, sums, weights] = self.rows(network);
        let constants = if self.tile.cooperative {
            // Whole subgroups take the same branches, which WGSL cannot prove.
            let uniform = "diagnostic(off, derivative_uniformity)";
            constants.directive(uniform).directive("enable wgpu_cooperative_matrix")
        } else {
            constants
        };
        constants
            .whole("TILE", self.tile.side)
            .whole("COLUMNS", self.columns)
            .whole("FEATURE_STRIDE", self.pad(network.inputs()))
            .whole("TENSOR_SIGNALS", signals)
            .whole("TENSOR_SUMS", sums)
            .whole("TENSOR_WEIGHTS", weights)
    }

    /// Writes the ports of a network, and the chain of its layers.
    fn text(&self, network: &Network) -> String {
        let size = if self.tile.cooperative { "subgroupAdd(1u)" } else { "1u" };
        format!(
            "{}\n\
             fn tensor_subgroup_size() -> u32 {{\n    return {size};\n}}\n\n{}",
            private_ports(network),
            forward("tensor_dense", network)
        )
    }

    /// Writes a copy of a template for each layer that `is_one` selects.
    fn layers(&self, network: &Network, template: &str, is_one: impl Fn(&Layer) -> bool) -> String {
        let layers = network.layers().iter().enumerate().filter(|(_, layer)| is_one(layer));
        layers.map(|(l, layer)| self.layer(network, l, layer, template)).collect()
    }

    /// Writes the copy of a template for a layer.
    fn layer(&self, network: &Network, l: usize, layer: &Layer, template: &str) -> String {
        let side = self.tile.side;
        let is_direct = self.is_direct(layer);
        let is_last = l + 1 == network.layers().len();
        let rows = if is_direct { layer.inputs } else { self.staged(layer) };
        let stride = self.stride(layer);
        // The place of a signal at (sample, input), and of a weight at (row, output).
        let signal = |column: &str, row: &str| match l {
            0 => format!("features[(team_samples[0] + {column}) * FEATURE_STRIDE + {row}]"),
            _ => format!("tensor_signals[({column}) * TENSOR_SIGNALS + {row}]"),
        };
        let weight = |output: &str| match is_direct {
            true => {
                let gene = format!("tensor_genome + {}u", layer.first_gene);
                format!("population[{gene} + row * {stride}u + {output}]")
            }
            false => format!("tensor_weights[row * {stride}u + {output}]"),
        };
        let each = |line: &dyn Fn(usize) -> String| -> String {
            (0..self.columns / side).map(line).collect::<Vec<_>>().join("\n")
        };
        let matrix = |kind: &str, role: &str| format!("coop_mat{side}x{side}<{kind}, {role}>");
        let sums = |c: usize| format!("tensor_sums[{}u * TENSOR_SUMS + strip]", c * side);
        let begin = |c: usize| match is_direct {
            true => format!("    var sum_{c} = {}();", matrix("f32", "C")),
            false => {
                let load = format!("coopLoadT<{}>", matrix("f32", "C"));
                format!("    var sum_{c} = {load}(&{}, TENSOR_SUMS);", sums(c))
            }
        };
        let term = |c: usize| {
            let from = signal(&format!("{}u", c * side), "first + row");
            let stride = if l == 0 { "FEATURE_STRIDE" } else { "TENSOR_SIGNALS" };
            let load = format!("coopLoadT<{}>(&{from}, {stride})", matrix("f16", "A"));
            format!("        sum_{c} = coopMultiplyAdd({load}, weights, sum_{c});")
        };
        let store = |c: usize| format!("    coopStoreT(sum_{c}, &{}, TENSOR_SUMS);", sums(c));
        let bias = match layer.biased {
            true => format!("tensor_gene({}u + output)", layer.first_bias()),
            false => "0.0".into(),
        };
        let kept = match is_last {
            true => "tensor_sums[column * TENSOR_SUMS + output] = value;",
            false => "tensor_signals[column * TENSOR_SIGNALS + output] = f16(value);",
        };
        template
            .replace("$SUMS", &each(&begin))
            .replace("$TERMS", &each(&term))
            .replace("$STORES", &each(&store))
            .replace("$SUM", if is_direct { "0.0" } else { "tensor_sums[place]" })
            .replace("$SIGNAL", &signal("column", "first + row"))
            .replace("$WEIGHTS", &weight("strip"))
            .replace("$WEIGHT", &weight("strip + output"))
            .replace("$STORE", kept)
            .replace("$BIAS", &bias)
            .replace("$ACTIVATION", layer.activation.name())
            .replace("$LAYER", &l.to_string())
            .replace("$SIDE", &side.to_string())
            .replace("$ROWS", &rows.to_string())
            .replace("$WIDTH", &self.pad(layer.inputs).to_string())
            .replace("$STRIPS", &(self.pad(layer.outputs) / side).to_string())
            .replace("$STRIDE", &stride.to_string())
            .replace("$STAGED", &rows.to_string())
            .replace("$PADDED", &self.pad(layer.outputs).to_string())
            .replace("$FIRST_GENE", &layer.first_gene.to_string())
            .replace("$INPUTS", &layer.inputs.to_string())
            .replace("$OUTPUTS", &layer.outputs.to_string())
    }
}

impl Kernels {
    /// Composes the kernel that scores individuals on a data set by tiles.
    pub fn tensor_loss(&self, network: &Network, tensor: &Tensor) -> ShaderSource {
        self.compose_tensor("tensor loss", network, tensor, &loss_parts(Team::LOSS))
    }

    /// Composes the kernel that writes every output for every sample by tiles.
    pub fn tensor_forward(&self, network: &Network, tensor: &Tensor) -> ShaderSource {
        self.compose_tensor("tensor forward", network, tensor, &forward_parts(Team::FORWARD))
    }

    fn compose_tensor(
        &self,
        label: &str,
        network: &Network,
        tensor: &Tensor,
        last: &[(&str, &str)],
    ) -> ShaderSource {
        let strip = if tensor.tile.cooperative { COOPERATIVE } else { SCALAR };
        let dense = tensor.layers(network, DENSE.1, |_| true);
        let direct = tensor.layers(network, DIRECT.1, |layer| tensor.is_direct(layer));
        let staged = tensor.layers(network, STAGED.1, |layer| !tensor.is_direct(layer));
        let strips = tensor.layers(network, strip.1, |_| true);
        let text = tensor.text(network);
        let generated = [
            ("the ports of tiles", text.as_str()),
            (DENSE.0, dense.as_str()),
            (DIRECT.0, direct.as_str()),
            (STAGED.0, staged.as_str()),
            (strip.0, strips.as_str()),
        ];
        let first = [MATH, POPULATION, ACTIVATION, RECURRENT, GENOMES, NETWORK];
        let constants = tensor.constants(self.constants.clone(), network);
        let composing = Self { constants, ..self.clone() };
        composing.compose(label, &[&first[..], &generated, last].concat())
    }
}
