//! Injected faults, for verification.

/// An injected fault, for verification. The device then fails like a real one. Several faults of a
/// kind occur one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injection {
    /// Refuses one allocation.
    OutOfMemory {
        /// The number of allocations that are granted first.
        after: u64,
    },
    /// Limits the memory of the device.
    Memory {
        /// The bytes that may be allocated.
        bytes: u64,
    },
    /// Destroys the device instead of running a dispatch.
    Lost {
        /// The number of dispatches that run first.
        after: u64,
    },
}

/// The faults that have not occurred yet, and the counters that trigger them.
#[derive(Default)]
pub(super) struct Injections {
    pending: Vec<Injection>,
    allocations: u64,
    dispatches: u64,
    is_lost: bool,
}

impl Injections {
    /// Schedules faults.
    pub fn new(faults: &[Injection]) -> Self {
        Self { pending: faults.to_vec(), ..Self::default() }
    }

    /// The faults that have not occurred yet.
    pub fn pending(&self) -> Vec<Injection> {
        self.pending.clone()
    }

    /// Counts an allocation, and returns true if it must be refused. `bytes` is the memory in use
    /// afterwards.
    pub fn refuses_allocation(&mut self, bytes: u64) -> bool {
        self.allocations += 1;
        let granted = self.allocations - 1;
        let is_small = |fault: &Injection| match fault {
            Injection::Memory { bytes: most } => bytes > *most,
            Injection::OutOfMemory { .. } | Injection::Lost { .. } => false,
        };
        let occurs = self.occurs(|fault| match fault {
            Injection::OutOfMemory { after } => Some(granted >= *after),
            Injection::Memory { .. } | Injection::Lost { .. } => None,
        });
        occurs || self.pending.iter().any(is_small)
    }

    /// Counts a dispatch, and returns true if the device must be destroyed instead.
    pub fn loses_device(&mut self) -> bool {
        self.dispatches += 1;
        let run = self.dispatches - 1;
        // The next loss belongs to the device that replaces this one.
        let occurs = !self.is_lost
            && self.occurs(|fault| match fault {
                Injection::Lost { after } => Some(run >= *after),
                Injection::OutOfMemory { .. } | Injection::Memory { .. } => None,
            });
        self.is_lost |= occurs;
        occurs
    }

    /// Removes the first fault of a kind if it is due. `is_due` returns `None` for other kinds.
    fn occurs(&mut self, is_due: impl Fn(&Injection) -> Option<bool>) -> bool {
        let first = self.pending.iter().position(|fault| is_due(fault).is_some());
        let due = first.filter(|&place| is_due(&self.pending[place]) == Some(true));
        due.map(|place| self.pending.remove(place)).is_some()
    }
}
