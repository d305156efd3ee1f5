//! Tests of networks: their specs, their number of parameters, and the order of genes.

mod activation;
mod batch;
mod graph;
mod initialisation;
mod normalisation;
mod precision;
mod recurrent;
mod substrate;

use approx::assert_abs_diff_eq;
use deme::error::Error;
use deme::math::{Lanes, Real};
use deme::network::{Activation, LARGEST_WIDTH, Network, Scratch, SharedGenome};
use proptest::prelude::*;

fn parse(spec: &str) -> Network {
    Network::parse(spec, 4, 2, Activation::Tanh).expect("a good spec")
}

/// The spec of a layer, as a user may type it.
fn layer() -> impl Strategy<Value = String> {
    let activation = prop::option::of(prop::sample::select(Activation::ALL.to_vec()));
    let words = (1..=300usize, activation, any::<bool>(), any::<bool>());
    words.prop_map(|(width, activation, biased, bias_first)| {
        let mut words = Vec::from_iter(activation.map(|activation| activation.name()));
        if !biased {
            words.insert(if bias_first { 0 } else { words.len() }, "nobias");
        }
        [&[width.to_string().as_str()], &words[..]].concat().join(":")
    })
}

proptest! {
    #[test]
    fn a_written_spec_is_read_back(
        layers in prop::collection::vec(layer(), 0..6),
        biased in any::<bool>(),
    ) {
        let outputs = if biased { None } else { Some("out:nobias".to_owned()) };
        let network = parse(&Vec::from_iter(layers.iter().cloned().chain(outputs)).join("-"));
        prop_assert_eq!(network.layers().len(), layers.len() + 1);
        for (layer, written) in network.layers().iter().zip(&layers) {
            prop_assert_eq!(layer.biased, !written.contains("nobias"));
        }
        prop_assert_eq!(network.layers().last().map(|layer| layer.biased), Some(biased));
        prop_assert_eq!(parse(&network.to_string()), network);
    }

    #[test]
    fn genes_of_layers_are_contiguous(
        widths in prop::collection::vec(1..200usize, 2..7),
    ) {
        let spec: Vec<String> = widths.iter().map(usize::to_string).collect();
        let network = Network::parse_whole(&spec.join("-"), Activation::Relu).expect("good");
        let mut next_gene = 0;
        for (layer, pair) in network.layers().iter().zip(widths.windows(2)) {
            prop_assert_eq!((layer.inputs, layer.outputs), (pair[0], pair[1]));
            prop_assert_eq!(layer.first_gene, next_gene);
            prop_assert_eq!(layer.first_bias(), next_gene + pair[0] * pair[1]);
            next_gene += (pair[0] + 1) * pair[1];
        }
        prop_assert_eq!(network.parameters(), next_gene);
        prop_assert_eq!(Some(&network.inputs()), widths.first());
        prop_assert_eq!(Some(&network.outputs()), widths.last());
        prop_assert_eq!(Some(&network.max_width()), widths.iter().max());
    }

    #[test]
    fn a_network_has_the_requested_number_of_parameters(parameters in 1..1_000_000usize) {
        prop_assert_eq!(Network::with_parameters(parameters).parameters(), parameters);
    }
}

#[test]
fn parameters_are_weights_and_biases() {
    // 4 x 16 + 16, 16 x 16 + 16, 16 x 2 + 2.
    assert_eq!(parse("16-16").parameters(), 386);
    assert_eq!(parse("none").parameters(), 10);
    assert_eq!(parse("").parameters(), 10);
    let whole = Network::parse_whole("64-128-10", Activation::Tanh).expect("a good spec");
    assert_eq!(whole.parameters(), 64 * 128 + 128 + 128 * 10 + 10);
}

#[test]
fn a_layer_without_a_name_has_the_default_and_the_last_is_linear() {
    let network = Network::parse("3:relu-5-7:tanh", 2, 1, Activation::Sigmoid).expect("good");
    let activations: Vec<_> = network.layers().iter().map(|layer| layer.activation).collect();
    let expected = [Activation::Relu, Activation::Sigmoid, Activation::Tanh, Activation::Linear];
    assert_eq!(activations, expected);
    let whole = Network::parse_whole("2-3-1:relu", Activation::Relu).expect("good");
    assert_eq!(whole.layers()[1].activation, Activation::Linear);
}

/// The genome of two inputs, two hidden nodes with relu, and one output. All genes differ.
const GENES: [f32; 9] = [
    // w[0][0], w[0][1], w[1][0], w[1][1], b[0], b[1] of the hidden layer.
    1.0, -100.0, 10.0, 1000.0, 0.5, -0.25, // w[0][0], w[1][0], b[0] of the output.
    2.0, 3.0, 7.0,
];

#[test]
fn genes_are_input_major_with_biases_after_weights() {
    let network = Network::parse("2:relu", 2, 1, Activation::Tanh).expect("a good spec");
    assert_eq!(network.parameters(), GENES.len());
    // Hidden: 1 x 4 + 10 x 5 + 0.5 = 54.5, -100 x 4 + 1000 x 5 - 0.25 = 4599.75.
    let expected = 2.0 * 54.5 + 3.0 * 4599.75 + 7.0;
    let wide: Vec<f64> = GENES.iter().copied().map(f64::from).collect();
    let mut scratch = Scratch::for_network(&network);
    assert_eq!(network.forward(wide.as_slice(), &[4.0, 5.0], &mut scratch), [expected]);
    // The first hidden node is 1 x 4 - 10 x 5 + 0.5 < 0, the second -5400.25 < 0: relu gives 0.
    assert_eq!(network.forward(wide.as_slice(), &[4.0, -5.0], &mut scratch), [7.0]);

    let laned: Vec<Lanes> = wide.iter().map(|&gene| Lanes::from_f64(gene)).collect();
    let inputs = [Lanes::from_f64(4.0), Lanes::from_f64(5.0)];
    let mut scratch = Scratch::for_network(&network);
    let expected = [Lanes::from_f64(expected)];
    assert_eq!(network.forward(laned.as_slice(), &inputs, &mut scratch), expected);
    assert_eq!(network.forward(&SharedGenome(&GENES), &inputs, &mut scratch), expected);
}

