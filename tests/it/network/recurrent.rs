//! Tests of recurrent layers: agreement with PyTorch, the documented order of genes, and the hidden
//! state of each lane.

use std::collections::HashMap;

use approx::assert_abs_diff_eq;
use deme::math::{LANES, Lanes, Real};
use deme::network::{Activation, Initialisation, NamedTensor, Network, Scratch, SharedGenome};
use serde::Deserialize;

/// The data that tests/it/golden/recurrent.py wrote.
#[derive(Deserialize)]
struct Golden {
    cells: Vec<Cell>,
    activations: HashMap<String, Vec<f64>>,
}

#[derive(Deserialize)]
struct Cell {
    spec: String,
    inputs: usize,
    tensors: HashMap<String, Vec<f64>>,
    observations: Vec<Vec<f64>>,
    states: Vec<Vec<f64>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/recurrent.json")).expect("well formed")
}

impl Cell {
    /// A network of the layer, with an output for each number of the layer.
    fn network(&self) -> Network {
        let outputs = self.states[0].len();
        let spec = format!("{}-out:nobias", self.spec);
        Network::parse(&spec, self.inputs, outputs, Activation::Tanh).expect("a good spec")
    }

    /// PyTorch's tensors in the documented order of genes.
    fn genome(&self) -> Vec<f64> {
        let outputs = self.states[0].len();
        let tensor = |name: &str| &self.tensors[name];
        // Rows of a gate, input-major.
        let weight = |name: &str, columns: usize, gate: usize, input: usize| -> Vec<f64> {
            let row = |o: usize| tensor(name)[(gate * outputs + o) * columns + input];
            (0..outputs).map(row).collect()
        };
        let bias = |name: &str, gate: usize| tensor(name)[gate * outputs..][..outputs].to_vec();
        let both = |gate: usize| -> Vec<f64> {
            let (a, b) = (bias("bias_ih", gate), bias("bias_hh", gate));
            a.iter().zip(&b).map(|(a, b)| a + b).collect()
        };
        let mut genome = Vec::new();
        let is_gru = self.spec.contains("gru");
        let gates: &[usize] = if is_gru { &[0, 1] } else { &[0] };
        for (name, columns) in [("weight_ih", self.inputs), ("weight_hh", outputs)] {
            for input in 0..columns {
                gates.iter().for_each(|&gate| genome.extend(weight(name, columns, gate, input)));
            }
        }
        gates.iter().for_each(|&gate| genome.extend(both(gate)));
        if is_gru {
            for (name, columns, biases) in
                [("weight_ih", self.inputs, "bias_ih"), ("weight_hh", outputs, "bias_hh")]
            {
                (0..columns).for_each(|input| genome.extend(weight(name, columns, 2, input)));
                genome.extend(bias(biases, 2));
            }
        }
        // Each output copies one number of the layer.
        genome.extend(
            (0..outputs * outputs).map(|w| f64::from(u8::from(w / outputs == w % outputs))),
        );
        genome
    }
}

#[test]
fn layers_agree_with_pytorch() {
    let golden = golden();
    assert_eq!(golden.cells.len(), 4);
    for cell in &golden.cells {
        let (network, genome) = (cell.network(), cell.genome());
        assert_eq!(network.parameters(), genome.len(), "{}", cell.spec);
        assert_eq!(network.state_size(), cell.states[0].len());
        let mut scratch = Scratch::for_network(&network);
        // The second episode begins with a reset state.
        for _ in 0..2 {
            scratch.reset();
            for (observation, state) in cell.observations.iter().zip(&cell.states) {
                let outputs = network.forward(&genome[..], observation, &mut scratch);
                for (found, expected) in outputs.iter().zip(state) {
                    assert_abs_diff_eq!(found, expected, epsilon = 1e-13);
                }
                assert_eq!(scratch.hidden_state().to_vec().len(), state.len());
            }
        }
    }
}

