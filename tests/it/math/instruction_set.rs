//! Tests of instruction sets: all sets that fuse give the same bits.

use deme::error::Error;
use deme::math::{
    InstructionSet, Instructions, LANES, Lanes, MathFunction, Neon, Plain, Real, SimdWork,
    run_simd, run_simd_with,
};

use super::single::{ROWS, arguments};

type Bits = Vec<[u32; LANES]>;

/// A function over many lanes.
#[derive(Clone, Copy)]
struct FunctionOverLanes<'a>(MathFunction, &'a [Lanes]);

impl SimdWork for FunctionOverLanes<'_> {
    type Output = Bits;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Bits {
        let mut bits = Vec::with_capacity(self.1.len());
        for x in self.1 {
            bits.push(self.0.apply(x.cast::<I>()).0.map(f32::to_bits));
        }
        bits
    }
}

/// A mixture of operations like that of a task, which is inlined for every set.
#[derive(Clone, Copy)]
struct Mixture<'a>(&'a [Lanes]);

impl SimdWork for Mixture<'_> {
    type Output = Bits;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Bits {
        let mut bits = Vec::with_capacity(self.0.len());
        for x in self.0 {
            let (x, two) = (x.cast::<I>(), Lanes::from_f64(2.0));
            let wave = x.sin() * x.cos() + (x / two).tanh();
            let bell = (-(x * x) / two).exp() + (x * x + two).ln() * x.abs().sqrt();
            let bell = bell.mul_add(wave, x);
            let mixed = Lanes::select(wave.below(bell), wave - bell * two, x.floor() + bell);
            bits.push(mixed.0.map(f32::to_bits));
        }
        bits
    }
}

/// Runs work without the instructions of a set. `Neon` fuses and has no intrinsics.
fn undispatched<V: SimdWork>(set: InstructionSet, work: V) -> V::Output {
    if set == InstructionSet::Plain { work.run::<Plain>() } else { work.run::<Neon>() }
}

fn ramp() -> Vec<Lanes> {
    let number = |n: usize| (n as f32 * 0.618).sin() * 40.0;
    (0..50_000).map(|i| Lanes::from_lanes(|l| number(i * LANES + l))).collect()
}

#[test]
fn lanes_have_the_bits_of_single_numbers_in_every_set() {
    for row in &ROWS {
        let arguments = arguments(row);
        let lanes: Vec<Lanes> = arguments
            .chunks_exact(LANES)
            .map(|x| Lanes::new(x.try_into().expect("sixteen")))
            .collect();
        for set in InstructionSet::available() {
            let found = run_simd_with(set, FunctionOverLanes(row.function, &lanes));
            let single = if set == InstructionSet::Plain { row.plain } else { row.fused };
            for (x, found) in lanes.iter().zip(&found) {
                let expected = x.0.map(|x| single(x).to_bits());
                assert_eq!(expected, *found, "{:?}({x:?}), {set:?}", row.function);
            }
        }
    }
}

#[test]
fn sets_that_fuse_have_the_same_bits_and_plain_has_others() {
    let lanes = ramp();
    let (plain, fused) = (Mixture(&lanes).run::<Plain>(), Mixture(&lanes).run::<Neon>());
    assert_ne!(plain, fused);
    for set in InstructionSet::available() {
        let found = run_simd_with(set, Mixture(&lanes));
        assert!(found == undispatched(set, Mixture(&lanes)), "{set:?}");
        assert_eq!(found == plain, set == InstructionSet::Plain, "{set:?}");
    }
    assert!(run_simd(Mixture(&lanes)) == undispatched(InstructionSet::current(), Mixture(&lanes)));
}

/// The arithmetic that sets implement with intrinsics, on lanes that differ.
struct Intrinsics<'a>(&'a [[[f32; LANES]; 3]]);

impl SimdWork for Intrinsics<'_> {
    type Output = Bits;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Bits {
        let mut bits = Vec::new();
        for [a, b, c] in self.0 {
            for lanes in [I::sums(a, b), I::products(a, b), I::mul_adds(a, b, c)] {
                bits.push(lanes.map(f32::to_bits));
            }
        }
        bits
    }
}

#[test]
fn intrinsics_compute_sum_product_and_multiply_add_of_each_lane() {
    // The product and the third number nearly cancel, so that an additional rounding shows.
    let number = |n: usize| (n as f32 * 0.377).sin() * 3.0;
    let lanes: Vec<[[f32; LANES]; 3]> = (0..2000)
        .map(|i| {
            let a: [f32; LANES] = std::array::from_fn(|l| number(i * LANES + l));
            let b: [f32; LANES] = std::array::from_fn(|l| number(i * 31 + l * 7 + 1));
            [a, b, std::array::from_fn(|l| -(a[l] * b[l]))]
        })
        .collect();
    for set in InstructionSet::available() {
        let found = run_simd_with(set, Intrinsics(&lanes));
        for (found, [a, b, c]) in found.chunks_exact(3).zip(&lanes) {
            for l in 0..LANES {
                let (a, b, c) = (a[l], b[l], c[l]);
                let both = if set == InstructionSet::Plain { a * b + c } else { a.mul_add(b, c) };
                let expected = [a + b, a * b, both].map(f32::to_bits);
                assert_eq!([found[0][l], found[1][l], found[2][l]], expected, "{set:?}, lane {l}");
            }
        }
    }
}

#[test]
fn the_widest_set_is_first_and_plain_is_everywhere() {
    let available = InstructionSet::available();
    assert_eq!(available.last(), Some(&InstructionSet::Plain));
    assert!(available.iter().all(|set| set.is_available()));
    let order = |set: &InstructionSet| InstructionSet::ALL.iter().position(|other| other == set);
    assert!(available.is_sorted_by_key(order));
    assert!(available.contains(&InstructionSet::current()));
    for set in available {
        assert_eq!(run_simd_with(set, SetName), format!("{set:?}"));
    }
    assert_eq!(run_simd(SetName), format!("{:?}", InstructionSet::current()));
}

/// Returns the name of the set that runs it.
struct SetName;

impl SimdWork for SetName {
    type Output = String;

    #[inline(always)]
    fn run<I: Instructions>(self) -> String {
        format!("{:?}", I::default())
    }
}

/// A process can choose only once, so successful choices are tested with the command.
#[test]
fn unavailable_sets_are_refused_and_the_available_ones_listed() {
    let known: Vec<String> =
        InstructionSet::available().iter().map(|set| set.name().to_owned()).collect();
    let absent =
        InstructionSet::ALL.into_iter().filter(|set| !set.is_available()).map(InstructionSet::name);
    let mut refused = 0;
    for wrong in ["", "sse9", "AVX2", "plain ", "auto"].into_iter().chain(absent) {
        match InstructionSet::choose(wrong) {
            Err(Error::Unknown { name, known: listed, .. }) => {
                assert_eq!((name.as_str(), &listed), (wrong, &known));
                refused += 1;
            }
            other => panic!("{wrong}: {other:?}"),
        }
    }
    assert!(refused >= 5);
    // Sets of other processors are among them. None was chosen.
    let used = InstructionSet::current();
    InstructionSet::choose(used.name()).expect("the one in use may be chosen again");
    for other in InstructionSet::available().into_iter().filter(|&set| set != used) {
        let message =
            InstructionSet::choose(other.name()).expect_err("another is in use").to_string();
        assert!(message.contains(used.name()) && message.contains(other.name()), "{message}");
        assert_eq!(InstructionSet::current(), used);
    }
}
