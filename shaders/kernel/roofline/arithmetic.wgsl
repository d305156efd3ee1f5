// Measures the peak of multiply-adds. Every invocation runs twelve independent chains of
// ROOFLINE_ROUNDS steps
//
//     x <- fma(x, factor, summand)
//
// and writes the sum of their ends, so that the compiler cannot drop a chain. Twelve chains hide
// the latency of one. Together with the shared factor and summand they fit the sixteen vector
// registers of the smallest processor that a software adapter runs on.

struct ArithmeticParameters {
    invocations: u32,
    factor: f32,
    summand: f32,
    pad_0: u32,
}

@group(0) @binding(0) var<uniform> parameters: ArithmeticParameters;
@group(0) @binding(1) var<storage, read_write> ends: array<f32>;

// The steps that one loop iteration takes.
const ROUNDS_AT_ONCE: u32 = 8u;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    let factor = vec4<f32>(parameters.factor);
    let summand = vec4<f32>(parameters.summand);
    // Chain c of invocation i starts at c + (i mod 64) / 64.
    var a = vec4<f32>(0.0, 1.0, 2.0, 3.0) + f32(place % 64u) / 64.0;
    var b = a + 4.0;
    var c = a + 8.0;
    for (var round = 0u; round < ROOFLINE_ROUNDS; round += ROUNDS_AT_ONCE) {
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
        a = fma(a, factor, summand);
        b = fma(b, factor, summand);
        c = fma(c, factor, summand);
    }
    if (place < parameters.invocations) {
        let sums = a + b + c;
        ends[place] = sums.x + sums.y + sums.z + sums.w;
    }
}
