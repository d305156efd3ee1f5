//! WGSL on the CPU: the language feature by feature, and what is refused.

mod machine;
mod program;
mod shader;
mod trace;
