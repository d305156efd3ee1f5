//! Tracing: every construct of the language computes what it does in Rust.

use deme::math::{LANES, Lanes, Plain};
use deme::wgsl::{Arithmetic, Draft, Home, RegisterMachine, Shader};

/// Runs `fn f(x: f32) -> f32` of a text in both precisions, for many numbers side by side, and
/// compares it with a function of Rust.
fn check(text: &str, expected: impl Fn(f64) -> f64) {
    let shader = Shader::parse(text, "f.wgsl").unwrap_or_else(|error| panic!("{error}"));
    let compiled = |precision| {
        let mut draft = Draft::new(&shader, precision).expect("a program");
        let x = draft.numbers(1);
        let y = draft.call("f", &[&x]).unwrap_or_else(|error| panic!("{error}"));
        draft.finish(&[(y[0], Home::Output)])
    };
    let numbers: Vec<f64> = (-40..40).map(|k| f64::from(k) * 0.25).collect();
    let double = compiled(Arithmetic::Double);
    for &x in &numbers {
        let mut machine = RegisterMachine::<f64>::new(&double, 1);
        machine.input(0)[0] = x;
        machine.run().expect("it ends");
        let (found, expected) = (machine.output(0)[0], expected(x));
        assert!((found - expected).abs() <= 1e-12, "f({x}): {found}, not {expected}\n{text}");
    }
    let single = compiled(Arithmetic::Single);
    let mut machine = RegisterMachine::<Lanes<Plain>>::new(&single, numbers.len() / LANES);
    for (k, &x) in numbers.iter().enumerate() {
        machine.input(0)[k / LANES].0[k % LANES] = x as f32;
    }
    machine.run_lanes().expect("it ends");
    for (k, &x) in numbers.iter().enumerate() {
        let found = f64::from(machine.output(0)[k / LANES].0[k % LANES]);
        let expected = expected(x);
        let limit = 1e-5 * expected.abs().max(1.0);
        assert!((found - expected).abs() <= limit, "f({x}): {found}, not {expected}\n{text}");
    }
}

#[test]
fn branches_and_early_returns() {
    check(
        "fn sign_of(x: f32) -> f32 {
            if (x < 0.0) { return -1.0; } else if (x == 0.0) { return 0.0; }
            return 1.0;
        }
        fn f(x: f32) -> f32 {
            var y = sign_of(x);
            if (y > 0.0 && x > 2.0 || x < -5.0) { y = y + 10.0; }
            return y;
        }",
        |x| {
            let y = if x < 0.0 {
                -1.0
            } else if x == 0.0 {
                0.0
            } else {
                1.0
            };
            if y > 0.0 && x > 2.0 || x < -5.0 { y + 10.0 } else { y }
        },
    );
}

#[test]
fn loops_of_a_constant_length() {
    check(
        "fn f(x: f32) -> f32 {
            var sum = 0.0;
            for (var i = 0; i < 10; i++) {
                if (f32(i) > x) { break; }
                if (i % 2 == 0) { continue; }
                sum += f32(i) * x;
            }
            return sum;
        }",
        |x| (0..10).filter(|&i| f64::from(i) <= x && i % 2 == 1).map(|i| f64::from(i) * x).sum(),
    );
}

#[test]
fn loops_whose_length_differs_from_lane_to_lane() {
    check(
        "fn f(x: f32) -> f32 {
            var a = x; var b = 1.0; var rounds = 0;
            while (abs(a) > 1.0) {
                let old = a; a = b * 0.5; b = old * 0.5; rounds++;
                if (rounds > 6) { return -1.0; }
            }
            return a + 100.0 * f32(rounds);
        }",
        |x| {
            let (mut a, mut b, mut rounds) = (x, 1.0, 0);
            while a.abs() > 1.0 {
                (a, b) = (b * 0.5, a * 0.5);
                rounds += 1;
                if rounds > 6 {
                    return -1.0;
                }
            }
            a + 100.0 * f64::from(rounds)
        },
    );
}

