//! Headings of flags in the help.

/// The heading of flags about the task and the network.
pub const TASK: &str = "Task and network";
/// The heading of flags about the search.
pub const SEARCH: &str = "Search";
/// The heading of flags about the end of a run.
pub const BUDGET: &str = "Budget";
/// The heading of flags about backends and threads.
pub const MACHINE: &str = "Machine";
/// The heading of flags about results.
pub const OUTPUT: &str = "Output";
