// Data sets: the loss of one sample's outputs, its tally, and the score of their sums.

// Sums over samples. The tally is what the score is computed from: 1 for each hit, or for
// SQUARED_ERROR the squared errors, each times the weight of its output.
struct LossSums {
    loss: f32,
    tally: f32,
}

// NaN, made from the bits of a runtime value because WGSL refuses a constant NaN. An objective or a
// metric that this file does not list results in it.
fn data_unknown(value: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(value) | 0x7fc00000u);
}

// The loss and the tally of one sample's outputs. The arguments are the places in `targets` of the
// sample's first target and of the first error weight.
fn data_loss(first_target: u32, first_weight: u32) -> LossSums {
    let target_value = targets[first_target];
    switch OBJECTIVE {
        case CROSS_ENTROPY: {
            return data_cross_entropy(u32(target_value));
        }
        // The distance between label and squashed output; a hit is an error below 0.5.
        case CLOSENESS: {
            let error = abs(target_value - math_sigmoid(network_outputs_at(0u)));
            return LossSums(error, select(0.0, 1.0, error < 0.5));
        }
        case SQUARED_ERROR: {
            return data_squared_error(first_target, first_weight);
        }
        default: {
            return LossSums(data_unknown(target_value), data_unknown(target_value));
        }
    }
}

// The cross-entropy of the softmax of the outputs, in nats. A hit is a sample whose largest output,
// the first of equals, is that of its label.
fn data_cross_entropy(label: u32) -> LossSums {
    var largest = network_outputs_at(0u);
    var choice = 0u;
    for (var k = 1u; k < OUTPUTS; k++) {
        if (network_outputs_at(k) > largest) {
            largest = network_outputs_at(k);
            choice = k;
        }
    }
    var sum = 0.0;
    for (var k = 0u; k < OUTPUTS; k++) {
        sum += math_exp(network_outputs_at(k) - largest);
    }
    let loss = largest + math_ln(sum) - network_outputs_at(label);
    return LossSums(loss, select(0.0, 1.0, choice == label));
}

// The mean squared error of the outputs, and the sum of the weighted ones.
fn data_squared_error(first_target: u32, first_weight: u32) -> LossSums {
    var sums = LossSums(0.0, 0.0);
    for (var k = 0u; k < OUTPUTS; k++) {
        let error = targets[first_target + k] - network_outputs_at(k);
        sums.loss += error * error;
        sums.tally += error * error * targets[first_weight + k];
    }
    sums.loss = sums.loss / f32(OUTPUTS);
    return sums;
}

// The value of a metric.
fn data_score(sum: LossSums, samples: u32, metric: u32) -> f32 {
    let count = f32(samples);
    switch metric {
        case METRIC_FITNESS: {
            return data_fitness(sum, count);
        }
        case METRIC_SCORE: {
            return data_accuracy(sum, count);
        }
        default: {
            return data_unknown(sum.loss);
        }
    }
}

// Minus the mean loss, or for CLOSENESS (samples - loss)^2.
fn data_fitness(sum: LossSums, count: f32) -> f32 {
    switch OBJECTIVE {
        case CROSS_ENTROPY, SQUARED_ERROR: {
            return -sum.loss / count;
        }
        case CLOSENESS: {
            return (count - sum.loss) * (count - sum.loss);
        }
        default: {
            return data_unknown(sum.loss);
        }
    }
}

// The fraction of samples that were hit, or for SQUARED_ERROR R^2: 1 - the mean tally.
fn data_accuracy(sum: LossSums, count: f32) -> f32 {
    switch OBJECTIVE {
        case CROSS_ENTROPY, CLOSENESS: {
            return sum.tally / count;
        }
        case SQUARED_ERROR: {
            return 1.0 - sum.tally / count;
        }
        default: {
            return data_unknown(sum.loss);
        }
    }
}
