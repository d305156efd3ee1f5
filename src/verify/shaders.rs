//! Rungs 0 and 1: every composed shader validates, and structures have the same layout on both
//! sides.

use std::sync::Arc;

use super::{Comparison, Implementation, Rung};
use crate::error::Result;
use crate::gpu::{ShaderSource, layout};
use crate::network::{Activation, Network, Precision};
use crate::task::{Kind, Task};

/// The rung's name.
pub(super) const NAME: &str = "0 shaders";

/// The networks whose kernels are validated, in every precision. They have every activation and
/// layers without biases. One has dense layers only, which every variant supports; the other has
/// recurrent layers. A function has its own network.
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
    let in_every_precision =
        |network: Network| Precision::ALL.map(|p| network.clone().with_precision(p));
    Ok(parsed.into_iter().flat_map(in_every_precision).collect())
}

pub(super) fn check(
    implementation: &dyn Implementation,
    tasks: &[Arc<dyn Task>],
) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    let mut sources: Vec<ShaderSource> = Vec::new();
    for task in tasks {
        let about = task.about();
        let mut validity =
            Comparison::new(NAME, about.name.as_ref(), "parses and validates under naga");
        let mut shaders = Vec::new();
        for network in networks(task.as_ref())? {
            shaders.extend(implementation.shaders(task.as_ref(), &network)?);
        }
        for source in &shaders {
            let validation = source.validate();
            let problem = validation.err().map(|error| error.to_string());
            validity.check_that(problem.is_none(), || problem.unwrap_or_default());
        }
        if !shaders.is_empty() {
            rungs.push(validity.into_rung());
        }
        sources.extend(shaders);
    }
    if !sources.is_empty() {
        rungs.push(layouts(&sources));
    }
    Ok(rungs)
}

/// Compares the offsets and sizes of every structure that Rust and WGSL share.
fn layouts(sources: &[ShaderSource]) -> Rung {
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
            let at = |what: &str| format!("{name}, {what}");
            offsets.check(f64::from(*span), size as f64, 0.0, || at("size in bytes"));
            offsets.check(members.len() as f64, fields.len() as f64, 0.0, || at("fields"));
            for (member, (field, offset)) in members.iter().zip(fields) {
                offsets.check_that(member.name.as_deref() == Some(*field), || at(field));
                offsets.check(f64::from(member.offset), *offset as f64, 0.0, || at(field));
            }
            break;
        }
        // If only some tasks are checked, no kernel may have the structure.
        if !found {
            offsets.skip("no kernel of these tasks has the structure");
        }
    }
    offsets.into_rung()
}
