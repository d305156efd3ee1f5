//! The device: adapters, buffers, shaders as text, and dispatches as data.
//!
//! This room knows bytes and text, never a task. It is the only one, with `backend::gpu`, that
//! names wgpu.

mod adapter;
mod device;
mod dispatch;
mod fault;
pub mod layout;
mod memory;
mod pipeline;
pub mod source;
mod submission;
mod timing;

pub use adapter::{Adapter, Hardness, adapters};
pub use device::{Device, Made, Options, Readback};
pub use dispatch::{Binding, Dispatch};
pub use fault::Injection;
pub use memory::Buffer;
pub use source::{Constants, Edit, Source};
pub use submission::Share;
