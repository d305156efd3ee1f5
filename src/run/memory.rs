//! Memory: refuses a population that does not fit, before any of it is allocated.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::backend::Cpu;
use crate::error::{Error, Result, readable};
use crate::strategy::Entry;

/// Bytes that a run keeps for each gene of the network, however many individuals there are: the
/// centre, the optimiser's moments and the recombination's sums (doubles), the champion, and a
/// block of sixteen genomes for each of a few threads.
pub(crate) const BYTES_A_GENE: u64 = 512;

/// Bytes that this process can still have; no limit where the system does not say.
pub(crate) fn available_bytes() -> u64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let Ok(system) = System::new_with_specifics(memory) else {
        return u64::MAX;
    };
    let within_group = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
    system.available_memory().min(within_group)
}

/// Refuses a network or a population that does not fit.
pub(super) fn check(individuals: u64, genes: u64, strategy: &Entry) -> Result<()> {
    let each = Cpu::bytes(1, genes, strategy.breeds)
        .saturating_add(genes.saturating_mul(strategy.written_bytes));
    fits(individuals, genes, each, available_bytes())
}

/// The same, where an individual takes so many bytes.
fn fits(individuals: u64, genes: u64, each: u64, available: u64) -> Result<()> {
    let network = genes.saturating_mul(BYTES_A_GENE);
    let there_is = || format!("{} of memory are free", readable(available));
    if network > available {
        return Err(Error::TooLarge {
            what: format!("--network with {genes} parameters"),
            needed: format!("{genes} x {BYTES_A_GENE} bytes = {}", readable(network)),
            available: there_is(),
            largest: format!("{} parameters", available / BYTES_A_GENE),
        });
    }
    let population = individuals.saturating_mul(each);
    if network.saturating_add(population) <= available {
        return Ok(());
    }
    Err(Error::TooLarge {
        what: format!("--population {individuals}"),
        needed: format!(
            "{individuals} individuals of {genes} parameters x {each} bytes + {} for the network \
             = {}",
            readable(network),
            readable(network.saturating_add(population))
        ),
        available: there_is(),
        largest: format!("--population {}", ((available - network) / each).min(u32::MAX.into())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_population_named_fits_and_one_more_does_not() {
        let (available, each) = (1 << 30, Cpu::bytes(1, 100, true));
        let message = fits(1_000_000_000_000, 100, each, available).unwrap_err().to_string();
        let last = message.rsplit(' ').next().expect("a last word");
        let largest: u64 = last.parse().expect("the largest population");
        assert!(fits(largest, 100, each, available).is_ok());
        assert!(fits(largest + 1, 100, each, available).is_err());
    }
}
