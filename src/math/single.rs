//! placeholder
pub const LARGEST_ANGLE: f32 = 8192.0;
#[inline(always)] pub fn floor(x: f32) -> f32 { x.floor() }
#[inline(always)] pub fn sin(x: f32) -> f32 { x.sin() }
#[inline(always)] pub fn cos(x: f32) -> f32 { x.cos() }
#[inline(always)] pub fn exp(x: f32) -> f32 { x.exp() }
#[inline(always)] pub fn ln(x: f32) -> f32 { x.ln() }
#[inline(always)] pub fn tanh(x: f32) -> f32 { x.tanh() }
