//! ThreadAllocation: trials run side by side, each on threads of its own.
//!
//! Each worker has a pool of threads, and takes the next trial whenever it has ended one. A trial
//! inside one large pool could not be timed: a thread that waits for its share of one trial would
//! take up another.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;

use crate::error::{Error, Result};

/// How trials share the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadAllocation {
    /// Trials that run at once.
    pub trials_at_once: usize,
    /// Threads that each of them has at least; those that are left go to the first.
    #[serde(rename = "threads_a_trial")]
    pub threads_per_trial: usize,
    /// Threads in all.
    #[serde(skip)]
    threads: usize,
}

impl ThreadAllocation {
    /// Threads shared by as many trials at once as there are threads and trials for.
    pub(super) fn of(threads: usize, trials: usize) -> Self {
        let trials_at_once = trials.clamp(1, threads.max(1));
        Self { trials_at_once, threads_per_trial: threads / trials_at_once, threads }
    }

    /// The threads of each worker.
    fn worker_threads(self) -> impl Iterator<Item = usize> {
        let left = self.threads % self.trials_at_once;
        (0..self.trials_at_once)
            .map(move |worker| self.threads_per_trial + usize::from(worker < left))
    }

    /// Does every item once, and hands out each result when there is one, on the caller's thread.
    pub(super) fn run<Item: Sync, Done: Send>(
        self,
        items: &[Item],
        work: impl Fn(&Item) -> Done + Sync,
        done: impl FnMut(Done),
    ) -> Result<()> {
        let pools = self.worker_threads().map(pool).collect::<Result<Vec<_>>>()?;
        let next = AtomicUsize::new(0);
        let (sender, results) = mpsc::channel();
        thread::scope(|scope| {
            for pool in &pools {
                let (sender, next, work) = (sender.clone(), &next, &work);
                scope.spawn(move || {
                    pool.install(|| {
                        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                            // Nobody listens any more only where the caller panics.
                            if sender.send(work(item)).is_err() {
                                break;
                            }
                        }
                    });
                });
            }
            drop(sender);
            results.into_iter().for_each(done);
        });
        Ok(())
    }
}

fn pool(threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads).build().map_err(|problem| Error::Device {
        doing: "starting threads".into(),
        problem: problem.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_thread_is_left_out_and_none_is_shared() {
        for (threads, trials, worker_threads) in
            [(2, 20, vec![1, 1]), (8, 3, vec![3, 3, 2]), (4, 1, vec![4]), (1, 5, vec![1])]
        {
            assert_eq!(ThreadAllocation::of(threads, trials).worker_threads().collect::<Vec<_>>(), worker_threads);
        }
    }

    #[test]
    fn every_job_is_done_once_on_a_pool_of_its_worker() {
        let items: Vec<usize> = (0..50).collect();
        let mut seen = Vec::new();
        let work = |&item: &usize| (item, rayon::current_num_threads());
        ThreadAllocation::of(6, 2).run(&items, work, |done| seen.push(done)).expect("threads");
        seen.sort_unstable();
        assert_eq!(seen, items.iter().map(|&item| (item, 3)).collect::<Vec<_>>());
    }
}
