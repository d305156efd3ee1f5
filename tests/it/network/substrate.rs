//! Tests of substrates: the coordinates of genes, and the weights for outputs of a CPPN.

use deme::error::Error;
use deme::math::{Lanes, Real};
use deme::network::{Activation, COORDINATES_PER_GENE, Network, Substrate};

fn network(spec: &str, inputs: usize, outputs: usize) -> Network {
    Network::parse(spec, inputs, outputs, Activation::Tanh).expect("a good spec")
}

fn coordinates(network: &Network, columns: usize) -> Vec<Vec<f32>> {
    let substrate = Substrate::for_network(network, columns, 0.2, 3.0).expect("a substrate");
    assert_eq!(substrate.genes(), network.parameters());
    substrate.coordinates().chunks(COORDINATES_PER_GENE).map(<[f32]>::to_vec).collect()
}

#[test]
fn coordinates_are_in_the_order_of_the_genome() {
    let places = coordinates(&network("2", 3, 1), 0);
    let (left, middle, right) = ([-1.0, 0.0, -1.0], [0.0, 0.0, -1.0], [1.0, 0.0, -1.0]);
    let (bias, output) = ([0.0, 0.0, -2.0], [0.0, 0.0, 1.0]);
    let hidden = [[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]];
    let mut expected = Vec::new();
    for source in [left, middle, right, bias] {
        expected.extend(hidden.map(|target| [source, target].concat()));
    }
    expected.extend([hidden[0], hidden[1], bias].map(|source| [source, output].concat()));
    assert_eq!(places, expected);
}

#[test]
fn a_picture_has_rows_and_feedback_has_the_coordinates_of_the_outputs() {
    let places = coordinates(&network("2:elman:nobias-out:nobias", 6, 1), 3);
    let sources: Vec<&[f32]> = places.iter().step_by(2).map(|place| &place[..3]).collect();
    assert_eq!(sources[0], [-1.0, -1.0, -1.0]);
    assert_eq!(sources[2], [1.0, -1.0, -1.0]);
    assert_eq!(sources[3], [-1.0, 1.0, -1.0]);
    assert_eq!(sources[5], [1.0, 1.0, -1.0]);
    assert_eq!(sources[6..8], [&[-1.0, 0.0, 0.0], &[1.0, 0.0, 0.0]]);
    assert_eq!(places.len(), 6 * 2 + 2 * 2 + 2);
}

#[test]
fn outputs_up_to_the_threshold_are_no_connection() {
    let substrate = Substrate::for_network(&network("", 1, 1), 0, 0.25, 4.0).expect("a substrate");
    let of = |answer: f64| substrate.weight(answer);
    let cases = [(0.0, 0.0), (0.25, 0.0), (-0.25, 0.0), (0.625, 2.0), (-0.625, -2.0)];
    let beyond = [(1.0, 4.0), (-1.0, -4.0), (7.0, 4.0), (f64::NEG_INFINITY, -4.0)];
    for (answer, weight) in cases.into_iter().chain(beyond) {
        assert_eq!(of(answer), weight, "{answer}");
        let lanes: Lanes = Lanes::from_f64(answer);
        assert_eq!(substrate.weight(lanes).lane(3), weight, "{answer}");
    }
    assert!(of(f64::NAN).is_nan());
}

#[test]
fn networks_without_a_substrate_are_refused() {
    let refused = |spec: &str, columns, threshold, range| match Substrate::for_network(
        &network(spec, 6, 1),
        columns,
        threshold,
        range,
    ) {
        Err(Error::Invalid { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("4:gru", 0, 0.2, 3.0), "a substrate");
    assert_eq!(refused("4", 4, 0.2, 3.0), "a substrate");
    assert_eq!(refused("4", 0, 1.0, 3.0), "a substrate's threshold");
    assert_eq!(refused("4", 0, f32::NAN, 3.0), "a substrate's threshold");
    assert_eq!(refused("4", 0, 0.2, 0.0), "a substrate's range");
}
