//! Network diagrams: a champion's network as nodes and edges, for drawing and for export.
//!
//! # Shapes
//!
//! Nodes are arranged in columns. The first column holds the inputs and the bias node of a graph,
//! and the last one holds the outputs. A layer is a column. A hidden node of a graph is in the
//! column after the last of its sources in the same step. The bias of a node is a number of the
//! node in a layer, and the weight of an edge from the node `bias` in a graph.
//!
//! A diagram of a graph has all inputs, and the nodes that an output needs, as in its phenotype. A
//! node of an Elman layer has a recurrent edge from every node of the layer. A layer with several
//! gates, such as a GRU, has several weights for each connection, and no diagram.
//!
//! # Example
//!
//! ```
//! use deme::champion::{Champion, Origin};
//! use deme::network::{Activation, Network};
//! let task = deme::task::by_name("cartpole")?;
//! let network = Network::parse("3", 4, 2, Activation::Tanh)?;
//! let genome = vec![0.5; network.parameters()];
//! let (task_name, strategy) = ("cartpole".to_owned(), "ga".to_owned());
//! let origin = Origin { task: task_name, strategy, generation: 1, seed: 1 };
//! let diagram = Champion::new(origin, task.as_ref(), network, genome).diagram()?;
//! assert_eq!((diagram.nodes.len(), diagram.edges.len(), diagram.columns), (9, 18, 3));
//! assert_eq!((&*diagram.nodes[0].name, &*diagram.nodes[8].name), ("x", "right"));
//! # Ok::<(), deme::error::Error>(())
//! ```

use super::{Champion, Model, PortNames, Readout};
use crate::error::{Error, Result};
use crate::network::{Activation, Aggregation, Graph, Layer, Network};

/// The role of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// A number of the observation.
    Input,
    /// The bias of a graph, which is always 1.
    Bias,
    /// A node between inputs and outputs.
    Hidden,
    /// A number that the network returns.
    Output,
}

/// A node of a diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct DiagramNode {
    /// The name that the task or the data file has for it. Otherwise its number, which in a graph
    /// is the number of its gene. Empty for a hidden node of a layer.
    pub name: String,
    /// The role of the node.
    pub role: NodeRole,
    /// The column, counted from 0.
    pub column: usize,
    /// The function of its incoming edges, such as `tanh` or `tanh(2.5 sum)`; empty for an input.
    pub function: String,
    /// The number added to its sum, in a layer with biases.
    pub bias: Option<f32>,
}

/// A connection of a diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiagramEdge {
    /// The index of the node that it comes from.
    pub source: usize,
    /// The index of the node that it goes to.
    pub target: usize,
    /// The weight.
    pub weight: f32,
    /// True if it reads the value of its source from the step before.
    pub recurrent: bool,
}

/// A network as nodes and edges.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkDiagram {
    /// The nodes: the inputs, the bias of a graph, the hidden nodes in the order of computation,
    /// and the outputs.
    pub nodes: Vec<DiagramNode>,
    /// The edges.
    pub edges: Vec<DiagramEdge>,
    /// The number of columns, at least two.
    pub columns: usize,
    /// The number of hidden nodes of a graph that are left out, because no output needs them.
    pub left_out: usize,
}

impl Champion {
    /// The network as nodes and edges.
    ///
    /// # Errors
    /// Returns an error if the champion is a point rather than a network, if a layer has several
    /// gates, or if a graph has a cycle within one step.
    pub fn diagram(&self) -> Result<NetworkDiagram> {
        if self.readout == Readout::Point {
            let got = format!("a point, the champion of {}", self.origin.task);
            return Err(Error::invalid("the diagram of a champion", "a network", got)
                .advise("write the point with deme export --json"));
        }
        let names = self.port_names();
        match &self.model {
            Model::Layers { network, genome, .. } => {
                NetworkDiagram::from_layers(network, genome, &names)
            }
            Model::Graph(graph) => NetworkDiagram::from_graph(graph.graph(), &names),
        }
    }
}

