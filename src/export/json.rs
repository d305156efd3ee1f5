//! A champion as one JSON document: its metadata, the scaling of its inputs, its layers, and its
//! readout. The champion of a function is a `point`; an evolved topology is a `graph`.
//!
//! Names are lists in the order of the network: `observation` of its inputs, and `actions` or
//! `classes` of its outputs. `words` has the words of each column that has some: the input
//! `COLUMN=WORD` is 1 in a row that has the word, and else 0. `missing` says how to give a missing
//! value, if there may be some. `input` has the numbers that standardise an observation, and the
//! `precision` in which `(x - mean) * scale` must be computed.
//!
//! A layer has `cell`, `inputs`, `outputs`, `activation`, `weight` (`[outputs][inputs]`) and
//! `bias`. A recurrent layer also has `recurrent_weight` and `recurrent_bias`; its rows are ordered
//! gate by gate.

use serde_json::{Value, json};

use super::layers::{LayerTensors, layer_tensors};
use super::metadata::{MISSING, sentence};
use crate::champion::{Champion, Readout, StandardisationPrecision};
use crate::error::{Error, Result};
use crate::network::Cell;
use crate::task::{MissingValues, OutputScaling};

/// Writes the document.
///
/// # Errors
///
/// Returns an error if the JSON encoder fails, which no champion causes.
pub fn json(champion: &Champion) -> Result<String> {
    let mut document = serde_json::Map::new();
    document.insert("format".into(), json!("deme champion"));
    insert_facts(&mut document, champion);
    document.insert("rule".into(), json!(champion.readout()));
    if let Some(scaling) = champion.scaling() {
        let precision = match champion.observation_precision() {
            StandardisationPrecision::Single => "f32",
            StandardisationPrecision::Pair | StandardisationPrecision::Double => "f64",
        };
        let mut scaled =
            json!({ "mean": scaling.means, "scale": scaling.scales, "precision": precision });
        if let (Value::Object(scaled), Some(clip)) = (&mut scaled, scaling.clip) {
            scaled.insert("clip".into(), json!(clip));
        }
        document.insert("input".into(), scaled);
    }
    match champion.output_scalings() {
        [] => {}
        // One number stands alone, as it always has; several are lists.
        [OutputScaling { mean, deviation }] => {
            document.insert("output".into(), json!({ "mean": mean, "scale": deviation }));
        }
        scalings => {
            let means: Vec<f64> = scalings.iter().map(|scaling| scaling.mean).collect();
            let scales: Vec<f64> = scalings.iter().map(|scaling| scaling.deviation).collect();
            document.insert("output".into(), json!({ "mean": means, "scale": scales }));
        }
    }
    let point = champion.layers().filter(|_| *champion.readout() == Readout::Point);
    if let Some((_, genome)) = point {
        document.insert("point".into(), json!(genome));
    } else if let Some(graph) = champion.graph() {
        document.insert("graph".into(), json!(graph));
    } else {
        let layers: Vec<Value> = layer_tensors(champion).iter().map(layer_object).collect();
        document.insert("layers".into(), json!(layers));
    }
    serde_json::to_string_pretty(&document).map_err(|problem| Error::Io {
        doing: "writing JSON of",
        path: "a champion".into(),
        source: problem.into(),
    })
}

/// Inserts the origin of a champion, its network, its readout in words, and its names.
fn insert_facts(document: &mut serde_json::Map<String, Value>, champion: &Champion) {
    let (origin, names) = (champion.origin(), champion.port_names());
    let mut insert = |key: &str, value| document.insert(key.into(), value);
    insert("task", json!(origin.task));
    insert("strategy", json!(origin.strategy));
    insert("generation", json!(origin.generation));
    insert("seed", json!(origin.seed));
    insert("network", json!(champion.shape()));
    insert("action", json!(sentence(champion)));
    insert("observation", json!(names.inputs));
    match champion.preprocessing() {
        None => {
            insert("actions", json!(names.outputs));
        }
        Some(preprocessing) => {
            insert("columns", json!(preprocessing.columns));
            insert("classes", json!(preprocessing.classes));
            insert("target", json!(preprocessing.targets.join(",")));
            if preprocessing.targets.len() > 1 {
                insert("targets", json!(preprocessing.targets));
            }
            if let Some(table) = &preprocessing.table {
                let words = table.features.iter().filter(|column| !column.words.is_empty());
                let words: serde_json::Map<String, Value> =
                    words.map(|column| (column.name.clone(), json!(column.words))).collect();
                if !words.is_empty() {
                    insert("words", json!(words));
                }
                if table.missing == MissingValues::Mean {
                    insert("missing", json!(MISSING));
                }
            }
        }
    }
}

fn layer_object(layer: &LayerTensors) -> Value {
    let rows = |numbers: &[f32], width: usize| -> Vec<Vec<f32>> {
        numbers.chunks(width.max(1)).map(<[f32]>::to_vec).collect()
    };
    let cell = match layer.cell {
        Cell::Dense => "dense",
        Cell::Elman => "elman",
        Cell::Gru => "gru",
    };
    let mut object = json!({
        "cell": cell,
        "inputs": layer.inputs,
        "outputs": layer.outputs,
        "activation": layer.activation.name(),
        "weight": rows(&layer.weight, layer.inputs),
        "bias": layer.bias,
    });
    if let (Value::Object(object), true) = (&mut object, layer.cell != Cell::Dense) {
        let weight = rows(&layer.recurrent_weight, layer.outputs);
        object.insert("recurrent_weight".into(), json!(weight));
        object.insert("recurrent_bias".into(), json!(layer.recurrent_bias));
    }
    object
}
