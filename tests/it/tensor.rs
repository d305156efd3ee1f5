//! The `tensor` variant: its shaders, and the networks that it supports.

use deme::backend::kernels::{Kernels, Tensor};
use deme::backend::plan::Tile;
use deme::backend::{Limits, Variant};
use deme::network::{Activation, Network, Precision};
use deme::task;
use deme::verify::random_samples;

/// The limits of a typical device without tensor cores.
pub const LIMITS: Limits = Limits {
    binding_bytes: 128 << 20,
    buffer_bytes: 256 << 20,
    workgroups: 65_535,
    alignment: 256,
    workgroup_bytes: 32 << 10,
    work_per_dispatch: 5_000_000_000,
    loop_rounds: u64::MAX,
    tile: None,
    subgroup: None,
};

/// Returns limits with tiles.
fn tiled(side: usize, cooperative: bool) -> Limits {
    Limits { tile: Some(Tile { side, cooperative }), ..LIMITS }
}

/// Returns a network in half precision.
fn halves(spec: &str) -> Network {
    let network = Network::parse_whole(spec, Activation::Tanh).expect("a good spec");
    network.with_precision(Precision::Half)
}

/// Validation needs no device, so it covers tensor cores that this machine lacks.
#[test]
fn shaders_of_tiles_validate_under_naga() {
    for spec in ["64-32-10", "37-50:relu-3", "784-128-10", "16-16:gelu:nobias-16", "5-1"] {
        let network = halves(spec);
        let samples = random_samples(network.inputs(), network.outputs(), 3);
        let kernels = Kernels::new(Some(&samples), &network, 1, &LIMITS, &[]);
        for (side, cooperative) in [(8, false), (16, false), (8, true), (16, true)] {
            let tensor = Tensor::for_network(&network, &tiled(side, cooperative)).expect("it fits");
            assert!(tensor.columns > 0 && tensor.columns.is_multiple_of(side));
            for source in
                [kernels.tensor_loss(&network, &tensor), kernels.tensor_forward(&network, &tensor)]
            {
                if let Err(problem) = source.validate() {
                    panic!("{spec}, {side}, {cooperative}: {problem}");
                }
                assert_eq!(source.text.contains("coopMultiplyAdd"), cooperative, "{spec}");
                assert!(!source.text.contains('$'), "{spec}: a placeholder is left");
            }
        }
    }
}

#[test]
fn aligned_weights_are_not_copied() {
    let text = |spec: &str| {
        let network = halves(spec);
        let samples = random_samples(network.inputs(), network.outputs(), 3);
        let tensor = Tensor::for_network(&network, &tiled(16, true)).expect("it fits");
        Kernels::new(Some(&samples), &network, 1, &LIMITS, &[])
            .tensor_forward(&network, &tensor)
            .text
    };
    let copies = |spec: &str| text(spec).matches("] = weight;").count();
    assert_eq!([copies("64-32-16"), copies("64-32-10"), copies("64-30-10")], [0, 1, 2]);
    assert_eq!(copies("16-16-16-16"), 0);
    // The last layer begins at gene 82, which is not aligned.
    assert_eq!(copies("5-3-16-16"), 3);
}

#[test]
fn tiles_support_dense_networks_in_half_precision_on_data_sets() {
    let digits = task::by_name("digits").expect("a known task");
    let cartpole = task::by_name("cartpole").expect("a known task");
    let network = |task: &dyn task::Task, spec| task.network(spec, Activation::Tanh).expect("good");
    let supports = |task: &dyn task::Task, spec, precision, limits: &Limits| {
        let network = network(task, spec).with_precision(precision);
        Variant::Tensor.supports(&network, task.kind(), limits)
    };
    let limits = tiled(16, true);
    assert!(supports(digits.as_ref(), "32", Precision::Half, &limits));
    assert!(!supports(digits.as_ref(), "32", Precision::Single, &limits));
    assert!(!supports(digits.as_ref(), "32", Precision::Half, &LIMITS));
    assert!(!supports(cartpole.as_ref(), "32", Precision::Half, &limits));
    // A row of tiles of this layer exceeds workgroup memory.
    assert!(!supports(digits.as_ref(), "2041", Precision::Half, &limits));
}

#[test]
fn the_autotuner_never_chooses_tiles() {
    let digits = task::by_name("digits").expect("a known task");
    let network = digits.network("32", Activation::Tanh).expect("a good spec");
    let network = network.with_precision(Precision::Half);
    let limits = tiled(16, true);
    assert!(Variant::supporting(&network, digits.kind(), &limits).contains(&Variant::Tensor));
    let tunable = Variant::tunable(&network, digits.kind(), &limits);
    assert_eq!(tunable, [Variant::Loop, Variant::Unrolled, Variant::Team(64)]);
}
