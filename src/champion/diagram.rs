//! Wirings: a champion's network as nodes and wires, for whoever draws it or writes it down.
//!
//! # Shapes
//!
//! Nodes stand in columns. The inputs are in the first, and behind them a graph's bias; the outputs
//! are in the last. A hidden node is one column behind the last that it needs in the same step; a
//! layer is a column. A node's bias is a number of its own where it is in a layer, and the weight
//! of a wire from the node `bias` where it is in a graph.
//!
//! Of a graph only what an output needs is there, and all inputs: what its phenotype has. Of an
//! Elman layer each node has a wire that is recurrent from every node of the layer. A GRU has three
//! weights for what others have one for, so it has no diagram.
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

use super::{Champion, Model, Readout};
use crate::error::{Error, Result};
use crate::network::{Activation, Aggregation, Cell, Graph, Network};
use crate::task::{self, Kind};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// A number that is observed.
    Input,
    /// Of a graph: always 1.
    Bias,
    /// A node between.
    Hidden,
    /// A number that is given.
    Output,
}

/// A node of a diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct DiagramNode {
    /// What it is called: by the task where that has a name for it, else by its number, of a graph
    /// that of its gene. Nothing of a hidden node of a layer.
    pub name: String,
    /// What it is.
    pub role: NodeRole,
    /// Its column, from 0.
    pub column: usize,
    /// What it computes of what comes in, such as `tanh` or `tanh(2.5 sum)`; nothing of an input.
    pub function: String,
    /// What is added to its sum, of a layer with biases.
    pub bias: Option<f32>,
}

/// A connection of a diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiagramEdge {
    /// The node that it comes from, by its place.
    pub source: usize,
    /// The node that it goes to, by its place.
    pub target: usize,
    /// What it multiplies by.
    pub weight: f32,
    /// Whether it brings what its source gave a step before.
    pub recurrent: bool,
}

/// A network as nodes and wires.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkDiagram {
    /// The nodes: the inputs, of a graph the bias, the hidden ones in the order in which they are
    /// computed, and the outputs.
    pub nodes: Vec<DiagramNode>,
    /// The wires.
    pub edges: Vec<DiagramEdge>,
    /// Columns; at least two.
    pub columns: usize,
    /// Hidden nodes of a graph that lead to no output, which are left out.
    pub left_out: usize,
}

/// What inputs and outputs are called, where they have names.
struct Names {
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl Champion {
    /// Its network as nodes and wires.
    ///
    /// # Errors
    /// A point, which is no network; a layer of GRUs; a graph with a cycle in one step.
    pub fn diagram(&self) -> Result<NetworkDiagram> {
        if self.readout == Readout::Point {
            let got = format!("a point, the champion of {}", self.origin.task);
            return Err(Error::invalid("the diagram of a champion", "a network", got)
                .advise("write the point with deme export --json"));
        }
        let names = Names::of(self);
        match &self.model {
            Model::Layers { network, genome, .. } => {
                NetworkDiagram::of_layers(network, genome, &names)
            }
            Model::Graph(graph) => NetworkDiagram::of_graph(graph.graph(), &names),
        }
    }
}

impl Names {
    /// A file's names, else those of the built-in task, as far as they fit.
    fn of(champion: &Champion) -> Self {
        let (inputs, outputs) = match &champion.preprocessing {
            Some(prepared) => match prepared.classes.is_empty() {
                true => (prepared.columns.clone(), vec![prepared.target.clone()]),
                false => (prepared.columns.clone(), prepared.classes.clone()),
            },
            None => Self::of_task(&champion.origin.task).unwrap_or_default(),
        };
        let fitting = |names: Vec<String>, count: usize| match names.len() == count {
            true => names,
            false => Vec::new(),
        };
        Self {
            inputs: fitting(inputs, champion.inputs()),
            outputs: fitting(outputs, champion.outputs_count()),
        }
    }

    fn of_task(name: &str) -> Option<(Vec<String>, Vec<String>)> {
        let task = task::by_name(name).ok()?;
        let Kind::Control(simulation) = task.kind() else { return None };
        let labels = simulation.labels();
        let names = |labels: &[task::Quantity]| -> Vec<String> {
            labels.iter().map(|label| label.name.to_string()).collect()
        };
        Some((names(labels.observations), names(labels.actions)))
    }

    fn input(&self, index: usize) -> String {
        self.inputs.get(index).cloned().unwrap_or_else(|| index.to_string())
    }

