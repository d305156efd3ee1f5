// The packed population: the index of an individual's gene, and the rounding of genes.
//
// `population` is Gene[blocks][GENE_STRIDE][LANES]. `individual` is counted from the first one of
// the bound shard. The kernel that uses this part declares the binding. A Gene is an f32, or an f16
// if HALF is 1; the normal numbers of an f16 have magnitudes from HALF_SMALLEST to HALF_LARGEST.
// For the layout see src/population.rs, for the rounding src/network/precision.rs.

fn population_index(individual: u32, gene: u32) -> u32 {
    return (individual / LANES * GENE_STRIDE + gene) * LANES + individual % LANES;
}

// Rounds a number to a gene. Rounding here makes the conversion exact on every driver.
fn population_round(value: f32) -> Gene {
    if (HALF == 0u) {
        return Gene(value);
    }
    let bits = bitcast<u32>(value);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) {
        return Gene(value);
    }
    let sign = bits & 0x80000000u;
    let rounded = bitcast<f32>((bits + 0xFFFu + ((bits >> 13u) & 1u)) & 0xFFFFE000u);
    if (abs(rounded) < HALF_SMALLEST) {
        return Gene(bitcast<f32>(sign));
    }
    if (abs(rounded) > HALF_LARGEST) {
        return Gene(bitcast<f32>(sign | 0x7F800000u));
    }
    return Gene(rounded);
}
