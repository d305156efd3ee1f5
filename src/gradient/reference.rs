//! The reference of backpropagation: one sample, one number at a time, in double precision.

use crate::network::Network;

/// Returns the outputs of a network of dense layers for one sample, and adds the derivatives of its
/// loss by the genes to `gradient`, `f64[genes]`. `slopes` returns the derivatives of the loss by
/// the outputs.
pub fn reference_gradient(
    network: &Network,
    genome: &[f64],
    sample: &[f64],
    slopes: impl FnOnce(&[f64]) -> Vec<f64>,
    gradient: &mut [f64],
) -> Vec<f64> {
    // The inputs of each layer, and its sums before the activation.
    let mut inputs = vec![sample.to_vec()];
    let mut sums = Vec::new();
    for layer in network.layers() {
        let source = &inputs[inputs.len() - 1];
        let mut sum = vec![0.0; layer.outputs];
        for (output, sum) in sum.iter_mut().enumerate() {
            if layer.biased {
                *sum += genome[layer.first_bias() + output];
            }
            for (input, number) in source.iter().enumerate() {
                *sum += genome[layer.first_gene + input * layer.outputs + output] * number;
            }
        }
        inputs.push(sum.iter().map(|&x| layer.activation.apply(x)).collect());
        sums.push(sum);
    }
    let outputs = inputs.pop().expect("a network has a layer");
    let mut slopes = slopes(&outputs);
    for (layer, (source, sum)) in network.layers().iter().zip(inputs.iter().zip(&sums)).rev() {
        for (slope, &x) in slopes.iter_mut().zip(sum) {
            *slope *= layer.activation.slope(x, layer.activation.apply(x));
        }
        let mut before = vec![0.0; layer.inputs];
        for (output, slope) in slopes.iter().enumerate() {
            if layer.biased {
                gradient[layer.first_bias() + output] += slope;
            }
            for (input, number) in source.iter().enumerate() {
                let gene = layer.first_gene + input * layer.outputs + output;
                gradient[gene] += slope * number;
                before[input] += slope * genome[gene];
            }
        }
        slopes = before;
    }
    outputs
}
