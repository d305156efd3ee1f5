//! The text of a network that a subgroup computes together, in registers.

use super::network::{ACTIVATION, POPULATION as GENOMES, RECURRENT, own_ports};
use super::{Kernels, MATH, POPULATION, RANDOM};
use crate::backend::plan::{Limits, WORKGROUP};
use crate::gpu::Source;
use crate::network::{Cell, Layer, Network};

const NETWORK: (&str, &str) = part!("kernel/subgroup/network.wgsl");
const DENSE: (&str, &str) = part!("kernel/subgroup/dense.wgsl");

/// The most registers that weights and biases take: NVIDIA's instructions name 255 in an
/// invocation, and the episode needs some. What a device has not, its compiler keeps in memory.
const MOST_REGISTERS: usize = 208;

/// A subgroup that is an individual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subgroup {
    /// Invocations of it.
    size: usize,
}

impl Subgroup {
    /// One for a network of dense layers; none where a device's subgroups are not all of one size,
    /// or its registers do not hold the genome.
    pub fn of(network: &Network, limits: &Limits) -> Option<Self> {
        let subgroup = Self { size: limits.subgroup? };
        let dense = network.layers().iter().all(|layer| layer.cell == Cell::Dense);
        (dense && subgroup.registers(network) <= MOST_REGISTERS).then_some(subgroup)
    }

    /// Subgroups of a workgroup.
    pub fn a_workgroup(&self) -> usize {
        WORKGROUP / self.size
    }

    /// Outputs of a layer that an invocation has.
    fn turns(&self, layer: &Layer) -> usize {
        layer.outputs.div_ceil(self.size)
    }

    /// Genes that an invocation has.
    fn registers(&self, network: &Network) -> usize {
        let of = |layer: &Layer| (layer.inputs + usize::from(layer.biased)) * self.turns(layer);
        network.layers().iter().map(of).sum()
    }

    /// Unit u of a layer, in every invocation.
    fn broadcast(&self, l: usize, unit: usize) -> String {
        format!("subgroupBroadcast(signal_{l}_{}, {}u)", unit / self.size, unit % self.size)
    }

    fn dense(&self, network: &Network, l: usize) -> String {
        let layer = &network.layers()[l];
        let turns = 0..self.turns(layer);
        // Register by register: its name, and its first gene.
        let row = |name: String, first: usize| {
            let one = move |t| (format!("{name}_{t}"), first, t);
            turns.clone().map(one)
        };
        let weights = (0..layer.inputs)
            .flat_map(|i| row(format!("weight_{l}_{i}"), layer.first_gene + i * layer.outputs));
        let biases = row(format!("bias_{l}"), layer.first_bias()).filter(|_| layer.biased);
        let genes: Vec<_> = weights.chain(biases).collect();
        let signals = turns.clone().map(|t| format!("signal_{l}_{t}"));
        let registers = genes.iter().map(|(name, ..)| name.clone()).chain(signals);
        let fetch = |(name, first, t): &(String, usize, usize)| {
            let behind = t * self.size;
            let (first, count) = (first + behind, layer.outputs - behind);
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
            first.chain(turns.clone().map(add)).collect::<Vec<_>>().join("\n")
        };
        let activation = layer.activation.name();
        let store = |t| format!("    signal_{l}_{t} = activation_{activation}(sum_{t});");
        let registers = registers.map(|name| format!("var<private> {name}: f32;"));
        DENSE
            .1
            .replace("$LAYER", &l.to_string())
            .replace("$REGISTERS", &joined(registers))
            .replace("$FETCHES", &joined(genes.iter().map(fetch)))
            .replace("$SUMS", &joined(turns.clone().map(sum)))
            .replace("$TERMS", &joined((0..layer.inputs).map(terms)))
            .replace("$STORES", &joined(turns.clone().map(store)))
    }

    /// What is made for a network beside its layers: its ports, and the chain.
    fn text(&self, network: &Network) -> String {
        let layers = 0..network.layers().len();
        let last = layers.end - 1;
        let fetches = layers.clone().map(|l| format!("    subgroup_fetch_{l}(individual);"));
        let calls = layers.map(|l| format!("    subgroup_dense_{l}();"));
        let told = (0..network.outputs())
            .map(|o| format!("    network_outputs_put({o}u, {});", self.broadcast(last, o)));
        format!(
            "{}\nfn subgroup_fetch(individual: u32) {{\n{}\n}}\n\n\
             fn subgroup_forward() {{\n{}\n}}\n",
            own_ports(network),
            joined(fetches),
            joined(calls.chain(told))
        )
    }
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

impl Kernels {
    /// Rolls individuals out in a control task, each by a subgroup.
    pub fn subgroup_rollout(&self, network: &Network, subgroup: &Subgroup) -> Source {
        let own = part!("kernel/subgroup/rollout.wgsl");
        let layers: String =
            (0..network.layers().len()).map(|l| subgroup.dense(network, l)).collect();
        let text = subgroup.text(network);
        let constants = self.constants.clone().whole("SUBGROUP", subgroup.size);
        let composing = Self { constants, ..self.clone() };
        let first = [RANDOM, MATH, POPULATION, ACTIVATION, RECURRENT, GENOMES, NETWORK];
        let made = [("the chain of a subgroup", text.as_str()), (DENSE.0, layers.as_str())];
        let parts = [&first[..], &made, &self.rolling(own)].concat();
        composing.compose("subgroup rollout", &parts)
    }
}
