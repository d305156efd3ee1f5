//! Constants that stand before the parts of a kernel.

use super::crossover_id;
use crate::gpu::source::Constants;
use crate::network::{Aggregation, OWN_RESPONSE, Precision};
use crate::population::{Crossover, Layout};
use crate::random::{NORMALS_A_BLOCK, Stream};
use crate::task::{Actions, Formula, Function, Shape};

/// Constants of every kernel.
pub(super) fn sizes(layout: Layout, ports: (usize, usize), memory: usize) -> Constants {
    let Layout { genes, lanes, precision, .. } = layout;
    let (inputs, outputs) = ports;
    let constants = match precision {
        Precision::Single => Constants::default().alias("Gene", "f32"),
        Precision::Half => Constants::default().directive("enable f16").alias("Gene", "f16"),
    };
    let [smallest, largest] = Precision::Half.normal();
    constants
        .whole("HALF", usize::from(precision == Precision::Half))
        .number("HALF_SMALLEST", smallest)
        .number("HALF_LARGEST", largest)
        .whole("GENES", genes)
        .whole("GENE_STRIDE", layout.stride())
        .whole("GENE_BLOCKS", genes.div_ceil(NORMALS_A_BLOCK))
        .whole("LANES", lanes)
        .whole("INPUTS", inputs)
        .whole("OUTPUTS", outputs)
        .whole("MEMORY", memory)
        .whole("STREAM_NOISE", Stream::Noise as usize)
        .whole("STREAM_CROSSOVER", Stream::Crossover as usize)
        .whole("STREAM_GATE", Stream::Gate as usize)
        .whole("CROSSOVER_UNIFORM", crossover_id(Crossover::Uniform(0.0)).0 as usize)
        .whole("CROSSOVER_BLEND", crossover_id(Crossover::Blend(0.0)).0 as usize)
}

/// Constants of every kernel that runs graphs.
pub(super) fn of_graphs(constants: Constants) -> Constants {
    let constants = constants.whole("OWN_RESPONSE", OWN_RESPONSE);
    Aggregation::ALL.iter().fold(constants, |constants, &aggregation| {
        let name = format!("AGGREGATION_{}", aggregation.name().to_uppercase());
        constants.whole(&name, aggregation as usize)
    })
}

/// Constants of the kernels of a control task.
pub(super) fn of_control(constants: Constants, shape: &Shape) -> Constants {
    let (choices, limit) = match shape.actions {
        Actions::Choice(count) => (count, 0.0),
        Actions::Force { limit, .. } => (0, limit as f32),
    };
    constants
        .whole("STATE", shape.state)
        .whole("BEHAVIOUR", shape.behaviour)
        .whole("DRAWS", shape.draws)
        // An array has at least one element.
        .whole("DRAW_ROOM", shape.draws.max(1))
        .whole("STARTS", shape.starts.unwrap_or(0) as usize)
        .whole("ACTION_SIZE", shape.actions.size())
        .whole("ACTION_CHOICES", choices)
        .number("ACTION_LIMIT", limit)
}

/// Constants of the kernel of a function.
pub(super) fn of_function(constants: Constants, function: &Function) -> Constants {
    let of = |formula: Formula| {
        let place = Formula::ALL.iter().position(|&other| other == formula);
        place.expect("ALL has every formula")
    };
    let numbered = Formula::ALL.iter().fold(constants, |constants, &formula| {
        constants.whole(&format!("FORMULA_{}", formula.name().to_uppercase()), of(formula))
    });
    numbered
        .whole("FORMULA", of(function.formula()))
        .whole("ROTATED", usize::from(function.is_rotated()))
}
