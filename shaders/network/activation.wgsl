// Activation functions: what a layer does with the weighted sum of its inputs.
//
// The twin of `activation_NAME` is the variant of that name in src/network/activation.rs.

fn activation_tanh(x: f32) -> f32 {
    return math_tanh(x);
}

fn activation_relu(x: f32) -> f32 {
    return max(x, 0.0);
}

fn activation_sigmoid(x: f32) -> f32 {
    return math_sigmoid(x);
}

fn activation_linear(x: f32) -> f32 {
    return x;
}
