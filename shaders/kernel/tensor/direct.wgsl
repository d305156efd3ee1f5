// The template of the products of a layer whose weights are aligned, and read from the population
// directly. Each strip takes all inputs.

fn tensor_multiply_$LAYER() {
    for (var strip = tensor_subgroup; strip < $STRIPSu; strip += tensor_subgroups) {
        tensor_strip_$LAYER(strip * TILE, 0u);
    }
    workgroupBarrier();
}
