//! A champion as one JSON document: what it is, what is done to its inputs, its layers, and what
//! its outputs mean. Of a function it is the point, and of a network that was grown its `graph`.
//!
//! A layer has `cell`, `inputs`, `outputs`, `activation`, `weight` (`[outputs][inputs]`) and
//! `bias`; a recurrent one `recurrent_weight` and `recurrent_bias` as well, its rows gate by gate.

use serde_json::{Value, json};

use super::parts::{Part, parts, words};
use crate::champion::{Champion, Rule};
use crate::error::{Error, Result};
use crate::network::Cell;

/// The document.
///
/// # Errors
/// None that a champion can cause.
pub fn json(champion: &Champion) -> Result<String> {
    let mut document = serde_json::Map::new();
    document.insert("format".into(), json!("deme champion"));
    for (key, word) in words(champion) {
        document.insert(key.into(), json!(word));
    }
    document.insert("rule".into(), json!(champion.rule()));
    if let Some(scaling) = champion.scaling() {
        let mut scaled = json!({ "mean": scaling.means, "scale": scaling.scales });
        if let (Value::Object(scaled), Some(clip)) = (&mut scaled, scaling.clip) {
            scaled.insert("clip".into(), json!(clip));
        }
        document.insert("input".into(), scaled);
    }
    if let Some((mean, scale)) = champion.preparation().and_then(|preparation| preparation.output) {
        document.insert("output".into(), json!({ "mean": mean, "scale": scale }));
    }
    let point = champion.layers().filter(|_| champion.rule() == Rule::Point);
    if let Some((_, genome)) = point {
        document.insert("point".into(), json!(genome));
    } else if let Some(graph) = champion.graph() {
        document.insert("graph".into(), json!(graph));
    } else {
        let layers: Vec<Value> = parts(champion).iter().map(layer).collect();
        document.insert("layers".into(), json!(layers));
    }
    serde_json::to_string_pretty(&document).map_err(|problem| Error::Io {
        doing: "writing JSON of",
        path: "a champion".into(),
        source: problem.into(),
    })
}

fn layer(part: &Part) -> Value {
    let rows = |numbers: &[f32], width: usize| -> Vec<Vec<f32>> {
        numbers.chunks(width.max(1)).map(<[f32]>::to_vec).collect()
    };
    let cell = match part.cell {
        Cell::Dense => "dense",
        Cell::Elman => "elman",
        Cell::Gru => "gru",
    };
    let mut layer = json!({
        "cell": cell,
        "inputs": part.inputs,
        "outputs": part.outputs,
        "activation": part.activation.name(),
        "weight": rows(&part.weight, part.inputs),
        "bias": part.bias,
    });
    if let (Value::Object(layer), true) = (&mut layer, part.cell != Cell::Dense) {
        let weight = rows(&part.recurrent_weight, part.outputs);
        layer.insert("recurrent_weight".into(), json!(weight));
        layer.insert("recurrent_bias".into(), json!(part.recurrent_bias));
    }
    layer
}