impl NetworkDiagram {
    fn from_layers(network: &Network, genome: &[f32], names: &PortNames) -> Result<Self> {
        let has_gates = |layer: &Layer| layer.matrices()[0].len() > 1;
        if let Some(index) = network.layers().iter().position(has_gates) {
            let got = format!("'{network}', whose layer {} has gates", index + 1);
            let expected = "layers that have one weight for each connection";
            return Err(Error::invalid("the diagram of a champion", expected, got)
                .advise("the weights of its gates are written by deme export --json"));
        }
        let inputs = (0..network.inputs()).map(|input| DiagramNode::input(names.input(input)));
        let mut nodes: Vec<DiagramNode> = inputs.collect();
        let (mut edges, mut first_source) = (Vec::new(), 0);
        let last = network.layers().len();
        for (layer, column) in network.layers().iter().zip(1..) {
            let first_target = nodes.len();
            let biases = layer.gate_biases().into_iter().flatten().flatten().next();
            for output in 0..layer.outputs {
                nodes.push(DiagramNode {
                    name: match column == last {
                        true => names.output(output, output),
                        false => String::new(),
                    },
                    role: if column == last { NodeRole::Output } else { NodeRole::Hidden },
                    column,
                    function: layer.activation.name().into(),
                    bias: biases.filter(|_| layer.biased).map(|first| genome[first + output]),
                });
            }
            let [from_inputs, from_state] = layer.matrices();
            for (matrices, first, recurrent) in
                [(from_inputs, first_source, false), (from_state, first_target, true)]
            {
                for matrix in matrices {
                    let ends = (0..matrix.inputs)
                        .flat_map(|input| (0..matrix.outputs).map(move |output| (input, output)));
                    edges.extend(ends.map(|(input, output)| DiagramEdge {
                        source: first + input,
                        target: first_target + output,
                        weight: genome[matrix.first_gene + input * matrix.stride + output],
                        recurrent,
                    }));
                }
            }
            first_source = first_target;
        }
        Ok(Self { nodes, edges, columns: last + 1, left_out: 0 })
    }

    fn from_graph(graph: &Graph, names: &PortNames) -> Result<Self> {
        let order = graph.required_nodes()?;
        let (sources, outputs) = (graph.inputs as usize + 1, graph.outputs as usize);
        let mut nodes: Vec<DiagramNode> =
            (0..sources - 1).map(|input| DiagramNode::input(names.input(input))).collect();
        nodes.push(DiagramNode { role: NodeRole::Bias, ..DiagramNode::input("bias".into()) });
        // The index in the diagram of each gene's node; none for a node that is left out.
        let hidden: Vec<usize> = order.iter().copied().filter(|&gene| gene >= outputs).collect();
        let mut indices = vec![None; graph.nodes.len()];
        for (index, gene) in (sources..).zip(hidden.iter().copied().chain(0..outputs)) {
            indices[gene] = Some(index);
        }
        let index = |id: u32| match id as usize {
            source if source < sources => Some(source),
            _ => graph.position(id).and_then(|gene| indices[gene]),
        };
        let mut edges: Vec<DiagramEdge> = Vec::new();
        for connection in graph.enabled() {
            if let (Some(source), Some(target)) =
                (index(connection.source), index(connection.target))
            {
                let (weight, recurrent) = (connection.weight, connection.recurrent);
                edges.push(DiagramEdge { source, target, weight, recurrent });
            }
        }
        let mut columns = vec![0; sources + order.len()];
        let mut sources_of = vec![Vec::new(); columns.len()];
        for edge in edges.iter().filter(|edge| !edge.recurrent) {
            sources_of[edge.target].push(edge.source);
        }
        for here in order.iter().filter_map(|&gene| indices[gene]) {
            // The sources within the same step have their columns already.
            let before = sources_of[here].iter().map(|&source| columns[source]);
            columns[here] = before.max().unwrap_or(0) + 1;
        }
        let deepest = columns[sources..sources + hidden.len()].iter().max();
        let last = deepest.copied().unwrap_or(0) + 1;
        for (index, gene) in (sources..).zip(hidden.into_iter().chain(0..outputs)) {
            let (node, is_output) = (&graph.nodes[gene], gene < outputs);
            let number = node.id as usize;
            nodes.push(DiagramNode {
                name: if is_output { names.output(gene, number) } else { number.to_string() },
                role: if is_output { NodeRole::Output } else { NodeRole::Hidden },
                column: if is_output { last } else { columns[index] },
                function: function(node.activation, node.aggregation, node.response),
                bias: None,
            });
        }
        let left_out = graph.nodes.len() - order.len();
        Ok(Self { nodes, edges, columns: last + 1, left_out })
    }
}

impl DiagramNode {
    /// A node of an input.
    fn input(name: String) -> Self {
        Self { name, role: NodeRole::Input, column: 0, function: String::new(), bias: None }
    }
}

/// The function of a node, in its shortest form.
fn function(activation: Activation, aggregation: Aggregation, response: f32) -> String {
    let (activation, joined) = (activation.name(), aggregation.name());
    match (response == 1.0, aggregation) {
        (true, Aggregation::Sum) => activation.into(),
        (true, _) => format!("{activation}({joined})"),
        (false, _) => format!("{activation}({response} {joined})"),
    }
}
