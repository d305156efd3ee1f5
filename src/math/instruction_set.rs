//! Instruction sets: work is compiled once for each, and the processor is asked at run time.
//!
//! | set | lanes in a register | products and sums | where |
//! |---|---|---|---|
//! | [`Avx512`] | 16 | fused | x86-64 that has AVX-512 F, VL, DQ and BW |
//! | [`Avx2`] | 8 | fused | x86-64 that has AVX2 and FMA, so nearly all since 2013 |
//! | [`Neon`] | 4 | fused | every aarch64 |
//! | [`Plain`] | whatever the build has | rounded one by one | everywhere |
//!
//! The three that fuse give the same bits as each other; [`Plain`] gives others, within the same
//! bounds.
//!
//! Everything that dispatched work calls must be `#[inline(always)]`: what is not inlined keeps
//! the narrow vectors of the build.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _MM_HINT_T1, _mm_prefetch, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_mul_ps,
    _mm256_set1_ps, _mm256_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_mul_ps, _mm512_set1_ps, _mm512_storeu_ps,
};
use std::fmt::Debug;
use std::sync::OnceLock;

use crate::error::{Error, Result};

/// Whether this build has sets beside [`Plain`]; without them hot paths are compiled once.
const WIDE: bool = cfg!(feature = "wide-vectors");

/// Lanes of the fast path, whatever the registers.
pub const LANES: usize = 16;

/// An instruction set as a type: what code compiled for it may count on.
///
/// The compiler turns a loop over sixteen lanes into vectors by itself; where such loops are
/// nested, sums of products above all, it may take the wrong loop, so the arithmetic that stands in
/// nested loops can be spelled out by a set.
pub trait Instructions: Copy + Default + Debug + PartialEq + Send + Sync + 'static {
    /// Vectors of sixteen lanes that stay in registers as sums, with room for what is added.
    const ACCUMULATORS: usize;
    /// Whether hot loops hold a copy of all that they do; else they call what others call too.
    const MONOMORPHISED: bool;

    /// `a * b + c`, as the set does it best.
    fn mul_add(a: f32, b: f32, c: f32) -> f32;

    /// Does work in a function of its own: compiled once for the set, where work that stands in
    /// its caller is compiled anew in each. Only for callers that run by this set themselves.
    fn call<V: SimdWork>(work: V) -> V::Output;

    /// Asks for the memory that a number stands in, to be read soon.
    #[inline(always)]
    fn prefetch(number: &f32) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every x86-64 processor has the instruction, and the number is there.
        unsafe {
            _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(number).cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = number;
    }

    /// The same number in each lane.
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
pub struct Avx512;
/// 16 registers of 8 lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Avx2;
/// 32 registers of 4 lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Neon;
/// What every processor of the build's kind has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plain;

/// Arithmetic by an x86-64 set's own instructions, so many lanes at a time.
macro_rules! spelled_out {
    (
        $lanes:literal, $set:ident,
        $load:ident, $store:ident, $add:ident, $mul:ident, $mul_add:ident
    ) => {
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn splat(number: f32) -> [f32; LANES] {
            lane_by_lane!($lanes, $load, $store, |_n| $set(number))
        }
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn sums(a: &[f32; LANES], b: &[f32; LANES]) -> [f32; LANES] {
            lane_by_lane!($lanes, $load, $store, |n| $add(
                $load(a[n..].as_ptr()),
                $load(b[n..].as_ptr())
            ))
        }
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn products(a: &[f32; LANES], b: &[f32; LANES]) -> [f32; LANES] {
            lane_by_lane!($lanes, $load, $store, |n| $mul(
                $load(a[n..].as_ptr()),
                $load(b[n..].as_ptr())
            ))
        }
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        fn mul_adds(a: &[f32; LANES], b: &[f32; LANES], c: &[f32; LANES]) -> [f32; LANES] {
            lane_by_lane!($lanes, $load, $store, |n| $mul_add(
                $load(a[n..].as_ptr()),
                $load(b[n..].as_ptr()),
                $load(c[n..].as_ptr())
            ))
        }
    };
}

