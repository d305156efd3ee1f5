//! The text of a network: copies of the templates of `shaders/network/` for its layers, and the
//! chain that calls them. Numbers go in through `network_inputs` and come out in `network_outputs`.

use std::fmt::Write as _;

use crate::network::{Activation, Cell, Layer, Network, Part};

pub(super) const ACTIVATION: (&str, &str) = part!("network/activation.wgsl");
const RECURRENT: (&str, &str) = part!("network/recurrent.wgsl");
const MLP: (&str, &str) = part!("network/mlp.wgsl");
const ELMAN: (&str, &str) = part!("network/elman.wgsl");
const GRU: (&str, &str) = part!("network/gru.wgsl");
const GRAPH: (&str, &str) = part!("network/graph.wgsl");
const POPULATION: (&str, &str) = part!("kernel/population.wgsl");

/// The parts of a shader that a network is.
#[derive(Clone, Default)]
pub(super) struct NetworkText {
    /// Arrays between layers, and the chain.
    chain: String,
    mlp: String,
    elman: String,
    gru: String,
    /// Whether these are graphs, which have no layers.
    is_graph: bool,
}

impl NetworkText {
    pub fn of(network: &Network) -> Self {
        let mut text = Self::default();
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
        text.chain += &format!("\nfn network_forward(individual: u32) {{\n{calls}}}\n");
        text
    }

    /// The text of graphs with so many inputs and outputs: what is not in the template.
    pub fn of_graphs((inputs, outputs): (usize, usize)) -> Self {
        let mut text = Self { is_graph: true, ..Self::default() };
        text.array("network_inputs", inputs);
        text.array("network_outputs", outputs);
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
        let Part { dense, first_source, first_target } = part;
        self.mlp += &MLP
            .1
            .replace("$PART", name)
            .replace("$SOURCE", source)
            .replace("$TARGET", target)
            .replace("$INPUTS", &dense.inputs.to_string())
            .replace("$OUTPUTS", &dense.outputs.to_string())
            .replace("$FIRST_SOURCE", &first_source.to_string())
            .replace("$FIRST_TARGET", &first_target.to_string())
            .replace("$FIRST_GENE", &dense.first_gene.to_string())
            .replace("$FIRST_BIAS", &dense.first_bias().to_string())
            .replace("$BIASED", &dense.biased.to_string())
            .replace("$ACTIVATION", dense.activation.name());
    }
}
