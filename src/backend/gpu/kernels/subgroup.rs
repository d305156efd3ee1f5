//! The WGSL of a network that a subgroup computes together, in registers.

use super::network::{ACTIVATION, POPULATION as GENOMES, RECURRENT, private_ports};
use super::{Kernels, MATH, POPULATION, RANDOM};
use crate::backend::plan::{Limits, WORKGROUP};
use crate::gpu::ShaderSource;
use crate::network::{Cell, Layer, Network};

const NETWORK: (&str, &str) = part!("kernel/subgroup/network.wgsl");
const DENSE: (&str, &str) = part!("kernel/subgroup/dense.wgsl");

/// The most registers for weights and biases. NVIDIA's instructions address 255 registers, and the
/// episode needs some of them. On a device with fewer registers, the compiler spills to memory.
const MOST_REGISTERS: usize = 208;

/// A subgroup that runs one individual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subgroup {
    /// The number of its invocations.
    size: usize,
}

impl Subgroup {
    /// Reoutputs the subgroup for a network, or `None` if a layer is not dense, if the device has
    /// subgroups of several sizes, or if the genome does not fit the registers.
    pub fn for_network(network: &Network, limits: &Limits) -> Option<Self> {
        let subgroup = Self { size: limits.subgroup? };
        let dense = network.layers().iter().all(|layer| layer.cell == Cell::Dense);
        (dense && subgroup.registers(network) <= MOST_REGISTERS).then_some(subgroup)
    }

    /// The number of subgroups in a workgroup.
    pub fn per_workgroup(&self) -> usize {
        WORKGROUP / self.size
    }

    /// The number of a layer's outputs that one invocation computes.
    fn outputs_per_lane(&self, layer: &Layer) -> usize {
        layer.outputs.div_ceil(self.size)
    }

    /// The number of genes that one invocation holds.
    fn registers(&self, network: &Network) -> usize {
        let of = |layer: &Layer| {
            (layer.inputs + usize::from(layer.biased)) * self.outputs_per_lane(layer)
        };
        network.layers().iter().map(of).sum()
    }

    /// Writes the expression that gives a unit of a layer to every invocation.
    fn broadcast(&self, l: usize, unit: usize) -> String {
        format!("subgroupBroadcast(signal_{l}_{}, {}u)", unit / self.size, unit % self.size)
    }

    /// Writes the copy of a dense layer.
    fn dense(&self, network: &Network, l: usize) -> String {
        let layer = &network.layers()[l];
        let outputs = 0..self.outputs_per_lane(layer);
        // Each register has a name, a first gene, and the index of its output.
        let row = |name: String, first: usize| {
            let one = move |t| (format!("{name}_{t}"), first, t);
            outputs.clone().map(one)
        };
        let weights = (0..layer.inputs)
            .flat_map(|i| row(format!("weight_{l}_{i}"), layer.first_gene + i * layer.outputs));
        let biases = row(format!("bias_{l}"), layer.first_bias()).filter(|_| layer.biased);
        let genes: Vec<_> = weights.chain(biases).collect();
        let signals = outputs.clone().map(|t| format!("signal_{l}_{t}"));
        let registers = genes.iter().map(|(name, ..)| name.clone()).chain(signals);
        let fetch = |(name, first, t): &(String, usize, usize)| {
            let offset = t * self.size;
            let (first, count) = (first + offset, layer.outputs - offset);
            format!("    {name} = subgroup_gene(individual, {first}u, {count}u);")
        };
        let sum = |t| match layer.biased {
            true => format!("    var sum_{t} = bias_{l}_{t};"),
            false => format!("    var sum_{t} = 0.0;"),
        };
        let terms = |i: usize| {
            let number = match l {
                0 => format!("network_inputs[{i}u]"),
                _ => self.broadcast(l - 1, i),
            };
            let add = |t| format!("    sum_{t} = fma(weight_{l}_{i}_{t}, number_{i}, sum_{t});");
            let first = std::iter::once(format!("    let number_{i} = {number};"));
            first.chain(outputs.clone().map(add)).collect::<Vec<_>>().join("\n")
        };
        let activation = layer.activation.name();
        let store = |t| format!("    signal_{l}_{t} = activation_{activation}(sum_{t});");
        let registers = registers.map(|name| format!("var<private> {name}: f32;"));
        DENSE
            .1
            .replace("$LAYER", &l.to_string())
            .replace("$REGISTERS", &joined(registers))
            .replace("$FETCHES", &joined(genes.iter().map(fetch)))
            .replace("$SUMS", &joined(outputs.clone().map(sum)))
            .replace("$TERMS", &joined((0..layer.inputs).map(terms)))
            .replace("$STORES", &joined(outputs.clone().map(store)))
    }

    /// Writes the ports of a network, and the chain of its layers.
    fn text(&self, network: &Network) -> String {
        let layers = 0..network.layers().len();
        let last = layers.end - 1;
        let fetches = layers.clone().map(|l| format!("    subgroup_load_genome_{l}(individual);"));
        let calls = layers.map(|l| format!("    subgroup_dense_{l}();"));
        let written = (0..network.outputs())
            .map(|o| format!("    network_outputs_put({o}u, {});", self.broadcast(last, o)));
        format!(
            "{}\nfn subgroup_load_genome(individual: u32) {{\n{}\n}}\n\n\
             fn subgroup_forward() {{\n{}\n}}\n",
            private_ports(network),
            joined(fetches),
            joined(calls.chain(written))
        )
    }
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

impl Kernels {
    /// Composes the kernel that rolls individuals out in a control task, each by a subgroup.
    pub fn subgroup_rollout(&self, network: &Network, subgroup: &Subgroup) -> ShaderSource {
        let own = part!("kernel/subgroup/rollout.wgsl");
        let layers: String =
            (0..network.layers().len()).map(|l| subgroup.dense(network, l)).collect();
        let text = subgroup.text(network);
        let constants = self.constants.clone().whole("SUBGROUP", subgroup.size);
        let composing = Self { constants, ..self.clone() };
        let first = [RANDOM, MATH, POPULATION, ACTIVATION, RECURRENT, GENOMES, NETWORK];
        let generated = [("the chain of a subgroup", text.as_str()), (DENSE.0, layers.as_str())];
        let parts = [&first[..], &generated, &self.rollout_parts(own)].concat();
        composing.compose("subgroup rollout", &parts)
    }
}
