//! Runs a piece of work with the widest vectors that this processor has.
//!
//! The work is compiled once for each instruction set below, and the processor is asked at run
//! time. Everything the work calls must be `#[inline(always)]`: what is not inlined keeps the
//! narrow vectors of the build.

/// A piece of work that gains from wide vectors.
pub trait Vectorised {
    /// What it computes.
    type Output;
    /// Does it; must be `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

/// Does the work with the widest vectors there are.
pub fn vectorised<V: Vectorised>(work: V) -> V::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("fma")
        {
            // SAFETY: the processor has just said that it has these instructions.
            return unsafe { with_avx512(work) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: as above.
            return unsafe { with_avx2(work) };
        }
    }
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,fma")]
unsafe fn with_avx512<V: Vectorised>(work: V) -> V::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn with_avx2<V: Vectorised>(work: V) -> V::Output {
    work.run()
}
