//! The device: adapters, buffers, shaders as text, and dispatches as data.
//!
//! This module knows bytes and text, and no task. Only this module and `backend::gpu` may name
//! wgpu.

mod adapter;
mod buffer;
mod device;
mod dispatch;
mod fault;
pub mod layout;
mod pipeline;
pub mod source;
mod submission;
mod timing;

pub use adapter::{Adapter, DeviceKind, adapters};
pub use buffer::Buffer;
pub use device::{Device, DeviceOptions, Readback, ResourceCounts};
pub use dispatch::{Binding, Dispatch};
pub use fault::Injection;
pub use source::{Constants, Edit, ShaderSource};
pub use submission::SubmissionShare;
