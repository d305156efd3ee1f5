// placeholder
fn math_sin(x: f32) -> f32 { return sin(x); }
fn math_cos(x: f32) -> f32 { return cos(x); }
fn math_exp(x: f32) -> f32 { return exp(x); }
fn math_ln(x: f32) -> f32 { return log(x); }
fn math_tanh(x: f32) -> f32 { return tanh(clamp(x, -15.0, 15.0)); }
fn math_sigmoid(x: f32) -> f32 { return 1.0 / (1.0 + math_exp(-x)); }
