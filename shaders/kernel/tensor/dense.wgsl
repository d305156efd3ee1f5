// One dense layer by tiles; the generator makes a copy of this text for each.
//
// `tensor_multiply_$LAYER` is in kernel/tensor/whole.wgsl or kernel/tensor/staged.wgsl. $OUTPUTS
// outputs are $PADDED with those that fill up the last strip; these are 0.

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
