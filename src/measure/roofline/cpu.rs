//! The roofline of the CPU, with all threads of the pool.

use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::bandwidth::Bandwidth;
use super::chain::{FACTOR, SUMMAND, check_end, end_of, wrong_result};
use crate::error::Result;
use crate::math::{Instructions, SimdWork, run_simd};

/// The time for which all threads compute. The best burst of each thread counts, except bursts
/// within the first `WAKING`, when some threads may still be asleep.
const WINDOW: Duration = Duration::from_millis(160);
const WAKING: Duration = Duration::from_millis(10);
/// The seconds of a burst, short enough that some bursts are not disturbed.
const BURST_SECONDS: f64 = 3e-4;
/// The rounds of the trials that choose the best form of chains. Their results are checked.
const TRIAL_ROUNDS: u32 = 4096;
/// The number of independent chains. A multiply-add takes four cycles and two begin in each cycle,
/// so eight chains would do if none ever had to wait. Twelve allow for waiting, and with their two
/// constants still fit sixteen vector registers.
const CHAINS: usize = 12;
/// The bytes of the source of a copy, per thread: within the first cache, the second, and beyond.
const SMALL_BYTES: [usize; 3] = [16 << 10, 512 << 10, 4 << 20];
/// The bytes of the largest source for all threads together, beyond most caches.
const LARGE_BYTES: usize = 128 << 20;
/// The bytes that a burst copies at least. Small copies are repeated.
const MOVED_BYTES: usize = 4 << 20;

/// Returns billions of operations per second: the sum over threads that run at the same time.
pub(super) fn arithmetic() -> Result<f64> {
    let (form, trial) = best_form()?;
    let rounds = (f64::from(TRIAL_ROUNDS) * BURST_SECONDS / trial) as u32 + 1;
    let begun = Instant::now();
    let bests = rayon::broadcast(|thread| {
        let start = thread.index() as f32;
        let mut best = f64::INFINITY;
        while best.is_infinite() || begun.elapsed() < WINDOW {
            let burst = Instant::now();
            std::hint::black_box(form.run(std::hint::black_box(start), rounds));
            let seconds = burst.elapsed().as_secs_f64();
            if best.is_infinite() || (burst > begun + WAKING && begun.elapsed() < WINDOW) {
                best = best.min(seconds);
            }
        }
        best
    });
    let sum: f64 = bests.iter().map(|best| form.operations(rounds) / best).sum();
    // If there are more threads than run at once, they take turns, and each is fast only in its
    // turn.
    let threads = bests.len();
    let at_once = std::thread::available_parallelism().map_or(threads, usize::from);
    Ok(sum * (at_once as f64 / threads as f64).min(1.0) / 1e9)
}

/// Returns the form of chains in which one thread is fastest, and the seconds of its trial.
fn best_form() -> Result<(Form, f64)> {
    const TRIALS: usize = 10;
    let mut best = (Form::Separate, f64::INFINITY);
    for form in Form::ALL {
        let mut seconds = f64::INFINITY;
        for trial in 0..TRIALS {
            let start = trial as f32;
            let begun = Instant::now();
            let found = form.run(std::hint::black_box(start), TRIAL_ROUNDS);
            seconds = seconds.min(begun.elapsed().as_secs_f64());
            let chains = CHAINS as f64;
            let starts = chains * (chains - 1.0) / 2.0 + chains * f64::from(start);
            let expected = end_of(starts, chains, TRIAL_ROUNDS as i32);
            check_end(found, expected, "the CPU")?;
        }
        if form.operations(TRIAL_ROUNDS) / seconds > best.0.operations(TRIAL_ROUNDS) / best.1 {
            best = (form, seconds);
        }
    }
    Ok(best)
}

/// The form of chains. Processors differ in the width of their vectors and in whether they have a
/// fused multiply-add.
#[derive(Clone, Copy)]
enum Form {
    Wide,
    Narrow,
    Separate,
}

impl Form {
    const ALL: [Self; 3] = [Self::Wide, Self::Narrow, Self::Separate];

    fn lanes(self) -> usize {
        match self {
            Self::Wide => 16,
            Self::Narrow | Self::Separate => 8,
        }
    }

    fn operations(self, rounds: u32) -> f64 {
        2.0 * f64::from(rounds) * (CHAINS * self.lanes()) as f64
    }

    /// Returns the sum of the chains' results. All lanes are equal.
    fn run(self, start: f32, rounds: u32) -> f32 {
        let (factor, summand) = std::hint::black_box((FACTOR, SUMMAND));
        match self {
            Self::Wide => run_simd(Chains::<16, true> { start, factor, summand, rounds }),
            Self::Narrow => run_simd(Chains::<8, true> { start, factor, summand, rounds }),
            Self::Separate => run_simd(Chains::<8, false> { start, factor, summand, rounds }),
        }
    }
}