#[test]
fn tensors_agree_with_pytorch() {
    for cell in &golden().cells {
        let outputs = cell.states[0].len();
        let genome: Vec<f32> = cell.genome().into_iter().map(|gene| gene as f32).collect();
        let tensors = cell.network().tensors(&genome);
        let names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        let expected =
            ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map(|n| format!("layer0.{n}"));
        assert_eq!(names, [&expected[..], &["layer1.weight".into()]].concat());
        let gates = if cell.spec.contains("gru") { 3 } else { 1 };
        let shapes = [vec![gates * outputs, cell.inputs], vec![gates * outputs, outputs]];
        let values = |tensor: &NamedTensor| -> Vec<f64> {
            tensor.values.iter().copied().map(f64::from).collect()
        };
        for (tensor, (shape, name)) in
            tensors.iter().zip(shapes.iter().zip(["weight_ih", "weight_hh"]))
        {
            assert_eq!((&tensor.shape, &values(tensor)), (shape, &cell.tensors[name]));
        }
        // The sum of a gate's two biases counts, and each one for the candidate of a GRU.
        let biases = tensors[2..4].iter().map(values).collect::<Vec<_>>();
        let pairs = |a: &[f64], b: &[f64]| -> Vec<[f64; 2]> {
            a.iter().zip(b).map(|(&a, &b)| [a, b]).collect()
        };
        let expected = pairs(&cell.tensors["bias_ih"], &cell.tensors["bias_hh"]);
        for (place, (found, [a, b])) in
            pairs(&biases[0], &biases[1]).into_iter().zip(expected).enumerate()
        {
            assert_eq!(found, if place >= 2 * outputs { [a, b] } else { [a + b, 0.0] });
        }
    }
}

#[test]
fn activations_agree_with_pytorch() {
    let golden = golden().activations;
    for name in ["gelu", "silu", "softsign", "sin"] {
        let activation = Activation::by_name(name).expect("a known name");
        for (&x, &expected) in golden["x"].iter().zip(&golden[name]) {
            assert_abs_diff_eq!(activation.apply(x), expected, epsilon = 1e-14);
        }
    }
}

/// Different numbers, for genes and observations.
fn genes(count: usize, salt: usize) -> Vec<f32> {
    (0..count).map(|gene| ((gene * 7 + salt * 31) as f32).sin()).collect()
}

const SPECS: [&str; 4] =
    ["3:elman", "5:gru", "4:gru:nobias-3:elman:softsign", "2:elman:nobias-6-3:gru"];

fn network(spec: &str) -> Network {
    Network::parse(spec, 4, 2, Activation::Tanh).expect("a good spec")
}

#[test]
fn lanes_have_hidden_states_of_their_own() {
    const STEPS: usize = 9;
    for spec in SPECS {
        let network = network(spec);
        let all: Vec<Vec<f32>> = (0..LANES).map(|l| genes(network.parameters(), l)).collect();
        let laned: Vec<Lanes> =
            (0..network.parameters()).map(|g| Lanes::from_lanes(|l| all[l][g])).collect();
        let seen = |lane: usize, step: usize| genes(4, 100 + lane + 50 * step);
        // Lane 3 begins an episode at step 5.
        let begins = |lane: usize, step: usize| lane == 3 && step == 5;
        let mut together = Scratch::<Lanes>::for_network(&network);
        let mut alone: Vec<Scratch<Lanes>> =
            (0..LANES).map(|_| Scratch::for_network(&network)).collect();
        let mut wide: Vec<Scratch<f64>> =
            (0..LANES).map(|_| Scratch::for_network(&network)).collect();
        for step in 0..STEPS {
            for lane in (0..LANES).filter(|&lane| begins(lane, step)) {
                together.reset_lane(lane);
                alone[lane].reset();
                wide[lane].reset();
            }
            let inputs: Vec<Lanes> =
                (0..4).map(|i| Lanes::from_lanes(|l| seen(l, step)[i])).collect();
            let found = network.forward(&laned[..], &inputs, &mut together).to_vec();
            for lane in 0..LANES {
                let inputs: Vec<Lanes> =
                    seen(lane, step).iter().map(|&x| Lanes::from_f64(x.into())).collect();
                let expected =
                    network.forward(&SharedGenome(&all[lane]), &inputs, &mut alone[lane]);
                let genome: Vec<f64> = all[lane].iter().copied().map(f64::from).collect();
                let inputs: Vec<f64> = seen(lane, step).into_iter().map(f64::from).collect();
                let exact = network.forward(&genome[..], &inputs, &mut wide[lane]);
                for ((found, expected), exact) in found.iter().zip(expected).zip(exact) {
                    assert_eq!(found.0[lane].to_bits(), expected.0[0].to_bits(), "{spec}, {lane}");
                    assert_abs_diff_eq!(found.lane(lane), *exact, epsilon = 2e-5);
                }
            }
        }
    }
}

