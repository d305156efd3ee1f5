// The packed population: where a gene of an individual stands.
//
// `population` is f32[blocks][GENES][LANES]; `individual` is counted from the first of the bound
// shard. The kernel that uses this part declares the binding.
// The layout is drawn in src/population.rs.

fn population_word(individual: u32, gene: u32) -> u32 {
    return (individual / LANES * GENES + gene) * LANES + individual % LANES;
}
