//! Activations in every format: one table, one row per activation.
//!
//! A new activation needs one row here, and the compiler asks for it.

use super::onnx::OnnxGraph;
use crate::network::Activation;

/// An activation in the formats.
pub(super) struct ActivationExport {
    /// The activations that the functions of the text formats call.
    pub calls: &'static [Activation],
    /// True if these functions call `deme_exp`.
    pub calls_exp: bool,
    /// The definition of `deme_NAME` in Rust.
    pub rust: &'static str,
    /// The definition of `deme_NAME` in WGSL.
    pub wgsl: &'static str,
    /// Adds the activation to an ONNX graph; returns the name of its result.
    pub onnx: fn(&mut OnnxGraph, &str) -> String,
}

/// The exponential function in Rust, which `core` lacks; its error is some 1e-6.
pub(super) const RUST_EXP: &str = "
fn deme_exp(x: f32) -> f32 {
    let x = if x > 88.0 { 88.0 } else if x < -87.0 { -87.0 } else { x };
    let turns = (x * 1.442_695 + if x < 0.0 { -0.5 } else { 0.5 }) as i32;
    let r = (x - turns as f32 * 0.693_145_75) - turns as f32 * 1.428_606_8e-6;
    let tail = 0.166_666_67 + r * (0.041_666_67 + r * (0.008_333_334 + r * 0.001_388_889));
    let power = 1.0 + r * (1.0 + r * (0.5 + r * tail));
    power * f32::from_bits(((turns + 127) as u32) << 23)
}
";

/// The exponential function in WGSL, within the range that it computes reliably.
pub(super) const WGSL_EXP: &str =
    "\nfn deme_exp(x: f32) -> f32 {\n    return exp(clamp(x, -87.0, 88.0));\n}\n";

/// Returns the row of an activation, or `None` for the linear one, which needs no function.
pub(super) fn export_of(activation: Activation) -> Option<ActivationExport> {
    let row = match activation {
        Activation::Linear => return None,
        Activation::Tanh => ActivationExport {
            calls: &[],
            calls_exp: true,
            rust: RUST_TANH,
            wgsl: "\nfn deme_tanh(x: f32) -> f32 {\n    return tanh(clamp(x, -10.0, 10.0));\n}\n",
            onnx: |graph, x| graph.apply("Tanh", &[x]),
        },
        Activation::Relu => ActivationExport {
            calls: &[],
            calls_exp: false,
            rust: "\nfn deme_relu(x: f32) -> f32 {\n    if x > 0.0 { x } else { 0.0 }\n}\n",
            wgsl: "\nfn deme_relu(x: f32) -> f32 {\n    return max(x, 0.0);\n}\n",
            onnx: |graph, x| graph.apply("Relu", &[x]),
        },
        Activation::Sigmoid => ActivationExport {
            calls: &[],
            calls_exp: true,
            rust: "\nfn deme_sigmoid(x: f32) -> f32 {\n    1.0 / (1.0 + deme_exp(-x))\n}\n",
            wgsl: "\nfn deme_sigmoid(x: f32) -> f32 {\n    return 1.0 / (1.0 + deme_exp(-x));\n}\n",
            onnx: |graph, x| graph.apply("Sigmoid", &[x]),
        },
        Activation::Gelu => ActivationExport {
            calls: &[Activation::Tanh],
            calls_exp: false,
            rust: RUST_GELU,
            wgsl: WGSL_GELU,
            onnx: onnx_gelu,
        },
        Activation::Silu => ActivationExport {
            calls: &[Activation::Sigmoid],
            calls_exp: false,
            rust: "\nfn deme_silu(x: f32) -> f32 {\n    x * deme_sigmoid(x)\n}\n",
            wgsl: "\nfn deme_silu(x: f32) -> f32 {\n    return x * deme_sigmoid(x);\n}\n",
            onnx: |graph, x| {
                let sigmoid = graph.apply("Sigmoid", &[x]);
                graph.apply("Mul", &[x, &sigmoid])
            },
        },
        Activation::Sin => ActivationExport {
            calls: &[],
            calls_exp: false,
            rust: RUST_SIN,
            wgsl: "\nfn deme_sin(x: f32) -> f32 {\n    return sin(x);\n}\n",
            onnx: |graph, x| graph.apply("Sin", &[x]),
        },
        Activation::Softsign => ActivationExport {
            calls: &[],
            calls_exp: false,
            rust: RUST_SOFTSIGN,
            wgsl: "\nfn deme_softsign(x: f32) -> f32 {\n    return x / (1.0 + abs(x));\n}\n",
            onnx: |graph, x| graph.apply("Softsign", &[x]),
        },
        Activation::Step => ActivationExport {
            calls: &[],
            calls_exp: false,
            rust: "\nfn deme_step(x: f32) -> f32 {\n    if x > 0.0 { 1.0 } else { 0.0 }\n}\n",
            wgsl: "\nfn deme_step(x: f32) -> f32 {\n    return select(0.0, 1.0, x > 0.0);\n}\n",
            onnx: |graph, x| {
                let sign = graph.apply("Sign", &[x]);
                graph.apply("Relu", &[&sign])
            },
        },
    };
    Some(row)
}

