//! Rungs 0 and 1: every composed shader validates, and structures lie alike on both sides.

use std::sync::Arc;

use super::{Comparison, Rung, Subject};
use crate::error::Result;
use crate::gpu::{Source, layout};
use crate::network::{Activation, Network, Precision};
use crate::task::{Kind, Task};

/// The rung's name.
pub(super) const NAME: &str = "0 shaders";

/// Networks with every activation and with layers that have no biases, once with recurrent ones,
/// which validate in the kernels of a data set too, though no backend takes them for one, and once
/// with dense ones alone, which every variant takes; for a function its own. All of them in every
/// precision.
fn networks(task: &dyn Task) -> Result<Vec<Network>> {
    let parsed = match task.kind() {
        Kind::Function(_) => vec![task.network("none", Activation::Tanh)?],
        Kind::Control(_) | Kind::Data(_) => {
            let all = Activation::ALL.map(|activation| format!("5:{}", activation.name()));
            let ends = ["3:nobias-out:nobias", "3:nobias-4:elman-3:gru-out:nobias"];
            let specs = ends.map(|end| format!("{}-{end}", all.join("-")));
            let (inputs, outputs) = (task.inputs(), task.outputs());
            let parse = |spec: &String| Network::parse(spec, inputs, outputs, Activation::Tanh);
            specs.iter().map(parse).collect::<Result<Vec<_>>>()?
        }
    };
    let in_all = |network: Network| Precision::ALL.map(|p| network.clone().with_precision(p));
    Ok(parsed.into_iter().flat_map(in_all).collect())
}

pub(super) fn climb(subject: &dyn Subject, tasks: &[Arc<dyn Task>]) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    let mut met: Vec<Source> = Vec::new();
    for task in tasks {
        let about = task.about();
        let mut validity =
            Comparison::new(NAME, about.name.as_ref(), "parses and validates under naga");
        let mut shaders = Vec::new();
        for network in networks(task.as_ref())? {
            shaders.extend(subject.shaders(task.as_ref(), &network)?);
        }
        for source in &shaders {
            let verdict = source.validate();
            let problem = verdict.err().map(|error| error.to_string());
            validity.holds(problem.is_none(), || problem.unwrap_or_default());
        }
        if !shaders.is_empty() {
            rungs.push(validity.rung());
        }
        met.extend(shaders);
    }
    if !met.is_empty() {
        rungs.push(layouts(&met));
    }
    Ok(rungs)
}

/// Compares the offsets and sizes of every structure that crosses the seam.
fn layouts(sources: &[Source]) -> Rung {
    let mut offsets = Comparison::new("1 layout", "structures", "equal offsets and sizes");
    for (name, fields, size) in layout::all() {
        let mut found = false;
        for module in sources.iter().filter_map(|source| source.validate().ok()) {
            let Some((_, kind)) =
                module.types.iter().find(|(_, kind)| kind.name.as_deref() == Some(name))
            else {
                continue;
            };
            let naga::TypeInner::Struct { members, span } = &kind.inner else { continue };
            found = true;
            let here = |what: &str| format!("{name}, {what}");
            offsets.check(f64::from(*span), size as f64, 0.0, || here("size in bytes"));
            offsets.check(members.len() as f64, fields.len() as f64, 0.0, || here("fields"));
            for (member, (field, offset)) in members.iter().zip(fields) {
                offsets.holds(member.name.as_deref() == Some(*field), || here(field));
                offsets.check(f64::from(member.offset), *offset as f64, 0.0, || here(field));
            }
            break;
        }
        // A selection of tasks may not have every kernel; the structure is then not on trial.
        if !found {
            offsets.skip("no kernel of these tasks has the structure");
        }
    }
    offsets.rung()
}
