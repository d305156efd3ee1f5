//! The machine on which a number was measured.

use serde::Serialize;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use crate::math::InstructionSet;

/// A machine. A field that the system does not report is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// The name of the processor.
    pub cpu: Option<String>,
    /// The number of cores, whether or not this process may use all of them.
    pub cores: Option<u64>,
    /// The number of threads of the CPU path.
    pub threads: u64,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// The operating system and its version.
    pub os: Option<String>,
    /// The architecture of the processor: x86_64, aarch64.
    pub architecture: &'static str,
    /// The instruction set that the CPU path uses.
    pub vectors: &'static str,
    /// The version of `deme`.
    pub version: &'static str,
}

impl Machine {
    /// Returns this machine.
    pub fn current() -> Self {
        let memory = MemoryRefreshKind::nothing().with_ram();
        let wanted = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()).with_memory(memory);
        let system = System::new_with_specifics(wanted).ok();
        let cpu = system.as_ref().and_then(|system| system.cpus().first());
        Self {
            cpu: cpu.map(|cpu| cpu.brand().trim().to_owned()).filter(|name| !name.is_empty()),
            cores: System::physical_core_count().ok().map(|cores| cores as u64),
            threads: rayon::current_num_threads() as u64,
            memory_bytes: system.as_ref().map(System::total_memory),
            os: System::long_os_version().ok(),
            architecture: std::env::consts::ARCH,
            vectors: InstructionSet::current().name(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// Formats the machine in one line.
impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cpu = self.cpu.as_deref().unwrap_or("unknown processor");
        let Self { architecture, vectors, threads, .. } = self;
        let plural = if *threads == 1 { "" } else { "s" };
        write!(f, "{cpu} ({architecture}, {vectors}), {threads} thread{plural}")?;
        if let Some(bytes) = self.memory_bytes {
            write!(f, ", {:.0} GiB", bytes as f64 / f64::from(1 << 30))?;
        }
        let os = self.os.as_deref().unwrap_or(std::env::consts::OS);
        write!(f, ", {os}; deme {}", self.version)
    }
}
