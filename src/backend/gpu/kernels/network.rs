//! The text of a network: copies of the templates of `shaders/network/` for its layers, and the
//! chain that calls them. Numbers go in through `network_inputs` and come out in `network_outputs`.

use std::fmt::Write as _;

use super::GraphRoom;
use super::arrays::Arrays;
use crate::network::{Activation, Cell, Layer, Network, Part};

pub(super) const ACTIVATION: (&str, &str) = part!("network/activation.wgsl");
const MLP: (&str, &str) = part!("network/mlp.wgsl");
const ELMAN: (&str, &str) = part!("network/elman.wgsl");
const GRU: (&str, &str) = part!("network/gru.wgsl");
const GRAPH: (&str, &str) = part!("network/graph.wgsl");
const UNROLLED: (&str, &str) = part!("kernel/unrolled.wgsl");
pub(super) const RECURRENT: (&str, &str) = part!("network/recurrent.wgsl");
pub(super) const POPULATION: (&str, &str) = part!("kernel/population.wgsl");

/// Of so many inputs, those whose multiply-adds are written out in a row. What is written out takes
/// a compiler its time, and spares a device rounds of loops: of those, few inputs have few.
pub(super) fn stride(inputs: usize) -> usize {
    const FEW: usize = 128;
    if inputs <= FEW { 4 } else { 16 }
}

/// Of so many inputs, those that are taken by whole strides.
pub(super) fn whole(inputs: usize) -> usize {
    inputs / stride(inputs) * stride(inputs)
}

/// Rounds of loops that an invocation takes for a pass at most, however kernels are laid out.
pub fn rounds(network: &Network) -> u64 {
    let dense =
        |part: Part| part.dense.outputs * (1 + part.dense.inputs / stride(part.dense.inputs));
    let layer = |layer: &Layer| {
        let copied = 4 * (layer.inputs + layer.outputs);
        copied + layer.parts().map(dense).sum::<usize>()
    };
    network.layers().iter().map(layer).sum::<usize>() as u64
}

/// The parts of a shader that a network is.
#[derive(Clone, Default)]
pub(super) struct NetworkText {
    /// Arrays between layers, and the chain.
    chain: String,
    mlp: String,
    unrolled: String,
    elman: String,
    gru: String,
    /// Whether the outputs of dense layers are written out.
    is_unrolled: bool,
    /// Whether these are graphs, which have no layers.
    is_graph: bool,
}

impl NetworkText {
    /// The text of layers, as loops or with outputs written out, for workgroups of so many bytes.
    pub fn of(network: &Network, is_unrolled: bool, workgroup_bytes: usize) -> Self {
        let mut text = Self { is_unrolled, ..Self::default() };
        let mut arrays = Arrays::of_ports(network.outputs(), network.memory());
        let mut calls = String::new();
        let mut source = "network_inputs".to_owned();
        for (l, layer) in network.layers().iter().enumerate() {
            let last = l + 1 == network.layers().len();
            let target = match (last, is_unrolled) {
                (true, _) => "network_outputs".into(),
                // All that goes in is read before anything that comes out is written.
                (false, true) => "layer".into(),
                (false, false) => format!("layer_{l}"),
            };
            arrays.push(&target, layer.outputs);
            let name = text.layer(l, layer, &source, &target, &mut arrays);
            writeln!(calls, "    {name}_{l}(individual);").expect("a String takes any text");
            source = target;
        }
        text.chain = format!(
            "{}\n{}\nfn network_forward(individual: u32) {{\n{calls}}}\n",
            inputs(network.inputs()),
            arrays.within(workgroup_bytes)
        );
        text
    }

    /// The text of graphs of such ports that fit a room, for workgroups of so many bytes: what is
    /// not in the template.
    pub fn of_graphs(ports: (usize, usize), room: GraphRoom, workgroup_bytes: usize) -> Self {
        let mut text = Self { is_graph: true, ..Self::default() };
        let mut arrays = Arrays::of_ports(ports.1, room.memories);
        arrays.push("graph_values", room.slots);
        text.chain = format!("{}\n{}", inputs(ports.0), arrays.within(workgroup_bytes));
        let cases = Activation::ALL.map(|activation| {
            let (id, name) = (activation as u32, activation.name());
            format!("        case {id}u: {{ return activation_{name}(x); }}\n")
        });
        // An unknown one gives NaN, which no comparison accepts.
        text.chain += &format!(
            "\nfn graph_activation(id: u32, x: f32) -> f32 {{\n    switch (id) {{\n{}        \
             default: {{ return bitcast<f32>(0x7FC00000u + id); }}\n    }}\n}}\n",
            cases.concat()
        );
        text
    }

    /// The parts by their paths in `shaders/`; what is declared may stand behind its use.
    pub fn parts(&self) -> Vec<(&str, &str)> {
        if self.is_graph {
            return vec![ACTIVATION, RECURRENT, GRAPH, ("the ports of graphs", &self.chain)];
        }
        vec![
            ACTIVATION,
            RECURRENT,
            POPULATION,
            (MLP.0, &self.mlp),
            (UNROLLED.0, &self.unrolled),
            (ELMAN.0, &self.elman),
            (GRU.0, &self.gru),
            ("the chain of layers", &self.chain),
        ]
    }

