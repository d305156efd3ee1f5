// The products of one layer whose weights are multiplied where they stand; the generator makes a
// copy of this text for each such layer. Each strip goes through all inputs.

fn tensor_multiply_$LAYER() {
    for (var strip = tensor_subgroup; strip < $STRIPSu; strip += tensor_subgroups) {
        tensor_strip_$LAYER(strip * TILE, 0u);
    }
    workgroupBarrier();
}
