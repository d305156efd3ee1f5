// The features of a data set, f32[samples][INPUTS].

@group(0) @binding(2) var<storage, read> features: array<f32>;
