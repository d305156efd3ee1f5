// Probes one function at many arguments.
//
// An unknown function results in NaN, which every comparison rejects.

struct ProbeParameters {
    seed: vec2<u32>,
    // The number of arguments, and the function.
    count: u32,
    function: u32,
}

@group(0) @binding(0) var<uniform> parameters: ProbeParameters;
@group(0) @binding(1) var<storage, read> arguments: array<f32>;
@group(0) @binding(2) var<storage, read_write> found: array<f32>;

// The value of the function. The functions of math.wgsl come first, then the activations.
fn value(x: f32) -> f32 {
    if (parameters.function < MATH_FUNCTIONS) {
        return math_by_id(parameters.function, x);
    }
    return activation_by_id(parameters.function - MATH_FUNCTIONS, x);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = dispatch_group(group, groups) * WORKGROUP + local;
    if (place < parameters.count) {
        found[place] = value(arguments[place]);
    }
}
