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

// The tanh form: half of 1 + tanh(y) is the logistic function of 2 y.
fn activation_gelu(x: f32) -> f32 {
    let twice = x * (x * x * 0.071354814 + 1.5957692);
    return x / (1.0 + math_exp(-twice));
}

fn activation_silu(x: f32) -> f32 {
    return x / (1.0 + math_exp(-x));
}

// Beyond what math_sin reduces, the sine of the nearest angle within.
fn activation_sin(x: f32) -> f32 {
    return math_sin(clamp(x, -8192.0, 8192.0));
}

fn activation_softsign(x: f32) -> f32 {
    return x / (1.0 + abs(x));
}
