//! The reference and a backend under test, side by side with one population.

use std::sync::Arc;

use super::forward::random_genomes;
use super::{Implementation, graphs};
use crate::backend::{Backend, Episodes, ForwardBackend, Reference};
use crate::error::Result;
use crate::network::{Activation, Network, Normalisation, ObservationStatistics};
use crate::population::Proposal;
use crate::task::Task;

/// Individuals, not a multiple of a block.
pub(super) const INDIVIDUALS: usize = 150;

/// The reference and the backend under test, with the same population.
pub(super) struct BackendPair {
    pub reference: Reference,
    pub backend: Box<dyn ForwardBackend>,
    /// The normalisation of observations, if they are normalised.
    pub by: Option<Normalisation>,
}

impl BackendPair {
    /// Creates random networks with these hidden layers on both sides.
    pub fn with_networks(
        implementation: &dyn Implementation,
        task: &Arc<dyn Task>,
        spec: &str,
    ) -> Result<Self> {
        let network = task.network(spec, Activation::Tanh)?;
        let genomes = random_genomes(network.parameters(), INDIVIDUALS);
        Self::with_population(implementation, task, network, &genomes)
    }

    /// Creates random graphs on both sides.
    pub fn with_graphs(implementation: &dyn Implementation, task: &Arc<dyn Task>) -> Result<Self> {
        let network = task.network("", Activation::Linear)?;
        let genomes = graphs::population(task.ports(), INDIVIDUALS);
        Self::with_population(implementation, task, network, &genomes)
    }

    fn with_population(
        implementation: &dyn Implementation,
        task: &Arc<dyn Task>,
        network: Network,
        population: &Proposal,
    ) -> Result<Self> {
        let mut reference = Reference::new(Arc::clone(task), network.clone());
        let mut backend = implementation.backend(Arc::clone(task), network, None)?;
        reference.spawn(population)?;
        backend.spawn(population)?;
        Ok(Self { reference, backend, by: None })
    }

    /// Normalises observations on both sides, by the observations of the reference in `episodes`.
    pub fn normalise(&mut self, inputs: usize, episodes: &Episodes) -> Result<()> {
        let first = Normalisation::identity(inputs);
        let mut statistics = ObservationStatistics::new(inputs);
        self.reference.normalise(&first)?;
        if let Some(sums) = self.reference.score(episodes)?.observation_sums {
            statistics.merge(&first, &sums);
        }
        let by = statistics.normalisation();
        self.reference.normalise(&by)?;
        self.backend.normalise(&by)?;
        self.by = Some(by);
        Ok(())
    }
}
