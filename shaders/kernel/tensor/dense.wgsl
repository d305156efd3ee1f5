// The template of a dense layer by tiles.
//
// `tensor_multiply_$LAYER` is in kernel/tensor/direct.wgsl or kernel/tensor/staged.wgsl. The
// $OUTPUTS outputs are padded with zeros to $PADDED, which fills the last strip.

fn tensor_dense_$LAYER() {
    tensor_multiply_$LAYER();
    for (var n = tensor_local; n < COLUMNS * $PADDEDu; n += WORKGROUP) {
        let column = n / $PADDEDu;
        let output = n % $PADDEDu;
        var value = 0.0;
        if (output < $OUTPUTSu) {
            let sum = tensor_sums[column * TENSOR_SUMS + output];
            value = activation_$ACTIVATION(sum + $BIAS);
        }
        $STORE
    }
    workgroupBarrier();
}