#[test]
fn loops_within_loops() {
    check(
        "fn f(x: f32) -> f32 {
            var n = i32(abs(x)); var sum = 0;
            loop {
                if (n <= 0) { break; }
                var k = n;
                loop {
                    sum += k;
                    if (sum % 7 == 3) { continue; }
                    continuing { k -= 1; break if k < 1; }
                }
                n -= 2;
            }
            return f32(sum);
        }",
        |x| {
            let (mut n, mut sum) = (x.abs() as i32, 0);
            while n > 0 {
                sum += n * (n + 1) / 2;
                n -= 2;
            }
            f64::from(sum)
        },
    );
}

#[test]
fn long_loops_are_run_and_not_unrolled() {
    check(
        "fn f(x: f32) -> f32 {
            var sum = 0.0;
            for (var i = 0u; i < 5000u; i++) { if (f32(i) < x) { sum += 1.0; } }
            return sum;
        }",
        |x| x.ceil().max(0.0),
    );
}

#[test]
fn switches() {
    check(
        "fn f(x: f32) -> f32 {
            var y = 1.0;
            switch (i32(floor(x))) {
                case 0, 3: { y = 5.0; if (x > 3.5) { break; } y = 6.0; }
                case -2: { return -x; }
                default: { y = x; }
                case 7: { y = 70.0; }
            }
            return y;
        }",
        |x| match x.floor() as i32 {
            0 | 3 => {
                if x > 3.5 {
                    5.0
                } else {
                    6.0
                }
            }
            -2 => -x,
            7 => 70.0,
            _ => x,
        },
    );
}

#[test]
fn arrays_with_indices_that_are_not_constants() {
    check(
        "struct Cell { weight: f32, colour: vec2<f32> }
        fn put(cells: ptr<function, array<Cell, 5>>, at: u32, x: f32) {
            (*cells)[at].colour[at % 2u] = x;
            (*cells)[at].weight += 1.0;
        }
        fn f(x: f32) -> f32 {
            var cells: array<Cell, 5>;
            for (var k = 0u; k < 5u; k++) { cells[k].weight = f32(k); }
            let at = u32(abs(x));
            put(&cells, at, x);
            put(&cells, 1u, 3.0);
            var grid: array<array<f32, 3>, 2>;
            grid[at % 2u][at % 3u] = 4.0;
            let table = array<f32, 4>(1.0, 2.0, 4.0, 8.0);
            return cells[at].weight + 10.0 * cells[at].colour.y + cells[1].colour.y
                + grid[1][at % 3u] + table[at];
        }",
        |x| {
            let at = x.abs() as usize;
            let mut weights: Vec<f64> = (0..5).map(f64::from).collect();
            let mut colours = [[0.0; 2]; 5];
            for (at, x) in [(at.min(4), x), (1, 3.0)] {
                let component = if at == 1 { 1 } else { at % 2 };
                colours[at][component] = x;
                weights[at] += 1.0;
            }
            // The component of an index that was too large is that of the index itself.
            if at > 4 {
                colours[4] = [0.0; 2];
                colours[4][at % 2] = x;
            }
            let last = at.min(4);
            let grid = if at % 2 == 1 { 4.0 } else { 0.0 };
            let table = [1.0, 2.0, 4.0, 8.0][at.min(3)];
            weights[last] + 10.0 * colours[last][1] + colours[1][1] + grid + table
        },
    );
}

