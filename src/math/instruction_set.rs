//! Instruction sets: hot code is compiled once for each, and one is chosen at run time.
//!
//! | set | lanes in a register | products and sums | where |
//! |---|---|---|---|
//! | `Avx512` | 16 | fused | x86-64 that has AVX-512 F, VL, DQ and BW |
//! | `Avx2` | 8 | fused | x86-64 that has AVX2 and FMA, so nearly all since 2013 |
//! | [`Neon`] | 4 | fused | every aarch64 |
//! | [`Plain`] | as the build | rounded separately | everywhere |
//!
//! The three sets that fuse give the same bits. [`Plain`] gives different bits within the same
//! error bounds.
//!
//! `Avx512` and `Avx2` have no name outside this file, because their arithmetic is undefined on a
//! processor without the set. A type that implements [`Instructions`] is therefore the proof that
//! the processor has it: code gets the type from [`run_simd`] or [`run_simd_with`], which check the
//! processor, as the parameter of [`SimdWork::run`].
//!
//! ```compile_fail
//! use deme::math::{Avx512, Instructions};
//! <Avx512 as Instructions>::sums(&[1.0; 16], &[1.0; 16]);
//! ```
//! ```compile_fail
//! use deme::math::{Avx2, Lanes};
//! let _ = Lanes::<Avx2>::splat(1.0) + Lanes::splat(2.0);
//! ```
//!
//! Every function that dispatched work calls must be `#[inline(always)]`: a function that is not
//! inlined keeps the narrow vectors of the build.

// The compiler turns indexed loops over lanes into vectors.
#![allow(clippy::needless_range_loop)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _MM_HINT_T1, _mm_prefetch, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_mul_ps,
    _mm256_set1_ps, _mm256_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_mul_ps, _mm512_set1_ps, _mm512_storeu_ps,
};
use std::fmt::Debug;
use std::sync::OnceLock;

use crate::error::{Error, Result, by_name};

/// True if this build has sets other than [`Plain`]. Without them hot code is compiled once.
const WIDE: bool = cfg!(feature = "wide-vectors");

/// The number of lanes of the CPU backend, independent of the registers.
pub const LANES: usize = 16;

/// An instruction set as a type, for which code is compiled.
///
/// The compiler turns a single loop over sixteen lanes into vectors. In nested loops, above all in
/// sums of products, it may choose the wrong loop, so a set may implement the arithmetic of nested
/// loops with intrinsics.
pub trait Instructions: Copy + Default + Debug + PartialEq + Send + Sync + 'static {
    /// The number of sums of sixteen lanes that fit the registers together with their operands.
    const ACCUMULATORS: usize;

    /// `a * b + c`, fused if the set can fuse.
    fn mul_add(a: f32, b: f32, c: f32) -> f32;

    /// Runs work in a function of its own, which is compiled once for the set rather than once for
    /// each caller.
    fn call<V: SimdWork>(work: V) -> V::Output;

    /// Prefetches the cache line of a number.
    #[inline(always)]
    fn prefetch(number: &f32) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every x86-64 processor has the instruction, and the reference is valid.
        unsafe {
            _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(number).cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = number;
    }

    /// Sets every lane to one number.
    #[inline(always)]
    fn splat(number: f32) -> [f32; LANES] {
        [number; LANES]
    }

    /// `a + b` in each lane.
    #[inline(always)]
    fn sums(a: &[f32; LANES], b: &[f32; LANES]) -> [f32; LANES] {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = a[l] + b[l];
        }
        out
    }

    /// `a * b` in each lane.
    #[inline(always)]
    fn products(a: &[f32; LANES], b: &[f32; LANES]) -> [f32; LANES] {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = a[l] * b[l];
        }
        out
    }

    /// `a * b + c` in each lane.
    #[inline(always)]
    fn mul_adds(a: &[f32; LANES], b: &[f32; LANES], c: &[f32; LANES]) -> [f32; LANES] {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = Self::mul_add(a[l], b[l], c[l]);
        }
        out
    }
}

/// 32 registers of 16 lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Avx512;
/// 16 registers of 8 lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Avx2;
/// 32 registers of 4 lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Neon;
/// The instructions that every processor of the build's target has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plain;

/// Implements the arithmetic of an x86-64 set with intrinsics for `$lanes` lanes.
macro_rules! intrinsics {
    (
        $lanes:literal, $set:ident,
        $load:ident, $store:ident, $add:ident, $mul:ident, $mul_add:ident
    ) => {
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn splat(number: f32) -> [f32; LANES] {
            each_group!($lanes, $load, $store, |_n| $set(number))
        }
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn sums(a: &[f32; LANES], b: &[f32; LANES]) -> [f32; LANES] {
            each_group!($lanes, $load, $store, |n| $add(
                $load(a[n..].as_ptr()),
                $load(b[n..].as_ptr())
            ))
        }
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn products(a: &[f32; LANES], b: &[f32; LANES]) -> [f32; LANES] {
            each_group!($lanes, $load, $store, |n| $mul(
                $load(a[n..].as_ptr()),
                $load(b[n..].as_ptr())
            ))
        }
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn mul_adds(a: &[f32; LANES], b: &[f32; LANES], c: &[f32; LANES]) -> [f32; LANES] {
            each_group!($lanes, $load, $store, |n| $mul_add(
                $load(a[n..].as_ptr()),
                $load(b[n..].as_ptr()),
                $load(c[n..].as_ptr())
            ))
        }
    };
}

