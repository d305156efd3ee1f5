//! A champion's file: written, and read with every check.

use std::sync::Arc;

use super::{Brain, Champion, Origin, Scaling};
use crate::network::{Activation, Graph, Naive, Network, Ports};
use crate::packed::Packed;
use crate::task::Preparation;

/// The champion as tensors and words.
pub(super) fn pack(champion: &Champion) -> Packed {
    let Champion { origin, brain, rule, scaling, preparation } = champion;
    let mut packed = Packed::default();
    packed.word("task", &origin.task);
    packed.word("strategy", &origin.strategy);
    packed.word("generation", origin.generation);
    packed.word("seed", origin.seed);
    packed.word("network", champion.shape());
    packed.word("inputs", champion.inputs());
    packed.word("outputs", champion.outputs_count());
    packed.word("action", serde_json::json!(rule));
    packed.word("version", env!("CARGO_PKG_VERSION"));
    match brain {
        Brain::Layers { network, genome, .. } => {
            for tensor in network.tensors(genome) {
                packed.singles(&tensor.name, tensor.shape, &tensor.values);
            }
        }
        Brain::Graph(graph) => packed.word("graph", serde_json::json!(graph.graph())),
    }
    if let Some(Scaling { means, scales, clip }) = scaling {
        packed.doubles("input.mean", means);
        packed.doubles("input.scale", scales);
        clip.iter().for_each(|clip| packed.word("input.clip", clip));
    }
    if let Some(preparation) = preparation {
        pack_preparation(&mut packed, preparation);
    }
    packed
}

fn pack_preparation(packed: &mut Packed, preparation: &Preparation) {
    if let Some((mean, scale)) = preparation.output {
        packed.doubles("output.mean", &[mean]);
        packed.doubles("output.scale", &[scale]);
    }
    packed.word("target", &preparation.target);
    for (key, names) in [("columns", &preparation.columns), ("classes", &preparation.classes)] {
        if !names.is_empty() {
            packed.word(key, serde_json::json!(names));
        }
    }
}

/// The champion of a file.
pub(super) fn unpack(packed: &Packed) -> Result<Champion, String> {
    let brain = unpack_brain(packed)?;
    let rule = json(packed, "action")?;
    let origin = Origin {
        task: packed.expect("task")?.into(),
        strategy: packed.expect("strategy")?.into(),
        generation: number(packed, "generation")?,
        seed: number(packed, "seed")?,
    };
    let scaling = unpack_scaling(packed, number(packed, "inputs")?)?;
    let preparation = match &scaling {
        Some(scaling) if packed.get("target").is_some() => {
            Some(unpack_preparation(packed, scaling)?)
        }
        _ => None,
    };
    Ok(Champion { origin, brain, rule, scaling, preparation })
}

fn unpack_brain(packed: &Packed) -> Result<Brain, String> {
    let (inputs, outputs): (usize, usize) = (number(packed, "inputs")?, number(packed, "outputs")?);
    if let Some(text) = packed.get("graph") {
        let graph = Graph::of_json(text, Ports { inputs, outputs, ordered: true })?;
        return Ok(Brain::Graph(Naive::of(Arc::new(graph))));
    }
    let spec = packed.expect("network")?;
    // Sizes first: words may claim a network that no memory holds.
    let there_are = packed.singles_in_all();
    if inputs.max(outputs) > there_are {
        let claimed = format!("{inputs} inputs and {outputs} outputs");
        return Err(format!("expected a network of {there_are} numbers at most, got {claimed}"));
    }
    let network = Network::parse(spec, inputs, outputs, Activation::Tanh);
    let network = network.map_err(|error| error.to_string())?;
    if network.parameters() > there_are {
        let claimed = network.parameters();
        return Err(format!("expected {claimed} parameters for '{spec}', got {there_are}"));
    }
    let genome = network.genome(|name| packed.expect_singles(name))?;
    Ok(Brain::of_layers(network, genome))
}

fn unpack_scaling(packed: &Packed, inputs: usize) -> Result<Option<Scaling>, String> {
    if !packed.has("input.mean") {
        return Ok(None);
    }
    let clip = packed.get("input.clip").map(|_| number(packed, "input.clip")).transpose()?;
    let means = packed.expect_doubles("input.mean")?;
    let scaling = Scaling { means, scales: packed.expect_doubles("input.scale")?, clip };
    scaling.check(inputs).map_err(|error| error.to_string())?;
    Ok(Some(scaling))
}

fn unpack_preparation(packed: &Packed, scaling: &Scaling) -> Result<Preparation, String> {
    let one = |name: &str| match packed.expect_doubles(name)?[..] {
        [number] => Ok(number),
        ref numbers => Err(format!("expected one number in '{name}', got {}", numbers.len())),
    };
    let output = match packed.has("output.mean") {
        true => Some((one("output.mean")?, one("output.scale")?)),
        false => None,
    };
    let names = |key: &str| match packed.get(key) {
        Some(_) => json(packed, key),
        None => Ok(Vec::new()),
    };
    Ok(Preparation {
        columns: names("columns")?,
        input_means: scaling.means.clone(),
        input_scales: scaling.scales.clone(),
        target: packed.expect("target")?.into(),
        classes: names("classes")?,
        output,
    })
}

fn number<T: std::str::FromStr>(packed: &Packed, key: &str) -> Result<T, String> {
    let text = packed.expect(key)?;
    text.parse().map_err(|_| format!("expected a number as '{key}', got '{text}'"))
}

fn json<T: serde::de::DeserializeOwned>(packed: &Packed, key: &str) -> Result<T, String> {
    let text = packed.expect(key)?;
    serde_json::from_str(text).map_err(|problem| format!("the word '{key}': {problem}"))
}
