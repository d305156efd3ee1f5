//! `--dump-wgsl`, the same flag of every command that runs on a GPU.

use std::path::PathBuf;

use clap::ValueHint;
use deme::gpu::DeviceOptions;

use super::headings::MACHINE;

/// The folder for the shaders that are compiled.
#[derive(clap::Args)]
#[command(next_help_heading = MACHINE)]
pub struct ShaderDump {
    /// Folder for the compiled shaders
    ///
    /// Every shader that is compiled for the GPU is written to DIR/LABEL-HASH.wgsl.
    /// [default: none]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dump_wgsl: Option<PathBuf>,
}

impl ShaderDump {
    /// True if shaders are to be written.
    pub fn is_requested(&self) -> bool {
        self.dump_wgsl.is_some()
    }

    /// The options that a device is opened with.
    pub fn options(&self) -> DeviceOptions {
        DeviceOptions { dump: self.dump_wgsl.clone(), ..DeviceOptions::default() }
    }
}
