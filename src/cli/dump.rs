//! `--dump-wgsl`, the same flag of every command that runs on a GPU.

use std::path::PathBuf;

use deme::gpu::Options;

/// Where the shaders go that are compiled.
#[derive(clap::Args)]
pub struct Dump {
    /// Write every shader that is compiled for the GPU to DIR/LABEL-HASH.wgsl [default: none]
    #[arg(long, value_name = "DIR")]
    dump_wgsl: Option<PathBuf>,
}

impl Dump {
    /// Whether shaders are to be written.
    pub fn is_asked_for(&self) -> bool {
        self.dump_wgsl.is_some()
    }

    /// What a device is opened with.
    pub fn options(&self) -> Options {
        Options { dump: self.dump_wgsl.clone(), ..Options::default() }
    }
}
