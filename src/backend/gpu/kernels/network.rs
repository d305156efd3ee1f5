//! The WGSL of a network: a copy of a template in `shaders/network/` for each layer, and the chain
//! that calls the layers. Inputs are in `network_inputs` and outputs in `network_outputs`.

use std::fmt::Write as _;

use super::arrays::Arrays;
use super::capacity::GraphCapacity;
use crate::math::MathFunction;
use crate::network::{Activation, Cell, DensePart, Layer, Network};

pub(super) const ACTIVATION: (&str, &str) = part!("network/activation.wgsl");
const MLP: (&str, &str) = part!("network/mlp.wgsl");
const ELMAN: (&str, &str) = part!("network/elman.wgsl");
const GRU: (&str, &str) = part!("network/gru.wgsl");
const GRAPH: (&str, &str) = part!("network/graph.wgsl");
const UNROLLED: (&str, &str) = part!("kernel/unrolled.wgsl");
pub(super) const RECURRENT: (&str, &str) = part!("network/recurrent.wgsl");
pub(super) const POPULATION: (&str, &str) = part!("kernel/population.wgsl");

/// Returns how many of a layer's inputs are unrolled in one loop iteration. Unrolling costs compile
/// time and saves loop iterations, of which layers with few inputs have few.
pub(super) fn stride(inputs: usize) -> usize {
    const FEW: usize = 128;
    if inputs <= FEW { 4 } else { 16 }
}

/// Returns how many of a layer's inputs are taken by whole strides.
pub(super) fn strided(inputs: usize) -> usize {
    inputs / stride(inputs) * stride(inputs)
}

/// Returns the largest number of loop iterations of an invocation in one forward pass, in any exact
/// variant.
pub fn loop_rounds(network: &Network) -> u64 {
    let dense =
        |part: DensePart| part.dense.outputs * (1 + part.dense.inputs / stride(part.dense.inputs));
    let layer = |layer: &Layer| {
        let copied = 4 * (layer.inputs + layer.outputs.max(layer.state_size()));
        copied + layer.parts().map(dense).sum::<usize>()
    };
    network.layers().iter().map(layer).sum::<usize>() as u64
}

/// The parts of a shader that compute a network.
#[derive(Clone, Default)]
pub(super) struct NetworkText {
    /// The arrays between layers, and the chain.
    chain: String,
    mlp: String,
    unrolled: String,
    elman: String,
    gru: String,
    /// True if the outputs of dense layers are written out.
    is_unrolled: bool,
    /// True if these are graphs, which have no layers.
    is_graph: bool,
}

