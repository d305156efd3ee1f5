// Formulas: the benchmark functions of optimisers, as pairs of sums over the genes of a point.
//
// FORMULA selects the formula; src/task/formula.rs lists them with their sources.

// NaN, made from the bits of a runtime value because WGSL refuses a constant NaN. A formula that
// this file does not list results in it.
fn formula_unknown(value: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(value) | 0x7fc00000u);
}

// (z^2 - 1)^2: a ridge of curvature -4 between two minima.
fn formula_ridge(z: f32) -> f32 {
    let product = (z - 1.0) * (z + 1.0);
    return product * product;
}

// 1 - 4 (x^3 - 3 x y^2) + 3 (x^2 + y^2)^2, as a square and a part that is 0 in three valleys.
fn formula_monkey(x: f32, y: f32) -> f32 {
    let square = x * x + y * y;
    let r = sqrt(square);
    let cube = r * square;
    // The real and the imaginary part of the cube of x + iy.
    let real = x * (x * x - 3.0 * y * y);
    let imaginary = y * (3.0 * x * x - y * y);
    var around = cube - real;
    if (real > 0.0) {
        // The same number without the difference of two large ones.
        around = imaginary * (imaginary / (cube + real));
    }
    let along = ((1.0 - x) * (1.0 + x) - y * y) / (1.0 + r);
    return along * along * (1.0 + 2.0 * r + 3.0 * square) + 4.0 * around;
}

// The square of |z| rounded to a whole number, halves away from 0.
fn formula_steps(z: f32) -> f32 {
    let whole = floor(abs(z));
    // This difference is exact, unlike the sum |z| + 1/2.
    let step = whole + select(0.0, 1.0, abs(z) - whole >= 0.5);
    return step * step;
}

// z^2 up to 1, 1 in the gap from 1 to 2, and 1 + (|z| - 2)^2 outside.
fn formula_gap(z: f32) -> f32 {
    let distance = abs(z);
    if (distance <= 1.0) {
        return z * z;
    }
    if (distance <= 2.0) {
        return 1.0;
    }
    return 1.0 + (distance - 2.0) * (distance - 2.0);
}

// z^2 up to 1, 4 on the high ground from 1 to 2, and |z| - 1 from 2 on.
fn formula_cliff(z: f32) -> f32 {
    let distance = abs(z);
    if (distance <= 1.0) {
        return z * z;
    }
    if (distance < 2.0) {
        return 4.0;
    }
    return distance - 1.0;
}

// The smaller of a narrow bowl around the minimum and a wide bowl around another place.
fn formula_deceptive(z: f32) -> f32 {
    let rest = z - 3.0;
    let narrow = 16.0 * z * z;
    let wide = 0.5 + 0.125 * rest * rest;
    return select(wide, narrow, narrow < wide);
}

// The terms that the gene at an index adds to the two sums. `previous` is the gene before it, or 0
// for the first.
fn formula_term(index: u32, z: f32, previous: f32) -> vec2<f32> {
    const PI = 3.1415927;
    // Whole periods are subtracted first, so that waves are exact near every minimum.
    let half_turns = PI * (z - floor(z + 0.5));
    switch FORMULA {
        case FORMULA_SPHERE: {
            return vec2(z * z, 0.0);
        }
        case FORMULA_ELLIPSOID: {
            const LN_MILLION = 13.815511;
            let share = f32(index) / f32(max(GENES - 1u, 1u));
            return vec2(math_exp(LN_MILLION * share) * z * z, 0.0);
        }
        case FORMULA_CIGAR: {
            return vec2(select(1e6, 1.0, index == 0u) * z * z, 0.0);
        }
        case FORMULA_ROSENBROCK: {
            if (index == 0u) {
                return vec2(0.0, 0.0);
            }
            let bend = z - previous * previous;
            let rest = 1.0 - previous;
            return vec2(100.0 * bend * bend + rest * rest, 0.0);
        }
        case FORMULA_RASTRIGIN: {
            // 1 - cos 2x equals 2 sin^2 x, which keeps all digits of small values.
            let sine = math_sin(half_turns);
            return vec2(z * z + 20.0 * sine * sine, 0.0);
        }
        case FORMULA_ACKLEY: {
            return vec2(z * z, math_cos(2.0 * half_turns));
        }
        case FORMULA_SADDLE: {
            return vec2(select(z * z, formula_ridge(z), index == 0u), 0.0);
        }
        case FORMULA_DEGENERATE_SADDLE: {
            // A ridge without curvature: 1 - 3 z^4 + 2 z^6.
            let ridge = formula_ridge(z) * (2.0 * z * z + 1.0);
            return vec2(select(z * z, ridge, index == 0u), 0.0);
        }
        case FORMULA_MONKEY_SADDLE: {
            if (index == 0u) {
                return vec2(0.0, 0.0);
            }
            if (index == 1u) {
                return vec2(formula_monkey(previous, z), 0.0);
            }
            return vec2(z * z, 0.0);
        }
        case FORMULA_PLATEAU: {
            return vec2(formula_steps(z), 0.0);
        }
        case FORMULA_GAP: {
            return vec2(select(z * z, formula_gap(z), index == 0u), 0.0);
        }
        case FORMULA_CLIFF: {
            return vec2(select(z * z, formula_cliff(z), index == 0u), 0.0);
        }
        case FORMULA_DECEPTIVE_TRAP: {
            return vec2(formula_deceptive(z), 0.0);
        }
        default: {
            return vec2(formula_unknown(z), 0.0);
        }
    }
}

// The value of the formula from the two sums over all genes.
fn formula_value(sums: vec2<f32>) -> f32 {
    switch FORMULA {
        case FORMULA_SPHERE, FORMULA_ELLIPSOID, FORMULA_CIGAR, FORMULA_ROSENBROCK,
            FORMULA_RASTRIGIN, FORMULA_SADDLE, FORMULA_DEGENERATE_SADDLE, FORMULA_MONKEY_SADDLE,
            FORMULA_PLATEAU, FORMULA_GAP, FORMULA_CLIFF, FORMULA_DECEPTIVE_TRAP: {
            return sums.x;
        }
        case FORMULA_ACKLEY: {
            const E = 2.7182817;
            let distance = sqrt(sums.x / f32(GENES));
            return 20.0 + E - 20.0 * math_exp(-0.2 * distance) - math_exp(sums.y / f32(GENES));
        }
        default: {
            return formula_unknown(sums.x);
        }
    }
}