    /// Writes a layer down, and gives the name of its function.
    fn layer(
        &mut self,
        l: usize,
        layer: &Layer,
        source: &str,
        target: &str,
        arrays: &mut Arrays,
    ) -> &'static str {
        let template = match layer.cell {
            Cell::Dense => {
                let whole = layer.part(0).expect("a dense layer is its own part");
                self.dense(&l.to_string(), &whole, source, target);
                return "dense";
            }
            Cell::Elman => ELMAN.1,
            Cell::Gru => GRU.1,
        };
        let (joined, sums) = (format!("joined_{l}"), format!("sums_{l}"));
        arrays.push(&joined, layer.inputs + layer.outputs);
        arrays.push(&sums, layer.room());
        for (p, part) in layer.parts().enumerate() {
            self.dense(&format!("{l}_{p}"), &part, &joined, &sums);
        }
        let copy = template
            .replace("$LAYER", &l.to_string())
            .replace("$SOURCE", source)
            .replace("$TARGET", target)
            .replace("$INPUTS", &layer.inputs.to_string())
            .replace("$OUTPUTS", &layer.outputs.to_string())
            .replace("$FIRST_STATE", &layer.first_state.to_string());
        if layer.cell == Cell::Gru {
            self.gru += &copy;
            return "gru";
        }
        self.elman += &copy;
        "elman"
    }

    fn dense(&mut self, name: &str, part: &Part, source: &str, target: &str) {
        if self.is_unrolled {
            self.unrolled += &unrolled(name, part, source, target);
            return;
        }
        let Part { dense, first_source, first_target } = part;
        let terms = |inputs: std::ops::Range<usize>, from: &str| {
            let term = |n: usize| {
                let gene = format!("{}u + ({from}{n}u) * {}u + o", dense.first_gene, dense.outputs);
                let signal = format!("{source}_at({from}{}u)", first_source + n);
                format!("    sum = fma(population_gene(individual, {gene}), {signal}, sum);")
            };
            inputs.map(term).collect::<Vec<_>>().join("\n")
        };
        self.mlp += &MLP
            .1
            .replace("$PART", name)
            .replace("$TARGET", target)
            .replace("$OUTPUTS", &dense.outputs.to_string())
            .replace("$WHOLE", &whole(dense.inputs).to_string())
            .replace("$STRIDE", &stride(dense.inputs).to_string())
            .replace("$TERMS", &terms(0..stride(dense.inputs).min(whole(dense.inputs)), "i + "))
            .replace("$REST", &terms(whole(dense.inputs)..dense.inputs, ""))
            .replace("$FIRST_TARGET", &first_target.to_string())
            .replace("$FIRST_GENE", &dense.first_gene.to_string())
            .replace("$FIRST_BIAS", &dense.first_bias().to_string())
            .replace("$BIASED", &dense.biased.to_string())
            .replace("$ACTIVATION", dense.activation.name());
    }
}

/// Where numbers go in: the invocation's own, since tasks write all of them at once.
fn inputs(length: usize) -> String {
    format!(
        "var<private> network_inputs: array<f32, {length}>;\n\
         fn network_inputs_at(i: u32) -> f32 {{\n    return network_inputs[i];\n}}\n"
    )
}

/// Both ports, where they stand in the invocation's own memory.
pub(super) fn own_ports(network: &Network) -> String {
    let arrays = Arrays::of_ports(network.outputs(), network.memory());
    format!("{}\n{}", inputs(network.inputs()), arrays.within(0))
}

/// A dense part whose outputs are written out.
fn unrolled(name: &str, part: &Part, source: &str, target: &str) -> String {
    /// Multiply-adds that are written out in a row, where outputs alone are not as many.
    const ENOUGH: usize = 32;
    let Part { dense, first_source, first_target } = part;
    let (inputs, outputs) = (dense.inputs, dense.outputs);
    let stride = ENOUGH.div_ceil(outputs).min(inputs);
    let whole = inputs / stride * stride;
    let gene = |from: &str, gene: usize| format!("f32(population[{from} + {gene}u * LANES])");
    let joined = |lines: Vec<String>| lines.join("\n");
    let sums = (0..outputs).map(|o| match dense.biased {
        true => format!("    var sum_{o} = {};", gene("genome", dense.first_bias() + o)),
        false => format!("    var sum_{o} = 0.0;"),
    });
    // Input i + n, whose weights begin so many genes behind a place, is added to every sum.
    let terms = |n: usize, i: &str, place: &str, first: usize| {
        let at = first_source + n;
        let signal = format!("    let signal_{n} = {source}_at({i}{at}u);");
        let term = |o| {
            let weight = gene(place, first + o);
            format!("    sum_{o} = fma({weight}, signal_{n}, sum_{o});")
        };
        joined(std::iter::once(signal).chain((0..outputs).map(term)).collect())
    };
    let looped = (0..stride).map(|n| terms(n, "i + ", "row", n * outputs));
    let rest = (whole..inputs).map(|n| terms(n, "", "genome", dense.first_gene + n * outputs));
    let activation = dense.activation.name();
    let stores = (0..outputs).map(|o| {
        format!("    {target}_put({}u, activation_{activation}(sum_{o}));", first_target + o)
    });
    UNROLLED
        .1
        .replace("$PART", name)
        .replace("$OUTPUTS", &outputs.to_string())
        .replace("$FIRST_GENE", &dense.first_gene.to_string())
        .replace("$WHOLE", &whole.to_string())
        .replace("$STRIDE", &stride.to_string())
        .replace("$SUMS", &joined(sums.collect()))
        .replace("$TERMS", &joined(looped.collect()))
        .replace("$REST", &joined(rest.collect()))
        .replace("$STORES", &joined(stores.collect()))
}