/// Independent chains of dependent multiply-adds.
struct Chains<const LANES: usize, const FUSED: bool> {
    start: f32,
    factor: f32,
    summand: f32,
    rounds: u32,
}

impl<const LANES: usize, const FUSED: bool> SimdWork for Chains<LANES, FUSED> {
    type Output = f32;

    #[inline(always)]
    fn run<I: Instructions>(self) -> f32 {
        // The chains are separate variables, so that each stays in a register of its own.
        let chain = |number: u8| [self.start + f32::from(number); LANES];
        let (mut a, mut b, mut c, mut d) = (chain(0), chain(1), chain(2), chain(3));
        let (mut e, mut f, mut g, mut h) = (chain(4), chain(5), chain(6), chain(7));
        let (mut i, mut j, mut k, mut l) = (chain(8), chain(9), chain(10), chain(11));
        for _ in 0..self.rounds {
            let all = [
                &mut a, &mut b, &mut c, &mut d, &mut e, &mut f, &mut g, &mut h, &mut i, &mut j,
                &mut k, &mut l,
            ];
            for chain in all {
                step::<LANES, FUSED>(chain, self.factor, self.summand);
            }
        }
        // The sum includes all lanes, so that the compiler cannot leave one out.
        let sum: f32 = [a, b, c, d, e, f, g, h, i, j, k, l].iter().flatten().sum();
        sum / LANES as f32
    }
}

#[inline(always)]
fn step<const LANES: usize, const FUSED: bool>(
    chain: &mut [f32; LANES],
    factor: f32,
    summand: f32,
) {
    let mut next = [0.0; LANES];
    for l in 0..LANES {
        next[l] =
            if FUSED { chain[l].mul_add(factor, summand) } else { chain[l] * factor + summand };
    }
    *chain = next;
}

/// Returns the bandwidths, smallest memory first: the better of copies and sums.
pub(super) fn bandwidths() -> Result<Vec<Bandwidth>> {
    let threads = rayon::current_num_threads();
    let large = LARGE_BYTES.div_ceil(threads).next_multiple_of(1 << 10);
    let sizes = SMALL_BYTES.into_iter().filter(|&bytes| bytes < large).chain([large]);
    sizes.map(|bytes| bandwidth(threads, bytes)).collect()
}

fn bandwidth(threads: usize, bytes: usize) -> Result<Bandwidth> {
    // Each thread touches its own memory first, so that the memory is near that thread.
    let buffers = |_| (vec![1u32; bytes / 4], vec![0u32; bytes / 4]);
    let mut buffers: Vec<_> = (0..threads).into_par_iter().map(buffers).collect();
    let rounds = MOVED_BYTES.div_ceil(bytes);
    let bursts = if bytes > SMALL_BYTES[2] { 8 } else { 100 };
    let (mut copied, mut summed) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..bursts {
        let begun = Instant::now();
        buffers.par_iter_mut().for_each(|(source, target)| {
            for _ in 0..rounds {
                std::hint::black_box(&mut *target).copy_from_slice(std::hint::black_box(source));
            }
        });
        copied = copied.min(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let sums = buffers.par_iter().map(|(source, _)| {
            let sums = (0..rounds).map(|_| run_simd(Sum(std::hint::black_box(source))));
            sums.fold(0, u32::wrapping_add)
        });
        let sums: Vec<u32> = sums.collect();
        summed = summed.min(begun.elapsed().as_secs_f64());
        if sums.iter().any(|&sum| sum != (rounds * bytes / 4) as u32) {
            return Err(wrong_result("the CPU", format!("sums of ones came to {sums:?}")));
        }
    }
    if buffers.iter().any(|(source, target)| source != target) {
        return Err(wrong_result("the CPU", "a copy differs from its source".into()));
    }
    let moved = (threads * rounds * bytes) as f64;
    Ok(Bandwidth {
        bytes: 2 * (threads * bytes) as u64,
        gbytes_per_second: (2.0 * moved / copied).max(moved / summed) / 1e9,
    })
}

/// Work that only reads memory: the sum of its words, modulo 2^32.
struct Sum<'a>(&'a [u32]);

impl SimdWork for Sum<'_> {
    type Output = u32;

    #[inline(always)]
    fn run<I: Instructions>(self) -> u32 {
        const LANES: usize = 64;
        let mut sums = [0u32; LANES];
        for words in self.0.chunks_exact(LANES) {
            for l in 0..LANES {
                sums[l] = sums[l].wrapping_add(words[l]);
            }
        }
        sums.into_iter().fold(0, u32::wrapping_add)
    }
}
