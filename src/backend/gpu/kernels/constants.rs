//! The constants at the beginning of a kernel, before its parts.

use crate::backend::Metric;
use crate::gpu::source::Constants;
use crate::network::{Aggregation, KIND_BITS, OWN_RESPONSE, Precision, RESPONSE_BITS};
use crate::population::{Crossover, Layout};
use crate::random::{NORMALS_PER_BLOCK, Stream};
use crate::task::{Actions, ControlShape, Formula, Function};

/// Returns the number of a crossover in WGSL, and its amount.
pub fn crossover_id(crossover: Crossover) -> (u32, f32) {
    match crossover {
        Crossover::None => (0, 0.0),
        Crossover::Uniform(rate) => (1, rate),
        Crossover::Blend(alpha) => (2, alpha),
    }
}

/// Returns the number of a metric in WGSL.
pub fn metric_id(metric: Metric) -> u32 {
    match metric {
        Metric::Fitness => 0,
        Metric::Score => 1,
    }
}

/// Returns the constants of every kernel.
pub(super) fn sizes(layout: Layout, ports: (usize, usize), state_size: usize) -> Constants {
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
        .whole("GENE_BLOCKS", genes.div_ceil(NORMALS_PER_BLOCK))
        .whole("LANES", lanes)
        .whole("INPUTS", inputs)
        .whole("OUTPUTS", outputs)
        .whole("HIDDEN_STATE", state_size)
        .whole("STREAM_NOISE", Stream::Noise as usize)
        .whole("STREAM_CROSSOVER", Stream::Crossover as usize)
        .whole("STREAM_MUTATION_MASK", Stream::MutationMask as usize)
        .whole("CROSSOVER_NONE", crossover_id(Crossover::None).0 as usize)
        .whole("CROSSOVER_UNIFORM", crossover_id(Crossover::Uniform(0.0)).0 as usize)
        .whole("CROSSOVER_BLEND", crossover_id(Crossover::Blend(0.0)).0 as usize)
}

/// Adds the constants of every kernel that runs graphs.
pub(super) fn add_graph(constants: Constants) -> Constants {
    let constants = constants
        .whole("OWN_RESPONSE", OWN_RESPONSE)
        .whole("KIND_BITS", KIND_BITS)
        .whole("RESPONSE_BITS", RESPONSE_BITS);
    Aggregation::ALL.iter().fold(constants, |constants, &aggregation| {
        let name = format!("AGGREGATION_{}", aggregation.name().to_uppercase());
        constants.whole(&name, aggregation as usize)
    })
}

/// Adds the constants of the kernels of a control task.
pub(super) fn add_control(constants: Constants, shape: &ControlShape) -> Constants {
    let limit = match shape.actions {
        Actions::Choice(_) | Actions::Mixed(_) => 0.0,
        Actions::Force { limit, .. } => limit as f32,
    };
    let sizes = shape.sizes().into_iter();
    sizes
        .fold(constants, |constants, (name, size)| constants.whole(name, size))
        .number("ACTION_LIMIT", limit)
}

/// Adds the constants of the kernel of a function.
pub(super) fn add_function(constants: Constants, function: &Function) -> Constants {
    let id = |formula: Formula| {
        let index = Formula::ALL.iter().position(|&other| other == formula);
        index.expect("ALL has every formula")
    };
    let numbered = Formula::ALL.iter().fold(constants, |constants, &formula| {
        let name = formula.name().to_uppercase().replace('-', "_");
        constants.whole(&format!("FORMULA_{name}"), id(formula))
    });
    numbered
        .whole("FORMULA", function.formula().map_or(Formula::ALL.len(), id))
        .whole("ROTATED", usize::from(function.is_rotated()))
}
