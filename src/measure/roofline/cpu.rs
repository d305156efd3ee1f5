//! The roofline: what the processor can do at most, measured in the same run (Williams, Waterman
//! and Patterson 2009).

use rayon::prelude::*;

use super::Stopwatch;
use crate::error::Result;
use crate::math::{LANES, Vectorised, vectorised};

/// Peak arithmetic and bandwidth of the CPU with all threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roofline {
    /// Billions of floating-point operations a second, a fused multiply-add counted as two.
    pub gflops: f64,
    /// Billions of bytes read and written a second, in a large copy.
    pub gbytes_per_second: f64,
}

const WATCH: Stopwatch = Stopwatch { warm_up: 1, samples: 5 };
/// Chains of multiply-adds side by side: enough to hide the latency of one.
const CHAINS: usize = 8;
const ROUNDS: usize = 200_000;
/// Far more than any cache.
const COPY_BYTES: usize = 128 << 20;

impl Roofline {
    /// Measures this machine; takes a fraction of a second.
    ///
    /// # Errors
    /// None.
    pub fn of_cpu() -> Result<Self> {
        let threads = rayon::current_num_threads();
        let arithmetic = WATCH.time(|| {
            let ends: Vec<f32> = (0..threads)
                .into_par_iter()
                .map(|thread| vectorised(Chains { start: std::hint::black_box(thread as f32) }))
                .collect();
            std::hint::black_box(ends);
            Ok(())
        })?;
        let operations = 2 * threads * ROUNDS * CHAINS * LANES;
        let source = vec![1u8; COPY_BYTES];
        let mut target = vec![0u8; COPY_BYTES];
        let share = COPY_BYTES.div_ceil(threads);
        let copy = WATCH.time(|| {
            let pairs = target.par_chunks_mut(share).zip(source.par_chunks(share));
            pairs.for_each(|(target, source)| target.copy_from_slice(source));
            std::hint::black_box(&mut target);
            Ok(())
        })?;
        Ok(Self {
            gflops: operations as f64 / arithmetic.min / 1e9,
            gbytes_per_second: 2.0 * COPY_BYTES as f64 / copy.min / 1e9,
        })
    }

    /// The share of the roofline that a piece of work reaches, and what limits it: its operations
    /// and the bytes it must move at least, in so many seconds.
    pub fn share(&self, operations: f64, bytes: f64, seconds: f64) -> (f64, &'static str) {
        let compute = operations / (self.gflops * 1e9);
        let memory = bytes / (self.gbytes_per_second * 1e9);
        let bound = if compute >= memory { "compute" } else { "memory" };
        (compute.max(memory) / seconds, bound)
    }
}

/// Dependent multiply-adds, many side by side.
struct Chains {
    start: f32,
}

impl Vectorised for Chains {
    type Output = f32;

    #[inline(always)]
    fn run(self) -> f32 {
        // Named one by one, so that each stays in a register of its own.
        let start = [self.start; LANES];
        let (mut a, mut b, mut c, mut d) = (start, start, start, start);
        let (mut e, mut f, mut g, mut h) = (start, start, start, start);
        for _ in 0..ROUNDS {
            for chain in [&mut a, &mut b, &mut c, &mut d, &mut e, &mut f, &mut g, &mut h] {
                step(chain);
            }
        }
        [a, b, c, d, e, f, g, h].iter().flatten().sum()
    }
}

#[inline(always)]
fn step(chain: &mut [f32; LANES]) {
    let mut next = [0.0; LANES];
    for l in 0..LANES {
        next[l] = chain[l].mul_add(0.999_999, 1e-6);
    }
    *chain = next;
}