/// Evaluates an intrinsic for each group of `$lanes` lanes.
macro_rules! each_group {
    ($lanes:literal, $load:ident, $store:ident, |$n:ident| $value:expr) => {{
        let mut out = [0.0; LANES];
        for group in 0..LANES / $lanes {
            let $n = group * $lanes;
            // SAFETY: only code that was dispatched to this set can name it, so the processor has
            // it, and every group is within its array.
            unsafe { $store(out[$n..].as_mut_ptr(), $value) };
        }
        out
    }};
}

impl Instructions for Avx512 {
    const ACCUMULATORS: usize = 24;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: only code that was dispatched to this set can name it.
        return unsafe { work.run_avx512() };
        #[cfg(not(target_arch = "x86_64"))]
        work.run::<Self>()
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    intrinsics!(
        16,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_mul_ps,
        _mm512_fmadd_ps
    );
}

impl Instructions for Avx2 {
    const ACCUMULATORS: usize = 6;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: only code that was dispatched to this set can name it.
        return unsafe { work.run_avx2() };
        #[cfg(not(target_arch = "x86_64"))]
        work.run::<Self>()
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    intrinsics!(
        8,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_mul_ps,
        _mm256_fmadd_ps
    );
}

impl Instructions for Neon {
    const ACCUMULATORS: usize = 6;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        work.run_baseline::<Self>()
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

impl Instructions for Plain {
    const ACCUMULATORS: usize = 2;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        work.run_baseline::<Self>()
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
}

/// The name of an instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// AVX-512 F, VL, DQ and BW.
    Avx512,
    /// AVX2 and FMA.
    Avx2,
    /// [`Neon`].
    Neon,
    /// [`Plain`].
    Plain,
}

static IN_USE: OnceLock<InstructionSet> = OnceLock::new();

impl InstructionSet {
    /// Every set, the widest first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Plain];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Plain => "plain",
        }
    }

    /// True if the set fuses products and sums. All sets that do give the same bits.
    pub fn is_fused(self) -> bool {
        self != Self::Plain
    }

    /// True if this build and this processor have the set.
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        let (avx512, avx2) = (
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw"),
            is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        );
        #[cfg(not(target_arch = "x86_64"))]
        let (avx512, avx2) = (false, false);
        match self {
            Self::Avx512 => WIDE && avx512 && avx2,
            Self::Avx2 => WIDE && avx2,
            Self::Neon => WIDE && cfg!(target_arch = "aarch64"),
            Self::Plain => true,
        }
    }

    /// The sets that are available, the widest first.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|set| set.is_available()).collect()
    }

    /// The set that [`run_simd`] uses: the chosen one, or the widest available.
    pub fn current() -> Self {
        *IN_USE.get_or_init(|| Self::available()[0])
    }

    /// Chooses the set for [`run_simd`] by name. The choice must come before any use of another.
    ///
    /// # Errors
    /// Returns an error if the name is unknown, if the set is not available, or if another set is
    /// in use already.
    pub fn choose(name: &str) -> Result<()> {
        let known = Self::available();
        let set = by_name("instruction set of this processor", name, known, |set| set.name())?;
        let used = *IN_USE.get_or_init(|| set);
        if used == set {
            return Ok(());
        }
        Err(Error::invalid("an instruction set", format!("{}, in use", used.name()), name))
    }
}

/// Work that is compiled for each instruction set.
pub trait SimdWork {
    /// The result of the work.
    type Output;
    /// Runs the work with an instruction set. Implementations must be `#[inline(always)]`.
    fn run<I: Instructions>(self) -> Self::Output;

    // The functions below are where the code for a set begins. They are methods of the work, and
    // not of the set, so that the compiler puts them beside the work: it compiles the files of a
    // crate in parallel.

    /// Runs the work in a function that may use AVX-512.
    ///
    /// # Safety
    /// The processor must have AVX-512 F, VL, DQ and BW, AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    #[doc(hidden)]
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    unsafe fn run_avx512(self) -> Self::Output
    where
        Self: Sized,
    {
        self.run::<Avx512>()
    }

    /// Runs the work in a function that may use AVX2.
    ///
    /// # Safety
    /// The processor must have AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    #[doc(hidden)]
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn run_avx2(self) -> Self::Output
    where
        Self: Sized,
    {
        self.run::<Avx2>()
    }

    /// Runs the work in a function of its own, with a set that every processor of the build's
    /// target has.
    #[doc(hidden)]
    #[inline(never)]
    fn run_baseline<I: Instructions>(self) -> Self::Output
    where
        Self: Sized,
    {
        self.run::<I>()
    }
}

/// Runs work with the instruction set in use.
pub fn run_simd<V: SimdWork>(work: V) -> V::Output {
    run_simd_with(InstructionSet::current(), work)
}

/// Runs work with a given instruction set.
///
/// # Panics
/// Panics if the set is not available.
pub fn run_simd_with<V: SimdWork>(set: InstructionSet, work: V) -> V::Output {
    assert!(set.is_available(), "{} is not available", set.name());
    match set {
        // SAFETY: the assertion has checked that the processor has the set, here and below.
        #[cfg(all(target_arch = "x86_64", feature = "wide-vectors"))]
        InstructionSet::Avx512 => unsafe { work.run_avx512() },
        #[cfg(all(target_arch = "x86_64", feature = "wide-vectors"))]
        InstructionSet::Avx2 => unsafe { work.run_avx2() },
        #[cfg(all(target_arch = "aarch64", feature = "wide-vectors"))]
        InstructionSet::Neon => work.run_baseline::<Neon>(),
        _ => work.run_baseline::<Plain>(),
    }
}