/// The networks of pole balancing, 4-8-1 and 6-6-1, have only weights.
#[test]
fn layers_without_biases_are_their_weights() {
    for (spec, inputs, genes) in [("8:nobias-out:nobias", 4, 40), ("6:nobias-out:nobias", 6, 42)] {
        let network = Network::parse(spec, inputs, 1, Activation::Tanh).expect("a good spec");
        assert_eq!(network.parameters(), genes);
        assert_eq!(network.to_string(), spec);
    }
    let whole = Network::parse_whole("2-2:relu:nobias-1:nobias", Activation::Tanh);
    let network = whole.expect("a good spec");
    assert_eq!(
        network,
        Network::parse("2:nobias:relu-out:nobias", 2, 1, Activation::Tanh).unwrap()
    );
    // Only the weights of the genes below count: 54 and 4600 in the hidden layer.
    let genes = [1.0, -100.0, 10.0, 1000.0, 2.0, 3.0];
    let expected = 2.0 * 54.0 + 3.0 * 4600.0;
    let mut scratch = Scratch::for_network(&network);
    assert_eq!(network.forward(&genes[..], &[4.0, 5.0], &mut scratch), [expected]);
    let laned: [Lanes; 6] = genes.map(Lanes::from_f64);
    let inputs = [Lanes::from_f64(4.0), Lanes::from_f64(5.0)];
    let mut scratch = Scratch::for_network(&network);
    assert_eq!(network.forward(&laned[..], &inputs, &mut scratch), [Lanes::from_f64(expected)]);
    let narrow = genes.map(|gene| gene as f32);
    assert_eq!(
        network.forward(&SharedGenome(&narrow), &inputs, &mut scratch),
        [Lanes::from_f64(expected)]
    );
}

#[test]
fn activations_compute_the_named_functions() {
    for x in [-3.0f64, -0.5, 0.0, 0.5, 3.0] {
        assert_eq!(Activation::Tanh.apply(x), x.tanh());
        assert_eq!(Activation::Relu.apply(x), if x > 0.0 { x } else { 0.0 });
        assert_abs_diff_eq!(
            Activation::Sigmoid.apply(x),
            0.5 + 0.5 * (0.5 * x).tanh(),
            epsilon = 1e-15
        );
        assert_eq!(Activation::Linear.apply(x), x);
        let cubed = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
        let gelu = 0.5 * x * (1.0 + cubed.tanh());
        assert_abs_diff_eq!(Activation::Gelu.apply(x), gelu, epsilon = 1e-15);
        assert_abs_diff_eq!(Activation::Silu.apply(x), x * x.sigmoid(), epsilon = 1e-15);
        assert_eq!(Activation::Sin.apply(x), x.sin());
        assert_eq!(Activation::Softsign.apply(x), x / (1.0 + x.abs()));
    }
    // Beyond the domain of single precision, every backend takes the sine of the nearest angle.
    for (beyond, nearest) in [(1e9f64, 8192.0f64), (-8193.0, -8192.0)] {
        assert_eq!(Activation::Sin.apply(beyond), nearest.sin());
    }
    assert_eq!(
        Activation::ALL.map(Activation::name),
        ["tanh", "relu", "sigmoid", "linear", "gelu", "silu", "sin", "softsign", "step"]
    );
    for activation in Activation::ALL {
        assert_eq!(Activation::by_name(activation.name()).expect("its own name"), activation);
    }
}

#[test]
fn an_unknown_activation_lists_the_known_names() {
    for spec in ["4:swish", "4-4:swish-4"] {
        match Network::parse(spec, 2, 1, Activation::Tanh) {
            Err(Error::Unknown { kind, name, known }) => {
                assert_eq!((kind.as_str(), name.as_str()), ("activation", "swish"));
                assert_eq!(known, Activation::ALL.map(Activation::name));
            }
            other => panic!("{spec}: {other:?}"),
        }
    }
}

#[test]
fn invalid_specs_are_refused() {
    let too_wide = (LARGEST_WIDTH + 1).to_string();
    for spec in [
        "0",
        "4-0",
        "-4",
        "4-",
        "4--4",
        "4.5",
        "x",
        "4:",
        ":tanh",
        " 4",
        "1e3",
        &too_wide,
        "4:nobias:nobias",
        "4:tanh:relu",
        "4:tanh:tanh",
        "nobias",
        "4-nobias",
        "out",
        "out:tanh",
        "out:nobias-4",
        "4-out:nobias:tanh",
        "4-out:nobias-out:nobias",
        "out:nobias:nobias",
        "-out:nobias",
    ] {
        let refused = Network::parse(spec, 2, 1, Activation::Tanh);
        assert!(refused.is_err_and(|error| error.is_input()), "{spec}");
    }
    assert_eq!(parse(&LARGEST_WIDTH.to_string()).max_width(), LARGEST_WIDTH);
    for spec in ["", "none", "4"] {
        assert!(Network::parse_whole(spec, Activation::Tanh).is_err(), "{spec}");
    }
}