#[test]
fn the_hidden_state_changes_the_outputs_and_a_reset_restores_them() {
    for spec in SPECS {
        let network = network(spec);
        let genome: Vec<f64> = genes(network.parameters(), 1).into_iter().map(f64::from).collect();
        let observation = [0.3, -0.2, 0.9, 0.1];
        let mut scratch = Scratch::for_network(&network);
        let first = network.forward(&genome[..], &observation, &mut scratch).to_vec();
        let second = network.forward(&genome[..], &observation, &mut scratch).to_vec();
        assert_ne!(first, second, "{spec}");
        scratch.reset();
        assert_eq!(network.forward(&genome[..], &observation, &mut scratch), first, "{spec}");
    }
}

#[test]
fn specs_of_recurrent_layers_are_read_and_written() {
    for (typed, written, parameters, memory) in [
        // Inputs, feedback and biases; then the outputs.
        ("3:elman", "3:elman", 3 * (4 + 3 + 1) + 2 * 4, 3),
        ("3:tanh:elman", "3:elman", 3 * 8 + 2 * 4, 3),
        ("3:nobias:elman:relu", "3:elman:relu:nobias", 3 * 7 + 2 * 4, 3),
        ("5:gru", "5:gru", 3 * 5 * (4 + 5) + 4 * 5 + 2 * 6, 5),
        ("5:gru:nobias-out:nobias", "5:gru:nobias-out:nobias", 3 * 5 * 9 + 2 * 5, 5),
        ("8-2:gru-3:elman", "8-2:gru-3:elman", 40 + 3 * 2 * 10 + 8 + 3 * 6 + 2 * 4, 5),
    ] {
        let network = network(typed);
        assert_eq!(network.to_string(), written);
        assert_eq!((network.parameters(), network.state_size()), (parameters, memory), "{typed}");
        let relu = Network::parse(written, 4, 2, Activation::Tanh).expect("its own words");
        assert_eq!(relu, network);
    }
    let elman = Network::parse("3:elman-4:gru", 4, 2, Activation::Relu).expect("a good spec");
    assert_eq!(elman.to_string(), "3:elman:relu-4:gru");
    for bad in ["3:elman:elman", "3:elman:gru", "3:gru:tanh", "3:tanh:gru", "3:lstm", "elman"] {
        assert!(Network::parse(bad, 4, 2, Activation::Tanh).is_err_and(|e| e.is_input()), "{bad}");
    }
    for bad in ["4-3:elman", "4:gru-3", "4:nobias-3"] {
        assert!(Network::parse_whole(bad, Activation::Tanh).is_err_and(|e| e.is_input()), "{bad}");
    }
}

#[test]
fn initial_weights_of_each_gate_are_those_of_a_layer() {
    let network = network("8:gru-8:elman");
    let xavier = network.initialise(Initialisation::Xavier, 2);
    let genome = network.initialise(Initialisation::Orthogonal, 2);
    let mut met = 0;
    for layer in network.layers() {
        for matrix in layer.matrices().concat() {
            let weight =
                |i: usize, o: usize| f64::from(genome[matrix.first_gene + i * matrix.stride + o]);
            for a in 0..matrix.inputs.min(matrix.outputs) {
                let rows = (0..matrix.outputs).map(|o| weight(a, o).powi(2)).sum::<f64>();
                let columns = (0..matrix.inputs).map(|i| weight(i, a).powi(2)).sum::<f64>();
                let length = if matrix.inputs <= matrix.outputs { rows } else { columns };
                assert_abs_diff_eq!(length, 1.0, epsilon = 3e-7);
            }
            met += matrix.inputs * matrix.outputs;
        }
    }
    // All other genes are biases, which are zero. No weight is zero.
    assert_eq!(xavier.iter().filter(|gene| **gene != 0.0).count(), met);
    assert_eq!(genome.iter().filter(|gene| **gene != 0.0).count(), met);
}
