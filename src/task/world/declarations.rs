//! The declarations of a world, from its header: sizes, actions, labels and defaults.

use super::header::{ActionNumber, Choice, WorldHeader};
use super::parameters::{self, ParameterSetting, keep, keep_all};
use crate::error::Result;
use crate::task::{
    ActionPart, Actions, ControlShape, Defaults, LARGEST_BEHAVIOUR, Labels, Quantity,
};

/// The largest count of numbers in a state, in an observation, or in an action, and of draws.
pub const MOST_NUMBERS: usize = 1024;

/// Returns the sizes of a world.
pub fn shape(header: &WorldHeader, text: &str) -> std::result::Result<ControlShape, String> {
    let actions = actions(&header.actions)?;
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let shape = ControlShape {
        state: header.state,
        draws: if header.starts.is_some() { 1 } else { header.draws },
        parameters: &[],
        step_draws: header.step_draws,
        has_step_number: words.any(|word| word == "step_number"),
        starts: header.starts,
        observations: header.observations.iter().map(|number| number.count).sum(),
        actions,
        step_limit: header.step_limit,
        behaviour: header.behaviour,
        wgsl: Some(keep(text.to_owned())),
    };
    let sizes = [
        ("state", shape.state, 1),
        ("draws", shape.draws, 0),
        ("step-draws", shape.step_draws, 0),
        ("the count of observations", shape.observations, 1),
        ("the count of outputs", shape.actions.outputs(), 1),
    ];
    for (name, size, least) in sizes {
        if !(least..=MOST_NUMBERS).contains(&size) {
            return Err(format!("{name}: expected {least} to {MOST_NUMBERS}, got {size}"));
        }
    }
    if shape.behaviour > LARGEST_BEHAVIOUR.min(shape.state) {
        let most = LARGEST_BEHAVIOUR.min(shape.state);
        return Err(format!("behaviour: expected 0 to {most}, got {}", shape.behaviour));
    }
    if shape.step_limit == 0 || shape.starts == Some(0) {
        return Err("step-limit and starts: expected 1 or more, got 0".into());
    }
    Ok(shape)
}

/// Returns the actions of a world, in the simplest form.
pub fn actions(numbers: &[ActionNumber]) -> std::result::Result<Actions, String> {
    let parts: Vec<ActionPart> =
        numbers.iter().map(ActionNumber::part).collect::<std::result::Result<_, _>>()?;
    Ok(match parts[..] {
        [] => return Err("expected [[actions]], got none".into()),
        [ActionPart::Choice { count }] => Actions::Choice(count),
        [ActionPart::Range { low, high }, ref others @ ..]
            if low == -high && others.iter().all(|other| *other == parts[0]) =>
        {
            Actions::Force { count: parts.len(), limit: high }
        }
        _ => Actions::Mixed(keep_all(parts)),
    })
}

/// Returns a shape whose text has settings, and whose episodes draw parameters.
pub fn with_parameters(shape: ControlShape, settings: &[ParameterSetting]) -> Result<ControlShape> {
    if settings.is_empty() {
        return Ok(shape);
    }
    let (text, drawn) = parameters::apply(shape.wgsl.unwrap_or_default(), settings)?;
    Ok(ControlShape {
        state: shape.state + drawn.len(),
        draws: shape.draws + drawn.len(),
        parameters: drawn,
        wgsl: Some(keep(text)),
        ..shape
    })
}

/// Returns the labels of a world.
pub fn labels(header: &WorldHeader) -> Labels {
    let observations = header.observations.iter().map(|number| Quantity {
        name: number.name.clone().into(),
        meaning: number.meaning.clone().into(),
        unit: keep(number.unit.clone()),
        low: number.low,
        high: number.high,
        count: number.count,
    });
    let actions: Vec<Quantity> = match &header.actions[..] {
        [only] if !only.choices.is_empty() => {
            let choices = only.choices.iter().enumerate().map(|(index, choice)| Quantity {
                name: choice.name().to_owned().into(),
                meaning: choice.meaning().to_owned().into(),
                unit: "",
                low: index as f64,
                high: index as f64,
                count: 1,
            });
            choices.collect()
        }
        numbers => numbers.iter().map(quantity).collect(),
    };
    Labels {
        observations: keep_all(observations.collect()),
        actions: keep_all(actions),
        reward: keep(header.reward.clone()),
        ends: keep(header.ends.clone()),
        returns: header.returns,
    }
}

/// Returns the label of a number of an action.
pub fn quantity(number: &ActionNumber) -> Quantity {
    let meaning = match number.choices.is_empty() {
        true => number.meaning.clone(),
        false => {
            let names: Vec<&str> = number.choices.iter().map(Choice::name).collect();
            format!("{} ({})", number.meaning, names.join(", ")).trim().to_owned()
        }
    };
    let last = number.choices.len().checked_sub(1).map(|last| last as f64);
    let (low, high) = match last {
        Some(last) => (0.0, last),
        None => (number.low.unwrap_or(f64::NEG_INFINITY), number.high.unwrap_or(f64::INFINITY)),
    };
    let name = number.name.clone().into();
    Quantity { name, meaning: meaning.into(), unit: keep(number.unit.clone()), low, high, count: 1 }
}

/// Returns the defaults of a run in a world.
pub fn defaults(header: &WorldHeader) -> std::result::Result<Defaults, String> {
    let run = &header.defaults;
    let mut settings = Vec::new();
    for (key, value) in &run.settings {
        let value = match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Table(_) | toml::Value::Array(_) => {
                return Err(format!("the setting {key}: expected a number or a word"));
            }
            other => other.to_string(),
        };
        settings.push((keep(key.clone()), keep(value)));
    }
    Ok(Defaults {
        strategy: keep(run.strategy.clone()),
        network: keep(run.network.clone()),
        population: run.population,
        generations: run.generations,
        episodes: run.episodes,
        normalise_observations: run.normalise_observations,
        settings: keep_all(settings),
    })
}
