//! Thread allocation: trials run at the same time, each on threads of its own.
//!
//! Each worker has its own pool of threads and takes the next trial when it has finished one.
//! Trials in one shared pool could not be timed, because a thread that waits for work of one trial
//! would start on another.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use serde::Serialize;

use crate::backend::start_pool;
use crate::error::{Error, Result};

/// The longest wait for an event.
const WAIT: Duration = Duration::from_millis(100);

/// The allocation of the machine's threads to trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadAllocation {
    /// The number of trials that run at once.
    pub trials_at_once: usize,
    /// The number of threads that each trial has at least. Remaining threads go to the first
    /// workers.
    #[serde(rename = "threads_a_trial")]
    pub threads_per_trial: usize,
    /// The number of threads of all trials together.
    #[serde(skip)]
    threads: usize,
}

impl ThreadAllocation {
    /// Divides threads between as many trials at once as there are threads and trials for.
    pub(super) fn divide(threads: usize, trials: usize) -> Self {
        let trials_at_once = trials.clamp(1, threads.max(1));
        Self { trials_at_once, threads_per_trial: threads / trials_at_once, threads }
    }

    /// Returns the number of threads of each worker.
    fn worker_threads(self) -> impl Iterator<Item = usize> {
        let left = self.threads % self.trials_at_once;
        (0..self.trials_at_once)
            .map(move |worker| self.threads_per_trial + usize::from(worker < left))
    }

    /// Runs the work on every item once. It passes each event of the work to `receive` as soon as
    /// there is one, on the caller's thread, and passes `None` if there was none for a while.
    pub(super) fn run<Item: Sync, Event: Send>(
        self,
        items: &[Item],
        work: impl Fn(&Item, &Sender<Event>) + Sync,
        mut receive: impl FnMut(Option<Event>),
    ) -> Result<()> {
        let pools = self.worker_threads().map(start_pool).collect::<Result<Vec<_>>>()?;
        let next = AtomicUsize::new(0);
        let (sender, events) = mpsc::channel();
        thread::scope(|scope| {
            for pool in &pools {
                let (sender, next, work) = (sender.clone(), &next, &work);
                let started = thread::Builder::new().spawn_scoped(scope, move || {
                    pool.install(|| {
                        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                            work(item, &sender);
                        }
                    });
                });
                if let Err(problem) = started {
                    // Trials that have begun end first.
                    next.store(items.len(), Ordering::Relaxed);
                    return Err(Error::Threads { problem: problem.to_string() });
                }
            }
            drop(sender);
            loop {
                match events.recv_timeout(WAIT) {
                    Ok(event) => receive(Some(event)),
                    Err(RecvTimeoutError::Timeout) => receive(None),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_belongs_to_exactly_one_worker() {
        for (threads, trials, worker_threads) in
            [(2, 20, vec![1, 1]), (8, 3, vec![3, 3, 2]), (4, 1, vec![4]), (1, 5, vec![1])]
        {
            assert_eq!(
                ThreadAllocation::divide(threads, trials).worker_threads().collect::<Vec<_>>(),
                worker_threads
            );
        }
    }

    #[test]
    fn every_item_is_processed_once_on_the_pool_of_its_worker() {
        let items: Vec<usize> = (0..50).collect();
        let mut seen = Vec::new();
        let work = |&item: &usize, events: &Sender<(usize, usize)>| {
            events.send((item, rayon::current_num_threads())).expect("a receiver");
        };
        let receive = |event: Option<(usize, usize)>| seen.extend(event);
        ThreadAllocation::divide(6, 2).run(&items, work, receive).expect("threads");
        seen.sort_unstable();
        assert_eq!(seen, items.iter().map(|&item| (item, 3)).collect::<Vec<_>>());
    }
}