macro_rules! lane_by_lane {
    ($lanes:literal, $load:ident, $store:ident, |$n:ident| $value:expr) => {{
        let mut out = [0.0; LANES];
        for part in 0..LANES / $lanes {
            let $n = part * $lanes;
            // SAFETY: the set is only ever run where the processor has it, and every part lies
            // within its array.
            unsafe { $store(out[$n..].as_mut_ptr(), $value) };
        }
        out
    }};
}

impl Instructions for Avx512 {
    const ACCUMULATORS: usize = 24;
    const MONOMORPHISED: bool = true;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: whoever runs by the set has been dispatched to it, so the processor has it.
        return unsafe { with_avx512(work) };
        #[cfg(not(target_arch = "x86_64"))]
        work.run::<Self>()
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    spelled_out!(
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
    const MONOMORPHISED: bool = true;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as for AVX-512.
        return unsafe { with_avx2(work) };
        #[cfg(not(target_arch = "x86_64"))]
        work.run::<Self>()
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    spelled_out!(
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
    const MONOMORPHISED: bool = true;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        out_of_line::<Self, V>(work)
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

impl Instructions for Plain {
    const ACCUMULATORS: usize = 2;
    const MONOMORPHISED: bool = false;
    #[inline(always)]
    fn call<V: SimdWork>(work: V) -> V::Output {
        out_of_line::<Self, V>(work)
    }
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
}

/// The instruction sets by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// [`Avx512`].
    Avx512,
    /// [`Avx2`].
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

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Plain => "plain",
        }
    }

    /// Whether this build and this processor have it.
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

    /// The sets that this processor has, the widest first.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|set| set.is_available()).collect()
    }

    /// The set that [`run_simd`] uses: the chosen one, or the widest there is.
    pub fn current() -> Self {
        *IN_USE.get_or_init(|| Self::available()[0])
    }

    /// Makes [`run_simd`] use the set of a name; once, before anything uses another.
    ///
    /// # Errors
    /// A name that is none, a set that this processor has not, or another that is in use already.
    pub fn choose(name: &str) -> Result<()> {
        let known = Self::available();
        let Some(&set) = known.iter().find(|set| set.name() == name) else {
            let known = known.iter().map(|set| set.name().to_owned()).collect();
            let kind = "instruction set of this processor".into();
            return Err(Error::Unknown { kind, name: name.into(), known });
        };
        let used = *IN_USE.get_or_init(|| set);
        if used == set {
            return Ok(());
        }
        Err(Error::invalid("an instruction set", format!("{}, in use", used.name()), name))
    }
}

/// A piece of work that gains from wide vectors.
pub trait SimdWork {
    /// What it computes.
    type Output;
    /// Does it with an instruction set; must be `#[inline(always)]`.
    fn run<I: Instructions>(self) -> Self::Output;
}

/// Does the work with the instruction set in use.
pub fn run_simd<V: SimdWork>(work: V) -> V::Output {
    run_simd_with(InstructionSet::current(), work)
}

/// Does the work with a certain instruction set, which this processor must have.
pub fn run_simd_with<V: SimdWork>(set: InstructionSet, work: V) -> V::Output {
    assert!(set.is_available(), "{} is not of this processor", set.name());
    match set {
        // SAFETY: the processor has just said that it has these instructions; so below.
        #[cfg(all(target_arch = "x86_64", feature = "wide-vectors"))]
        InstructionSet::Avx512 => unsafe { with_avx512(work) },
        #[cfg(all(target_arch = "x86_64", feature = "wide-vectors"))]
        InstructionSet::Avx2 => unsafe { with_avx2(work) },
        #[cfg(all(target_arch = "aarch64", feature = "wide-vectors"))]
        InstructionSet::Neon => work.run::<Neon>(),
        _ => work.run::<Plain>(),
    }
}

/// Work of a set that every processor of the build's kind has.
#[inline(never)]
fn out_of_line<I: Instructions, V: SimdWork>(work: V) -> V::Output {
    work.run::<I>()
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
unsafe fn with_avx512<V: SimdWork>(work: V) -> V::Output {
    work.run::<Avx512>()
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
unsafe fn with_avx2<V: SimdWork>(work: V) -> V::Output {
    work.run::<Avx2>()
}
