//! The memory budget: refuses a population that does not fit into memory, before it is allocated.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::backend::Cpu;
use crate::error::{Error, Result, readable};
use crate::strategy::Entry;

/// The bytes that a run keeps for each gene of the network at any population size: the centre,
/// the optimiser's moments and the recombination's sums (doubles), the champion, and a block of
/// sixteen genomes for each of a few threads.
pub(crate) const BYTES_PER_GENE: u64 = 512;

/// The bytes that a backend keeps for an episode of an individual: its return, its steps and its
/// last state.
const BYTES_PER_OUTCOME: u64 = 64;

/// Returns the bytes that this process can still allocate. There is no limit if the system does not
/// report one.
pub(crate) fn available_bytes() -> u64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let Ok(system) = System::new_with_specifics(memory) else {
        return u64::MAX;
    };
    let within_group = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
    system.available_memory().min(within_group)
}

/// Refuses a network or a population that does not fit into memory.
pub(super) fn check_memory(individuals: u64, genes: u64, strategy: &Entry) -> Result<()> {
    let each = Cpu::bytes(1, genes, strategy.breeds)
        .saturating_add(genes.saturating_mul(strategy.written_bytes));
    check_bytes(individuals, genes, each, available_bytes())
}

/// Refuses more episodes than their outcomes fit into memory.
pub(super) fn check_outcomes(individuals: u32, episodes: u32) -> Result<()> {
    let (available, count) = (available_bytes(), u64::from(individuals) * u64::from(episodes));
    if count.saturating_mul(BYTES_PER_OUTCOME) <= available {
        return Ok(());
    }
    let needed = readable(count.saturating_mul(BYTES_PER_OUTCOME));
    let largest = (available / BYTES_PER_OUTCOME / u64::from(individuals)).max(1);
    Err(Error::TooLarge {
        what: format!("--episodes {episodes}"),
        needed: format!(
            "{individuals} x {episodes} outcomes x {BYTES_PER_OUTCOME} bytes = {needed}"
        ),
        available: format!("{} of memory are free", readable(available)),
        largest: format!("--episodes {largest}"),
    })
}

/// Refuses a network or a population that does not fit into `available` bytes. An individual takes
/// `each` bytes.
fn check_bytes(individuals: u64, genes: u64, each: u64, available: u64) -> Result<()> {
    let network = genes.saturating_mul(BYTES_PER_GENE);
    let free = || format!("{} of memory are free", readable(available));
    if network > available {
        return Err(Error::TooLarge {
            what: format!("--network with {genes} parameters"),
            needed: format!("{genes} x {BYTES_PER_GENE} bytes = {}", readable(network)),
            available: free(),
            largest: format!("{} parameters", available / BYTES_PER_GENE),
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
        available: free(),
        largest: format!("--population {}", ((available - network) / each).min(u32::MAX.into())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_population_named_fits_and_one_more_does_not() {
        let (available, each) = (1 << 30, Cpu::bytes(1, 100, true));
        let message = check_bytes(1_000_000_000_000, 100, each, available).unwrap_err().to_string();
        let last = message.rsplit(' ').next().expect("a last word");
        let largest: u64 = last.parse().expect("the largest population");
        assert!(check_bytes(largest, 100, each, available).is_ok());
        assert!(check_bytes(largest + 1, 100, each, available).is_err());
    }
}
