//! The first rung that fails. Tests of planted faults need no more, so the comparisons after it are
//! not run.

use std::sync::Arc;

use super::Rung;
use crate::error::Result;
use crate::task::Task;

/// The first rung that failed. The rungs after it are not run.
pub(super) fn first_failure(rungs: impl Iterator<Item = Result<Rung>>) -> Result<Option<Rung>> {
    for rung in rungs {
        let rung = rung?;
        if rung.failed > 0 {
            return Ok(Some(rung));
        }
    }
    Ok(None)
}

/// The rungs of a check, which runs only when the first of them is needed.
pub(super) fn once<'a>(
    check: impl FnOnce() -> Result<Vec<Rung>> + 'a,
) -> impl Iterator<Item = Result<Rung>> + 'a {
    std::iter::once_with(check).flat_map(rungs_or_error)
}

/// The rungs of a check on several tasks, which runs on a task only when its rungs are needed.
pub(super) fn on_each<'a>(
    tasks: &'a [Arc<dyn Task>],
    check: impl Fn(&Arc<dyn Task>) -> Result<Vec<Rung>> + 'a,
) -> impl Iterator<Item = Result<Rung>> + 'a {
    tasks.iter().map(check).flat_map(rungs_or_error)
}

fn rungs_or_error(rungs: Result<Vec<Rung>>) -> Vec<Result<Rung>> {
    match rungs {
        Ok(rungs) => rungs.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
}