/// Returns the call of an activation on an expression; the linear one is the expression itself.
pub(super) fn call(activation: Activation, expression: &str) -> String {
    match activation {
        Activation::Linear => expression.into(),
        other => format!("deme_{}({expression})", other.name()),
    }
}

const RUST_TANH: &str = "
fn deme_tanh(x: f32) -> f32 {
    let size = if x < 0.0 { -x } else { x };
    if size < 0.02 {
        return x - x * x * x / 3.0;
    }
    let value = 1.0 - 2.0 / (deme_exp(2.0 * if size > 10.0 { 10.0 } else { size }) + 1.0);
    if x < 0.0 { -value } else { value }
}
";

const RUST_GELU: &str = "
fn deme_gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + deme_tanh(0.797_884_6 * (x + 0.044_715 * x * x * x)))
}
";

const WGSL_GELU: &str = "
fn deme_gelu(x: f32) -> f32 {
    return 0.5 * x * (1.0 + deme_tanh(0.7978846 * (x + 0.044715 * x * x * x)));
}
";

const RUST_SIN: &str = "
fn deme_sin(x: f32) -> f32 {
    let turns = (x * 0.318_309_9 + if x < 0.0 { -0.5 } else { 0.5 }) as i32;
    let r = ((x - turns as f32 * 3.140_625) - turns as f32 * 0.000_967_502_6) - turns as f32 * \
1.509_958e-7;
    let s = r * r;
    let value = r * (1.0 + s * (-0.166_666_67 + s * (0.008_333_333 + s * (-0.000_198_412_7 + s * \
2.755_731e-6))));
    if turns % 2 == 0 { value } else { -value }
}
";

const RUST_SOFTSIGN: &str = "
fn deme_softsign(x: f32) -> f32 {
    x / (1.0 + if x < 0.0 { -x } else { x })
}
";

/// Adds `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`.
fn onnx_gelu(graph: &mut OnnxGraph, x: &str) -> String {
    let numbers = [0.044_715, (2.0 / std::f64::consts::PI).sqrt() as f32, 1.0, 0.5];
    let [cube, root, one, half] = numbers.map(|number| graph.number(number));
    let square = graph.apply("Mul", &[x, x]);
    let square = graph.apply("Mul", &[&square, &cube]);
    let square = graph.apply("Add", &[&square, &one]);
    let inner = graph.apply("Mul", &[x, &square]);
    let inner = graph.apply("Mul", &[&inner, &root]);
    let tanh = graph.apply("Tanh", &[&inner]);
    let sum = graph.apply("Add", &[&tanh, &one]);
    let halved = graph.apply("Mul", &[x, &half]);
    graph.apply("Mul", &[&halved, &sum])
}
