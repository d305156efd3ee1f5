// Formulas: the benchmark functions of optimisers, as pairs of sums over the genes of a point.
//
// FORMULA selects the formula; src/task/formula.rs lists them with their sources.

// NaN, made from the bits of a runtime value because WGSL refuses a constant NaN. A formula that
// this file does not list results in it.
fn formula_unknown(value: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(value) | 0x7fc00000u);
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
        default: {
            return vec2(formula_unknown(z), 0.0);
        }
    }
}

// The value of the formula from the two sums over all genes.
fn formula_value(sums: vec2<f32>) -> f32 {
    switch FORMULA {
        case FORMULA_SPHERE, FORMULA_ELLIPSOID, FORMULA_CIGAR, FORMULA_ROSENBROCK,
            FORMULA_RASTRIGIN: {
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
