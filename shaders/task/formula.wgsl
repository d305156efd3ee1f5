// Formulas: the functions that optimisers are measured on, as pairs of sums over a point's genes.
//
// FORMULA says which; the formulas and their sources are in src/task/formula.rs.

// What a place gives to the two sums; `previous` is the number before it, and 0 at place 0.
fn formula_term(place: u32, z: f32, previous: f32) -> vec2<f32> {
    const PI = 3.1415927;
    // Whole turns left out first, so that waves are exact near every minimum.
    let half_turns = PI * (z - floor(z + 0.5));
    switch FORMULA {
        case FORMULA_ELLIPSOID: {
            const LN_MILLION = 13.815511;
            let share = f32(place) / f32(max(GENES - 1u, 1u));
            return vec2(math_exp(LN_MILLION * share) * z * z, 0.0);
        }
        case FORMULA_CIGAR: {
            return vec2(select(1e6, 1.0, place == 0u) * z * z, 0.0);
        }
        case FORMULA_ROSENBROCK: {
            if (place == 0u) {
                return vec2(0.0, 0.0);
            }
            let bend = z - previous * previous;
            let rest = 1.0 - previous;
            return vec2(100.0 * bend * bend + rest * rest, 0.0);
        }
        case FORMULA_RASTRIGIN: {
            // 1 - cos 2x is 2 sin^2 x, which loses nothing where it is small.
            let sine = math_sin(half_turns);
            return vec2(z * z + 20.0 * sine * sine, 0.0);
        }
        case FORMULA_ACKLEY: {
            return vec2(z * z, math_cos(2.0 * half_turns));
        }
        default: {
            // The sphere; the constant is made of an enumeration that has no seventh member.
            return vec2(z * z, 0.0);
        }
    }
}

fn formula_value(sums: vec2<f32>) -> f32 {
    if (FORMULA != FORMULA_ACKLEY) {
        return sums.x;
    }
    const E = 2.7182817;
    let distance = sqrt(sums.x / f32(GENES));
    return 20.0 + E - 20.0 * math_exp(-0.2 * distance) - math_exp(sums.y / f32(GENES));
}
