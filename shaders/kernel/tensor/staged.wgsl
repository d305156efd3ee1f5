// The template of the products of a layer whose weights are first copied to workgroup memory,
// $STAGED rows at a time. Sums continue from one copy to the next.

fn tensor_multiply_$LAYER() {
    for (var n = tensor_local; n < COLUMNS * $PADDEDu; n += WORKGROUP) {
        tensor_sums[n / $PADDEDu * TENSOR_SUMS + n % $PADDEDu] = 0.0;
    }
    for (var first = 0u; first < $INPUTSu; first += $STAGEDu) {
        for (var n = tensor_local; n < $STAGEDu * $PADDEDu; n += WORKGROUP) {
            let input = first + n / $PADDEDu;
            let output = n % $PADDEDu;
            var weight = f16(0.0);
            if (input < $INPUTSu && output < $OUTPUTSu) {
                weight = population[tensor_genome + $FIRST_GENEu + input * $OUTPUTSu + output];
            }
            tensor_weights[n / $PADDEDu * $STRIDEu + output] = weight;
        }
        workgroupBarrier();
        for (var strip = tensor_subgroup; strip < $STRIPSu; strip += tensor_subgroups) {
            tensor_strip_$LAYER(strip * TILE, first);
        }
        workgroupBarrier();
    }
}
