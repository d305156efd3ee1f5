//! The device: adapters, buffers, shaders as text, and dispatches as data.
//!
//! This room knows bytes and text, never a task. It is the only one, with `backend::gpu`, that
//! names wgpu.

mod adapter;
mod device;
mod dispatch;
pub mod layout;
pub mod source;
mod timing;

pub use adapter::{Adapter, Hardness, adapters};
pub use device::{Device, Readback};
pub use dispatch::{Binding, Dispatch};
pub use source::{Constants, Edit, Source};
/// Memory on a device.
pub use wgpu::Buffer;