    fn output(&self, index: usize, number: usize) -> String {
        self.outputs.get(index).cloned().unwrap_or_else(|| number.to_string())
    }
}

impl NetworkDiagram {
    fn of_layers(network: &Network, genome: &[f32], names: &Names) -> Result<Self> {
        if let Some(place) = network.layers().iter().position(|layer| layer.cell == Cell::Gru) {
            let got = format!("'{network}', whose layer {} has gates", place + 1);
            let expected = "layers that have one weight for each connection";
            return Err(Error::invalid("the diagram of a champion", expected, got)
                .advise("the weights of its gates are written by deme export --json"));
        }
        let inputs = (0..network.inputs()).map(|input| DiagramNode::sending(names.input(input)));
        let mut nodes: Vec<DiagramNode> = inputs.collect();
        let (mut wires, mut first_source) = (Vec::new(), 0);
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
            let [seen, kept] = layer.matrices();
            for (matrices, first, recurrent) in
                [(seen, first_source, false), (kept, first_target, true)]
            {
                for matrix in matrices {
                    let ends = (0..matrix.inputs)
                        .flat_map(|input| (0..matrix.outputs).map(move |output| (input, output)));
                    wires.extend(ends.map(|(input, output)| DiagramEdge {
                        source: first + input,
                        target: first_target + output,
                        weight: genome[matrix.first_gene + input * matrix.stride + output],
                        recurrent,
                    }));
                }
            }
            first_source = first_target;
        }
        Ok(Self { nodes, edges: wires, columns: last + 1, left_out: 0 })
    }

    fn of_graph(graph: &Graph, names: &Names) -> Result<Self> {
        let order = graph.required_nodes()?;
        let (senders, outputs) = (graph.inputs as usize + 1, graph.outputs as usize);
        let mut nodes: Vec<DiagramNode> =
            (0..senders - 1).map(|input| DiagramNode::sending(names.input(input))).collect();
        nodes.push(DiagramNode { role: NodeRole::Bias, ..DiagramNode::sending("bias".into()) });
        // Where a gene's node stands among the nodes here; unknown of what is left out.
        let hidden: Vec<usize> = order.iter().copied().filter(|&gene| gene >= outputs).collect();
        let mut places = vec![None; graph.nodes.len()];
        for (place, gene) in (senders..).zip(hidden.iter().copied().chain(0..outputs)) {
            places[gene] = Some(place);
        }
        let place = |id: u32| match id as usize {
            sender if sender < senders => Some(sender),
            _ => graph.place(id).and_then(|gene| places[gene]),
        };
        let mut wires = Vec::new();
        for connection in graph.enabled() {
            if let (Some(source), Some(target)) =
                (place(connection.source), place(connection.target))
            {
                let (weight, recurrent) = (connection.weight, connection.recurrent);
                wires.push(DiagramEdge { source, target, weight, recurrent });
            }
        }
        let mut columns = vec![0; senders + order.len()];
        for here in order.iter().filter_map(|&gene| places[gene]) {
            // What is needed in the same step has its column by now.
            let needs = wires.iter().filter(|wire| wire.target == here && !wire.recurrent);
            columns[here] = needs.map(|wire| columns[wire.source] + 1).max().unwrap_or(1);
        }
        let deepest = columns[senders..senders + hidden.len()].iter().max();
        let last = deepest.copied().unwrap_or(0) + 1;
        for (place, gene) in (senders..).zip(hidden.into_iter().chain(0..outputs)) {
            let (node, is_output) = (&graph.nodes[gene], gene < outputs);
            let number = node.id as usize;
            nodes.push(DiagramNode {
                name: if is_output { names.output(gene, number) } else { number.to_string() },
                role: if is_output { NodeRole::Output } else { NodeRole::Hidden },
                column: if is_output { last } else { columns[place] },
                function: function(node.activation, node.aggregation, node.response),
                bias: None,
            });
        }
        let left_out = graph.nodes.len() - order.len();
        Ok(Self { nodes, edges: wires, columns: last + 1, left_out })
    }
}

impl DiagramNode {
    /// A node that computes nothing.
    fn sending(name: String) -> Self {
        Self { name, role: NodeRole::Input, column: 0, function: String::new(), bias: None }
    }
}

/// What a node computes, in as few words as say it.
fn function(activation: Activation, aggregation: Aggregation, response: f32) -> String {
    let (activation, joined) = (activation.name(), aggregation.name());
    match (response == 1.0, aggregation) {
        (true, Aggregation::Sum) => activation.into(),
        (true, _) => format!("{activation}({joined})"),
        (false, _) => format!("{activation}({response} {joined})"),
    }
}
