// Data sets: the loss of one sample's outputs, whether it was hit, and the fitness of their sum.

// Sums over samples.
struct Judgement {
    loss: f32,
    hits: f32,
}

// The loss of one sample's `network_outputs`, and whether it was hit.
//
// OBJECTIVE CROSS_ENTROPY: in nats, of the softmax of the outputs; a hit is the largest output, the
// first of equals. CLOSENESS: |label - squashed output|; a hit is an error below 0.5.
// SQUARED_ERROR: (target - output)^2; nothing is a hit.
fn data_measure(target_value: f32) -> Judgement {
    if (OBJECTIVE == SQUARED_ERROR) {
        let error = target_value - network_outputs_at(0u);
        return Judgement(error * error, 0.0);
    }
    if (OBJECTIVE == CLOSENESS) {
        let error = abs(target_value - math_sigmoid(network_outputs_at(0u)));
        return Judgement(error, select(0.0, 1.0, error < 0.5));
    }
    let label = u32(target_value);
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
    return Judgement(loss, select(0.0, 1.0, choice == label));
}

// MEASURE_FITNESS: minus the mean loss, or (samples - loss)^2 for CLOSENESS. Otherwise the share of
// samples hit, or R^2 for SQUARED_ERROR: 1 - mean loss / variance of the targets.
fn data_value(sum: Judgement, samples: u32, variance: f32, wanted: u32) -> f32 {
    let count = f32(samples);
    if (wanted != MEASURE_FITNESS) {
        if (OBJECTIVE == SQUARED_ERROR) {
            return 1.0 - sum.loss / count / variance;
        }
        return sum.hits / count;
    }
    if (OBJECTIVE == CLOSENESS) {
        return (count - sum.loss) * (count - sum.loss);
    }
    return -sum.loss / count;
}
