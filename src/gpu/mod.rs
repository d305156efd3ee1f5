//! The device: adapters, buffers, shaders as text, and dispatches as data.
//!
//! This module knows bytes and text, and no task. Only this module and `backend::gpu` may name
//! wgpu.

mod adapter;
mod buffer;
mod clock;
mod device;
mod dispatch;
mod fault;
mod health;
mod index_checks;
mod index_record;
mod injection;
pub mod layout;
mod pending_submission;
mod pipeline;
pub mod source;
mod submission;
mod timing;

pub use adapter::{Adapter, DeviceKind, adapters};
pub use buffer::Buffer;
pub use device::{Device, DeviceOptions, Readback, ResourceCounts};
pub use dispatch::{Binding, Dispatch};
pub use index_record::IndexCheck;
pub use injection::Injection;
pub use source::{Constants, Edit, ShaderSource};
pub use submission::SubmissionShare;
