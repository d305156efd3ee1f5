// The inputs of a team that computes samples: their indices in the data set.

var<workgroup> team_samples: array<u32, COLUMNS>;

// Input i of a sample.
fn team_read_input(i: u32, column: u32) -> f32 {
    return features[team_samples[column] * INPUTS + i];
}
