// Activation functions of layers and graph nodes.
//
// The twin of `activation_NAME` is the variant with that name in src/network/activation.rs.

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

// The tanh form: (1 + tanh(y)) / 2 is the logistic function of 2 y.
fn activation_gelu(x: f32) -> f32 {
    let twice = x * (x * x * 0.071354814 + 1.5957692);
    return x / (1.0 + math_exp(-twice));
}

fn activation_silu(x: f32) -> f32 {
    return x / (1.0 + math_exp(-x));
}

// The argument is clamped to the domain of math_sin.
fn activation_sin(x: f32) -> f32 {
    return math_sin(clamp(x, -8192.0, 8192.0));
}

fn activation_softsign(x: f32) -> f32 {
    return x / (1.0 + abs(x));
}

// A hard threshold: 1 where x > 0, else 0. NaN is neither, and stays.
fn activation_step(x: f32) -> f32 {
    return select(select(x, 0.0, x <= 0.0), 1.0, x > 0.0);
}