#[test]
fn whole_numbers_and_bits() {
    check(
        "fn f(x: f32) -> f32 {
            let a = i32(x * 4.0);
            let b = bitcast<u32>(a) * 2654435761u;
            let c = (b >> 7u) ^ (b << 9u) & 0xFFFFu;
            let d = a / 3 + a % 5 + min(a, 2) + max(a, -3) + (a >> 1u) + sign(a) + abs(a);
            let e = countOneBits(c) + firstLeadingBit(c | 1u) + firstTrailingBit(c | 256u);
            return f32(d) + f32(e) + f32(c % 1000u) + f32(select(0, 1, a < 0 || b > 5u));
        }",
        |x| {
            let a = (x * 4.0) as i32;
            let b = (a as u32).wrapping_mul(2_654_435_761);
            let c = (b >> 7) ^ (b << 9) & 0xFFFF;
            let d = a / 3 + a % 5 + a.min(2) + a.max(-3) + (a >> 1) + a.signum() + a.abs();
            let e = c.count_ones() + 31 - (c | 1).leading_zeros() + (c | 256).trailing_zeros();
            let f = i32::from(a < 0 || b > 5);
            f64::from(d) + f64::from(e) + f64::from(c % 1000) + f64::from(f)
        },
    );
}

#[test]
fn vectors_and_matrices() {
    check(
        "fn f(x: f32) -> f32 {
            let v = vec3<f32>(x, 2.0, -1.0);
            let turn = mat3x3<f32>(0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0);
            let w = turn * v + (v * turn).zxy;
            let n = normalize(w + 20.0);
            let swapped = (turn * turn)[1];
            return dot(w, cross(v, w.yzx)) + length(v) + n.x + mix(1.0, x, 0.25) + swapped.y
                + distance(v, w) + f32(all(v > vec3<f32>(-2.0)));
        }",
        |x| {
            let v = [x, 2.0, -1.0];
            let column = [-v[1], v[0], v[2]];
            let row = [v[1], -v[0], v[2]];
            let w = [column[0] + row[2], column[1] + row[0], column[2] + row[1]];
            let u = [w[1], w[2], w[0]];
            let cross =
                [v[1] * u[2] - v[2] * u[1], v[2] * u[0] - v[0] * u[2], v[0] * u[1] - v[1] * u[0]];
            let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
            let far = w.map(|number| number + 20.0);
            let away = [v[0] - w[0], v[1] - w[1], v[2] - w[2]];
            dot(w, cross)
                + dot(v, v).sqrt()
                + far[0] / dot(far, far).sqrt()
                + (0.75 + 0.25 * x)
                + -1.0
                + dot(away, away).sqrt()
                + f64::from(u8::from(x > -2.0))
        },
    );
}

#[test]
fn functions() {
    check(
        "fn math_sin(x: f32) -> f32 { return 99.0; }
        fn f(x: f32) -> f32 {
            let y = abs(x) + 0.5;
            return math_sin(x) + cos(x) + tan(0.1 * x) + exp(0.1 * x) + log(y) + sqrt(y)
                + inverseSqrt(y) + floor(x) + ceil(x) + trunc(x) + round(x) + fract(x)
                + clamp(x, -1.0, 1.0) + saturate(x) + step(0.5, x) + smoothstep(-1.0, 2.0, x)
                + pow(y, 1.5) + exp2(0.1 * x) + log2(y) + tanh(x) + sign(x) + x % 3.0
                + fma(x, 2.0, 1.0);
        }",
        |x| {
            let y = x.abs() + 0.5;
            let t = ((x + 1.0) / 3.0).clamp(0.0, 1.0);
            let tenth = f64::from(0.1f32) * x;
            let sign = if x == 0.0 { 0.0 } else { x.signum() };
            x.sin()
                + x.cos()
                + tenth.tan()
                + tenth.exp()
                + y.ln()
                + y.sqrt()
                + 1.0 / y.sqrt()
                + x.floor()
                + x.ceil()
                + x.trunc()
                + x.round_ties_even()
                + (x - x.floor())
                + x.clamp(-1.0, 1.0)
                + x.clamp(0.0, 1.0)
                + f64::from(u8::from(x >= 0.5))
                + t * t * (3.0 - 2.0 * t)
                + (1.5 * y.ln()).exp()
                + (tenth * f64::from(std::f32::consts::LN_2)).exp()
                + y.ln() * f64::from(std::f32::consts::LOG2_E)
                + x.tanh()
                + sign
                + x % 3.0
                + 2.0 * x
                + 1.0
        },
    );
}
