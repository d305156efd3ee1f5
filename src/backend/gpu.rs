//! stub
/// stub
pub struct Gpu;