impl NetworkText {
    /// Writes the WGSL of layers, as loops or unrolled, for workgroup memory of a size.
    pub fn from_layers(network: &Network, is_unrolled: bool, workgroup_bytes: usize) -> Self {
        let mut text = Self { is_unrolled, ..Self::default() };
        let mut arrays = Arrays::for_ports(network.outputs(), network.state_size());
        let mut calls = String::new();
        let mut source = "network_inputs".to_owned();
        for (l, layer) in network.layers().iter().enumerate() {
            let last = l + 1 == network.layers().len();
            let target = match (last, is_unrolled) {
                (true, _) => "network_outputs".into(),
                // An unrolled layer reads all inputs before it writes an output.
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
            arrays.declare(workgroup_bytes)
        );
        text
    }

    /// Writes the WGSL of graphs up to a capacity, for workgroup memory of a size: the ports and
    /// the activations, which complete the template.
    pub fn from_graphs(
        ports: (usize, usize),
        capacity: GraphCapacity,
        workgroup_bytes: usize,
    ) -> Self {
        let mut text = Self { is_graph: true, ..Self::default() };
        let mut arrays = Arrays::for_ports(ports.1, capacity.memories);
        arrays.push("graph_values", capacity.slots);
        text.chain = format!("{}\n{}", inputs(ports.0), arrays.declare(workgroup_bytes));
        text.chain += &activation_dispatch();
        text
    }

    /// The parts with their paths in `shaders/`. Declarations may follow their uses.
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

    /// Appends the copy of a layer's template, and returns the name of its function.
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
        arrays.push(&joined, layer.inputs + layer.feedback_size());
        arrays.push(&sums, layer.scratch_size());
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

    /// Appends the copy of a dense part.
    fn dense(&mut self, name: &str, part: &DensePart, source: &str, target: &str) {
        if self.is_unrolled {
            self.unrolled += &unrolled(name, part, source, target);
            return;
        }
        let DensePart { dense, first_source, first_target } = part;
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
            .replace("$WHOLE", &strided(dense.inputs).to_string())
            .replace("$STRIDE", &stride(dense.inputs).to_string())
            .replace("$TERMS", &terms(0..stride(dense.inputs).min(strided(dense.inputs)), "i + "))
            .replace("$REST", &terms(strided(dense.inputs)..dense.inputs, ""))
            .replace("$FIRST_TARGET", &first_target.to_string())
            .replace("$FIRST_GENE", &dense.first_gene.to_string())
            .replace("$FIRST_BIAS", &dense.first_bias().to_string())
            .replace("$BIASED", &dense.biased.to_string())
            .replace("$ACTIVATION", dense.activation.name());
    }
}

/// The WGSL function `activation_by_id`. The id of an activation is its index in
/// [`Activation::ALL`].
pub(super) fn activation_dispatch() -> String {
    dispatch_by_id("activation", &Activation::ALL.map(Activation::name))
}

/// The WGSL function `math_by_id`, and the number of functions. The id of a function is its index
/// in [`MathFunction::ALL`].
pub(super) fn math_dispatch() -> String {
    let names = MathFunction::ALL.map(MathFunction::name);
    let count = format!("const MATH_FUNCTIONS: u32 = {}u;\n", names.len());
    count + &dispatch_by_id("math", &names)
}

/// A WGSL function `PREFIX_by_id`, which calls the function `PREFIX_NAME` whose index is the id.
fn dispatch_by_id(prefix: &str, names: &[&str]) -> String {
    let case = |(id, name): (usize, &&str)| {
        format!("        case {id}u: {{ return {prefix}_{name}(x); }}\n")
    };
    let cases: String = names.iter().enumerate().map(case).collect();
    // An unknown id gives NaN, which no comparison accepts.
    format!(
        "\nfn {prefix}_by_id(id: u32, x: f32) -> f32 {{\n    switch (id) {{\n{cases}        \
         default: {{ return bitcast<f32>(0x7FC00000u | id); }}\n    }}\n}}\n"
    )
}

/// Declares the inputs in private memory, because tasks write all of them at once.
fn inputs(length: usize) -> String {
    format!(
        "var<private> network_inputs: array<f32, {length}>;\n\
         fn network_inputs_at(i: u32) -> f32 {{\n    return network_inputs[i];\n}}\n"
    )
}

/// Declares the inputs, the outputs and the hidden state in private memory.
pub(super) fn private_ports(network: &Network) -> String {
    let arrays = Arrays::for_ports(network.outputs(), network.state_size());
    format!("{}\n{}", inputs(network.inputs()), arrays.declare(0))
}

/// Writes a dense part whose outputs are written out.
fn unrolled(name: &str, part: &DensePart, source: &str, target: &str) -> String {
    /// The least number of multiply-adds in a loop iteration.
    const LEAST: usize = 32;
    let DensePart { dense, first_source, first_target } = part;
    let (inputs, outputs) = (dense.inputs, dense.outputs);
    let stride = LEAST.div_ceil(outputs).min(inputs);
    let whole = inputs / stride * stride;
    let gene = |from: &str, gene: usize| format!("f32(population[{from} + {gene}u * LANES])");
    let joined = |lines: Vec<String>| lines.join("\n");
    let sums = (0..outputs).map(|o| match dense.biased {
        true => format!("    var sum_{o} = {};", gene("genome", dense.first_bias() + o)),
        false => format!("    var sum_{o} = 0.0;"),
    });
    // Adds input i + n to every sum. Its weights begin `first` genes after `place`.
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
