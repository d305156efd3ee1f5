//! The text of a network: copies of the templates of `shaders/network/` for its layers, and the
//! chain that calls them. Numbers go in through `network_inputs` and come out in `network_outputs`.

use std::fmt::Write as _;

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
    /// Whether dense layers are written out.
    is_unrolled: bool,
    /// Whether these are graphs, which have no layers.
    is_graph: bool,
}

impl NetworkText {
    /// The text of layers, as loops or written out.
    pub fn of(network: &Network, is_unrolled: bool) -> Self {
        let mut text = Self { is_unrolled, ..Self::default() };
        text.array("network_inputs", network.inputs());
        let mut calls = String::new();
        let mut source = "network_inputs".to_owned();
        for (l, layer) in network.layers().iter().enumerate() {
            let last = l + 1 == network.layers().len();
            let target = if last { "network_outputs".into() } else { format!("layer_{l}") };
            text.array(&target, layer.outputs);
            let name = text.layer(l, layer, &source, &target);
            writeln!(calls, "    {name}_{l}(individual);").expect("a String takes any text");
            source = target;
        }
        text.chain += &format!(
            "\nfn network_join(local: u32) {{}}\n\n\
             fn network_forward(individual: u32) {{\n{calls}}}\n"
        );
        text
    }

    /// The text of graphs with so many inputs and outputs: what is not in the template.
    pub fn of_graphs((inputs, outputs): (usize, usize), is_shared: bool) -> Self {
        let mut text = Self { is_graph: true, ..Self::default() };
        text.array("network_inputs", inputs);
        text.array("network_outputs", outputs);
        text.chain += if is_shared {
            "var<workgroup> graph_values: array<f32, GRAPH_ROOM * WORKGROUP>;\n\
             var<private> graph_lane: u32;\n\n\
             fn graph_place(slot: u32) -> u32 {\n    return slot * WORKGROUP + graph_lane;\n}\n\n\
             fn network_join(local: u32) {\n    graph_lane = local;\n}\n"
        } else {
            "var<private> graph_values: array<f32, GRAPH_ROOM>;\n\n\
             fn graph_place(slot: u32) -> u32 {\n    return slot;\n}\n\n\
             fn network_join(local: u32) {}\n"
        };
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

    fn array(&mut self, name: &str, length: usize) {
        self.chain += &format!("var<private> {name}: array<f32, {length}>;\n");
    }

    /// Writes a layer down, and gives the name of its function.
    fn layer(&mut self, l: usize, layer: &Layer, source: &str, target: &str) -> &'static str {
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
        self.array(&joined, layer.inputs + layer.outputs);
        self.array(&sums, layer.room());
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
                let signal = format!("{source}[{from}{}u]", first_source + n);
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

/// A dense part with nothing to loop over: so many lines as it has genes.
fn unrolled(name: &str, part: &Part, source: &str, target: &str) -> String {
    let Part { dense, first_source, first_target } = part;
    let gene = |gene: usize| format!("f32(population[genome + {gene}u * LANES])");
    let outputs = || 0..dense.outputs;
    let joined = |lines: Vec<String>| lines.join("\n");
    let sums = outputs().map(|o| match dense.biased {
        true => format!("    var sum_{o} = {};", gene(dense.first_bias() + o)),
        false => format!("    var sum_{o} = 0.0;"),
    });
    let terms = (0..dense.inputs).flat_map(|i| {
        let signal = format!("    let signal_{i} = {source}[{}u];", first_source + i);
        let term = move |o| {
            let weight = gene(dense.first_gene + i * dense.outputs + o);
            format!("    sum_{o} = fma({weight}, signal_{i}, sum_{o});")
        };
        std::iter::once(signal).chain(outputs().map(term))
    });
    let activation = dense.activation.name();
    let stores = outputs().map(|o| {
        format!("    {target}[{}u] = activation_{activation}(sum_{o});", first_target + o)
    });
    UNROLLED
        .1
        .replace("$PART", name)
        .replace("$FIRST_GENE", &dense.first_gene.to_string())
        .replace("$SUMS", &joined(sums.collect()))
        .replace("$TERMS", &joined(terms.collect()))
        .replace("$OUTPUTS", &joined(stores.collect()))
}
