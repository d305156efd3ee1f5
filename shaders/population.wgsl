// The packed population: where a gene of an individual stands, and what is kept of it.
//
// `population` is Gene[blocks][GENE_STRIDE][LANES]; `individual` is counted from the first of the
// bound shard. The kernel that uses this part declares the binding. A Gene is an f32, or where HALF
// is 1 an f16, whose normal numbers go from HALF_SMALLEST to HALF_LARGEST in magnitude. The layout
// is drawn in src/population.rs, the rounding in src/network/precision.rs.

fn population_place(individual: u32, gene: u32) -> u32 {
    return (individual / LANES * GENE_STRIDE + gene) * LANES + individual % LANES;
}

// What is kept where this number is meant. It is rounded here, so that the conversion of any driver
// is exact.
fn population_kept(value: f32) -> Gene {
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
